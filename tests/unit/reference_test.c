/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference model by itself: its tables are those of user/model, and it knows every verdict. How it
 * decides is held against the program by tests/packet/reference_test and tests/fuzz.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/auto.h"
#include "reference/reference.h"
#include "unit/table_members.h"

/* --- tables ------------------------------------------------------------------------------------- */

static struct reference_member reference_members[1000];

static void drawn_address(struct leat_addr *ret)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		ret->byte[i] = random_below(256);
	if (random_below(2))
		memcpy(ret->byte, (uint8_t[12]){[10] = 0xff, [11] = 0xff}, 12);
}

/* Weights of every kind: all equal, small, any, and 0 or absent here and there. */
static void draw_members(unsigned int count)
{
	unsigned int kind = random_below(4), i;

	for (i = 0; i < count; i++) {
		struct reference_member *m = &reference_members[i];

		*m = (struct reference_member){.is_in_table = random_below(8)};
		drawn_address(&m->addr);
		m->weight = kind == 0   ? 7
			    : kind == 1 ? random_below(5)
					: random_below(65536) >> random_below(16);
	}
}

/* The members in the table, as user/model has them; number: index and 1. */
static unsigned int model_members(unsigned int count)
{
	unsigned int i, in_table = 0;

	for (i = 0; i < count; i++)
		if (reference_members[i].is_in_table)
			members[in_table++] = (struct table_member){.addr = reference_members[i].addr,
								    .weight = reference_members[i].weight,
								    .number = i + 1};
	return in_table;
}

static void compare_tables(uint32_t size, unsigned int count, uint64_t seed)
{
	struct reference_pool pool = {
		.table_size = size, .members = reference_members, .member_count = count};
	struct reference_config config = {.seed = seed, .pools = &pool, .pool_count = 1};
	struct reference *reference;
	uint32_t i;

	table_build(slots[0], size, members, model_members(count), seed);
	reference = reference_new(&config);
	for (i = 0; i < size; i++)
		if (reference_slot_owner(reference, 0, i) + 1 != (int)slots[0][i])
			fail_msg("%u slots, %u members, seed %lu: slot %u", size, count, (unsigned long)seed,
				 i);
	reference_free(reference);
}

static void tables_are_user_models(void **state)
{
	static const uint32_t sizes[] = {251, 257, 503, 1009, 5003, 10007, 65537};
	unsigned int round, count;

	random_state = 11;
	for (round = 0; round < 400; round++) {
		count = random_below(round % 4 ? 60 : 400);
		draw_members(count);
		compare_tables(sizes[random_below(round % 10 ? 5 : 7)], count, random_below(1u << 30));
	}
}

static double ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1e3 + (now.tv_nsec - start->tv_nsec) / 1e6;
}

/* --- verdicts ----------------------------------------------------------------------------------- */

#define HEADROOM 216

enum { POOL_L2, POOL_IPIP, POOL_EMPTY, POOL_UNKNOWN, POOLS };
enum { PORT_L2 = 80, PORT_IPIP, PORT_EMPTY, PORT_UNKNOWN };

/* 198.51.100.7 port 4000 to 192.0.2.10 port 80, a SYN, in an Ethernet frame with 6 bytes of padding. */
static const uint8_t segment[60] = {
	2,    0,   0, 0,       0, 1, 2,    0, 0,  0, 0, 2, 8,    0, /* Ethernet */
	0x45, 0,   0, 40,      0, 0, 0x40, 0, 64, 6, 0, 0, 198,  51, 100, 7, 192, 0, 2, 10,
	15,   160, 0, PORT_L2, 0, 0, 0,    0, 0,  0, 0, 0, 0x50, 2,  0,   0, 0,   0, 0, 0,
};

struct change {
	uint8_t at, value;
};

/* The segment with bytes changed; length 0: as it is. */
struct row {
	enum leat_verdict verdict;
	struct change changes[4];
	uint32_t length;
	bool is_withheld;
	unsigned int headroom;
};

enum {
	TOTAL = 16,
	FLAGS = 20,
	TTL = 22,
	PROTOCOL = 23,
	SOURCE = 26,
	LAST = 33,
	PORT = 37,
	OFFSET = 46,
	TCP_FLAGS = 47
};

/* clang-format off: a row a line */
static const struct row rows[] = {
	{LEAT_FORWARDED},
	{LEAT_FORWARDED, {{PORT, PORT_IPIP}}},
	{LEAT_ECHO_REPLIED, {{PROTOCOL, 1}, {34, 8}}},
	{LEAT_TOO_BIG_REPLIED, {{TOTAL, 6}}, 1600},
	{LEAT_TTL_REPLIED, {{TTL, 1}}},
	{LEAT_NOT_IP, {{13, 6}}},
	{LEAT_NOT_SERVICE, {{PORT, 22}}},
	{LEAT_L3_MALFORMED, {{14, 0x44}}},
	{LEAT_ICMP_PASSED, {{PROTOCOL, 1}, {34, 13}}},
	{LEAT_L2_NOT_UNICAST, {{0, 1}}},
	{LEAT_BAD_SOURCE, {{SOURCE, 127}}},
	{LEAT_LAND, {{SOURCE, 192}, {SOURCE + 1, 0}, {SOURCE + 2, 2}, {SOURCE + 3, 10}}},
	{LEAT_BAD_LENGTH, {}, 53},
	{LEAT_FRAGMENT, {{PROTOCOL, 1}, {FLAGS, 0x20}}},
	{LEAT_FRAGMENT_UNKNOWN, {{FLAGS + 1, 9}}},
	{LEAT_L4_TRUNCATED, {{OFFSET, 0x60}}},
	{LEAT_TCP_BAD_FLAGS, {{TCP_FLAGS, 3}}},
	{LEAT_ACCESS_DENIED, {{SOURCE, 66}}},
	{LEAT_NO_BACKEND, {{PORT, PORT_EMPTY}}},
	{LEAT_BACKEND_UNRESOLVED, {{PORT, PORT_UNKNOWN}}},
	{LEAT_TTL_EXPIRED, {{TTL, 1}}, 0, true},
	{LEAT_TOO_BIG_LIMITED, {{TOTAL, 6}}, 1600, true},
	{LEAT_TOO_BIG_DROPPED, {{TOTAL, 6}, {FLAGS, 0}}, 1600},
	{LEAT_HEADROOM_SHORT, {{PORT, PORT_IPIP}}, 0, false, 19},
};
/* clang-format on */

