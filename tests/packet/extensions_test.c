/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6 extension headers and fragments of both families. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "packet/bed.h"

#define OUT()      ETH(.from = OUT_MAC, .to = NEXT_MAC)
#define HEAD(ttl_) IP6(CLIENT6, VIP6, .ttl = ttl_)

/* Forwarded as it came, through these extension headers. */
#define passes(text, ...)                                                                                    \
	sends(text, FRAME(ETH(), HEAD(64), __VA_ARGS__, TCP(4000, PORT_L2, ACK), PAYLOAD(5)),                \
	      LEAT_FORWARDED, FRAME(OUT(), HEAD(63), __VA_ARGS__, TCP(4000, PORT_L2, ACK), PAYLOAD(5)))

static void every_kind_is_walked(void **state)
{
	passes("hop by hop", EXTENSION(HOP_BY_HOP, 8));
	passes("routing", EXTENSION(ROUTING, 24));
	passes("destination options", EXTENSION(DESTINATION, 264));
	passes("authentication, in units of 4", EXTENSION(AUTHENTICATION, 12), EXTENSION(AUTHENTICATION, 24));
	passes("mobility", EXTENSION(MOBILITY, 8));
	passes("a fragment that is whole", FRAGMENT6(0, 0));
	passes("largest", EXTENSION(DESTINATION, 1024));
	passes("six of them", EXTENSION(HOP_BY_HOP, 8), EXTENSION(DESTINATION, 16), EXTENSION(ROUTING, 8),
	       FRAGMENT6(0, 0), EXTENSION(AUTHENTICATION, 16), EXTENSION(DESTINATION, 8));
}

static void seven_are_too_many(void **state)
{
	sends("seven of them",
	      FRAME(ETH(), HEAD(64), EXTENSION(HOP_BY_HOP, 8), EXTENSION(DESTINATION, 16),
		    EXTENSION(ROUTING, 8), FRAGMENT6(0, 0), EXTENSION(AUTHENTICATION, 16),
		    EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8), TCP(4000, PORT_L2, ACK)),
	      LEAT_HEADERS_TOO_MANY, NULL);
}

static void headers_beyond_the_end(void **state)
{
	sends("a header cut off",
	      FRAME(ETH(), HEAD(64), EXTENSION(DESTINATION, 8), TCP(4000, PORT_L2, ACK), CUT(26)),
	      LEAT_BAD_LENGTH, NULL);
	sends("a header that is not there", FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("a header longer than the packet",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION), RAW("\6\xff\0\0", 4), PAYLOAD(100)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("a header longer than the packet, behind which is nothing of leat's",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION), RAW("\x3b\xff\0\0", 4), PAYLOAD(100)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("a header of which half is Ethernet's padding",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION, .longer = -4),
		    RAW("\x3b\0\0\0\0\0\0\0", 8)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("a header longer than the packet, in a longer frame",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = -20), EXTENSION(DESTINATION, 8),
		    TCP(4000, PORT_L2, ACK)),
	      LEAT_L4_TRUNCATED, NULL);
}

static void fragments_of_ipv6(void **state)
{
	sends("first", FRAME(ETH(), HEAD(64), FRAGMENT6(0, 1), UDP(4000, PORT_L2), PAYLOAD(80)),
	      LEAT_FRAGMENT, NULL);
	sends("first, and header incomplete",
	      FRAME(ETH(), IP6(CLIENT6, VIP6), FRAGMENT6(0, 1), TCP(4000, PORT_L2, SYN), CUT(12)),
	      LEAT_BAD_LENGTH, NULL);
	sends("later", FRAME(ETH(), HEAD(64), FRAGMENT6(10, 1), UDP(4000, 53), PAYLOAD(80)), LEAT_FRAGMENT,
	      NULL);
	sends("last", FRAME(ETH(), HEAD(64), FRAGMENT6(10, 0), UDP(4000, 53)), LEAT_FRAGMENT, NULL);
	sends("later, its payload called an extension header",
	      FRAME(ETH(), HEAD(64), FRAGMENT6(10, 0), EXTENSION(DESTINATION, 8), UDP(4000, 53)),
	      LEAT_FRAGMENT, NULL);
	sends("of an echo request", FRAME(ETH(), HEAD(64), FRAGMENT6(0, 1), ICMP(128, 0), PAYLOAD(80)),
	      LEAT_FRAGMENT, NULL);
	sends("first, though a second fragment header calls it whole",
	      FRAME(ETH(), HEAD(64), FRAGMENT6(0, 1), FRAGMENT6(0, 0), UDP(4000, PORT_L2), PAYLOAD(80)),
	      LEAT_FRAGMENT, NULL);
	sends("first, and headers too many",
	      FRAME(ETH(), HEAD(64), FRAGMENT6(0, 1), EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8),
		    EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8),
		    EXTENSION(DESTINATION, 8), UDP(4000, PORT_L2)),
	      LEAT_FRAGMENT, NULL);
	sends("first, and a header that goes on in the next",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .type = 44),
		    RAW("\x3c\0\0\1\0\0\0\1\x11\xff\0\0", 12), PAYLOAD(100)),
	      LEAT_FRAGMENT, NULL);
}

static void fragments_of_ipv4(void **state)
{
	sends("first", FRAME(ETH(), IP4(CLIENT, VIP, .more = true), UDP(4000, PORT_L2), PAYLOAD(80)),
	      LEAT_FRAGMENT, NULL);
	sends("first and tiny",
	      FRAME(ETH(), IP4(CLIENT, VIP, .more = true, .type = IPPROTO_TCP),
		    RAW("\x0f\xa0\0R\0\0\0\0", 8)),
	      LEAT_FRAGMENT, NULL);
	sends("later", FRAME(ETH(), IP4(CLIENT, VIP, .more = true, .offset = 1), UDP(4000, 53), PAYLOAD(80)),
	      LEAT_FRAGMENT, NULL);
	sends("last", FRAME(ETH(), IP4(CLIENT, VIP, .offset = 8191), TCP(4000, 53, ACK)), LEAT_FRAGMENT,
	      NULL);
	sends("of an echo request", FRAME(ETH(), IP4(CLIENT, VIP, .more = true), ICMP(8, 0), PAYLOAD(80)),
	      LEAT_FRAGMENT, NULL);
	sends("last, empty", FRAME(ETH(), IP4(CLIENT, VIP, .offset = 7, .type = IPPROTO_UDP)), LEAT_FRAGMENT,
	      NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_walked),   cmocka_unit_test(seven_are_too_many),
		cmocka_unit_test(headers_beyond_the_end), cmocka_unit_test(fragments_of_ipv6),
		cmocka_unit_test(fragments_of_ipv4),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
