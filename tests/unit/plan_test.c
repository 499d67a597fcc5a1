/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans: run on the maps they were made for they yield what was wanted, from whatever was there, and planning again
 * yields nothing; also after a daemon that was killed on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "unit/plan_checks.h"

#define SEED 0x1ea7

static struct table_cache *cache;
static struct wanted before;
static unsigned int graces, forgotten;
static int stores_left; /* until the daemon is killed */
static jmp_buf killed;

/* --- running --------------------------------------------------------------------------------------- */

static void maybe_die(void)
{
	check_safe();
	if (stores_left && !--stores_left)
		longjmp(killed, 1);
}

static void grace(void *context)
{
	graces++;
	maybe_die();
}

static void grace_counted(void *context)
{
	graces++;
}

static void forget(void *context, char what, unsigned int number)
{
	forgotten++;
	/* Whoever has the number had it before or not at all: nobody's counters are lost. */
	if (what == 'b')
		assert_true(addr_is_zero(&world.backends[number].addr));
	else
		assert_int_equal(world.services[number].kind, 0);
	maybe_die();
}

static struct plan_sink sink = { grace, forget, NULL };

static struct plan_summary apply(void)
{
	struct plan_summary summary;
	struct plan *plan, *again;
	struct err err = {};
	int e = plan_make(&world, &wanted.want, cache, &plan, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(e, 0);
	plan_summarise(plan, &summary);
	graces = forgotten = 0;
	plan_run(plan, &world, &sink);
	assert_true(graces || plan_is_empty(plan));
	plan_free(plan);
	check_is_wanted();
	assert_int_equal(plan_make(&world, &wanted.want, cache, &again, &err), 0);
	assert_true(plan_is_empty(again));
	plan_free(again);
	return summary;
}

static int open_world(void **state)
{
	world = world_new();
	cache = table_cache_new();
	random_state = 1;
	stores_left = 0;
	sink.grace = grace;
	return 0;
}

static int close_world(void **state)
{
	world_end(&world);
	table_cache_free(cache);
	return 0;
}

/* --- tests ------------------------------------------------------------------------------------------ */

static void any_want_follows_any_other(void **state)
{
	unsigned int i;

	for (i = 0; i < 250; i++) {
		wanted_draw(&wanted, SEED);
		apply();
	}
	wanted_start(&wanted, SEED);
	apply();
	assert_int_equal((uint32_t)world.control->index, 0);
}

/* Killed where a packet could have looked, and started again with another want. */
static void a_killed_daemon_s_work_is_finished(void **state)
{
	struct plan *plan = NULL;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		wanted_draw(&wanted, SEED);
		assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
		stores_left = 1 + random_below(60);
		if (!setjmp(killed))
			plan_run(plan, &world, &sink);
		stores_left = 0;
		plan_free(plan);
		table_cache_free(cache);
		cache = table_cache_new();
		if (random_below(2))
			wanted_draw(&wanted, SEED);
		apply();
	}
}

static void want_three_backends(void)
{
	struct want_pool *pool;

	wanted_start(&wanted, SEED);
	pool = wanted_pool(&wanted, 0, 251);
	wanted_member(pool, 0, 1, true);
	wanted_member(pool, 1, 1, true);
	wanted_member(pool, 3, 1, true);
	wanted_service(&wanted, 0, 80, 0);
	wanted_service(&wanted, 0, 443, 0);
}

/* Killed when a new record is written and nothing leads to it yet. */
static void a_record_without_an_index_is_found_again(void **state)
{
	struct plan *plan;

	want_three_backends();
	apply();
	wanted_service(&wanted, 0, 8080, 0);
	wanted_service(&wanted, 0, 8081, 0);
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
	stores_left = 2; /* between the two */
	if (!setjmp(killed))
		plan_run(plan, &world, &sink);
	plan_free(plan);
	assert_int_equal(world_find_service(&world, &wanted.services[2].key), 0);
	wanted.want.service_count--;
	apply();
}

/* Services that both configurations have are found at every moment that a packet could have looked. */
static void grace_with_both(void *context)
{
	unsigned int i, j;

	check_safe();
	for (i = 0; i < before.want.service_count; i++)
		for (j = 0; j < wanted.want.service_count; j++)
			if (!memcmp(&before.services[i].key, &wanted.services[j].key, sizeof(before.services[i].key)))
				assert_true(world_find_service(&world, &wanted.services[j].key));
}

static void what_stays_is_found_throughout(void **state)
{
	const struct plan_sink both = { .grace = grace_with_both };
	struct plan *plan;
	unsigned int i;

	for (i = 0; i < 50; i++) {
		before = wanted;
		wanted_draw(&wanted, SEED);
		assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
		plan_run(plan, &world, &both);
		plan_free(plan);
	}
}

