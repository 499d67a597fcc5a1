/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QUIC packets to a service that looks for server ids of four octets under config rotation 2: who gets them. One row a packet,
 * as octets of UDP payload; each is sent over IPv4 and IPv6. Where the id does not decide, the flow's slot does.
 */
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
#define TABLE 1    /* the member that its slot names */
#define DEAD  5
#define STRANGER 3 /* of ids: the same number in another pool */

/* Nonces, and what comes behind: nobody reads it. */
#define NONCE4 "a1a2a3a4"
#define MORE11 "0102030405060708090a0b" /* short header: 20 octets from the id on */

static const struct row {
	const char *what, *payload; /* in hexadecimal */
	unsigned int gets;
} rows[] = {
	{"short header", "40" "40" "5a5a5a02" NONCE4 MORE11, 2},
	{"short header, length in the first octet", "41" "53" "5a5a5a02" NONCE4 MORE11, 2},
	{"short header, other bits of the packet's first octet", "7f" "40" "5a5a5a02" NONCE4 MORE11, 2},
	{"short header, without the fixed bit (RFC 9287)", "00" "40" "5a5a5a02" NONCE4 MORE11, 2},
	{"short header, a backend that drains", "40" "40" "5a5a5a04" NONCE4 MORE11, 4},
	{"short header, a backend that is dead", "40" "40" "5a5a5a05" NONCE4 MORE11, TABLE},
	{"short header, nobody's id", "40" "40" "5a5a5a09" NONCE4 MORE11, TABLE},
	{"short header, nobody's id by its first octet", "40" "40" "5b5a5a02" NONCE4 MORE11, TABLE},
	{"short header, config rotation 7", "40" "e0" "5a5a5a02" NONCE4 MORE11, TABLE},
	{"short header, another config rotation", "40" "20" "5a5a5a02" NONCE4 MORE11, TABLE},
	{"short header, an octet short", "40" "40" "5a5a5a02" NONCE4 "0102030405060708090a", TABLE},
	{"short header and nothing behind", "40", TABLE},
	{"nothing", "", TABLE},
	/* flags, version, length, id, length of the other id */
	{"Handshake", "e0" "00000001" "09" "40" "5a5a5a02" NONCE4 "00" MORE11, 2},
	{"Initial with the server's id", "c0" "00000001" "09" "40" "5a5a5a02" NONCE4 "00" MORE11, 2},
	{"Initial with an id that the client has drawn", "c0" "00000001" "08" "c35f0612d1e2f3a4" "00" MORE11 "00000000", TABLE},
	{"0-RTT with an id that the client has drawn", "d0" "00000001" "08" "c35f0612d1e2f3a4" "00" MORE11 "00000000", TABLE},
	{"a version that is not known", "80" "1a2a3a4a" "09" "40" "5a5a5a02" NONCE4 "00" MORE11, 2},
	{"long header, the longest id of version 1", "e0" "00000001" "14" "40" "5a5a5a02" NONCE4 MORE11 "00", 2},
	{"long header, an id of 255", "e0" "00000001" "ff" "40" "5a5a5a02" NONCE4 MORE11, 2},
	{"long header, no room for a nonce", "e0" "00000001" "08" "40" "5a5a5a02" "a1a2a3" "00" MORE11 "00", TABLE},
	{"long header, an empty id", "e0" "00000001" "00" "40" "5a5a5a02" NONCE4 "00" MORE11, TABLE},
	{"long header, config rotation 7", "e0" "00000001" "09" "f3" "5a5a5a02" NONCE4 "00" MORE11, TABLE},
	{"long header, a backend that is dead", "e0" "00000001" "09" "40" "5a5a5a05" NONCE4 "00" MORE11, TABLE},
	{"long header, an octet short", "e0" "00000001" "09" "40" "5a5a5a02" NONCE4 "0102030405060708090a", TABLE},
	{"long header, cut before the id's length", "e0" "00000001", TABLE},
	{"an id of another pool", "40" "40" "5a5a5a03" NONCE4 MORE11, TABLE},
};

static struct leat_service *service_of(const char *vip)
{
	struct leat_service_key key = {.port = htons(PORT_SPREAD), .protocol = IPPROTO_UDP};

