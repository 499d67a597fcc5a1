/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors about packets of a service to its clients: they go where the flow goes, and leave no trace. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/flow_bed.h"

#define ROUTER  "203.0.113.9"
#define ROUTER6 "2001:db8:f::9"
#define OUT()   ETH(.from = OUT_MAC, .to = NEXT_MAC)
#define FLOW    4000 /* the client's port */

/* Arrives, and leaves by l2: one hop older, otherwise as it came. */
#define ERROR4(ttl_, type, code, ...) IP4(ROUTER, VIP, .ttl = ttl_), ICMP(type, code, .rest = 1300), __VA_ARGS__
#define ERROR6(ttl_, type, code, ...) IP6(ROUTER6, VIP6, .ttl = ttl_), ICMP(type, code, .rest = 1300), __VA_ARGS__

#define SEGMENT4 IP4(VIP, CLIENT, .df = true), TCP(PORT_L2, FLOW, ACK), PAYLOAD(100)
#define SEGMENT6 IP6(VIP6, CLIENT6), TCP(PORT_L2, FLOW, ACK), PAYLOAD(100)

#define steered4(text, type, code, ...)                                                                      \
	sends(text, FRAME(ETH(), ERROR4(64, type, code, __VA_ARGS__)), LEAT_FORWARDED,                       \
	      FRAME(OUT(), ERROR4(63, type, code, __VA_ARGS__)))
#define steered6(text, type, code, ...)                                                                      \
	sends(text, FRAME(ETH(), ERROR6(64, type, code, __VA_ARGS__)), LEAT_FORWARDED,                       \
	      FRAME(OUT(), ERROR6(63, type, code, __VA_ARGS__)))
#define passed4(text, type, code, ...)                                                                       \
	sends(text, FRAME(ETH(), ERROR4(64, type, code, __VA_ARGS__)), LEAT_ICMP_PASSED, NULL)
#define passed6(text, type, code, ...)                                                                       \
	sends(text, FRAME(ETH(), ERROR6(64, type, code, __VA_ARGS__)), LEAT_ICMP_PASSED, NULL)

static void errors_go_to_the_flows_backend(void **state)
{
	steered4("fragmentation needed", 3, 4, SEGMENT4);
	steered4("port unreachable", 3, 3, IP4(VIP, CLIENT), UDP(PORT_L2, FLOW), PAYLOAD(10));
	steered4("time exceeded", 11, 0, SEGMENT4);
	steered4("parameter problem", 12, 0, SEGMENT4);
	steered6("unreachable", 1, 0, SEGMENT6);
	steered6("too big", 2, 0, SEGMENT6);
	steered6("time exceeded", 3, 0, SEGMENT6);
	steered6("parameter problem", 4, 1, IP6(VIP6, CLIENT6), UDP(PORT_L2, FLOW), PAYLOAD(10));
}

static void what_is_quoted_of_a_packet(void **state)
{
	steered4("options", 3, 4, IP4(VIP, CLIENT, .size = 40), TCP(PORT_L2, FLOW, ACK));
	steered4("a first fragment", 11, 1, IP4(VIP, CLIENT, .more = true), UDP(PORT_L2, FLOW), PAYLOAD(20));
	steered4("8 bytes of the datagram", 3, 4, IP4(VIP, CLIENT), UDP(PORT_L2, FLOW));
	steered6("a first fragment", 2, 0, IP6(VIP6, CLIENT6), FRAGMENT6(0, true), UDP(PORT_L2, FLOW), PAYLOAD(20));
	passed4("a later fragment", 11, 1, IP4(VIP, CLIENT, .offset = 1, .type = IPPROTO_UDP), PAYLOAD(20));
	passed6("a later fragment", 3, 1, IP6(VIP6, CLIENT6), FRAGMENT6(1, false), UDP(PORT_L2, FLOW));
	passed4("nothing", 3, 4, PAYLOAD(0));
	passed4("another version", 3, 4, IP4(VIP, CLIENT, .version = 5), UDP(PORT_L2, FLOW));
	passed6("another version", 2, 0, IP6(VIP6, CLIENT6, .version = 4), UDP(PORT_L2, FLOW));
	passed4("too few words", 3, 4, IP4(VIP, CLIENT, .words = 4), UDP(PORT_L2, FLOW));
	passed4("another protocol", 3, 2, IP4(VIP, CLIENT, .type = IPPROTO_SCTP), PAYLOAD(20));
	passed6("other extension headers", 2, 0, IP6(VIP6, CLIENT6), EXTENSION(DESTINATION, 8), UDP(PORT_L2, FLOW));
}

