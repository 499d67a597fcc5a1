/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom the schedulers give a flow that begins: a distribution for each. mh is spread_test's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/flow_bed.h"

#define FLOWS 3000

static void track_all(enum leat_scheduler scheduler)
{
	struct leat_pool *pool = flow_pool();
	uint32_t *slots = &bed.world.slots[LEAT_TABLE_OFFSET(pool->table)], i;

	for (i = 0; i < LEAT_TABLE_SIZE(pool->table); i++)
		slots[i] = LEAT_SLOT(LEAT_SLOT_CURRENT(slots[i]), LEAT_SLOT_CURRENT(slots[i]), 1);
	pool->scheduler = scheduler;
}

static struct leat_load *load_of(unsigned int member)
{
	return &bed.world.loads[member_number(member)];
}

/* Begins flows; how many each member got. Connections count up. */
static void begin_flows(unsigned int counts[MEMBERS + 1])
{
	unsigned int i;

	memset(counts, 0, (MEMBERS + 1) * sizeof(*counts));
	for (i = 0; i < FLOWS; i++)
		counts[flow_sends(1024 + i, SYN)]++;
	assert_int_equal(counts[0], 0);
}

/* The table's slots, by member: what slots drawn at random, or taken in turn, come to. */
static unsigned int slots_of(unsigned int member)
{
	uint64_t table = flow_pool()->table;
	unsigned int i, count = 0;

	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		count += LEAT_SLOT_CURRENT(bed.world.slots[LEAT_TABLE_OFFSET(table) + i]) == member_number(member);
	return count;
}

static void turn_takes_one_slot_after_the_other(void **state)
{
	uint64_t table = flow_pool()->table;
	uint32_t size = LEAT_TABLE_SIZE(table), i;
	unsigned int member;

	track_all(LEAT_SCHEDULER_TURN);
	for (i = 0; i < 3 * size; i++) {
		member = flow_sends(1024 + i, SYN);
		assert_int_equal(member_number(member), LEAT_SLOT_CURRENT(bed.world.slots[LEAT_TABLE_OFFSET(table) + i % size]));
		assert_int_equal(flow_sends(1024 + i, ACK), member); /* takes no turn */
	}
	assert_int_equal(flow_pool()->turn, 3 * size);
}

static void random_follows_the_weights(void **state)
{
	unsigned int counts[MEMBERS + 1], i, share;

	track_all(LEAT_SCHEDULER_RANDOM);
	begin_flows(counts);
	for (i = 1; i <= MEMBERS; i++) {
		share = FLOWS * slots_of(i) / LEAT_TABLE_SIZE(flow_pool()->table);
		/* Six deviations of a share of 600 of 3,000 are 131. */
		assert_in_range(counts[i], share - 131, share + 131);
	}
}

/* The list of members behind the table, as the plan lays it; room is left by the bed's other tables. */
static void list_members(unsigned int count, const unsigned int *numbers)
{
	uint64_t table = flow_pool()->table;
	uint32_t offset = 3000000, size = LEAT_TABLE_SIZE(table), i;

	memcpy(&bed.world.slots[offset], &bed.world.slots[LEAT_TABLE_OFFSET(table)], size * sizeof(uint32_t));
	for (i = 0; i < count; i++)
		bed.world.slots[offset + size + i] = numbers[i];
	flow_pool()->table = LEAT_TABLE(offset, size, count);
}

static void list_all(void)
{
	unsigned int numbers[MEMBERS], i;

	for (i = 0; i < MEMBERS; i++)
		numbers[i] = member_number(i + 1);
	list_members(MEMBERS, numbers);
}

static void least_is_exact(void **state)
{
	unsigned int counts[MEMBERS + 1], i;

	track_all(LEAT_SCHEDULER_LEAST);
	list_all();
	begin_flows(counts);
	for (i = 1; i <= MEMBERS; i++)
		assert_int_equal(counts[i], FLOWS / MEMBERS);
}

static void least_counts_what_is_there_already(void **state)
{
	unsigned int counts[MEMBERS + 1], i;

	track_all(LEAT_SCHEDULER_LEAST);
	list_all();
	load_of(3)->connections = FLOWS;
	load_of(4)->connections = 500;
	begin_flows(counts);
	assert_int_equal(counts[3], 0);
	for (i = 1; i <= MEMBERS; i++)
		if (i != 3)
			assert_in_range(load_of(i)->connections, (FLOWS + 500) / 4, (FLOWS + 500) / 4 + 1);
}

static void least_goes_by_weight(void **state)
{
	unsigned int counts[MEMBERS + 1];

	track_all(LEAT_SCHEDULER_LEAST);
	list_all();
	load_of(1)->weight = 2; /* of 2 + 1 + 1 + 1 + 10 */
	load_of(5)->weight = 10;
	begin_flows(counts);
	assert_in_range(counts[1], 399, 401);
	assert_in_range(counts[2], 199, 201);
	assert_in_range(counts[5], 1999, 2001);
}