	assert_int_equal(addr_parse(vip, &key.addr), 0);
	return &bed.world.services[world_find_service(&bed.world, &key)];
}

static void id_put(unsigned int i, unsigned int member, unsigned int pool, unsigned int octets)
{
	struct leat_server_id id = {.byte = {octets, 0x5a, 0x5a, 0x5a, member}};
	struct leat_backend *backend = &bed.world.backends[member_number(member)];

	backend->server_ids[backend->active & 1] = id;
	bed.world.server_ids[LEAT_ID_BUCKETS_MAX].entry[i] =
		LEAT_BUCKET_ENTRY(leat_hash_server_id(&bed.world.control->factors, &id, pool), member_number(member));
}

/* In one bucket of the second half; and every slot is one member's. */
static int quic_set(void **state)
{
	struct leat_pool *pool = flow_pool();
	uint32_t *slots = &bed.world.slots[LEAT_TABLE_OFFSET(pool->table)], i;

	flow_reset(state);
	for (i = 0; i < LEAT_TABLE_SIZE(pool->table); i++)
		slots[i] = LEAT_SLOT(member_number(TABLE), 0, 0);
	memset(&bed.world.server_ids[LEAT_ID_BUCKETS_MAX], 0, sizeof(struct leat_bucket));
	for (i = 1; i <= MEMBERS; i++)
		id_put(i - 1, i, i == STRANGER ? 99 : pool - bed.world.pools, 4);
	bed.world.control->server_ids = LEAT_INDEX(1, 1);
	bed.world.backends[member_number(DEAD)].lives = 0;
	service_of(VIP)->flags = service_of(VIP6)->flags = LEAT_SERVICE_FLAGS(false, LEAT_QUIC(2, 4), 0);
	return 0;
}

static unsigned int sends_payload(const char *hex, bool is_ipv4, unsigned int cut)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	unsigned int length = strlen(hex) / 2, i;
	uint8_t bytes[64];
	auto_free struct frame *frame = NULL;

	for (i = 0; i < length; i++)
		assert_int_equal(sscanf(hex + 2 * i, "%2hhx", &bytes[i]), 1);
	frame = is_ipv4 ? FRAME(ETH(), IP4(CLIENT, VIP), UDP(FLOW, PORT_SPREAD, .longer = -(int)cut), RAW(bytes, length))
			: FRAME(ETH(), IP6(CLIENT6, VIP6), UDP(FLOW, PORT_SPREAD, .longer = -(int)cut), RAW(bytes, length));
	bed_run(frame, ran);
	if (ran->verdict != LEAT_FORWARDED)
		return 0;
	return ran->frame.bytes[14 + 19] - 100;
}

static void each_packet(void **state)
{
	unsigned int gets4, gets6;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		gets4 = sends_payload(rows[i].payload, true, 0);
		gets6 = sends_payload(rows[i].payload, false, 0);
		if (gets4 != rows[i].gets || gets6 != rows[i].gets)
			fail_msg("%s: IPv4 went to %u, IPv6 to %u", rows[i].what, gets4, gets6);
	}
}

/* A packet ends where UDP says, not with what lies behind. */
static void length_of_udp_counts(void **state)
{
	assert_int_equal(sends_payload(rows[0].payload, true, 0), 2);
	assert_int_equal(sends_payload(rows[0].payload, true, 1), TABLE);
	assert_int_equal(sends_payload(rows[0].payload, false, 1), TABLE);
}

static void not_asked_not_read(void **state)
{
	service_of(VIP)->flags = service_of(VIP6)->flags = 0;
	assert_int_equal(sends_payload(rows[0].payload, true, 0), TABLE);
	assert_int_equal(sends_payload(rows[0].payload, false, 0), TABLE);
	quic_set(NULL);
	bed.world.control->server_ids = LEAT_INDEX(1, 0);
	assert_int_equal(sends_payload(rows[0].payload, true, 0), TABLE);
}