/* Three bytes of ports, and what the driver padded is none of the packet's. */
static void ports_must_be_in_the_packet(void **state)
{
	auto_free struct frame *quote4 = FRAME(ETH(), IP4(VIP, CLIENT), UDP(PORT_L2, FLOW));
	auto_free struct frame *quote6 = FRAME(ETH(), IP6(VIP6, CLIENT6), UDP(PORT_L2, FLOW));

	steered4("four bytes", 3, 4, RAW(quote4->bytes + 14, 24));
	passed4("three bytes", 3, 4, RAW(quote4->bytes + 14, 23), PAD(20));
	passed4("half an IP header", 3, 4, RAW(quote4->bytes + 14, 10), PAD(20));
	steered6("four bytes", 2, 0, RAW(quote6->bytes + 14, 44));
	passed6("three bytes", 2, 0, RAW(quote6->bytes + 14, 43), PAD(20));
}

static void what_no_flow_sent_is_the_kernels(void **state)
{
	passed4("from another address", 3, 4, IP4("192.0.2.77", CLIENT), TCP(PORT_L2, FLOW, ACK));
	passed6("from another address", 2, 0, IP6("2001:db8::77", CLIENT6), TCP(PORT_L2, FLOW, ACK));
	passed4("from a port of no service", 3, 4, IP4(VIP, CLIENT), TCP(22, FLOW, ACK));
	passed4("to the service, not from it", 3, 4, IP4(CLIENT, VIP), TCP(FLOW, PORT_L2, ACK));
	passed4("source quench", 4, 0, SEGMENT4);
	passed4("redirect", 5, 1, SEGMENT4);
	passed6("no error", 130, 0, SEGMENT6);
	passed4("IPv6's type in IPv4", 2, 0, SEGMENT4);
	passed6("IPv4's type in IPv6", 11, 0, SEGMENT6);
	sends("to an address of no service", FRAME(ETH(), IP4(ROUTER, "192.0.2.77"), ICMP(3, 4), SEGMENT4), LEAT_NOT_SERVICE,
	      NULL);
}

static void no_error_answers_an_error(void **state)
{
	bed_limit(1);
	sends("TTL", FRAME(ETH(), ERROR4(1, 3, 4, SEGMENT4)), LEAT_TTL_EXPIRED, NULL);
	sends("hop limit", FRAME(ETH(), ERROR6(1, 2, 0, SEGMENT6)), LEAT_TTL_EXPIRED, NULL);
	sends("too big", FRAME(ETH(), IP4(ROUTER, VIP, .df = true), ICMP(3, 4), SEGMENT4, PAYLOAD(1400)),
	      LEAT_TOO_BIG_DROPPED, NULL);
	sends("too big", FRAME(ETH(), ERROR6(64, 2, 0, SEGMENT6), PAYLOAD(1400)), LEAT_TOO_BIG_DROPPED, NULL);
	sends("no backend", FRAME(ETH(), ERROR4(64, 3, 4, IP4(VIP, CLIENT), TCP(PORT_EMPTY, FLOW, ACK))), LEAT_NO_BACKEND, NULL);
	bed_limit(0);
}

