/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is hashed has changed, and the pool looks back (docs/flows.md): who gets a packet for which there are pins under the hash
 * before, under the present one, both or none; and what becomes of them. One row a case.
 */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "packet/flow_bed.h"

#define FLOW  4000 /* its source port */
#define TABLE 1    /* the member that the table names */
#define DEAD  5

#define MH    0u
#define SH    LEAT_GRAIN_CLIENT(32u, 128u)
#define SH24  LEAT_GRAIN_CLIENT(24u, 128u)
#define SH6   LEAT_GRAIN_CLIENT(32u, 64u)

enum { UDP_PACKET = 0 };

struct row {
	const char *what;
	uint32_t before, now;
	unsigned int flags; /* of the packet */
	unsigned int pin_before, pin_now; /* the members; 0: no pin */
	bool is_closing; /* the connection's own pin is */
	unsigned int gets, then_before, then_now; /* who gets it, and the pins after it */
	bool is_young; /* the pin under the hash before was refreshed */
};

static const struct row rows[] = {
	/* To a coarser hash: the connection's own pin goes before the client's, and is kept. */
	{"mh to sh, older connection", MH, SH, ACK, 3, 0, false, 3, 3, 0, true},
	{"mh to sh, older connection of a client with newer ones", MH, SH, ACK, 3, 4, false, 3, 3, 4, true},
	{"mh to sh, it ends", MH, SH, FIN | ACK, 3, 4, false, 3, 3, 4, true},
	{"mh to sh, its SYN again", MH, SH, SYN, 3, 4, false, 3, 3, 4, true},
	{"mh to sh, new connection with the ports of a closed one", MH, SH, SYN, 3, 4, true, 4, 0, 4, false},
	{"mh to sh, the same, of a client without a pin", MH, SH, SYN, 3, 0, true, TABLE, 0, TABLE, false},
	{"mh to sh, late packet of a closed one", MH, SH, ACK, 3, 4, true, 3, 3, 4, true},
	{"mh to sh, new connection", MH, SH, SYN, 0, 4, false, 4, 0, 4, false},
	{"mh to sh, new client", MH, SH, SYN, 0, 0, false, TABLE, 0, TABLE, false},
	{"mh to sh, its backend is dead", MH, SH, ACK, DEAD, 4, false, 4, DEAD, 4, false},
	{"mh to sh, both are dead", MH, SH, ACK, DEAD, DEAD, false, TABLE, DEAD, TABLE, false},
	{"mh to sh, sticky UDP", MH, SH, UDP_PACKET, 3, 4, false, 3, 3, 4, true},
	{"sh to sh of a prefix, client with a pin", SH, SH24, SYN, 3, 4, false, 3, 3, 4, true},
	{"sh to sh of a prefix, another client", SH, SH24, SYN, 0, 4, false, 4, 0, 4, false},
	{"sh to sh of a prefix, nobody yet", SH, SH24, ACK, 0, 0, false, TABLE, 0, TABLE, false},
	/* To a finer hash: the client's pin says where its older connections are, each of which gets its own. */
	{"sh to mh, older connection", SH, MH, ACK, 3, 0, false, 3, 3, 3, false},
	{"sh to mh, the same, pinned by now", SH, MH, ACK, 3, 4, false, 4, 3, 4, false},
	{"sh to mh, new connection", SH, MH, SYN, 3, 0, false, TABLE, 3, TABLE, false},
	{"sh to mh, new connection with the ports of a closed one", SH, MH, SYN, 3, 4, true, TABLE, 3, TABLE, false},
	{"sh to mh, the client's backend is dead", SH, MH, ACK, DEAD, 0, false, TABLE, DEAD, TABLE, false},
	{"sh to mh, the connection's is", SH, MH, ACK, 3, DEAD, false, 3, 3, 3, false},
	{"sh to mh, sticky UDP", SH, MH, UDP_PACKET, 3, 0, false, 3, 3, 3, false},
	{"sh of a prefix to sh, client of the prefix", SH24, SH, SYN, 3, 0, false, 3, 3, 3, false},
	{"sh of a prefix to sh, the same, pinned by now", SH24, SH, SYN, 3, 4, false, 4, 3, 4, false},
	/* Another prefix of IPv6 alone. */
	{"the same hash", SH, SH6, SYN, 3, 0, false, 3, 3, 3, false},
	{"the same hash, pinned by now", SH, SH6, SYN, 3, 4, false, 4, 3, 4, false},
};

