/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo to a service's address: answered in place, with a right checksum whatever the request's was. */
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"

/* Frames that go back where they came from. */
#define BACK() ETH(.from = BALANCER_MAC, .to = GATEWAY_MAC)

static void echo_is_answered(void **state)
{
	sends("IPv4",
	      FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 7, .tos = 8, .identification = 99),
		    ICMP(8, 0, .rest = 0x12345678), PAYLOAD(56)),
	      LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP4(VIP, CLIENT, .ttl = 64, .tos = 8, .identification = 99),
		    ICMP(0, 0, .rest = 0x12345678), PAYLOAD(56)));
	sends("IPv6",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .ttl = 1), ICMP(128, 0, .rest = 0x12345678), PAYLOAD(57)),
	      LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP6(VIP6, CLIENT6, .ttl = 64), ICMP(129, 0, .rest = 0x12345678), PAYLOAD(57)));
	sends("largest", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(8, 0), PAYLOAD(1472)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP4(VIP, CLIENT), ICMP(0, 0), PAYLOAD(1472)));
	sends("padded", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(8, 0, .rest = 1), PAD(18)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP4(VIP, CLIENT), ICMP(0, 0, .rest = 1), PAD(18)));
	sends("all words 0: only the negative zero is right", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(8, 0)),
	      LEAT_ECHO_REPLIED, FRAME(BACK(), IP4(VIP, CLIENT), ICMP(0, 0)));
}

static void echo_behind_headers_and_tags(void **state)
{
	sends("one tag", FRAME(ETH(), VLAN(5), IP4(CLIENT, VIP), ICMP(8, 0, .rest = 1)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), VLAN(5), IP4(VIP, CLIENT), ICMP(0, 0, .rest = 1)));
	sends("two tags", FRAME(ETH(), QINQ(5), VLAN(6), IP6(CLIENT6, VIP6), ICMP(128, 0)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), QINQ(5), VLAN(6), IP6(VIP6, CLIENT6), ICMP(129, 0)));
	sends("options", FRAME(ETH(), IP4(CLIENT, VIP, .size = 40), ICMP(8, 0, .rest = 1)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP4(VIP, CLIENT, .size = 40), ICMP(0, 0, .rest = 1)));
	sends("extension headers",
	      FRAME(ETH(), IP6(CLIENT6, VIP6), EXTENSION(HOP_BY_HOP, 8), EXTENSION(DESTINATION, 24),
		    ICMP(128, 0)),
	      LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP6(VIP6, CLIENT6), EXTENSION(HOP_BY_HOP, 8), EXTENSION(DESTINATION, 24),
		    ICMP(129, 0)));
}

static void other_icmp_is_the_kernels(void **state)
{
	sends("echo reply", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(0, 0)), LEAT_ICMP_PASSED, NULL);
	sends("timestamp", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(13, 0), PAYLOAD(12)), LEAT_ICMP_PASSED, NULL);
	sends("port unreachable", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(3, 3), PAYLOAD(28)), LEAT_ICMP_PASSED,
	      NULL);
	sends("neighbour solicitation", FRAME(ETH(), IP6(CLIENT6, VIP6), ICMP(135, 0), PAYLOAD(16)),
	      LEAT_ICMP_PASSED, NULL);
	sends("IPv4's type in IPv6", FRAME(ETH(), IP6(CLIENT6, VIP6), ICMP(8, 0)), LEAT_ICMP_PASSED, NULL);
	sends("IPv6's type in IPv4", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(128, 0)), LEAT_ICMP_PASSED, NULL);
}

/* Makes the request right with `checksum` in its checksum field, by its identifier. `start`: the pseudo
 * header's sum. */
static void request_with(uint8_t *icmp, unsigned int length, uint16_t checksum, uint32_t start)
{
	uint16_t identifier;

	icmp[2] = checksum >> 8;
	icmp[3] = checksum;
	icmp[4] = icmp[5] = 0;
	identifier = ~draw_sum(start, icmp, length);
	icmp[4] = identifier >> 8;
	icmp[5] = identifier;
}

/* at: of the ICMP header in the frame. */
static void every_checksum(struct frame *request, unsigned int at, unsigned int addresses,
			   unsigned int addresses_length, uint8_t protocol)
{
	auto_free struct frame *freed = request;
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	unsigned int length = request->length - at, checksum;
	uint32_t pseudo = 0;

	if (protocol)
		pseudo = draw_sum(protocol + length, request->bytes + addresses, addresses_length);
	for (checksum = 0; checksum < 65536; checksum++) {
		request_with(request->bytes + at, length, checksum, pseudo);
		bed_run(request, ran);
		if (ran->verdict != LEAT_ECHO_REPLIED || ran->action != XDP_TX ||
		    ran->frame.length != request->length)
			fail_msg("checksum %04x: %s", checksum, verdict_name(ran->verdict));
		if (draw_sum(pseudo, ran->frame.bytes + at, length) != 0xffff)
			fail_msg("checksum %04x: answered wrongly", checksum);
	}
}

static void every_checksum_ipv4(void **state)
{
	every_checksum(FRAME(ETH(), IP4(CLIENT, VIP), ICMP(8, 0)), 14 + 20, 0, 0, 0);
}

static void every_checksum_ipv6(void **state)
{
	every_checksum(FRAME(ETH(), IP6(CLIENT6, VIP6), ICMP(128, 0), PAYLOAD(3)), 14 + 40, 14 + 8, 32,
		       IPPROTO_ICMPV6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_is_answered),          cmocka_unit_test(echo_behind_headers_and_tags),
		cmocka_unit_test(other_icmp_is_the_kernels), cmocka_unit_test(every_checksum_ipv4),
		cmocka_unit_test(every_checksum_ipv6),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
