/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No packet sees half a change: while plans run a thousand times, another thread reads what packets read, as they read
 * it, and finds the old or the new, never a mixture. Its passes are the packets that a grace period waits for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "unit/plan_wants.h"

#define CHANGES 1000

static struct world world;
static struct wanted wanted;
static unsigned long passes;
static unsigned int mixtures, missing, tables_seen;
static bool stop;

#define LOAD(place) __atomic_load_n(&(place), __ATOMIC_ACQUIRE)

/* Only one of two backends is ever in this table: all its slots agree, or they are of two tables. */
static unsigned int read_table(void)
{
	uint64_t table = LOAD(world.pools[1].table);
	const __u32 *slots = &world.slots[LEAT_TABLE_OFFSET(table)];
	unsigned int first = LEAT_SLOT_CURRENT(LOAD(slots[0]));
	uint32_t i;

	for (i = 1; i < LEAT_TABLE_SIZE(table); i++)
		mixtures += LEAT_SLOT_CURRENT(LOAD(slots[i])) != first;
	return first;
}

static void read_way(unsigned int backend)
{
	const struct leat_backend *b = &world.backends[backend];
	const struct leat_way *way = &b->ways[LOAD(b->active) & 1];
	unsigned char first = LOAD(way->header[0]);
	unsigned int i;

	for (i = 0; i < sizeof(way->header); i++)
		mixtures += LOAD(way->header[i]) != first;
	mixtures += LOAD(way->ifindex) != first;
}

static void *read_as_packets_do(void *unused)
{
	static struct leat_service_key key;
	unsigned int last = 0, owner;

	key = (struct leat_service_key){ .addr = address(192, 1), .port = htons(80), .protocol = IPPROTO_TCP };
	while (!LOAD(stop)) {
		missing += !world_find_service(&world, &key);
		owner = read_table();
		tables_seen += owner != last;
		last = owner;
		missing += !owner;
		read_way(owner);
		__atomic_add_fetch(&passes, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Waits until the pass that is under way, if one is, has ended. */
static void grace(void *context)
{
	unsigned long now = __atomic_load_n(&passes, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&passes, __ATOMIC_SEQ_CST) == now)
		sched_yield();
}

/* Before there is a reader. */
static void no_grace(void *context)
{
}

static void want_number(unsigned int i)
{
	struct want_pool *pool;

	wanted_start(&wanted, 1);
	pool = wanted_pool(&wanted, 0, i % 3 ? 1009 : 4099);
	wanted_member(pool, 0, 1, i % 2);
	wanted_member(pool, 1, 1, !(i % 2));
	pool->members[0].way = way_of(i);
	pool->members[1].way = way_of(i / 3);
	wanted_service(&wanted, 0, 80, 0);
	if (i % 5)
		wanted_service(&wanted, 0, 80 + i % 7 + 1, 0);
}

static void readers_find_the_old_or_the_new(void **state)
{
	static const struct plan_sink sink = { .grace = grace }, alone = { .grace = no_grace };
	struct table_cache *cache = table_cache_new();
	pthread_t reader;
	unsigned int i;

	world = world_new();
	for (i = 0; i < CHANGES; i++) {
		struct plan *plan;

		want_number(i);
		assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
		if (i == 1)
			assert_int_equal(pthread_create(&reader, NULL, read_as_packets_do, NULL), 0);
		plan_run(plan, &world, i ? &sink : &alone);
		plan_free(plan);
	}
	__atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
	pthread_join(reader, NULL);
	assert_int_equal(mixtures, 0);
	assert_int_equal(missing, 0);
	assert_true(tables_seen > CHANGES / 10);
	assert_true(passes >= CHANGES - 1);
	table_cache_free(cache);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(readers_find_the_old_or_the_new) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
