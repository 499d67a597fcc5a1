/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of the maps at any moment, and after a plan. */
#ifndef UNIT_PLAN_CHECKS_H
#define UNIT_PLAN_CHECKS_H

#include "model/access.h"
#include "unit/plan_wants.h"

static struct world world;
static struct wanted wanted;

static bool reached[LEAT_POOLS_MAX]; /* by a service in the index */

/* Whoever is named is of the pool and lives, if a packet can come there; 0: nobody. */
static inline void check_named(unsigned int pool, unsigned int backend)
{
	if (!backend)
		return;
	assert_false(addr_is_zero(&world.backends[backend].addr));
	assert_int_equal(world.backends[backend].pool, pool);
	assert_true(world.backends[backend].lives || !reached[pool]);
	assert_true(world.loads[backend].weight && world.loads[backend].latency_us);
}

static inline void check_pool_is_safe(unsigned int pool)
{
	uint64_t table = world.pools[pool].table;
	uint32_t members = LEAT_TABLE_MEMBERS(table), size = LEAT_TABLE_SIZE(table), i;
	const __u32 *slots = world.slots + LEAT_TABLE_OFFSET(table);

	assert_true(LEAT_TABLE_OFFSET(table) + size + members <= LEAT_SLOTS_MAX);
	for (i = 0; i < size; i++) {
		check_named(pool, LEAT_SLOT_CURRENT(slots[i]));
		check_named(pool, LEAT_SLOT_PREVIOUS(slots[i]));
		if (!LEAT_SLOT_TRACKED(slots[i]))
			assert_int_equal(LEAT_SLOT_PREVIOUS(slots[i]), 0);
	}
	for (i = 0; i < members; i++) {
		assert_true(slots[size + i]);
		check_named(pool, slots[size + i]);
	}
	if (world.pools[pool].scheduler == LEAT_SCHEDULER_LEAST && size && LEAT_SLOT_CURRENT(slots[0]))
		assert_true(members);
}

/* Whoever is found by a server id is there, and found by nobody else's. */
static inline void check_ids_are_safe(void)
{
	uint64_t index = world.control->server_ids;
	unsigned int i, j, found;

	for (i = 0; i < (uint32_t)index; i++)
		for (j = 0; j < LEAT_BUCKET_ENTRIES; j++) {
			uint32_t entry = world.server_ids[(index >> 32) * LEAT_ID_BUCKETS_MAX + i].entry[j];
			const struct leat_backend *b = &world.backends[entry & 0xffff];
			const struct leat_server_id *id = &b->server_ids[b->active & 1];

			if (!entry)
				continue;
			assert_false(addr_is_zero(&b->addr));
			found = id->byte[0] ? world_find_server_id(&world, b->pool, id) : 0;
			assert_true(!found || found == (entry & 0xffff));
		}
}

/* Spans are in order, and whoever they name holds what they say. */
static inline void check_span_is_safe(const struct leat_span *span)
{
	const struct leat_port_span *ports = &world.port_spans[LEAT_INDEX_HALF(world.control->index) * LEAT_PORT_SPANS_MAX + span->ports];
	struct leat_service_key key = { .addr = { .half = { leat_hash_half(span->last[0]), leat_hash_half(span->last[1]) } } };
	unsigned int i;

	assert_true(!leat_number_is_below(span->last, span->first));
	assert_int_equal(world.services[span->service].kind, LEAT_SERVICE_ADDRESS);
	assert_true(leat_shape_has(&world.services[span->service].key, &key));
	for (i = 0; i < span->port_count; i++) {
		const struct leat_service *service = &world.services[ports[i].service];

		assert_true(ports[i].first <= ports[i].last);
		assert_true(!i || ports[i - 1].last < ports[i].first);
		assert_int_equal(service->kind, LEAT_SERVICE_PORT);
		assert_true(world.pools[service->pool].name[0]);
		reached[service->pool] = true;
		key.protocol = ports[i].last >> 16;
		key.port = htons(ports[i].last);
		assert_true(leat_shape_has(&service->key, &key));
	}
}

static inline void check_spans_are_safe(void)
{
	const struct leat_span *spans = &world.spans[LEAT_INDEX_HALF(world.control->index) * LEAT_SPANS_MAX];
	unsigned int i;

	for (i = 0; i < LEAT_INDEX_SPANS(world.control->index); i++) {
		assert_true(!i || leat_number_is_below(spans[i - 1].last, spans[i].first));
		check_span_is_safe(&spans[i]);
	}
}

