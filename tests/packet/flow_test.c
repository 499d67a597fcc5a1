/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gets a packet in a tracked slot, and what is remembered of it: docs/flows.md. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "packet/flow_bed.h"

#define FLOW  4000 /* its source port */
#define TCP_  IPPROTO_TCP
#define UDP_  IPPROTO_UDP

static unsigned int connections(unsigned int member)
{
	return bed.world.loads[member_number(member)].connections;
}

static unsigned int pinned_to(uint8_t protocol)
{
	uint64_t *pin = flow_pin(protocol, FLOW);

	return pin ? LEAT_FLOW_BACKEND(*pin) - member_number(1) + 1 : 0;
}

static unsigned int state_of_pin(void)
{
	return LEAT_FLOW_STATE(*flow_pin(TCP_, FLOW));
}

static void untracked_slots_touch_no_flow_memory(void **state)
{
	enum leat_flow_event event;
	unsigned int i;

	for (i = 0; i < 500; i++) {
		assert_int_not_equal(flow_sends(1000 + i, i % 3 ? ACK : SYN), 0);
		assert_null(flow_pin(TCP_, 1000 + i));
	}
	for (event = 0; event < LEAT_FLOW_EVENT_COUNT; event++)
		assert_int_equal(flow_events(event), 0);
}

static void a_flow_that_begins_goes_to_current_and_stays(void **state)
{
	flow_slot_set(TCP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, SYN), 2);
	assert_int_equal(pinned_to(TCP_), 2);
	assert_int_equal(connections(2), 1);
	flow_slot_set(TCP_, FLOW, 3, 4);
	assert_int_equal(flow_sends(FLOW, SYN), 2); /* sent again */
	assert_int_equal(flow_sends(FLOW, ACK), 2);
	assert_int_equal(flow_events(LEAT_FLOW_PINNED), 1);
	assert_int_equal(flow_events(LEAT_FLOW_HIT), 2);
	assert_int_equal(connections(2), 1);
}

static void an_older_flow_goes_to_previous_and_stays(void **state)
{
	flow_slot_set(TCP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, ACK), 4);
	assert_int_equal(pinned_to(TCP_), 4);
	flow_slot_set(TCP_, FLOW, 2, 2);
	assert_int_equal(flow_sends(FLOW, ACK | PSH), 4);
	assert_int_equal(connections(4), 1);
	assert_int_equal(connections(2), 0);
}

/* The same ports once more, soon after a connection that ended. */
static void a_connection_that_closed_does_not_hold_the_next(void **state)
{
	flow_slot_set(TCP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, ACK), 4);
	assert_int_equal(flow_sends(FLOW, FIN | ACK), 4);
	assert_int_equal(flow_sends(FLOW, ACK), 4);
	assert_int_equal(flow_sends(FLOW, SYN), 2);
	assert_int_equal(pinned_to(TCP_), 2);
	assert_int_equal(flow_sends(FLOW, ACK), 2);
	assert_int_equal(connections(4), 0);
	assert_int_equal(connections(2), 1);
	assert_int_equal(flow_events(LEAT_FLOW_PINNED), 2);
}

/* Of a pool whose last member drains. */
static void a_slot_without_owner_keeps_what_it_has(void **state)
{
	flow_slot_set(TCP_, FLOW, 0, 4);
	assert_int_equal(flow_sends(FLOW, SYN), 0);
	assert_null(flow_pin(TCP_, FLOW));
	assert_int_equal(flow_events(LEAT_FLOW_PINNED), 0);
	assert_int_equal(flow_sends(FLOW, ACK), 4);
	assert_int_equal(flow_sends(FLOW, SYN), 4);
}

/* SYN with ACK comes from servers; a client's is no opening. */
static void syn_ack_is_no_opening(void **state)
{
	flow_slot_set(TCP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, SYN | ACK), 4);
}

static void a_pin_of_the_dead_does_not_count(void **state)
{
	flow_slot_set(TCP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, ACK), 4);
	bed.world.backends[member_number(4)].lives = 0;
	flow_slot_set(TCP_, FLOW, 2, 2);
	assert_int_equal(flow_sends(FLOW, ACK), 2);
	assert_int_equal(pinned_to(TCP_), 2);
	assert_int_equal(flow_events(LEAT_FLOW_REPINNED), 1);
	assert_int_equal(connections(4), 0);
	assert_int_equal(connections(2), 1);
}

