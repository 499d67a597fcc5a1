/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program loaded as xdp.frags: frames that lie in several buffers. The first one here holds about 3,500
 * bytes. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"

#define OUT()  ETH(.from = OUT_MAC, .to = NEXT_MAC)
#define BACK() ETH(.from = BALANCER_MAC, .to = GATEWAY_MAC)

static void jumbo_frames_are_forwarded(void **state)
{
	sends("IPv4", FRAME(ETH(), IP4(CLIENT, VIP, .df = true), TCP(4000, PORT_JUMBO, ACK), PAYLOAD(8000)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .df = true, .ttl = 63),
		    TCP(4000, PORT_JUMBO, ACK), PAYLOAD(8000)));
	sends("IPv6, and as much as fits",
	      FRAME(ETH(), IP6(CLIENT6, VIP6), UDP(4000, PORT_JUMBO), PAYLOAD(8932)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP6(CLIENT6, VIP6, .ttl = 63),
		    UDP(4000, PORT_JUMBO), PAYLOAD(8932)));
	sends("padding in another buffer",
	      FRAME(ETH(), VLAN(4), IP4(CLIENT, VIP), TCP(4000, PORT_JUMBO, ACK), PAYLOAD(4000), PAD(4000)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_JUMBO, ACK), PAYLOAD(4000), PAD(4000)));
}

static void small_frames_are_as_ever(void **state)
{
	sends("tunnelled", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_IPIP, SYN)));
	sends("length one beyond the frame",
	      FRAME(ETH(), IP4(CLIENT, VIP, .longer = 1), TCP(4000, PORT_L2, SYN)), LEAT_BAD_LENGTH, NULL);
	sends("no service", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, 22, SYN)), LEAT_NOT_SERVICE, NULL);
}

static void lengths_are_of_all_buffers(void **state)
{
	auto_free struct frame *frame =
		FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_JUMBO, ACK), PAYLOAD(8000), PAD(30));
	auto_free struct frame *not_ip = FRAME(ETH(.type = 0x88b5), PAYLOAD(8000));
	auto_free struct frame *malformed =
		FRAME(ETH(), IP4(CLIENT, VIP, .words = 4), TCP(4000, PORT_JUMBO, ACK), PAYLOAD(8000));
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));

	bed_run(frame, ran);
	assert_int_equal(ran->verdict, LEAT_FORWARDED);
	assert_int_equal(ran->bytes, 14 + 40 + 8000);
	bed_run(not_ip, ran);
	assert_int_equal(ran->verdict, LEAT_NOT_IP);
	assert_int_equal(ran->bytes, 14 + 8000);
	bed_run(malformed, ran);
	assert_int_equal(ran->verdict, LEAT_L3_MALFORMED);
	assert_int_equal(ran->bytes, 14 + 40 + 8000);
	sends("one beyond the last buffer",
	      FRAME(ETH(), IP4(CLIENT, VIP, .longer = 1), TCP(4000, PORT_JUMBO, ACK), PAYLOAD(8000)),
	      LEAT_BAD_LENGTH, NULL);
	sends("cut in the last buffer",
	      FRAME(ETH(), IP6(CLIENT6, VIP6), TCP(4000, PORT_JUMBO, ACK), PAYLOAD(8000), CUT(1)),
	      LEAT_BAD_LENGTH, NULL);
}

static void answers_shrink_to_one_buffer(void **state)
{
	struct frame *sent =
		FRAME(ETH(), IP4(CLIENT, VIP, .df = true), TCP(4000, PORT_IPIP, ACK), PAYLOAD(8000));

	sends("IPv4 too big", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), IP4(VIP, CLIENT, .tos = 0xc0, .df = true), ICMP(3, 4, .rest = 1480),
		    RAW(sent->bytes + 14, 548)));
	sent = FRAME(ETH(), VLAN(3), IP6(CLIENT6, VIP6), TCP(4000, PORT_IPIP, ACK), PAYLOAD(8000));
	sends("IPv6 too big", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), VLAN(3), IP6(VIP6, CLIENT6), ICMP(2, 0, .rest = 1480),
		    RAW(sent->bytes + 18, 1232)));
	sends("IPv4 that may be fragmented",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, ACK), PAYLOAD(8000)), LEAT_TOO_BIG_DROPPED,
	      NULL);
}

static void other_frames(void **state)
{
	sends("no service", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, 22, ACK), PAYLOAD(8000)),
	      LEAT_NOT_SERVICE, NULL);
	sends("not IP", FRAME(ETH(.type = 0x88b5), PAYLOAD(8000)), LEAT_NOT_IP, NULL);
	sends("echo", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(8, 0, .rest = 5), PAYLOAD(8000)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP4(VIP, CLIENT), ICMP(0, 0, .rest = 5), PAYLOAD(8000)));
	sends("echo", FRAME(ETH(), IP6(CLIENT6, VIP6), ICMP(128, 0, .rest = 5), PAYLOAD(8000)),
	      LEAT_ECHO_REPLIED, FRAME(BACK(), IP6(VIP6, CLIENT6), ICMP(129, 0, .rest = 5), PAYLOAD(8000)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jumbo_frames_are_forwarded),
		cmocka_unit_test(small_frames_are_as_ever),
		cmocka_unit_test(lengths_are_of_all_buffers),
		cmocka_unit_test(answers_shrink_to_one_buffer),
		cmocka_unit_test(other_frames),
	};

	return cmocka_run_group_tests(tests, bed_up_frags, bed_down);
}