/* Ids of both lengths at the ends: every octet counts, none behind does. */
static void shortest_and_longest(void **state)
{
	static const char longest[] = "40" "40" "5a5a5a02000000000000000000000000000000" NONCE4;
	char other[sizeof(longest)];

	service_of(VIP)->flags = LEAT_SERVICE_FLAGS(false, LEAT_QUIC(2, 15), 0);
	assert_int_equal(sends_payload(longest, true, 0), TABLE);
	id_put(1, 2, flow_pool() - bed.world.pools, 15);
	assert_int_equal(sends_payload(longest, true, 0), 2);
	strcpy(other, longest);
	other[2 + 2 + 29] = '1';
	assert_int_equal(sends_payload(other, true, 0), TABLE);
	service_of(VIP)->flags = LEAT_SERVICE_FLAGS(false, LEAT_QUIC(2, 1), 0);
	bed.world.backends[member_number(2)].server_ids[0] = (struct leat_server_id){.byte = {1, 0x77}};
	bed.world.server_ids[LEAT_ID_BUCKETS_MAX].entry[1] =
		LEAT_BUCKET_ENTRY(leat_hash_server_id(&bed.world.control->factors,
						      &bed.world.backends[member_number(2)].server_ids[0],
						      flow_pool() - bed.world.pools), member_number(2));
	assert_int_equal(sends_payload("40" "40" "77" "88" NONCE4 MORE11 "0000", true, 0), 2);
	assert_int_equal(sends_payload("40" "40" "78" "88" NONCE4 MORE11 "0000", true, 0), TABLE);
}

/* Whom the index names is asked: it may be another id's, or another pool's, owner whose hash looks alike. */
static void hashes_alone_are_not_believed(void **state)
{
	uint32_t *entries = bed.world.server_ids[LEAT_ID_BUCKETS_MAX].entry;
	struct leat_backend *other = &bed.world.backends[member_number(4)];
	uint32_t pool = other->pool, asked = entries[1];

	entries[1] = (asked & 0xffff0000) | member_number(4);
	assert_int_equal(sends_payload(rows[0].payload, true, 0), TABLE);
	entries[0] = entries[1];
	entries[1] = asked;
	assert_int_equal(sends_payload(rows[0].payload, true, 0), 2);
	other->server_ids[other->active & 1] = (struct leat_server_id){.byte = {4, 0x5a, 0x5a, 0x5a, 2}};
	assert_int_equal(sends_payload(rows[0].payload, true, 0), 4);
	other->pool++;
	assert_int_equal(sends_payload(rows[0].payload, true, 0), 2);
	other->pool = pool;
}

/* An id decides before the flow's pin, and makes none; where it does not decide the pin does. */
static void ids_and_pins(void **state)
{
	service_of(VIP)->flags = LEAT_SERVICE_FLAGS(true, LEAT_QUIC(2, 4), 0);
	*flow_slot(IPPROTO_UDP, FLOW) = LEAT_SLOT(member_number(TABLE), member_number(TABLE), 1);
	assert_int_equal(sends_payload(rows[0].payload, true, 0), 2);
	assert_null(flow_pin(IPPROTO_UDP, FLOW));
	assert_int_equal(flow_sends(FLOW, 0), TABLE);
	assert_non_null(flow_pin(IPPROTO_UDP, FLOW));
	flow_slot_set(IPPROTO_UDP, FLOW, 3, 3);
	assert_int_equal(flow_sends(FLOW, 0), TABLE);
	assert_int_equal(sends_payload(rows[0].payload, true, 0), 2);
}

/* Nobody gets new flows, and a connection goes on. */
static void outlives_the_table(void **state)
{
	uint64_t table = flow_pool()->table;

	flow_pool()->table = 0;
	assert_int_equal(sends_payload(rows[0].payload, true, 0), 2);
	assert_int_equal(flow_sends(FLOW, 0), 0);
	flow_pool()->table = table;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_packet, quic_set),
		cmocka_unit_test_setup(length_of_udp_counts, quic_set),
		cmocka_unit_test_setup(not_asked_not_read, quic_set),
		cmocka_unit_test_setup(shortest_and_longest, quic_set),
		cmocka_unit_test_setup(hashes_alone_are_not_believed, quic_set),
		cmocka_unit_test_setup(ids_and_pins, quic_set),
		cmocka_unit_test_setup(outlives_the_table, quic_set),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
