/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sweeper, with a clock that the test moves: what goes, when, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "model/sweep.h"
#include "unit/world_memory.h"

#define POOL   3
#define SIZE   251u
#define OFFSET 4000
#define IDLE   50
#define A      11
#define B      12
#define C      13

static struct world world;
static struct sweep *sweep;

static __u32 *slot(unsigned int i)
{
	return &world.slots[OFFSET + i];
}

/* A hash that falls into the slot. */
static uint64_t hash_in(unsigned int i, unsigned int which)
{
	uint64_t hash = ((uint64_t)i << 32) / SIZE + 1;

	hash = (hash << 32 | which * 0x9e3779b1u) & ~(uint64_t)LEAT_GRAIN_GENERATION;
	assert_int_equal(leat_hash_slot(hash, SIZE), i);
	return hash;
}

static __u64 *pin(unsigned int i, unsigned int which, unsigned int backend, enum leat_flow_state state)
{
	uint64_t hash = hash_in(i, which);
	__u64 *word = &world.flows[LEAT_FLOW_SET_FIRST(hash, world.control->flow_mask)].word[which % LEAT_FLOW_WAYS];

	assert_int_equal(*word, 0);
	*word = LEAT_FLOW_WORD(hash, backend, state, world.control->clock);
	world.loads[backend].connections++;
	return word;
}

static void pass(void)
{
	assert_true(sweep_step(sweep, &world, world.control->flow_mask + 1, IDLE));
}

static int open_world(void **state)
{
	static const uint16_t timeout[] = { 5, 40, 10, 400 };
	unsigned int i;

	world = world_new();
	sweep = sweep_new();
	world.control->clock = 0xfffffff0; /* it will wrap */
	memcpy(world.control->timeout, timeout, sizeof(timeout));
	world.pools[POOL].table = LEAT_TABLE(OFFSET, SIZE, 0);
	world.pools[POOL].sticky_ticks = 20;
	for (i = A; i <= C; i++)
		world.backends[i] = (struct leat_backend){ .pool = POOL, .lives = 1, .addr.word[3] = i };
	for (i = 0; i < SIZE; i++)
		*slot(i) = LEAT_SLOT(A, 0, 0);
	sweep_follow(sweep, &world);
	return 0;
}

static int close_world(void **state)
{
	sweep_free(sweep);
	world_end(&world);
	return 0;
}

/* A change as the sweeper sees it after a plan. */
static void change(unsigned int i, __u32 word)
{
	static unsigned int turn;

	*slot(i) = word;
	/* The same memory, but another word: the number of members, which nobody here looks at. */
	world.pools[POOL].table = LEAT_TABLE(OFFSET, SIZE, ++turn % 1000);
	sweep_follow(sweep, &world);
}

/* --- pins ----------------------------------------------------------------------------------------------- */

static void pins_expire_by_their_state(void **state)
{
	static const unsigned int ends[] = { 5, 40, 10, 20 }; /* the sticky one by its pool */
	__u64 *pins[4];
	unsigned int i, tick;

	for (i = 0; i < 4; i++)
		pins[i] = pin(7, i, A, i);
	for (tick = 0; tick < 60; tick++, world.control->clock++) {
		pass();
		for (i = 0; i < 4; i++)
			assert_int_equal(*pins[i] != 0, tick <= ends[i]);
		assert_int_equal(world.loads[A].connections,
				 (tick <= 5) + (tick <= 40) + (tick <= 10) + (tick <= 20));
	}
}

static void pins_of_the_dead_go_at_once(void **state)
{
	__u64 *of_b = pin(7, 0, B, LEAT_FLOW_ESTABLISHED), *of_free = pin(7, 1, 99, LEAT_FLOW_ESTABLISHED);
	__u64 *of_a = pin(7, 2, A, LEAT_FLOW_ESTABLISHED);

	world.backends[B].lives = 0;
	pass();
	assert_true(!*of_b && !*of_free && *of_a);
	assert_int_equal(world.loads[B].connections, 0);
	assert_int_equal(world.loads[99].connections, 0);
	assert_int_equal(world.loads[A].connections, 1);
}

