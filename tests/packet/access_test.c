/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists: whom a service lets in. The list of PORT_GUARDED is changed under the program. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/access.h"
#include "packet/bed.h"

#define OUT() ETH(.from = OUT_MAC, .to = NEXT_MAC)

#define enters(text, from)                                                                                   \
	sends(text, FRAME(ETH(), IP4(from, VIP), TCP(4000, PORT_GUARDED, SYN)), LEAT_FORWARDED,              \
	      FRAME(OUT(), IP4(from, VIP, .ttl = 63), TCP(4000, PORT_GUARDED, SYN)))
#define enters6(text, from)                                                                                  \
	sends(text, FRAME(ETH(), IP6(from, VIP6), UDP(4000, PORT_GUARDED)), LEAT_FORWARDED,                  \
	      FRAME(OUT(), IP6(from, VIP6, .ttl = 63), UDP(4000, PORT_GUARDED)))
#define stays_out(text, from)                                                                                \
	sends(text, FRAME(ETH(), IP4(from, VIP), TCP(4000, PORT_GUARDED, SYN)), LEAT_ACCESS_DENIED, NULL)
#define stays_out6(text, from)                                                                               \
	sends(text, FRAME(ETH(), IP6(from, VIP6), UDP(4000, PORT_GUARDED)), LEAT_ACCESS_DENIED, NULL)

static void a_list_that_denies(void **state)
{
	bed_guard("", "198.51.100.0/24 2001:db8:c::/48");
	enters("below", "198.51.99.255");
	stays_out("the first", "198.51.100.0");
	stays_out("the last", "198.51.100.255");
	enters("above", "198.51.101.0");
	enters6("below, IPv6", "2001:db8:b:ffff:ffff:ffff:ffff:ffff");
	stays_out6("the first, IPv6", "2001:db8:c::");
	stays_out6("the last, IPv6", "2001:db8:c:ffff:ffff:ffff:ffff:ffff");
	enters6("above, IPv6", "2001:db8:d::");
}

static void a_list_that_allows(void **state)
{
	bed_guard("198.51.100.0/24", "");
	enters("listed", CLIENT);
	stays_out("not listed", "203.0.113.1");
	stays_out6("IPv6, of which nothing is listed", CLIENT6);
}

static void the_longest_prefix_decides(void **state)
{
	bed_guard("198.51.100.0/24 198.51.100.128/32 2001:db8:c::/64", "0.0.0.0/0 198.51.100.128/25 ::/0 2001:db8:c::8/125");
	enters("in /24", "198.51.100.127");
	enters("in /32 in /25 in /24", "198.51.100.128");
	stays_out("in /25 in /24", "198.51.100.129");
	stays_out("in /25 in /24, the last", "198.51.100.255");
	stays_out("in /0", "198.51.101.0");
	enters6("in /64", "2001:db8:c::7");
	stays_out6("in /125 in /64", "2001:db8:c::8");
	stays_out6("in /125 in /64, the last", "2001:db8:c::f");
	enters6("behind it, in /64", "2001:db8:c::10");
	stays_out6("in /0", "2001:db8:c:1::");
}

static void all_and_nobody(void **state)
{
	bed_guard("", "");
	enters("an empty list", CLIENT);
	enters6("an empty list, IPv6", CLIENT6);
	bed_guard("", "0.0.0.0/0");
	stays_out("all of IPv4 is denied", CLIENT);
	enters6("and nothing of IPv6", CLIENT6);
	bed_guard("", "128.0.0.0/1 ffff::/16");
	stays_out("to the last address", "198.51.100.7");
	enters("and not before", "126.255.255.255");
}

static void packets_after_the_first_are_asked_too(void **state)
{
	bed_guard("", CLIENT);
	sends("an established connection",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_GUARDED, ACK), PAYLOAD(10)), LEAT_ACCESS_DENIED, NULL);
	sends("UDP", FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_GUARDED)), LEAT_ACCESS_DENIED, NULL);
	sends("a router's error about a flow of whom is denied",
	      FRAME(ETH(), IP4("203.0.113.9", VIP), ICMP(3, 4, .rest = 1300), IP4(VIP, CLIENT),
		    TCP(PORT_GUARDED, 4000, ACK)),
	      LEAT_ACCESS_DENIED, NULL);
}

static void what_is_not_asked(void **state)
{
	bed_guard("", CLIENT);
	sends("another service", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2, SYN)));
	sends("echo, which is of the address", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(8, 0), PAYLOAD(8)), LEAT_ECHO_REPLIED,
	      FRAME(ETH(.from = BALANCER_MAC, .to = GATEWAY_MAC), IP4(VIP, CLIENT), ICMP(0, 0), PAYLOAD(8)));
	sends("a defect comes before", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_GUARDED, SYN | FIN)),
	      LEAT_TCP_BAD_FLAGS, NULL);
}

/* The program's search against the plainest: 100,000 prefixes in one list, addresses at and beside their borders. */
static void a_hundred_thousand_prefixes(void **state)
{
	enum { COUNT = 100000, TRIED = 2000 };
	auto_free struct access_prefix *prefixes = memory_zeroed(COUNT, sizeof(*prefixes));
	struct access_edges edges;
	struct ran *ran = memory_zeroed(1, sizeof(*ran));
	unsigned int i;

	bed_guard("", CLIENT);
	for (i = 0; i < COUNT; i++) {
		prefixes[i] = (struct access_prefix){.length = 29, .denies = true};
		prefixes[i].addr.word[2] = htonl(0xffff);
		prefixes[i].addr.word[3] = htonl(0x0b000000 + i * 16 * 77); /* apart, up to 18.88.0.0 */
	}
	access_resolve(prefixes, COUNT, false, &edges);
	assert_int_equal(edges.count4, 2 * COUNT);
	memcpy(&bed.world.edges4[(bed.world.control->guards & 1) * LEAT_EDGES_MAX], edges.edges4,
	       edges.count4 * sizeof(*edges.edges4));
	access_guard(&bed.world, 1)->edges4 =
		LEAT_EDGES(0, (bed.world.control->guards & 1) * LEAT_EDGES_MAX, edges.count4);
	for (i = 0; i < TRIED; i++) {
		static const int beside[] = {-1, 0, 7, 8};
		struct leat_addr addr = prefixes[i * (COUNT / TRIED)].addr;
		char text[ADDR_TEXT_MAX];
		int by = beside[i % 4];
		auto_free struct frame *frame = NULL;

		addr.word[3] = htonl(ntohl(addr.word[3]) + by);
		frame = FRAME(ETH(), IP4(addr_format(&addr, text), VIP), TCP(4000, PORT_GUARDED, SYN));
		bed_run(frame, ran);
		assert_int_equal(ran->verdict, by == 0 || by == 7 ? LEAT_ACCESS_DENIED : LEAT_FORWARDED);
	}
	free(ran);
	access_clear(&edges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_that_denies),
		cmocka_unit_test(a_list_that_allows),
		cmocka_unit_test(the_longest_prefix_decides),
		cmocka_unit_test(all_and_nobody),
		cmocka_unit_test(packets_after_the_first_are_asked_too),
		cmocka_unit_test(what_is_not_asked),
		cmocka_unit_test(a_hundred_thousand_prefixes),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
