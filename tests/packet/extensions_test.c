/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6 extension headers. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_walked),   cmocka_unit_test(seven_are_too_many),
		cmocka_unit_test(headers_beyond_the_end),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