/* A number that has a new owner in another pool: never believed. */
static void a_pin_of_another_pool_does_not_count(void **state)
{
	struct leat_backend *backend = &bed.world.backends[member_number(4)];
	unsigned int pool = backend->pool;

	flow_slot_set(TCP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, ACK), 4);
	backend->pool = pool + 1;
	assert_int_equal(flow_sends(FLOW, SYN), 2);
	backend->pool = pool;
	assert_int_equal(pinned_to(TCP_), 2);
}

static void states_follow_the_flags(void **state)
{
	flow_slot_set(TCP_, FLOW, 1, 1);
	flow_sends(FLOW, SYN);
	assert_int_equal(state_of_pin(), LEAT_FLOW_OPENING);
	flow_sends(FLOW, ACK);
	assert_int_equal(state_of_pin(), LEAT_FLOW_ESTABLISHED);
	flow_sends(FLOW, SYN); /* late copy of the first */
	assert_int_equal(state_of_pin(), LEAT_FLOW_ESTABLISHED);
	flow_sends(FLOW, FIN | ACK);
	assert_int_equal(state_of_pin(), LEAT_FLOW_CLOSING);
	flow_sends(FLOW, ACK);
	assert_int_equal(state_of_pin(), LEAT_FLOW_CLOSING);
	flow_sends(FLOW, SYN); /* the ports again */
	assert_int_equal(state_of_pin(), LEAT_FLOW_OPENING);
	flow_sends(FLOW, RST);
	assert_int_equal(state_of_pin(), LEAT_FLOW_CLOSING);
}

static void a_packet_makes_its_pin_young_again(void **state)
{
	flow_slot_set(TCP_, FLOW, 1, 1);
	flow_sends(FLOW, ACK);
	bed.world.control->clock += 1500; /* more than once round */
	assert_int_equal(LEAT_FLOW_AGE(*flow_pin(TCP_, FLOW), bed.world.control->clock), 1500 % LEAT_FLOW_AGES);
	flow_sends(FLOW, ACK);
	assert_int_equal(LEAT_FLOW_AGE(*flow_pin(TCP_, FLOW), bed.world.control->clock), 0);
}

static struct leat_service *udp_service(void)
{
	struct leat_service_key key = {.port = htons(PORT_SPREAD), .protocol = UDP_};

	addr_parse(VIP, &key.addr);
	return &bed.world.services[world_find_service(&bed.world, &key)];
}

static void stateless_udp_asks_the_table_alone(void **state)
{
	flow_slot_set(UDP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, 0), 2);
	assert_int_equal(pinned_to(UDP_), 0);
}

static void sticky_udp_goes_to_previous_until_the_slot_has_settled(void **state)
{
	udp_service()->flags = LEAT_SERVICE_STICKY;
	flow_slot_set(UDP_, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, 0), 4);
	assert_int_equal(pinned_to(UDP_), 4);
	assert_int_equal(LEAT_FLOW_STATE(*flow_pin(UDP_, FLOW)), LEAT_FLOW_STICKY);
	flow_slot_set(UDP_, FLOW, 2, 2);
	assert_int_equal(flow_sends(FLOW, 0), 4);
	*flow_pin(UDP_, FLOW) = 0;
	assert_int_equal(flow_sends(FLOW, 0), 2);
	udp_service()->flags = 0;
}

/* --- room in the sets ------------------------------------------------------------------------------------ */

static struct leat_flow_set *set(bool second)
{
	uint64_t key = LEAT_FLOW_KEY(bed_hash(TCP_, CLIENT, FLOW, VIP, PORT_SPREAD), 0);
	uint32_t mask = bed.world.control->flow_mask;

	return &bed.world.flows[second ? LEAT_FLOW_SET_SECOND(key, mask) : LEAT_FLOW_SET_FIRST(key, mask)];
}

