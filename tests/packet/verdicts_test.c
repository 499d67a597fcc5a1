/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A drawn packet for every verdict there is. A verdict without a row fails: it is the price of adding one.
 * The other tests go into each verdict's corners.
 */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"

struct row {
	enum leat_verdict verdict;
	uint64_t limit_ns;     /* between ICMP errors; 0: none are sent */
	unsigned int headroom; /* set, of 216; 0: the bed's */
	struct layer in[6], out[6];
};

#define SEGMENT(port, flags) IP4(CLIENT, VIP), TCP(4000, port, flags)
#define BACK()               ETH(.from = BALANCER_MAC, .to = GATEWAY_MAC)
#define OUT()                ETH(.from = OUT_MAC, .to = NEXT_MAC)
#define LATE                 IP4(CLIENT, VIP, .ttl = 1), UDP(4000, PORT_L2)

#define LARGE(...) IP4(CLIENT, VIP, __VA_ARGS__), UDP(4000, PORT_L2), PAYLOAD(1473)

/* Destination options, empty; the next header of each is one more. */
static const uint8_t seven_headers[56] = {
	DESTINATION,        [8] = DESTINATION,  [16] = DESTINATION, [24] = DESTINATION,
	[32] = DESTINATION, [40] = DESTINATION, [48] = DESTINATION};

/* clang-format off: a row a line */
static const struct row rows[] = {
	{LEAT_FORWARDED, .in = {ETH(), SEGMENT(PORT_L2, SYN)},
	 .out = {OUT(), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2, SYN)}},
	{LEAT_ECHO_REPLIED, .in = {ETH(), IP4(CLIENT, VIP), ICMP(8, 0), PAYLOAD(8)},
	 .out = {BACK(), IP4(VIP, CLIENT), ICMP(0, 0), PAYLOAD(8)}},
	{LEAT_TOO_BIG_REPLIED, .limit_ns = 1, .in = {ETH(), LARGE(.df = true)}},
	{LEAT_TTL_REPLIED, .limit_ns = 1, .in = {ETH(), LATE},
	 .out = {BACK(), IP4(VIP, CLIENT, .tos = 0xc0, .df = true), ICMP(11, 0), LATE}},
	{LEAT_NOT_IP, .in = {ETH(.type = 0x0806), PAYLOAD(28)}},
	{LEAT_NOT_SERVICE, .in = {ETH(), SEGMENT(22, SYN)}},
	{LEAT_L3_MALFORMED, .in = {ETH(), IP4(CLIENT, VIP, .words = 4), TCP(4000, PORT_L2, SYN)}},
	{LEAT_ICMP_PASSED, .in = {ETH(), IP4(CLIENT, VIP), ICMP(13, 0), PAYLOAD(12)}},
	{LEAT_L2_NOT_UNICAST, .in = {ETH(.to = "ff:ff:ff:ff:ff:ff"), SEGMENT(PORT_L2, SYN)}},
	{LEAT_BAD_SOURCE, .in = {ETH(), IP4("224.0.0.1", VIP), UDP(4000, PORT_L2)}},
	{LEAT_LAND, .in = {ETH(), IP4(VIP, VIP), UDP(4000, PORT_L2)}},
	{LEAT_BAD_LENGTH, .in = {ETH(), SEGMENT(PORT_L2, ACK), PAYLOAD(9), CUT(1)}},
	{LEAT_FRAGMENT, .in = {ETH(), IP4(CLIENT, VIP, .more = true), ICMP(8, 0), PAYLOAD(80)}},
	{LEAT_FRAGMENT_UNKNOWN, .in = {ETH(), IP4(CLIENT, VIP, .offset = 3, .type = IPPROTO_UDP), PAYLOAD(9)}},
	{LEAT_HEADERS_TOO_MANY,
	 .in = {ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION), RAW(seven_headers, 56)}},
	{LEAT_L4_TRUNCATED,
	 .in = {ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, ACK, .words = 15), PAYLOAD(9)}},
	{LEAT_TCP_BAD_FLAGS, .in = {ETH(), SEGMENT(PORT_L2, SYN | FIN | RST)}},
	{LEAT_ACCESS_DENIED, .in = {ETH(), SEGMENT(PORT_GUARDED, SYN)}},
	{LEAT_LIMIT_SOURCE_PACKETS, .in = {ETH(), SEGMENT(PORT_LIMITED, ACK)}},
	{LEAT_LIMIT_SOURCE_FLOWS, .in = {ETH(), SEGMENT(PORT_LIMITED_SOURCE_FLOWS, SYN)}},
	{LEAT_LIMIT_SERVICE_PACKETS, .in = {ETH(), SEGMENT(PORT_LIMITED_PACKETS, ACK)}},
	{LEAT_LIMIT_SERVICE_FLOWS, .in = {ETH(), SEGMENT(PORT_LIMITED_FLOWS, SYN)}},
	{LEAT_NO_BACKEND, .in = {ETH(), SEGMENT(PORT_EMPTY, SYN)}},
	{LEAT_BACKEND_UNRESOLVED, .in = {ETH(), SEGMENT(PORT_UNRESOLVED, SYN)}},
	{LEAT_TTL_EXPIRED, .in = {ETH(), LATE}},
	{LEAT_TOO_BIG_LIMITED, .in = {ETH(), LARGE(.df = true)}},
	{LEAT_TOO_BIG_DROPPED, .in = {ETH(), LARGE()}},
	{LEAT_HEADROOM_SHORT, .headroom = 200, .in = {ETH(), SEGMENT(PORT_IPIP, SYN)}},
};
/* clang-format on */