/* At any moment: whatever a packet can reach is there and belongs together. */
static inline void check_safe(void)
{
	uint64_t index = world.control->index;
	unsigned int i, j;

	memset(reached, 0, sizeof(reached));
	for (i = 0; i < (uint32_t)index; i++)
		for (j = 0; j < LEAT_BUCKET_ENTRIES; j++) {
			uint32_t entry = world.buckets[LEAT_INDEX_HALF(index) * LEAT_BUCKETS_MAX + i].entry[j];
			const struct leat_service *service = &world.services[entry & 0xffff];

			if (!entry)
				continue;
			assert_true(service->kind);
			if (LEAT_SERVICE_GUARD(service->flags))
				assert_true(access_guard(&world, LEAT_SERVICE_GUARD(service->flags))->name[0]);
			assert_int_equal(world_find_service(&world, &service->key), entry & 0xffff);
			if (service->kind == LEAT_SERVICE_PORT)
				assert_true(world.pools[service->pool].name[0]);
			reached[service->pool] = true;
		}
	check_spans_are_safe();
	for (i = 1; i < LEAT_POOLS_MAX; i++)
		if (world.pools[i].table)
			check_pool_is_safe(i);
	check_ids_are_safe();
}

static inline void check_owners(const struct want_pool *pool, uint64_t table, const struct table_member *members,
				unsigned int count)
{
	const __u32 *there = &world.slots[LEAT_TABLE_OFFSET(table)];
	static uint32_t slots[LEAT_TABLE_SIZE_MAX];
	unsigned int owners;
	uint32_t i;

	if (pool->scheduler == LEAT_SCHEDULER_TURN)
		owners = table_interleave(slots, pool->table_size, members, count);
	else
		owners = table_build(slots, pool->table_size, members, count, wanted.want.seed);
	for (i = 0; i < LEAT_TABLE_SIZE(table); i++) {
		assert_int_equal(slots[i], LEAT_SLOT_CURRENT(there[i]));
		if (pool->tracks)
			assert_true(LEAT_SLOT_TRACKED(there[i]));
	}
	assert_int_equal(LEAT_TABLE_MEMBERS(table), pool->lists_members ? owners : 0);
}

static inline void check_settings(const struct want_pool *pool, const struct leat_pool *there)
{
	assert_int_equal(there->scheduler, pool->scheduler);
	assert_int_equal(there->flags, pool->tracks ? LEAT_POOL_TRACKS : 0);
	assert_int_equal(there->hashed, pool->hashed);
	assert_int_equal(there->sticky_ticks, pool->sticky_ticks);
}

static inline void check_pool(const struct want_pool *pool)
{
	unsigned int number = world_find_pool(&world, pool->name), i, count = 0;
	uint64_t table = world.pools[number].table;
	struct table_member members[64];
	bool has_living = false;

	assert_true(number);
	for (i = 0; i < pool->member_count; i++) {
		const struct want_member *m = &pool->members[i];
		unsigned int b = world_find_backend(&world, number, &m->addr);

		assert_true(b);
		assert_int_equal(world.backends[b].weight, m->weight);
		assert_int_equal(world.backends[b].lives, m->lives);
		assert_int_equal(world.loads[b].weight, m->effective_weight ? m->effective_weight : 1);
		assert_memory_equal(&world.backends[b].ways[world.backends[b].active & 1], &m->way, sizeof(m->way));
		if (m->server_id.byte[0])
			assert_int_equal(world_find_server_id(&world, number, &m->server_id), b);
		else
			assert_memory_equal(&world.backends[b].server_ids[world.backends[b].active & 1], &m->server_id,
					    sizeof(m->server_id));
		if (m->in_table && m->effective_weight)
			members[count++] = (struct table_member){ m->addr, m->effective_weight, b };
		has_living |= m->lives;
	}
	/* Slots without owners stay for those who only live. */
	if (count || !has_living || table)
		assert_int_equal(LEAT_TABLE_SIZE(table), count || has_living ? pool->table_size : 0);
	check_owners(pool, table, members, count);
	check_settings(pool, &world.pools[number]);
}