/* Fills a set with pins of other flows of member 5, way 0 the youngest. */
static void fill(bool second, enum leat_flow_state state)
{
	unsigned int i;

	for (i = 0; i < LEAT_FLOW_WAYS; i++)
		set(second)->word[i] = LEAT_FLOW_WORD((uint64_t)(1000 + i) << 27, member_number(5), state,
						      bed.world.control->clock - 10 - i);
	bed.world.loads[member_number(5)].connections += LEAT_FLOW_WAYS;
}

static int way_of(const struct leat_flow_set *s)
{
	uint64_t *pin = flow_pin(TCP_, FLOW);
	ptrdiff_t way = pin - (uint64_t *)s->word;

	return pin && way >= 0 && way < LEAT_FLOW_WAYS ? way : -1;
}

static void pin_one_more(void)
{
	flow_slot_set(TCP_, FLOW, 1, 1);
	assert_int_equal(flow_sends(FLOW, SYN), 1);
	assert_int_equal(flow_sends(FLOW, ACK), 1);
	assert_int_equal(pinned_to(TCP_), 1);
}

static void the_second_set_is_taken_when_the_first_is_full(void **state)
{
	fill(false, LEAT_FLOW_ESTABLISHED);
	pin_one_more();
	assert_int_equal(way_of(set(true)) >= 0, true);
	assert_int_equal(flow_events(LEAT_FLOW_EVICTED), 0);
	assert_int_equal(connections(5), LEAT_FLOW_WAYS);
}

/* Both sets full, but not the others' other sets: one of them moves, and is still found. */
static void one_moves_over_when_both_are_full(void **state)
{
	uint64_t before[2 * LEAT_FLOW_WAYS], mask = bed.world.control->flow_mask, number, moved = 0;
	unsigned int i, j;

	fill(false, LEAT_FLOW_ESTABLISHED);
	fill(true, LEAT_FLOW_ESTABLISHED);
	memcpy(before, set(false)->word, sizeof(before) / 2);
	memcpy(before + LEAT_FLOW_WAYS, set(true)->word, sizeof(before) / 2);
	pin_one_more();
	assert_int_equal(flow_events(LEAT_FLOW_EVICTED), 0);
	assert_int_equal(connections(5), 2 * LEAT_FLOW_WAYS);
	for (i = 0; i < 2 * LEAT_FLOW_WAYS; i++) {
		number = set(i >= LEAT_FLOW_WAYS) - bed.world.flows;
		number = LEAT_FLOW_SET_OTHER(before[i], (uint32_t)number, mask);
		for (j = 0; j < LEAT_FLOW_WAYS; j++)
			moved += bed.world.flows[number].word[j] == before[i];
	}
	assert_int_equal(moved, 1);
}

/* With no room in any of them either, and the two sets alone. */
static void fill_around(void)
{
	uint32_t mask = bed.world.control->flow_mask, number;
	unsigned int i, j;

	for (i = 0; i < 2 * LEAT_FLOW_WAYS; i++) {
		number = LEAT_FLOW_SET_OTHER(set(i >= LEAT_FLOW_WAYS)->word[i % LEAT_FLOW_WAYS],
					     (uint32_t)(set(i >= LEAT_FLOW_WAYS) - bed.world.flows), mask);
		for (j = 0; j < LEAT_FLOW_WAYS; j++)
			if (!bed.world.flows[number].word[j])
				bed.world.flows[number].word[j] = LEAT_FLOW_WORD((uint64_t)(5000 + j) << 27, member_number(5),
										 LEAT_FLOW_ESTABLISHED, bed.world.control->clock);
	}
}

static void what_has_expired_goes_first(void **state)
{
	fill(false, LEAT_FLOW_ESTABLISHED);
	fill(true, LEAT_FLOW_ESTABLISHED);
	set(false)->word[3] = LEAT_FLOW_WORD(3000ull << 27, member_number(5), LEAT_FLOW_ESTABLISHED,
					     bed.world.control->clock - 401);
	pin_one_more();
	assert_int_equal(way_of(set(false)), 3);
	assert_int_equal(flow_events(LEAT_FLOW_EVICTED), 0);
	assert_int_equal(connections(5), 2 * LEAT_FLOW_WAYS - 1);
}