/* More members than are looked at: the rest are reached from other places. */
static void least_samples_beyond(void **state)
{
	auto_free unsigned int *numbers = memory_zeroed(2 * LEAT_SCAN_MAX, sizeof(*numbers));
	unsigned int i, served = 0, most = 0, first = 20000;

	track_all(LEAT_SCHEDULER_LEAST);
	for (i = 0; i < 2 * LEAT_SCAN_MAX; i++) {
		numbers[i] = first + i;
		bed.world.backends[first + i] = bed.world.backends[member_number(1)];
		bed.world.loads[first + i] = (struct leat_load){.weight = 1, .latency_us = 1};
	}
	list_members(2 * LEAT_SCAN_MAX, numbers);
	for (i = 0; i < FLOWS; i++)
		assert_int_equal(flow_sends(1024 + i, SYN), 1);
	for (i = 0; i < 2 * LEAT_SCAN_MAX; i++) {
		served += bed.world.loads[first + i].connections > 0;
		if (bed.world.loads[first + i].connections > most)
			most = bed.world.loads[first + i].connections;
	}
	assert_int_equal(served, 2 * LEAT_SCAN_MAX);
	assert_in_range(most, 3, 4); /* 3,000 flows, 1,024 members */
	memset(&bed.world.backends[first], 0, 2 * LEAT_SCAN_MAX * sizeof(*bed.world.backends));
	memset(&bed.world.loads[first], 0, 2 * LEAT_SCAN_MAX * sizeof(*bed.world.loads));
}

static void two_is_close_to_least(void **state)
{
	unsigned int counts[MEMBERS + 1], i;

	track_all(LEAT_SCHEDULER_TWO);
	load_of(2)->connections = 300;
	begin_flows(counts);
	for (i = 1; i <= MEMBERS; i++)
		assert_in_range(load_of(i)->connections, (FLOWS + 300) / MEMBERS - 10, (FLOWS + 300) / MEMBERS + 10);
}

static void latency_shuns_the_slow_and_starves_nobody(void **state)
{
	unsigned int counts[MEMBERS + 1], i;

	track_all(LEAT_SCHEDULER_LATENCY);
	for (i = 1; i <= MEMBERS; i++)
		load_of(i)->latency_us = i == 5 ? 40000 : 10000;
	begin_flows(counts);
	assert_in_range(counts[5], FLOWS / 20, FLOWS / 12); /* a quarter of the others': FLOWS / 17 */
	for (i = 1; i < MEMBERS; i++)
		assert_in_range(counts[i], FLOWS / 5, FLOWS / 4);
}

/* sh, and affinity: ports do not matter, and a client's flows share a pin. */
static void a_clients_flows_go_together(void **state)
{
	unsigned int i, member;
	uint64_t pins = 0;

	flow_pool()->hashed = LEAT_HASHED(LEAT_GRAIN_CLIENT(32, 128));
	member = flow_sends(1, SYN);
	for (i = 2; i < 200; i++)
		assert_int_equal(flow_sends(i, i % 2 ? SYN : ACK), member);
	track_all(LEAT_SCHEDULER_RANDOM);
	member = flow_sends(1, SYN);
	for (i = 2; i < 200; i++)
		assert_int_equal(flow_sends(i, i % 2 ? SYN : FIN), member);
	for (i = 1; i <= MEMBERS; i++)
		pins += load_of(i)->connections;
	assert_int_equal(pins, 1);
	assert_int_equal(LEAT_FLOW_STATE(*flow_pin(IPPROTO_TCP, 0)), LEAT_FLOW_STICKY);
}

/* Prefixes: /24 of IPv4; of IPv6 the bed's clients are one. */
static void a_prefix_goes_together(void **state)
{
	unsigned int i, last;
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	char from[16];

	flow_pool()->hashed = LEAT_HASHED(LEAT_GRAIN_CLIENT(24, 128));
	last = flow_sends(1, ACK) + 100;
	for (i = 1; i < 255; i++) {
		snprintf(from, sizeof(from), "198.51.100.%u", i);
		auto_free struct frame *frame = FRAME(ETH(), IP4(from, VIP), TCP(i, PORT_SPREAD, ACK));

		bed_run(frame, ran);
		assert_int_equal(ran->frame.bytes[14 + 19], last);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, flow_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(turn_takes_one_slot_after_the_other),
		TEST(random_follows_the_weights),
		TEST(least_is_exact),
		TEST(least_counts_what_is_there_already),
		TEST(least_goes_by_weight),
		TEST(least_samples_beyond),
		TEST(two_is_close_to_least),
		TEST(latency_shuns_the_slow_and_starves_nobody),
		TEST(a_clients_flows_go_together),
		TEST(a_prefix_goes_together),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