static inline void check_counts(void)
{
	unsigned int i, pools = 0, backends = 0, services = 0, members = 0, addresses = 0;

	for (i = 0; i < LEAT_POOLS_MAX; i++)
		pools += world.pools[i].name[0] != 0;
	for (i = 0; i < LEAT_BACKENDS_MAX; i++)
		backends += !addr_is_zero(&world.backends[i].addr);
	for (i = 0; i < LEAT_SERVICES_MAX; i++) {
		services += world.services[i].kind == LEAT_SERVICE_PORT;
		addresses += world.services[i].kind == LEAT_SERVICE_ADDRESS;
	}
	for (i = 0; i < wanted.want.pool_count; i++)
		members += wanted.pools[i].member_count;
	assert_int_equal(pools, wanted.want.pool_count);
	assert_int_equal(backends, members);
	assert_int_equal(services, wanted.want.service_count);
	assert_true(addresses <= services && !addresses == !services);
}

static inline void check_access(const struct config_access *access)
{
	const struct leat_guard *guard = access_guard(&world, access_find(&world, access->name));
	const struct access_edges *edges = &access->edges;

	assert_string_equal(guard->name, access->name);
	assert_memory_equal(&guard->interval_ns, &access->guard.interval_ns,
			    offsetof(struct leat_guard, zero) - offsetof(struct leat_guard, interval_ns));
	assert_int_equal(guard->edges4 & ~(0x7fffffffull << 32), LEAT_EDGES(edges->denies4, 0, edges->count4));
	assert_int_equal(guard->edges6 & ~(0x7fffffffull << 32), LEAT_EDGES(edges->denies6, 0, edges->count6));
	assert_int_equal(LEAT_EDGES_OFFSET(guard->edges4) / LEAT_EDGES_MAX, world.control->guards);
	assert_memory_equal(&world.edges4[LEAT_EDGES_OFFSET(guard->edges4)], edges->edges4,
			    edges->count4 * sizeof(*edges->edges4));
	assert_memory_equal(&world.edges6[LEAT_EDGES_OFFSET(guard->edges6)], edges->edges6,
			    edges->count6 * sizeof(*edges->edges6));
}

static inline void check_service(const struct wanted *w, const struct config_service *service)
{
	struct leat_service_key address = { .addr = service->key.addr, .host_bits = service->key.host_bits };
	unsigned int number = world_find_service(&world, &service->key);

	assert_true(number);
	assert_int_equal(world.services[number].kind, LEAT_SERVICE_PORT);
	assert_int_equal(world.services[number].flags & LEAT_SERVICE_STICKY, service->sticky_ms != 0);
	assert_int_equal(LEAT_SERVICE_QUIC(world.services[number].flags), service->quic);
	assert_string_equal(world.pools[world.services[number].pool].name, w->pools[service->pool].name);
	assert_string_equal(access_guard(&world, LEAT_SERVICE_GUARD(world.services[number].flags))->name,
			    service->access ? w->access[service->access - 1].name : "");
	number = world_find_service(&world, &address);
	assert_true(number);
	assert_int_equal(world.services[number].kind, LEAT_SERVICE_ADDRESS);
}

static inline void check_is_wanted(void)
{
	unsigned int i, lists = 0;

	check_safe();
	for (i = 0; i < wanted.want.pool_count; i++)
		check_pool(&wanted.pools[i]);
	for (i = 0; i < wanted.want.access_count; i++)
		check_access(&wanted.access[i]);
	for (i = 1; i < LEAT_GUARDS_MAX; i++)
		lists += access_guard(&world, i)->name[0] != 0;
	assert_int_equal(lists, wanted.want.access_count);
	for (i = 0; i < wanted.want.service_count; i++)
		check_service(&wanted, &wanted.services[i]);
	check_counts();
	assert_int_equal(world.control->icmp_interval_ns, wanted.want.icmp_interval_ns);
	assert_int_equal(world.control->pin_interval_ns, wanted.want.pin_interval_ns);
	assert_int_equal(world.control->fragment_sets, wanted.want.fragment_sets);
	assert_memory_equal(world.control->timeout, wanted.want.timeout, sizeof(wanted.want.timeout));
	assert_int_equal(world.control->seed, wanted.want.seed);
}

#endif
