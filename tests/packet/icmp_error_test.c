/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What senders are told: too big, out of hops; in what words, and how often. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"

#define BACK() ETH(.from = BALANCER_MAC, .to = GATEWAY_MAC)

/* In answers: from the VIP, quoting the first bytes of the packet, whose IP header is `at` in the frame. */
#define ANSWER4(type, code, rest_, sent, at, count)                                                          \
	IP4(VIP, CLIENT, .tos = 0xc0, .df = true), ICMP(type, code, .rest = rest_),                          \
		RAW((sent)->bytes + (at), count)
#define ANSWER6(type, code, rest_, sent, at, count)                                                          \
	IP6(VIP6, CLIENT6), ICMP(type, code, .rest = rest_), RAW((sent)->bytes + (at), count)

/* A packet of so many bytes of IP. */
#define PACKET4(port, bytes, ...)                                                                            \
	FRAME(ETH(), IP4(CLIENT, VIP, .df = true, __VA_ARGS__), TCP(4000, port, ACK), PAYLOAD((bytes)-40))
#define PACKET6(port, bytes, ...)                                                                            \
	FRAME(ETH(), IP6(CLIENT6, VIP6, __VA_ARGS__), TCP(4000, port, ACK), PAYLOAD((bytes)-60))

static void too_big_tells_the_mtu(void **state)
{
	struct frame *sent;

	sent = PACKET4(PORT_IPIP, 1481);
	sends("IPv4 for an IPv4 tunnel", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), ANSWER4(3, 4, 1480, sent, 14, 548)));
	sent = PACKET4(PORT_IPIP6, 1461);
	sends("IPv4 for an IPv6 tunnel", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), ANSWER4(3, 4, 1460, sent, 14, 548)));
	sent = PACKET4(PORT_L2, 1501);
	sends("IPv4 for l2", sent, LEAT_TOO_BIG_REPLIED, FRAME(BACK(), ANSWER4(3, 4, 1500, sent, 14, 548)));
	sent = PACKET6(PORT_IPIP, 1481);
	sends("IPv6 for an IPv4 tunnel", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), ANSWER6(2, 0, 1480, sent, 14, 1232)));
	sent = PACKET6(PORT_IPIP6, 1461);
	sends("IPv6 for an IPv6 tunnel", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), ANSWER6(2, 0, 1460, sent, 14, 1232)));
}

static void tags_are_kept(void **state)
{
	struct frame *sent = FRAME(ETH(), VLAN(9), IP4(CLIENT, VIP, .df = true, .size = 12),
				   UDP(4000, PORT_IPIP), PAYLOAD(1442));

	sends("one tag and options", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), VLAN(9), ANSWER4(3, 4, 1480, sent, 18, 548)));
	sent = FRAME(ETH(), QINQ(9), VLAN(10), IP6(CLIENT6, VIP6), EXTENSION(DESTINATION, 16),
		     UDP(4000, PORT_IPIP), PAYLOAD(1442));
	sends("two tags and an extension header", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), QINQ(9), VLAN(10), ANSWER6(2, 0, 1480, sent, 22, 1232)));
}

/* RFC 8200 5: no IPv6 sender goes below 1280, so telling it less, or what it keeps to already, is no use. */
static void ipv6_is_never_told_less_than_1280(void **state)
{
	struct frame *sent = PACKET6(PORT_NARROW, 1281);

	sends("the way fits 1260, 1280 is told", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), ANSWER6(2, 0, 1280, sent, 14, 1232)));
	sends("1280 is no news", PACKET6(PORT_NARROW, 1280), LEAT_TOO_BIG_DROPPED, NULL);
	sent = PACKET4(PORT_NARROW, 1280);
	sends("IPv4 is told 1260", sent, LEAT_TOO_BIG_REPLIED,
	      FRAME(BACK(), ANSWER4(3, 4, 1260, sent, 14, 548)));
	sends("IPv4 that may be fragmented",
	      FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_NARROW), PAYLOAD(1253)), LEAT_TOO_BIG_DROPPED,
	      NULL);
}