static struct reference_pool pools[POOLS];
static struct reference_service services[POOLS];
static struct reference_member pool_members[POOLS];
static struct reference_access access_list = {.count = 1, .prefixes = {{.length = 8, .denies = true}}};

static struct leat_addr ipv4(uint32_t address)
{
	struct leat_addr addr = {};

	addr.word[2] = htonl(0xffff);
	addr.word[3] = htonl(address);
	return addr;
}

static struct reference_config config_make(void)
{
	unsigned int i;

	for (i = 0; i < POOLS; i++) {
		pool_members[i] = (struct reference_member){.addr = ipv4(0x0a000002), .weight = 1};
		pool_members[i].is_in_table = i != POOL_EMPTY;
		pool_members[i].way = (struct reference_way){.is_known = i != POOL_UNKNOWN,
							     .is_allowed = true,
							     .ifindex = 1,
							     .mtu = 1500,
							     .source = ipv4(0x0a000001)};
		pools[i] = (struct reference_pool){i == POOL_L2 ? REFERENCE_L2 : REFERENCE_IPIP, 251,
						   &pool_members[i], 1};
		services[i] = (struct reference_service){.addr = ipv4(0xc000020a), .protocol = IPPROTO_TCP, .port = PORT_L2 + i, .pool = i, .access = 1};
	}
	access_list.prefixes[0].addr = ipv4(0x42000000);
	return (struct reference_config){.seed = 1,
					 .access = &access_list,
					 .access_count = 1,
					 .ingress = 1,
					 .headroom = HEADROOM,
					 .pools = pools,
					 .pool_count = POOLS,
					 .services = services,
					 .service_count = POOLS,
					 .forwards_fragments = true};
}

static uint32_t row_frame(const struct row *row, uint8_t *frame)
{
	unsigned int i;

	memcpy(frame, segment, sizeof(segment));
	for (i = 0; i < ARRAY_SIZE(row->changes); i++)
		if (row->changes[i].at || row->changes[i].value)
			frame[row->changes[i].at] = row->changes[i].value;
	return row->length ?: sizeof(segment);
}

/* HEADERS_TOO_MANY needs IPv6, limits lists of their own: tests/packet/reference_test has them. */
static void every_verdict_is_known(void **state)
{
	struct reference_config config = config_make();
	struct reference *reference = reference_new(&config);
	auto_free struct reference_answer *answer = memory_zeroed(1, sizeof(*answer));
	bool seen[LEAT_VERDICT_COUNT] = {
		[LEAT_HEADERS_TOO_MANY] = true,
		[LEAT_LIMIT_SOURCE_PACKETS ... LEAT_LIMIT_SERVICE_FLOWS] = true,
	};
	uint8_t frame[2000] = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t length = row_frame(&rows[i], frame);

		config.headroom = rows[i].headroom ?: HEADROOM;
		reference_decide(reference, frame, length, !rows[i].is_withheld, answer);
		if (answer->verdict != rows[i].verdict)
			fail_msg("row %u: verdict %u, not %u", i, answer->verdict, rows[i].verdict);
		seen[answer->verdict] = true;
	}
	for (i = 0; i < LEAT_VERDICT_COUNT; i++)
		assert_true(seen[i]);
	reference_free(reference);
}

/* Printed, not asserted. */
static void deciding_is_quick(void **state)
{
	struct reference_config config = config_make();
	struct reference *reference = reference_new(&config);
	auto_free struct reference_answer *answer = memory_zeroed(1, sizeof(*answer));
	uint8_t frame[2000] = {};
	struct timespec start;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		unsigned int times, length = row_frame(&rows[i], frame);

		clock_gettime(CLOCK_MONOTONIC, &start);
		for (times = 0; times < 100000; times++)
			reference_decide(reference, frame, length, true, answer);
		printf("figure: reference  %s  %.0f ns a packet\n", i ? "ipip" : "l2", ms_since(&start) * 10);
	}
	reference_free(reference);
	draw_members(50);
	clock_gettime(CLOCK_MONOTONIC, &start);
	compare_tables(5003, 50, 1);
	printf("figure: reference  table of 5003 slots, 50 members  %.1f ms\n", ms_since(&start));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_user_models),
		cmocka_unit_test(every_verdict_is_known),
		cmocka_unit_test(deciding_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