static void then_the_oldest_that_is_only_opening(void **state)
{
	fill(false, LEAT_FLOW_ESTABLISHED);
	fill(true, LEAT_FLOW_ESTABLISHED);
	set(true)->word[2] = LEAT_FLOW_WORD(3000ull << 27, member_number(5), LEAT_FLOW_OPENING, bed.world.control->clock);
	fill_around();
	pin_one_more();
	assert_int_equal(way_of(set(true)), 2);
	assert_int_equal(flow_events(LEAT_FLOW_EVICTED), 1);
}

/* As where connections end and no daemon moves the clock. */
static void then_what_closes_however_young(void **state)
{
	fill(false, LEAT_FLOW_ESTABLISHED);
	fill(true, LEAT_FLOW_ESTABLISHED);
	set(true)->word[4] = LEAT_FLOW_WORD(3000ull << 27, member_number(5), LEAT_FLOW_CLOSING, bed.world.control->clock);
	fill_around();
	pin_one_more();
	assert_int_equal(way_of(set(true)), 4);
}

static void then_the_oldest(void **state)
{
	fill(false, LEAT_FLOW_ESTABLISHED);
	fill(true, LEAT_FLOW_ESTABLISHED);
	fill_around();
	pin_one_more();
	assert_int_equal(way_of(set(false)), LEAT_FLOW_WAYS - 1);
	assert_int_equal(flow_events(LEAT_FLOW_EVICTED), 1);
}

static void connections_are_the_pins(void **state)
{
	unsigned int i, member, pins[MEMBERS + 1] = {};
	uint64_t *pin;

	for (i = 0; i < 2000; i++) {
		*flow_slot(TCP_, 1000 + i) |= LEAT_SLOT(0, LEAT_SLOT_CURRENT(*flow_slot(TCP_, 1000 + i)), 1);
		member = flow_sends(1000 + i, SYN);
		pin = flow_pin(TCP_, 1000 + i);
		assert_non_null(pin);
		assert_int_equal(LEAT_FLOW_BACKEND(*pin), member_number(member));
		pins[member]++;
	}
	for (member = 1; member <= MEMBERS; member++)
		assert_int_equal(connections(member), pins[member]);
}

static void the_guard_leaves_flows_unpinned_and_forwards_them(void **state)
{
	unsigned int i, unpinned = 0, flows = LEAT_PIN_BURST * bed.cpus + 100;

	flow_slot_set(TCP_, FLOW, 1, 1);
	bed.world.control->pin_interval_ns = 3600ull * 1000000000;
	assert_int_equal(loaded_limiters_fill(&bed), 0);
	for (i = 0; i < flows; i++) {
		assert_int_equal(flow_sends(FLOW, SYN), 1);
		unpinned += !flow_pin(TCP_, FLOW);
		memset(set(false), 0, sizeof(*set(false)));
	}
	assert_int_not_equal(unpinned, 0);
	assert_int_equal(flow_events(LEAT_FLOW_UNPINNED), unpinned);
	assert_in_range(flow_events(LEAT_FLOW_PINNED), LEAT_PIN_BURST, LEAT_PIN_BURST * bed.cpus);
	assert_int_equal(loaded_limiters_fill(&bed), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, flow_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(untracked_slots_touch_no_flow_memory),
		TEST(a_flow_that_begins_goes_to_current_and_stays),
		TEST(an_older_flow_goes_to_previous_and_stays),
		TEST(a_connection_that_closed_does_not_hold_the_next),
		TEST(a_slot_without_owner_keeps_what_it_has),
		TEST(syn_ack_is_no_opening),
		TEST(a_pin_of_the_dead_does_not_count),
		TEST(a_pin_of_another_pool_does_not_count),
		TEST(states_follow_the_flags),
		TEST(a_packet_makes_its_pin_young_again),
		TEST(stateless_udp_asks_the_table_alone),
		TEST(sticky_udp_goes_to_previous_until_the_slot_has_settled),
		TEST(the_second_set_is_taken_when_the_first_is_full),
		TEST(one_moves_over_when_both_are_full),
		TEST(what_has_expired_goes_first),
		TEST(then_the_oldest_that_is_only_opening),
		TEST(then_what_closes_however_young),
		TEST(then_the_oldest),
		TEST(connections_are_the_pins),
		TEST(the_guard_leaves_flows_unpinned_and_forwards_them),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