static void ttl_exceeded_is_told(void **state)
{
	struct frame *sent;
	unsigned int expired;

	for (expired = 0; expired < 2; expired++) {
		sent = FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 1, .expired = expired),
			     TCP(4000, PORT_IPIP, SYN));
		sends("IPv4", sent, LEAT_TTL_REPLIED, FRAME(BACK(), ANSWER4(11, 0, 0, sent, 14, 40)));
		sent = FRAME(ETH(), VLAN(7), IP6(CLIENT6, VIP6, .ttl = 1, .expired = expired),
			     UDP(4000, PORT_L2));
		sends("IPv6", sent, LEAT_TTL_REPLIED, FRAME(BACK(), VLAN(7), ANSWER6(3, 0, 0, sent, 18, 48)));
	}
	sent = FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 1), UDP(4000, PORT_L2), PAYLOAD(3), PAD(15));
	sends("Ethernet's padding is not quoted", sent, LEAT_TTL_REPLIED,
	      FRAME(BACK(), ANSWER4(11, 0, 0, sent, 14, 31)));
	sent = PACKET4(PORT_L2, 1500, .ttl = 1);
	sends("a large packet is quoted in part", sent, LEAT_TTL_REPLIED,
	      FRAME(BACK(), ANSWER4(11, 0, 0, sent, 14, 548)));
}

/* Every length, so that every padding and every chunk of the checksum's sum is met. */
static void quotes_of_every_length(void **state)
{
	struct frame *sent;
	unsigned int bytes;

	for (bytes = 40; bytes < 600; bytes++) {
		sent = PACKET4(PORT_L2, bytes, .ttl = 1);
		sends("IPv4", sent, LEAT_TTL_REPLIED,
		      FRAME(BACK(), ANSWER4(11, 0, 0, sent, 14, bytes < 548 ? bytes : 548)));
	}
	for (bytes = 60; bytes < 1300; bytes++) {
		sent = PACKET6(PORT_L2, bytes, .ttl = 1);
		sends("IPv6", sent, LEAT_TTL_REPLIED,
		      FRAME(BACK(), ANSWER6(3, 0, 0, sent, 14, bytes < 1232 ? bytes : 1232)));
	}
}

static void answers_are_limited(void **state)
{
	enum { TOLD, LIMITED, EXPIRED, VERDICTS };
	unsigned int counts[VERDICTS] = {}, i;
	struct ran *ran = memory_zeroed(1, sizeof(*ran));
	struct frame *big = PACKET4(PORT_IPIP, 1481), *old = PACKET6(PORT_IPIP, 100, .ttl = 1);

	bed_limit(3600 * 1000000000ull);
	for (i = 0; i < 100; i++) {
		bed_run(i % 2 ? big : old, ran);
		counts[TOLD] += ran->verdict == LEAT_TOO_BIG_REPLIED || ran->verdict == LEAT_TTL_REPLIED;
		counts[LIMITED] += ran->verdict == LEAT_TOO_BIG_LIMITED;
		counts[EXPIRED] += ran->verdict == LEAT_TTL_EXPIRED;
	}
	/* One burst for each CPU that the test may have run on. */
	assert_int_equal(counts[TOLD] % LEAT_ICMP_BURST, 0);
	assert_in_range(counts[TOLD] / LEAT_ICMP_BURST, 1, bed.cpus);
	assert_int_equal(counts[TOLD] + counts[LIMITED] + counts[EXPIRED], 100);
	bed_limit(0);
	sends("an interval of 0 sends none", big, LEAT_TOO_BIG_LIMITED, NULL);
	sends("an interval of 0 sends none", old, LEAT_TTL_EXPIRED, NULL);
	bed_limit(1);
	free(ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_big_tells_the_mtu),
		cmocka_unit_test(tags_are_kept),
		cmocka_unit_test(ipv6_is_never_told_less_than_1280),
		cmocka_unit_test(ttl_exceeded_is_told),
		cmocka_unit_test(quotes_of_every_length),
		cmocka_unit_test(answers_are_limited),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