/* As the flow's packets: the same backend, and the same outer source address. */
static void tunnels_take_the_flows_way(void **state)
{
	auto_free struct ran *flow = memory_zeroed(1, sizeof(*flow)), *error = memory_zeroed(1, sizeof(*error));
	unsigned int port;

	for (port = 1000; port < 1200; port++) {
		auto_free struct frame *packet = FRAME(ETH(), IP4(CLIENT, VIP), TCP(port, PORT_SPREAD, ACK));
		auto_free struct frame *told =
			FRAME(ETH(), ERROR4(64, 3, 4, IP4(VIP, CLIENT), TCP(PORT_SPREAD, port, ACK), PAYLOAD(500)));

		bed_run(packet, flow);
		bed_run(told, error);
		assert_int_equal(error->verdict, LEAT_FORWARDED);
		assert_memory_equal(error->frame.bytes + 14 + 12, flow->frame.bytes + 14 + 12, 8);
		assert_memory_equal(error->frame.bytes + 14 + 20 + 20, told->bytes + 14 + 20, told->length - 34);
	}
}

/* --- tracked slots --------------------------------------------------------------------------------------- */

/* Which member is told of an error about the flow's packets; protocol TCP or UDP. */
static unsigned int tell(uint8_t protocol)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free struct frame *frame = NULL;

	if (protocol == IPPROTO_TCP)
		frame = FRAME(ETH(), ERROR4(64, 3, 4, IP4(VIP, CLIENT), TCP(PORT_SPREAD, FLOW, ACK)));
	else
		frame = FRAME(ETH(), ERROR4(64, 3, 4, IP4(VIP, CLIENT), UDP(PORT_SPREAD, FLOW)));
	bed_run(frame, ran);
	return ran->verdict == LEAT_FORWARDED ? ran->frame.bytes[14 + 19] - 100 : 0;
}

static void a_pin_decides_and_is_not_refreshed(void **state)
{
	uint64_t before;

	flow_slot_set(IPPROTO_TCP, FLOW, 2, 4);
	assert_int_equal(flow_sends(FLOW, SYN), 2);
	flow_slot_set(IPPROTO_TCP, FLOW, 3, 4);
	before = *flow_pin(IPPROTO_TCP, FLOW);
	bed.world.control->clock++;
	assert_int_equal(tell(IPPROTO_TCP), 2);
	assert_int_equal(*flow_pin(IPPROTO_TCP, FLOW), before);
}

static void without_a_pin_previous_is_told_and_no_pin_made(void **state)
{
	flow_slot_set(IPPROTO_TCP, FLOW, 2, 4);
	assert_int_equal(tell(IPPROTO_TCP), 4);
	assert_null(flow_pin(IPPROTO_TCP, FLOW));
	flow_slot_set(IPPROTO_TCP, FLOW, 2, 2);
	assert_int_equal(tell(IPPROTO_TCP), 2);
	assert_null(flow_pin(IPPROTO_TCP, FLOW));
	flow_slot_set(IPPROTO_UDP, FLOW, 2, 4);
	assert_int_equal(tell(IPPROTO_UDP), 2); /* not sticky: the table alone decides */
}

static void no_turn_is_taken(void **state)
{
	flow_pool()->scheduler = LEAT_SCHEDULER_TURN;
	flow_slot_set(IPPROTO_TCP, FLOW, 2, 2);
	assert_int_equal(tell(IPPROTO_TCP), 2);
	assert_int_equal(flow_pool()->turn, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_go_to_the_flows_backend),
		cmocka_unit_test(what_is_quoted_of_a_packet),
		cmocka_unit_test(ports_must_be_in_the_packet),
		cmocka_unit_test(what_no_flow_sent_is_the_kernels),
		cmocka_unit_test(no_error_answers_an_error),
		cmocka_unit_test(tunnels_take_the_flows_way),
		cmocka_unit_test_setup(a_pin_decides_and_is_not_refreshed, flow_reset),
		cmocka_unit_test_setup(without_a_pin_previous_is_told_and_no_pin_made, flow_reset),
		cmocka_unit_test_setup(no_turn_is_taken, flow_reset),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
