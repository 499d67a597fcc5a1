/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans and flows: slots are merged, who lives is said in time, numbers rest while pins name them, schedulers find what they need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "unit/plan_checks.h"

#define SIZE 251

static struct table_cache *cache;
static unsigned int graces;
static void (*at_grace)(void);

static void grace(void *context)
{
	graces++;
	check_safe();
	if (at_grace)
		at_grace();
}

static struct plan_summary apply(void)
{
	static const struct plan_sink sink = { .grace = grace };
	struct plan_summary summary;
	struct plan *plan;

	graces = 0;
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
	plan_summarise(plan, &summary);
	plan_run(plan, &world, &sink);
	plan_free(plan);
	check_is_wanted();
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
	assert_true(plan_is_empty(plan));
	plan_free(plan);
	return summary;
}

/* One pool of three, in use. */
static int start(void **state)
{
	unsigned int i;

	world = world_new();
	cache = table_cache_new();
	at_grace = NULL;
	wanted_start(&wanted, 5);
	wanted_pool(&wanted, 0, SIZE);
	for (i = 0; i < 3; i++)
		wanted_member(&wanted.pools[0], i, 1, true);
	wanted_service(&wanted, 0, 80, 0);
	apply();
	return 0;
}

static int end(void **state)
{
	world_end(&world);
	table_cache_free(cache);
	return 0;
}

static struct want_member *member(unsigned int i)
{
	return &wanted.pools[0].members[i];
}

static unsigned int number(unsigned int i)
{
	return world_find_backend(&world, 1, &member(i)->addr);
}

static __u32 slot(unsigned int i)
{
	return world.slots[LEAT_TABLE_OFFSET(world.pools[1].table) + i];
}

static unsigned int tracked(void)
{
	unsigned int i, count = 0;

	for (i = 0; i < LEAT_TABLE_SIZE(world.pools[1].table); i++)
		count += LEAT_SLOT_TRACKED(slot(i));
	return count;
}

/* --- slots ------------------------------------------------------------------------------------------------ */

static void only_slots_that_moved_are_tracked(void **state)
{
	uint32_t before[SIZE];
	struct plan_summary s;
	unsigned int i;

	assert_int_equal(tracked(), 0);
	memcpy(before, &world.slots[LEAT_TABLE_OFFSET(world.pools[1].table)], sizeof(before));
	member(1)->in_table = false; /* drains */
	s = apply();
	assert_int_equal(tracked(), s.slots_moved);
	for (i = 0; i < SIZE; i++)
		if (LEAT_SLOT_TRACKED(slot(i)))
			assert_int_equal(LEAT_SLOT_PREVIOUS(slot(i)), before[i]);
		else
			assert_int_equal(slot(i), before[i]);
	/* It dies: its slots are somebody else's already, so none moves, but they are written anew. */
	member(1)->lives = false;
	s = apply();
	assert_int_equal(s.tables_switched, 1);
	assert_int_equal(s.slots_moved, 0);
	for (i = 0; i < SIZE; i++)
		assert_int_not_equal(LEAT_SLOT_PREVIOUS(slot(i)), number(1));
}

static void the_last_one_drains(void **state)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		member(i)->in_table = false;
	apply();
	assert_int_equal(LEAT_TABLE_SIZE(world.pools[1].table), SIZE);
	for (i = 0; i < SIZE; i++) {
		assert_int_equal(LEAT_SLOT_CURRENT(slot(i)), 0);
		assert_true(LEAT_SLOT_PREVIOUS(slot(i)));
	}
	member(0)->in_table = true;
	apply();
	for (i = 0; i < SIZE; i++)
		assert_int_equal(LEAT_SLOT_CURRENT(slot(i)), number(0));
	for (i = 0; i < 3; i++)
		wanted_up(member(i), false);
	apply();
	assert_int_equal(world.pools[1].table, 0);
	/* It was not new: flows of before may have pins. */
	wanted_up(member(0), true);
	apply();
	assert_int_equal(tracked(), SIZE);
}

static void a_table_of_another_size_is_tracked(void **state)
{
	wanted.pools[0].table_size = 509;
	apply();
	assert_int_equal(tracked(), 509);
	assert_int_equal(LEAT_SLOT_PREVIOUS(slot(7)), LEAT_SLOT_CURRENT(slot(7)));
}

static void tracking_is_switched_on(void **state)
{
	struct plan_summary s;

	wanted.pools[0].tracks = true;
	s = apply();
	assert_int_equal(s.slots_moved, 0);
	assert_int_equal(s.tables_switched, 1);
	assert_int_equal(tracked(), SIZE);
	/* Off: the sweeper sees to the slots. */
	wanted.pools[0].tracks = false;
	s = apply();
	assert_int_equal(s.tables_switched, 0);
	assert_int_equal(tracked(), SIZE);
}

/* --- who lives ---------------------------------------------------------------------------------------------- */

static unsigned int dying;

static void check_dying(void)
{
	assert_int_equal(world.backends[dying].lives, 0);
	assert_false(addr_is_zero(&world.backends[dying].addr));
}