static void a_pass_goes_in_steps(void **state)
{
	uint32_t sets = world.control->flow_mask + 1, steps = 0;
	__u64 *word = pin(250, 5, A, LEAT_FLOW_OPENING);

	world.control->clock += 6;
	while (!sweep_step(sweep, &world, 100, IDLE))
		steps++;
	assert_int_equal(steps, (sets - 1) / 100);
	assert_int_equal(*word, 0);
}

static void counts_are_of_the_last_pass(void **state)
{
	struct sweep_pool found;

	pin(7, 0, A, LEAT_FLOW_OPENING);
	pin(7, 1, A, LEAT_FLOW_STICKY);
	pin(9, 2, B, LEAT_FLOW_ESTABLISHED);
	change(9, LEAT_SLOT(A, B, 1));
	change(10, LEAT_SLOT(A, A, 1));
	world.control->clock += 3;
	assert_int_equal(sweep_pool(sweep, POOL).pins, 0);
	pass();
	found = sweep_pool(sweep, POOL);
	assert_int_equal(found.pins, 3);
	assert_int_equal(found.states[LEAT_FLOW_OPENING], 1);
	assert_int_equal(found.states[LEAT_FLOW_ESTABLISHED], 1);
	assert_int_equal(found.states[LEAT_FLOW_CLOSING], 0);
	assert_int_equal(found.states[LEAT_FLOW_STICKY], 1);
	assert_int_equal(found.astray, 1);
	assert_int_equal(found.tracked, 2);
	assert_int_equal(found.oldest, 3);
	assert_int_equal(sweep_pool(sweep, POOL + 1).tracked, 0);
}

/* --- slots ------------------------------------------------------------------------------------------------ */

/* Passes until the slot is as said: how many ticks of the clock that took, one pass a tick. */
static unsigned int passes_until(unsigned int i, __u32 word)
{
	unsigned int ticks = 0;

	for (; *slot(i) != word && ticks < 1000; ticks++, world.control->clock++)
		pass();
	return ticks;
}

static void a_changed_slot_settles_and_is_untracked(void **state)
{
	change(9, LEAT_SLOT(B, A, 1));
	assert_int_equal(passes_until(9, LEAT_SLOT(B, B, 1)), IDLE + 1);
	assert_int_equal(passes_until(9, LEAT_SLOT(B, 0, 0)), 1);
	pass();
	assert_false(sweep_is_needed(sweep, &world));
}

static void idle_time_counts_from_when_a_slot_became_tracked(void **state)
{
	unsigned int i;

	change(9, LEAT_SLOT(B, A, 1));
	for (i = 0; i < IDLE - 5; i++, world.control->clock++)
		pass();
	change(9, LEAT_SLOT(C, A, 1));
	assert_int_equal(passes_until(9, LEAT_SLOT(C, C, 1)), 5 + 1);
}

static void sticky_pins_lengthen_it(void **state)
{
	world.pools[POOL].sticky_ticks = 300;
	change(9, LEAT_SLOT(B, A, 1));
	assert_int_equal(passes_until(9, LEAT_SLOT(B, B, 1)), 300 + 1);
}

static void a_pin_astray_keeps_its_slot_tracked(void **state)
{
	change(9, LEAT_SLOT(B, A, 1));
	change(10, LEAT_SLOT(B, A, 1));
	passes_until(9, LEAT_SLOT(B, B, 1));
	pin(9, 0, A, LEAT_FLOW_ESTABLISHED);
	pin(10, 1, B, LEAT_FLOW_ESTABLISHED);
	assert_int_equal(passes_until(10, LEAT_SLOT(B, 0, 0)), 1);
	assert_int_equal(*slot(9), LEAT_SLOT(B, B, 1));
	assert_int_equal(sweep_pool(sweep, POOL).tracked, 1);
	/* It expires in the pass after 40 ticks more, and the slot with it. */
	assert_int_equal(passes_until(9, LEAT_SLOT(B, 0, 0)), 41);
}

