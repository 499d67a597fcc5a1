/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The explanation of a packet agrees with the tables, and the runner-up is who takes over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/explain.h"
#include "unit/plan_wants.h"

static struct world world;
static struct wanted wanted;
static struct table_cache *cache;

static void grace(void *context)
{
}

static void apply(void)
{
	static const struct plan_sink sink = { .grace = grace };
	struct plan *plan;

	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
	plan_run(plan, &world, &sink);
	plan_free(plan);
}

static struct explain_question question(unsigned int client)
{
	return (struct explain_question){ .protocol = IPPROTO_TCP, .source = address(172, client * 3),
					  .destination = address(192, 1), .source_port = 4000 + client,
					  .destination_port = 80 };
}

static void the_runner_up_takes_over(void **state)
{
	unsigned int i, taken_over = 0;

	for (i = 0; i < 40; i++) {
		struct explain_question q = question(i);
		struct explain_answer a, after;
		struct want_member *member = wanted.pools[0].members;

		explain_tables(&world, &q, &a);
		assert_true(a.service && a.pool && a.backend && a.runner_up && a.backend != a.runner_up);
		assert_int_equal(a.slots, 1009);
		while (world_find_backend(&world, a.pool, &member->addr) != a.backend)
			member++;
		wanted_up(member, false);
		apply();
		explain_tables(&world, &q, &after);
		assert_int_equal(after.slot, a.slot);
		assert_int_equal(after.backend, a.runner_up);
		taken_over |= 1u << after.backend;
		wanted_up(member, true);
		apply();
	}
	assert_int_equal(__builtin_popcount(taken_over), 5);
}

static void what_is_not_there_is_not_explained(void **state)
{
	struct explain_question q = question(1);
	struct explain_answer a;

	q.destination_port = 81;
	explain_tables(&world, &q, &a);
	assert_int_equal(a.service, 0);
	q.destination_port = 80;
	wanted.pools[0].member_count = 1;
	apply();
	explain_tables(&world, &q, &a);
	assert_int_equal(a.backend, 1);
	assert_int_equal(a.runner_up, 0);
	wanted_up(&wanted.pools[0].members[0], false);
	apply();
	explain_tables(&world, &q, &a);
	assert_true(a.service && a.pool);
	assert_int_equal(a.slots, 0);
	assert_int_equal(a.backend, 0);
	assert_int_equal(a.runner_up, 0);
}

static int start(void **state)
{
	unsigned int i;

	world = world_new();
	cache = table_cache_new();
	wanted_start(&wanted, 77);
	wanted_pool(&wanted, 0, 1009);
	for (i = 0; i < 5; i++)
		wanted_member(&wanted.pools[0], i, 1 + i, true);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_runner_up_takes_over),
		cmocka_unit_test(what_is_not_there_is_not_explained),
	};

	return cmocka_run_group_tests(tests, start, end);
}