static void who_is_removed_dies_before_the_record_goes(void **state)
{
	dying = number(2);
	wanted.pools[0].member_count = 2;
	at_grace = check_dying;
	apply();
	assert_true(graces);
	assert_true(addr_is_zero(&world.backends[dying].addr));
}

static void loads_alone_need_no_grace(void **state)
{
	member(0)->latency_us = 70;
	apply();
	assert_int_equal(graces, 0);
	assert_int_equal(world.loads[number(0)].latency_us, 70);
	member(0)->effective_weight = 3;
	apply();
	assert_int_equal(world.loads[number(0)].weight, 3);
	assert_int_equal(world.backends[number(0)].weight, 1);
}

/* --- numbers ------------------------------------------------------------------------------------------------ */

static void a_number_rests_while_a_pin_names_it(void **state)
{
	unsigned int freed = number(2), i;

	world.loads[freed].connections = 1;
	wanted.pools[0].member_count = 2;
	apply();
	/* All the other numbers are given before. */
	for (i = 0; i < LEAT_BACKENDS_MAX; i++)
		if (i != freed && addr_is_zero(&world.backends[i].addr))
			world.loads[i].connections = 1;
	world.loads[100].connections = world.loads[200].connections = 0;
	wanted_member(&wanted.pools[0], 5, 1, true);
	apply();
	assert_int_equal(number(2), 100);
	wanted_member(&wanted.pools[0], 6, 1, true);
	apply();
	assert_int_equal(number(3), 200);
	world.loads[freed].connections = 0;
	wanted_member(&wanted.pools[0], 7, 1, true);
	apply();
	assert_int_equal(number(4), freed);
	assert_int_equal(world.loads[freed].connections, 0);
}

static void no_number_is_left(void **state)
{
	struct plan *plan = NULL;
	struct err err;
	unsigned int i;

	for (i = 4; i < LEAT_BACKENDS_MAX; i++)
		world.loads[i].connections = 1;
	wanted_member(&wanted.pools[0], 5, 1, true);
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, &err), -ENOSPC);
	assert_null(plan);
}

static void the_highest_rests_as_well(void **state)
{
	unsigned int highest = number(2);

	wanted.pools[0].member_count = 2;
	apply();
	wanted_member(&wanted.pools[0], 5, 1, true);
	apply();
	assert_int_equal(number(2), highest + 1);
}

static void the_same_address_has_another_number(void **state)
{
	unsigned int first = number(2);

	wanted.pools[0].member_count = 2;
	apply();
	wanted_member(&wanted.pools[0], 2, 1, true);
	apply();
	assert_int_not_equal(number(2), first);
}

/* --- schedulers ----------------------------------------------------------------------------------------------- */

/* check_safe() sees to it that LEAST finds a list at every grace. */
static void schedulers_change_on_a_pool_in_use(void **state)
{
	unsigned int from, to;

	for (from = 0; from <= LEAT_SCHEDULER_LATENCY; from++)
		for (to = 0; to <= LEAT_SCHEDULER_LATENCY; to++) {
			wanted_scheduler(&wanted.pools[0], from);
			apply();
			wanted_scheduler(&wanted.pools[0], to);
			apply();
			if (to == LEAT_SCHEDULER_LEAST)
				assert_int_equal(LEAT_TABLE_MEMBERS(world.pools[1].table), 3);
		}
}

static void the_list_names_each_owner_once(void **state)
{
	const __u32 *list;

	wanted_scheduler(&wanted.pools[0], LEAT_SCHEDULER_LEAST);
	wanted_up(member(1), false);
	apply();
	assert_int_equal(LEAT_TABLE_MEMBERS(world.pools[1].table), 2);
	list = &world.slots[LEAT_TABLE_OFFSET(world.pools[1].table) + SIZE];
	assert_int_equal(list[0], number(0));
	assert_int_equal(list[1], number(2));
}

static void services_become_sticky(void **state)
{
	struct plan_summary s;
	unsigned int service = world_find_service(&world, &wanted.services[0].key);

	wanted.services[0].sticky_ms = 1000;
	s = apply();
	assert_int_equal(s.services_changed, 1);
	assert_int_equal(world.services[service].flags, LEAT_SERVICE_STICKY);
	wanted.services[0].sticky_ms = 0;
	apply();
	assert_int_equal(world.services[service].flags, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_slots_that_moved_are_tracked),
		TEST(the_last_one_drains),
		TEST(a_table_of_another_size_is_tracked),
		TEST(tracking_is_switched_on),
		TEST(who_is_removed_dies_before_the_record_goes),
		TEST(loads_alone_need_no_grace),
		TEST(a_number_rests_while_a_pin_names_it),
		TEST(no_number_is_left),
		TEST(the_highest_rests_as_well),
		TEST(the_same_address_has_another_number),
		TEST(schedulers_change_on_a_pool_in_use),
		TEST(the_list_names_each_owner_once),
		TEST(services_become_sticky),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