static void small_changes_make_small_plans(void **state)
{
	struct plan_summary s;

	want_three_backends();
	s = apply();
	assert_int_equal(s.services_added, 2);
	assert_int_equal(s.backends_added, 3);
	assert_int_equal(s.tables_switched, 1);
	assert_int_equal(s.slots_moved, 251);
	assert_int_equal(forgotten, 6);

	wanted.pools[0].members[1].way = way_of(99);
	s = apply();
	assert_int_equal(s.ways_changed, 1);
	assert_int_equal(s.tables_switched, 0);
	assert_int_equal(forgotten, 0);
	assert_int_equal(graces, 1);

	wanted_up(&wanted.pools[0].members[1], false);
	s = apply();
	assert_int_equal(s.tables_switched, 1);
	assert_in_range(s.slots_moved, 83, 100);
	assert_int_equal(s.backends_removed, 0);

	wanted_pool(&wanted, 7, 251);
	wanted.services[1].pool = 1;
	s = apply();
	assert_int_equal(s.services_changed, 1);
	assert_int_equal(s.services_added + s.services_removed, 0);
}

static void a_pool_s_last_backend_leaves_no_table(void **state)
{
	unsigned int i;

	want_three_backends();
	apply();
	for (i = 0; i < 3; i++)
		wanted_up(&wanted.pools[0].members[i], false);
	apply();
	assert_int_equal(world.pools[1].table, 0);
	wanted.pools[0].member_count = 0;
	apply();
	assert_int_equal(world.pools[1].table, 0);
}

static void numbers_rest(void **state)
{
	unsigned int first, second;

	want_three_backends();
	apply();
	first = world_find_backend(&world, 1, &wanted.pools[0].members[1].addr);
	wanted.pools[0].members[1].addr = address(10, 50);
	apply();
	second = world_find_backend(&world, 1, &wanted.pools[0].members[1].addr);
	assert_int_equal(first, 2);
	assert_int_equal(second, 4);
	wanted.pools[0].members[0].addr = address(10, 51);
	apply();
	assert_int_equal(world_find_backend(&world, 1, &wanted.pools[0].members[0].addr), 5);
}

/* 63 default tables, and room for one more. When all change, they change one after the other. */
static void a_full_map_changes_in_rounds(void **state)
{
	struct plan *plan = NULL;
	struct err err;
	unsigned int i;

	wanted_start(&wanted, SEED);
	for (i = 0; i < 63; i++) {
		struct want_pool *pool = wanted_pool(&wanted, i, 65537);

		wanted_member(pool, 0, 1, true);
		wanted_member(pool, 1, 1, true);
	}
	wanted_service(&wanted, 0, 80, 5);
	apply();
	for (i = 0; i < 63; i++)
		wanted_up(&wanted.pools[i].members[i % 2], false);
	sink.grace = grace_counted;
	apply();
	assert_int_equal(graces, 63);
	wanted_member(wanted_pool(&wanted, 63, 65537), 0, 1, true);
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "their tables have 4194368 slots together; there is room for 4194368, less 65537"));
	assert_null(plan);
}

static void want_list(const char *name, unsigned int count, __u32 *edges)
{
	want_three_backends();
	wanted.want.access_count = 1;
	wanted.access[0] = (struct config_access){ .name = (char *)name, .edges = { .count4 = count, .edges4 = edges } };
	wanted.services[0].access = 1;
}

/* Services name a list until they are switched, so a list that goes needs room beside those that come. */
static void a_long_list_is_replaced(void **state)
{
	auto_free __u32 *edges = memory_zeroed(LEAT_EDGES_MAX, sizeof(*edges));
	struct plan *plan = NULL;
	struct err err;
	unsigned int i;

	for (i = 0; i < LEAT_EDGES_MAX; i++)
		edges[i] = 3 * i;
	want_list("long", LEAT_EDGES_MAX, edges);
	apply();
	edges[0]++;
	apply(); /* the whole of it, beside itself */
	want_list("other", 1, edges);
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, &err), -ENOSPC);
	assert_string_equal(err.text, "access: the new lists do not fit beside those that they replace: first take away the old "
				      "lists, then add the new ones");
	wanted.want.access_count = wanted.services[0].access = 0;
	apply();
	want_list("other", LEAT_EDGES_MAX, edges);
	apply();
}

static void the_seed_stays_while_there_are_services(void **state)
{
	struct plan *plan = NULL;
	struct err err;

	want_three_backends();
	apply();
	wanted.want.seed++;
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, &err), -EBUSY);
	assert_string_equal(err.text, "seed: cannot change from 0000000000001ea7 to 0000000000001ea8 while there are services: "
				      "every connection would move; keep the seed, or remove the services first");
	wanted.want.seed--;
	wanted.want.service_count = 0;
	apply();
	wanted.want.seed++;
	apply();
	wanted_service(&wanted, 1, 80, 0);
	apply();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_want_follows_any_other, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_killed_daemon_s_work_is_finished, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_record_without_an_index_is_found_again, open_world, close_world),
		cmocka_unit_test_setup_teardown(what_stays_is_found_throughout, open_world, close_world),
		cmocka_unit_test_setup_teardown(small_changes_make_small_plans, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_pool_s_last_backend_leaves_no_table, open_world, close_world),
		cmocka_unit_test_setup_teardown(numbers_rest, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_full_map_changes_in_rounds, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_long_list_is_replaced, open_world, close_world),
		cmocka_unit_test_setup_teardown(the_seed_stays_while_there_are_services, open_world, close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
