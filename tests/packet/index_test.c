/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon switches with one store: the index, a pool's table, a backend's way. And entries that only
 * look right. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "packet/bed.h"

#define OUT()       ETH(.from = OUT_MAC, .to = NEXT_MAC)
#define SENT()      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, SYN))
#define FORWARDED() FRAME(OUT(), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2, SYN))

static struct leat_service_key key_of(uint16_t port)
{
	struct leat_service_key key = {.port = htons(port), .protocol = IPPROTO_TCP};

	assert_int_equal(addr_parse(VIP, &key.addr), 0);
	return key;
}

static unsigned int service_of(uint16_t port)
{
	struct leat_service_key key = key_of(port);
	unsigned int number = world_find_service(&bed.world, &key);

	assert_int_not_equal(number, 0);
	return number;
}

static struct leat_pool *pool_of(uint16_t port)
{
	return &bed.world.pools[bed.world.services[service_of(port)].pool];
}

static struct leat_bucket *bucket_of(uint16_t port, uint64_t *ret_hash)
{
	struct leat_service_key key = key_of(port);
	uint64_t index = bed.world.control->index;

	*ret_hash = leat_hash_service(&bed.world.control->factors, &key);
	return &bed.world.buckets[LEAT_INDEX_HALF(index) * LEAT_BUCKETS_MAX +
				  leat_hash_slot(*ret_hash, (uint32_t)index)];
}

static void either_way_is_used(void **state)
{
	uint32_t slot = bed.world.slots[LEAT_TABLE_OFFSET(pool_of(PORT_L2)->table)];
	struct leat_backend *backend = &bed.world.backends[LEAT_SLOT_CURRENT(slot)];

	backend->ways[!backend->active] = backend->ways[backend->active];
	backend->ways[!backend->active].header[5] = 0xcc;
	sends("the other way is not used", SENT(), LEAT_FORWARDED, FORWARDED());
	backend->active = !backend->active;
	sends("now it is", SENT(), LEAT_FORWARDED,
	      FRAME(ETH(.from = OUT_MAC, .to = "02:00:00:00:00:cc"), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_L2, SYN)));
	backend->active = !backend->active;
}

static void either_index_is_used(void **state)
{
	uint64_t was = bed.world.control->index, size = sizeof(struct leat_bucket) * (uint32_t)was;
	uint32_t half = LEAT_INDEX_HALF(was);
	struct leat_bucket *here = &bed.world.buckets[half * LEAT_BUCKETS_MAX];
	struct leat_bucket *there = &bed.world.buckets[!half * LEAT_BUCKETS_MAX];

	bed.world.control->index = LEAT_INDEX(!half, (uint32_t)was);
	sends("the other index is empty", SENT(), LEAT_NOT_SERVICE, NULL);
	memcpy(there, here, size);
	memset(here, 0, size);
	sends("now it is not", SENT(), LEAT_FORWARDED, FORWARDED());
	memcpy(here, there, size);
	memset(there, 0, size);
	bed.world.control->index = 0;
	sends("no index at all", SENT(), LEAT_NOT_SERVICE, NULL);
	bed.world.control->index = was;
	sends("as it was", SENT(), LEAT_FORWARDED, FORWARDED());
}

/* An entry is believed when the whole key agrees, whatever its fingerprint. */
static void equal_fingerprints_are_told_apart(void **state)
{
	unsigned int right = service_of(PORT_L2), wrong = service_of(PORT_EMPTY), i;
	struct leat_bucket *bucket, was;
	uint64_t hash;

	bucket = bucket_of(PORT_L2, &hash);
	was = *bucket;
	for (i = 0; i < LEAT_BUCKET_ENTRIES; i++)
		bucket->entry[i] = LEAT_BUCKET_ENTRY(hash, wrong);
	sends("a full bucket of others", SENT(), LEAT_NOT_SERVICE, NULL);
	bucket->entry[LEAT_BUCKET_ENTRIES - 1] = LEAT_BUCKET_ENTRY(hash, right);
	sends("the last entry is the right one", SENT(), LEAT_FORWARDED, FORWARDED());
	bucket->entry[3] = 0;
	sends("entries end at the first that is free", SENT(), LEAT_NOT_SERVICE, NULL);
	*bucket = was;
}

static void tables_and_pools_switch(void **state)
{
	struct leat_service *service = &bed.world.services[service_of(PORT_L2)];
	struct leat_pool *pool = pool_of(PORT_L2);
	uint64_t table = pool->table;
	uint32_t number = service->pool;

	pool->table = LEAT_TABLE(LEAT_TABLE_OFFSET(table), 0, 0);
	sends("a table of no slots", SENT(), LEAT_NO_BACKEND, NULL);
	pool->table = LEAT_TABLE(LEAT_SLOTS_MAX, 251, 0);
	sends("a table beyond the map", SENT(), LEAT_NO_BACKEND, NULL);
	pool->table = table;
	service->pool = bed.world.services[service_of(PORT_EMPTY)].pool;
	sends("the pool of another service", SENT(), LEAT_NO_BACKEND, NULL);
	service->pool = number;
	sends("as it was", SENT(), LEAT_FORWARDED, FORWARDED());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either_way_is_used),
		cmocka_unit_test(either_index_is_used),
		cmocka_unit_test(equal_fingerprints_are_told_apart),
		cmocka_unit_test(tables_and_pools_switch),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
