/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to the maps: see world.h. */
#include <string.h>

#include "base/addr.h"
#include "model/world.h"

static bool is_key(const struct leat_service_key *a, const struct leat_service_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static unsigned int find_in_index(const struct world *world, const struct leat_service_key *key)
{
	__u64 index = world->control->index, hash = leat_hash_service(&world->control->factors, key);
	const struct leat_bucket *bucket;
	unsigned int i, number;

	if (!LEAT_INDEX_BUCKETS(index))
		return 0;
	bucket = &world->buckets[leat_hash_slot(hash, LEAT_INDEX_BUCKETS(index)) + LEAT_INDEX_HALF(index) * LEAT_BUCKETS_MAX];
	for (i = 0; i < LEAT_BUCKET_ENTRIES && bucket->entry[i]; i++) {
		number = bucket->entry[i] & 0xffff;
		if (bucket->entry[i] >> 16 == (hash & 0xffff) && is_key(&world->services[number].key, key))
			return number;
	}
	return 0;
}

static const struct leat_span *find_span(const struct world *world, const struct leat_addr *addr)
{
	__u64 index = world->control->index, number[2];
	const struct leat_span *spans = &world->spans[LEAT_INDEX_HALF(index) * LEAT_SPANS_MAX];
	unsigned int from = 0, to = LEAT_INDEX_SPANS(index), middle;

	leat_addr_number(addr, number);
	while (from < to) {
		middle = (from + to) / 2;
		if (leat_number_is_below(spans[middle].last, number))
			from = middle + 1;
		else
			to = middle;
	}
	return from < LEAT_INDEX_SPANS(index) && !leat_number_is_below(number, spans[from].first) ? &spans[from] : NULL;
}

static unsigned int find_in_spans(const struct world *world, const struct leat_service_key *key)
{
	const struct leat_port_span *ports = &world->port_spans[LEAT_INDEX_HALF(world->control->index) * LEAT_PORT_SPANS_MAX];
	const struct leat_span *span = find_span(world, &key->addr);
	unsigned int port = LEAT_PORT_NUMBER(key->protocol, leat_port_number(key->port)), i;

	if (!span || !key->protocol)
		return span ? span->service : 0;
	for (i = span->ports; i < span->ports + span->port_count; i++)
		if (ports[i].first <= port && port <= ports[i].last)
			return ports[i].service;
	return 0;
}

unsigned int world_find_addressed(const struct world *world, const struct leat_service_key *key)
{
	unsigned int found = find_in_index(world, key);

	return found || !LEAT_INDEX_SPANS(world->control->index) ? found : find_in_spans(world, key);
}

unsigned int world_find_service(const struct world *world, const struct leat_service_key *key)
{
	unsigned int i;

	if (!leat_key_is_shape(key))
		return find_in_index(world, key);
	for (i = 1; i < LEAT_SERVICES_MAX; i++)
		if (world->services[i].kind && is_key(&world->services[i].key, key))
			return i;
	return 0;
}

unsigned int world_find_pool(const struct world *world, const char *name)
{
	unsigned int i;

	for (i = 1; i < LEAT_POOLS_MAX; i++)
		if (world->pools[i].name[0] && !strcmp(world->pools[i].name, name))
			return i;
	return 0;
}

unsigned int world_find_server_id(const struct world *world, unsigned int pool, const struct leat_server_id *id)
{
	__u64 index = world->control->server_ids, hash = leat_hash_server_id(&world->control->factors, id, pool);
	const struct leat_bucket *bucket;
	const struct leat_backend *backend;
	unsigned int i;

	if (!(__u32)index)
		return 0;
	bucket = &world->server_ids[leat_hash_slot(hash, (__u32)index) + (__u32)(index >> 32) * LEAT_ID_BUCKETS_MAX];
	for (i = 0; i < LEAT_BUCKET_ENTRIES && bucket->entry[i]; i++) {
		backend = &world->backends[bucket->entry[i] & 0xffff];
		if (bucket->entry[i] >> 16 == (hash & 0xffff) && backend->pool == pool &&
		    leat_server_id_equal(&backend->server_ids[backend->active & 1], id))
			return bucket->entry[i] & 0xffff;
	}
	return 0;
}

unsigned int world_find_backend(const struct world *world, unsigned int pool, const struct leat_addr *addr)
{
	unsigned int i;

	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		if (world->backends[i].pool == pool && addr_equal(&world->backends[i].addr, addr))
			return i;
	return 0;
}

__u64 world_hash_flow(const struct world *world, unsigned int pool, const struct leat_service_key *key,
		      const struct leat_addr *source, __be16 source_port)
{
	return leat_hash_grain(&world->control->factors, key, source, addr_is_ipv4(source), source_port,
			       LEAT_HASHED_NOW(world->pools[pool].hashed));
}

__u64 world_find_flow(const struct world *world, __u64 key)
{
	__u32 mask = world->control->flow_mask;
	const __u32 sets[] = { LEAT_FLOW_SET_FIRST(key, mask), LEAT_FLOW_SET_SECOND(key, mask) };
	unsigned int i;

	for (i = 0; i < 2 * LEAT_FLOW_WAYS; i++) {
		const __u64 *place = &world->flows[sets[i / LEAT_FLOW_WAYS]].word[i % LEAT_FLOW_WAYS];
		__u64 word = __atomic_load_n(place, __ATOMIC_RELAXED);

		if (LEAT_FLOW_BACKEND(word) && LEAT_FLOW_IS(word, key))
			return word;
	}
	return 0;
}

bool world_table_names(const struct world *world, unsigned int pool, unsigned int backend)
{
	__u64 table = world->pools[pool].table;
	const __u32 *slots = world->slots + LEAT_TABLE_OFFSET(table);
	unsigned int i;

	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		if (LEAT_SLOT_CURRENT(slots[i]) == backend)
			return true;
	return false;
}