static struct leat_service_key service_of(const struct row *row)
{
	struct leat_service_key key = {.port = htons(PORT_SPREAD), .protocol = row->flags ? IPPROTO_TCP : IPPROTO_UDP};

	assert_int_equal(addr_parse(VIP, &key.addr), 0);
	return key;
}

/* It names the slot, too. */
static uint64_t key_under(const struct row *row, uint32_t grain)
{
	struct leat_service_key key = service_of(row);
	struct leat_addr client;

	assert_int_equal(addr_parse(CLIENT, &client), 0);
	return LEAT_FLOW_KEY(leat_hash_grain(&bed.world.control->factors, &key, &client, true, htons(FLOW), grain), grain);
}

static void pin(const struct row *row, uint32_t grain, unsigned int member)
{
	uint64_t key = key_under(row, grain);
	enum leat_flow_state state = row->is_closing ? LEAT_FLOW_CLOSING : LEAT_FLOW_ESTABLISHED;

	if (!member)
		return;
	if (LEAT_GRAIN_IS_CLIENT(grain) || !row->flags)
		state = LEAT_FLOW_STICKY;
	bed.world.flows[LEAT_FLOW_SET_FIRST(key, bed.world.control->flow_mask)].word[grain & LEAT_GRAIN_GENERATION ? 1 : 0] =
		LEAT_FLOW_WORD(key, member_number(member), state, bed.world.control->clock - 10);
	bed.world.loads[member_number(member)].connections++;
}

static unsigned int member_of(uint64_t word)
{
	return word ? LEAT_FLOW_BACKEND(word) - member_number(1) + 1 : 0;
}

static void check(const struct row *row)
{
	uint32_t now = row->now | LEAT_GRAIN_GENERATION, size = LEAT_TABLE_SIZE(flow_pool()->table), i;
	unsigned int gets, all = 0;
	uint64_t before_pin, now_pin;

	flow_reset(NULL);
	flow_pool()->hashed = LEAT_HASHED_SINCE(now, row->before);
	bed.world.slots[LEAT_TABLE_OFFSET(flow_pool()->table) + leat_hash_slot(key_under(row, now), size)] =
		LEAT_SLOT(member_number(TABLE), member_number(TABLE), 1);
	bed.world.backends[member_number(DEAD)].lives = 0;
	pin(row, row->before, row->pin_before);
	pin(row, now, row->pin_now);
	gets = flow_sends(FLOW, row->flags);
	before_pin = world_find_flow(&bed.world, key_under(row, row->before));
	now_pin = world_find_flow(&bed.world, key_under(row, now));
	if (gets != row->gets || member_of(before_pin) != row->then_before || member_of(now_pin) != row->then_now)
		fail_msg("%s: %u gets it, pinned to %u and %u", row->what, gets, member_of(before_pin), member_of(now_pin));
	if (before_pin && !LEAT_FLOW_AGE(before_pin, bed.world.control->clock) != row->is_young)
		fail_msg("%s: age %u", row->what, LEAT_FLOW_AGE(before_pin, bed.world.control->clock));
	for (i = 1; i <= MEMBERS; i++)
		all += bed.world.loads[member_number(i)].connections;
	assert_int_equal(all, (before_pin != 0) + (now_pin != 0));
}

static void each_direction(void **state)
{
	struct leat_service_key key = service_of(&(struct row){.flags = UDP_PACKET});
	struct leat_service *service = &bed.world.services[world_find_service(&bed.world, &key)];
	size_t i;

	service->flags = LEAT_SERVICE_STICKY;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
	service->flags = 0;
}

/* Neither is the other's: not even where the hashes are the same. */
static void generations_are_told_apart(void **state)
{
	const struct row row = {"", SH, SH, SYN, 3, 0};

	flow_reset(NULL);
	flow_pool()->hashed = LEAT_HASHED(SH | LEAT_GRAIN_GENERATION);
	*flow_slot(IPPROTO_TCP, 0) = LEAT_SLOT(member_number(TABLE), member_number(TABLE), 1);
	pin(&row, SH, 3);
	assert_int_equal(flow_sends(FLOW, SYN), TABLE);
	assert_int_equal(member_of(world_find_flow(&bed.world, key_under(&row, SH))), 3);
	assert_int_equal(member_of(world_find_flow(&bed.world, key_under(&row, SH | LEAT_GRAIN_GENERATION))), TABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_direction),
		cmocka_unit_test_setup(generations_are_told_apart, flow_reset),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