static void every_verdict_has_a_row(void **state)
{
	unsigned int verdict, i;

	for (verdict = 0; verdict < LEAT_VERDICT_COUNT; verdict++) {
		for (i = 0; i < ARRAY_SIZE(rows) && rows[i].verdict != verdict; i++)
			;
		if (i == ARRAY_SIZE(rows))
			fail_msg("%s has no packet here", verdict_name(verdict));
	}
}

static void every_row_leaves_as_it_says(void **state)
{
	const struct row *row;
	unsigned int usual;

	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		bed_limit(row->limit_ns);
		usual = bed.headroom_set;
		bed.headroom_set = row->headroom ?: usual;
		if (row->headroom && !bed_headroom_is_possible())
			printf("%s: not tried, this kernel lets no test run fill the headroom\n",
			       verdict_name(row->verdict));
		else
			sends(verdict_name(row->verdict), draw(row->in), row->verdict,
			      row->out[0].kind ? draw(row->out) : NULL);
		bed.headroom_set = usual;
	}
}

/* Sums over all CPUs: what the rows above and this test have sent, no more and no less. */
static void counters_sum_to_the_packets(void **state)
{
	uint64_t before = bed_packets(), sent = 0;
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	unsigned int i, times;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free struct frame *frame = draw(rows[i].in);

		for (times = 0; times < 10; times++, sent++)
			bed_run(frame, ran);
	}
	assert_int_equal(bed_packets() - before, sent);
}

/* Bytes: from the Ethernet header to the end of the IP packet, as received. */
static void bytes_are_the_frames_as_received(void **state)
{
	auto_free struct frame *padded = FRAME(ETH(), VLAN(1), SEGMENT(PORT_IPIP, SYN), PAD(20));
	auto_free struct frame *short_frame = FRAME(ETH(), SEGMENT(PORT_IPIP, ACK), PAYLOAD(9), CUT(2));
	auto_free struct frame *mapped =
		FRAME(ETH(), IP6(CLIENT6, "::ffff:" VIP), TCP(4000, PORT_L2, SYN), PAD(20));
	auto_free struct frame *arp = FRAME(ETH(.type = 0x0806), PAYLOAD(46));
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));

	bed_run(mapped, ran);
	assert_int_equal(ran->verdict, LEAT_NOT_SERVICE);
	assert_int_equal(ran->bytes, 14 + 60);
	bed_run(padded, ran);
	assert_int_equal(ran->bytes, 14 + 4 + 40);
	assert_int_equal(ran->service.bytes, 14 + 4 + 40);
	assert_int_equal(ran->backend.bytes, 14 + 4 + 40);
	bed_run(short_frame, ran);
	assert_int_equal(ran->verdict, LEAT_BAD_LENGTH);
	assert_int_equal(ran->bytes, 14 + 40 + 7);
	assert_int_equal(ran->service.packets, 1);
	assert_int_equal(ran->backend.packets, 0);
	bed_run(arp, ran);
	assert_int_equal(ran->bytes, 60);
	assert_int_equal(ran->service.packets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_has_a_row),
		cmocka_unit_test(every_row_leaves_as_it_says),
		cmocka_unit_test(counters_sum_to_the_packets),
		cmocka_unit_test(bytes_are_the_frames_as_received),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