/* A pin that moves downwards while a pass is under way may be seen by no one: no slot is taken for free of pins. */
static void a_pass_that_a_pin_may_have_passed_frees_no_slot(void **state)
{
	change(9, LEAT_SLOT(A, A, 1));
	pass(); /* settled */
	sweep_step(sweep, &world, 1, IDLE);
	world.control->moves++;
	pass();
	assert_true(LEAT_SLOT_TRACKED(*slot(9)));
	pass();
	pass();
	assert_false(LEAT_SLOT_TRACKED(*slot(9)));
}

static void what_changes_in_a_pass_waits_for_a_whole_one(void **state)
{
	uint32_t half = (world.control->flow_mask + 1) / 2;

	change(9, LEAT_SLOT(A, A, 1));
	pass(); /* from here on it is known as settled */
	assert_false(sweep_step(sweep, &world, half, IDLE));
	change(9, LEAT_SLOT(B, A, 1));
	pass();
	assert_int_equal(*slot(9), LEAT_SLOT(B, A, 1));
	change(9, LEAT_SLOT(A, A, 1));
	pass();
	assert_int_equal(*slot(9), LEAT_SLOT(A, A, 1));
	pass();
	assert_int_equal(*slot(9), LEAT_SLOT(A, 0, 0));
}

static void a_pool_that_tracks_stays_tracked(void **state)
{
	unsigned int i;

	world.pools[POOL].flags = LEAT_POOL_TRACKS;
	change(9, LEAT_SLOT(B, A, 1));
	for (i = 0; i < 200; i++, world.control->clock++)
		pass();
	assert_int_equal(*slot(9), LEAT_SLOT(B, B, 1));
	/* It ceases to, in the midst of a pass: a flow scheduled elsewhere may be pinned behind that. */
	assert_false(sweep_step(sweep, &world, 1, IDLE));
	world.pools[POOL].flags = 0;
	sweep_follow(sweep, &world);
	pass();
	assert_int_equal(*slot(9), LEAT_SLOT(B, B, 1));
	pass();
	assert_int_equal(*slot(9), LEAT_SLOT(B, 0, 0));
}

static void a_restart_takes_tracked_slots_for_new(void **state)
{
	change(9, LEAT_SLOT(B, A, 1));
	world.control->clock += 3 * IDLE;
	sweep_free(sweep);
	sweep = sweep_new();
	sweep_follow(sweep, &world);
	assert_true(sweep_is_needed(sweep, &world));
	assert_int_equal(passes_until(9, LEAT_SLOT(B, B, 1)), IDLE + 1);
}

static void a_pool_is_settled_when_all_slots_are(void **state)
{
	unsigned int i;

	assert_false(sweep_is_settled(sweep, &world, POOL, IDLE));
	world.pools[POOL].flags = LEAT_POOL_TRACKS;
	for (i = 0; i < SIZE; i++)
		*slot(i) = LEAT_SLOT(A, A, 1);
	change(0, LEAT_SLOT(A, A, 1));
	for (i = 0; i < IDLE; i++, world.control->clock++) {
		assert_false(sweep_is_settled(sweep, &world, POOL, IDLE));
		change(i, LEAT_SLOT(B, A, 1)); /* changes do not delay it: who begins then is pinned */
		pass();
	}
	assert_true(sweep_is_settled(sweep, &world, POOL, IDLE));
	change(9, LEAT_SLOT(B, 0, 0));
	assert_false(sweep_is_settled(sweep, &world, POOL, IDLE));
}

/* What is hashed has changed: renewed is who has had a whole pass without a pin from before. */
static void older_pins_are_seen(void **state)
{
	__u64 *old = pin(7, 0, A, LEAT_FLOW_STICKY);

	*old |= LEAT_GRAIN_GENERATION;
	pass();
	assert_false(sweep_step(sweep, &world, 1, IDLE));
	world.pools[POOL].hashed = LEAT_HASHED_SINCE(0, LEAT_GRAIN_CLIENT(32, 128) | LEAT_GRAIN_GENERATION);
	sweep_follow(sweep, &world);
	pass();
	assert_int_equal(sweep_pool(sweep, POOL).older, 1);
	*old = 0;
	assert_false(sweep_is_renewed(sweep, &world, POOL));
	pass();
	assert_true(sweep_is_renewed(sweep, &world, POOL));
	assert_true(sweep_is_needed(sweep, &world)); /* until it looks back no more, though nothing is tracked or pinned */
	assert_false(sweep_step(sweep, &world, 1, IDLE));
	world.pools[POOL].hashed ^= 1;
	assert_false(sweep_is_renewed(sweep, &world, POOL)); /* not yet followed */
	sweep_follow(sweep, &world);
	pass();
	assert_false(sweep_is_renewed(sweep, &world, POOL)); /* no whole pass */
}

static void tables_come_and_go(void **state)
{
	change(9, LEAT_SLOT(B, A, 1));
	pin(9, 0, A, LEAT_FLOW_ESTABLISHED);
	world.pools[POOL].table = 0;
	sweep_follow(sweep, &world);
	pass();
	assert_int_equal(sweep_pool(sweep, POOL).tracked, 0);
	assert_int_equal(sweep_pool(sweep, POOL).pins, 1);
	world.pools[POOL].table = LEAT_TABLE(OFFSET, 257, 0);
	sweep_follow(sweep, &world);
	pass();
	assert_int_equal(sweep_pool(sweep, POOL).tracked, 1);
	assert_int_equal(sweep_pool(sweep, POOL).oldest, 0);
}

static void it_is_needed_while_there_are_pins_or_tracked_slots(void **state)
{
	unsigned int i;

	pass();
	assert_false(sweep_is_needed(sweep, &world));
	change(9, LEAT_SLOT(A, A, 1));
	assert_true(sweep_is_needed(sweep, &world));
	pin(9, 0, A, LEAT_FLOW_ESTABLISHED);
	passes_until(9, LEAT_SLOT(A, 0, 0));
	for (i = 0; i < 38; i++, world.control->clock++) {
		pass();
		assert_true(sweep_is_needed(sweep, &world));
	}
	for (i = 0; i < 4; i++, world.control->clock++)
		pass();
	assert_false(sweep_is_needed(sweep, &world));
}

/* --- how long a pass takes --------------------------------------------------------------------------------- */

static double pass_ms(void)
{
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	pass();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (after.tv_sec - before.tv_sec) * 1e3 + (after.tv_nsec - before.tv_nsec) / 1e6;
}

static void a_pass_takes_milliseconds(void **state)
{
	uint32_t sets = LEAT_FLOW_SETS_DEFAULT, i;
	double empty, full;

	free(world.flows);
	world.flows = memory_zeroed(sets, sizeof(*world.flows));
	world.control->flow_mask = sets - 1;
	pass();
	empty = pass_ms();
	for (i = 0; i < sets * LEAT_FLOW_WAYS / 2; i++) {
		uint64_t hash = leat_hash_mix(i + 1);

		world.flows[i % sets].word[i / sets] =
			LEAT_FLOW_WORD(hash, A + i % 3, LEAT_FLOW_ESTABLISHED, world.control->clock);
	}
	full = pass_ms();
	print_message("figure: a pass over %u words: %.1f ms of CPU if empty, %.1f ms with %u pins\n", sets * LEAT_FLOW_WAYS, empty,
		      full, sweep_pool(sweep, POOL).pins);
	assert_int_equal(sweep_pool(sweep, POOL).pins, sets * LEAT_FLOW_WAYS / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pins_expire_by_their_state),
		TEST(pins_of_the_dead_go_at_once),
		TEST(a_pass_goes_in_steps),
		TEST(counts_are_of_the_last_pass),
		TEST(a_changed_slot_settles_and_is_untracked),
		TEST(idle_time_counts_from_when_a_slot_became_tracked),
		TEST(sticky_pins_lengthen_it),
		TEST(a_pin_astray_keeps_its_slot_tracked),
		TEST(a_pass_that_a_pin_may_have_passed_frees_no_slot),
		TEST(what_changes_in_a_pass_waits_for_a_whole_one),
		TEST(a_pool_that_tracks_stays_tracked),
		TEST(a_restart_takes_tracked_slots_for_new),
		TEST(a_pool_is_settled_when_all_slots_are),
		TEST(older_pins_are_seen),
		TEST(tables_come_and_go),
		TEST(it_is_needed_while_there_are_pins_or_tracked_slots),
		TEST(a_pass_takes_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
