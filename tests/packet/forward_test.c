/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What backends get: every mode over every family, in every number of VLAN tags, at every edge of the MTU. */
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "packet/bed.h"

/* Frames that leave to a backend. */
#define OUT() ETH(.from = OUT_MAC, .to = NEXT_MAC)

static void tunnels_of_all_four_kinds(void **state)
{
	sends("IPv4 in IPv4", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_IPIP, SYN)));
	sends("IPv6 in IPv4", FRAME(ETH(), IP6(CLIENT6, VIP6), TCP(4000, PORT_IPIP, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP6(CLIENT6, VIP6, .ttl = 63),
		    TCP(4000, PORT_IPIP, SYN)));
	sends("IPv4 in IPv6", FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_IPIP6), PAYLOAD(100)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_UDP, CLIENT, 4000, VIP, PORT_IPIP6)),
		    IP4(CLIENT, VIP, .ttl = 63), UDP(4000, PORT_IPIP6), PAYLOAD(100)));
	sends("IPv6 in IPv6", FRAME(ETH(), IP6(CLIENT6, VIP6), UDP(4000, PORT_IPIP6), PAYLOAD(101)),
	      LEAT_FORWARDED,
	      FRAME(OUT(),
		    IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_UDP, CLIENT6, 4000, VIP6, PORT_IPIP6)),
		    IP6(CLIENT6, VIP6, .ttl = 63), UDP(4000, PORT_IPIP6), PAYLOAD(101)));
}

static void l2_rewrites_only_the_link(void **state)
{
	sends("IPv4", FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0x2a), TCP(4000, PORT_L2, ACK), PAYLOAD(9)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(CLIENT, VIP, .tos = 0x2a, .ttl = 63), TCP(4000, PORT_L2, ACK), PAYLOAD(9)));
	sends("IPv6, whose backend is known by its IPv4 address",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .label = 77), UDP(4000, PORT_L2), PAYLOAD(9)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(CLIENT6, VIP6, .label = 77, .ttl = 63), UDP(4000, PORT_L2), PAYLOAD(9)));
}

static void tags_are_the_ways(void **state)
{
	sends("tagged comes, untagged leaves in a tunnel",
	      FRAME(ETH(), VLAN(7), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_IPIP, SYN)));
	sends("twice tagged comes, untagged leaves in a tunnel",
	      FRAME(ETH(), QINQ(7), VLAN(8), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_IPIP, SYN)));
	sends("untagged comes, tagged leaves in a tunnel",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP_TAG, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_IPIP_TAG, SYN)));
	sends("untagged comes, twice tagged leaves in an IPv6 tunnel",
	      FRAME(ETH(), IP6(CLIENT6, VIP6), TCP(4000, PORT_IPIP6_TAGS, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300),
		    IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_TCP, CLIENT6, 4000, VIP6, PORT_IPIP6_TAGS)),
		    IP6(CLIENT6, VIP6, .ttl = 63), TCP(4000, PORT_IPIP6_TAGS, SYN)));
	sends("twice tagged comes and leaves",
	      FRAME(ETH(), VLAN(7), VLAN(8), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP6_TAGS, SYN)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300),
		    IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_TCP, CLIENT, 4000, VIP, PORT_IPIP6_TAGS)),
		    IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_IPIP6_TAGS, SYN)));
	sends("tagged comes, otherwise tagged leaves in a tunnel",
	      FRAME(ETH(), VLAN(7), IP6(CLIENT6, VIP6), TCP(4000, PORT_IPIP_TAG, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP4(OUTER, BACKEND, .df = true), IP6(CLIENT6, VIP6, .ttl = 63),
		    TCP(4000, PORT_IPIP_TAG, SYN)));
	sends("tagged comes, twice tagged leaves in an IPv6 tunnel",
	      FRAME(ETH(), VLAN(7), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP6_TAGS, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300),
		    IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_TCP, CLIENT, 4000, VIP, PORT_IPIP6_TAGS)),
		    IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_IPIP6_TAGS, SYN)));
	sends("twice tagged comes, tagged leaves in a tunnel",
	      FRAME(ETH(), QINQ(7), VLAN(8), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP_TAG, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_IPIP_TAG, SYN)));
}

static void l2_adds_and_removes_tags(void **state)
{
	sends("tagged comes, untagged leaves",
	      FRAME(ETH(), VLAN(7), IP4(CLIENT, VIP), TCP(4000, PORT_L2, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2, SYN)));
	sends("twice tagged comes, untagged leaves",
	      FRAME(ETH(), QINQ(7), VLAN(7), IP6(CLIENT6, VIP6), TCP(4000, PORT_L2, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(CLIENT6, VIP6, .ttl = 63), TCP(4000, PORT_L2, SYN)));
	sends("untagged comes, tagged leaves", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2_TAG, SYN)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2_TAG, SYN)));
	sends("tagged comes, otherwise tagged leaves",
	      FRAME(ETH(), VLAN(7), IP6(CLIENT6, VIP6), TCP(4000, PORT_L2_TAG, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP6(CLIENT6, VIP6, .ttl = 63), TCP(4000, PORT_L2_TAG, SYN)));
	sends("twice tagged comes, tagged leaves",
	      FRAME(ETH(), QINQ(7), VLAN(8), IP4(CLIENT, VIP), TCP(4000, PORT_L2_TAG, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2_TAG, SYN)));
	sends("untagged comes, twice tagged leaves", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2_TAGS, SYN)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2_TAGS, SYN)));
	sends("tagged comes, twice tagged leaves",
	      FRAME(ETH(), VLAN(7), IP6(CLIENT6, VIP6), TCP(4000, PORT_L2_TAGS, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300), IP6(CLIENT6, VIP6, .ttl = 63), TCP(4000, PORT_L2_TAGS, SYN)));
	sends("twice tagged comes, otherwise tagged twice leaves",
	      FRAME(ETH(), VLAN(7), QINQ(8), IP4(CLIENT, VIP), TCP(4000, PORT_L2_TAGS, SYN), PAYLOAD(5)), LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2_TAGS, SYN), PAYLOAD(5)));
}

/* TCI: priority:3 | drop eligible:1 | VLAN:12. */
static void tags_that_leave_have_no_priority(void **state)
{
	sends("priority 5 comes, another tag leaves",
	      FRAME(ETH(), VLAN(5 << 13 | 7), IP4(CLIENT, VIP), TCP(4000, PORT_L2_TAG, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2_TAG, SYN)));
	sends("drop eligible and in the right tag comes",
	      FRAME(ETH(), VLAN(1 << 12 | 100), IP4(CLIENT, VIP), TCP(4000, PORT_L2_TAG, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2_TAG, SYN)));
	sends("twice tagged with priorities comes, twice tagged leaves in a tunnel",
	      FRAME(ETH(), QINQ(7 << 13 | 200), VLAN(3 << 13 | 300), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP6_TAGS, SYN)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300),
		    IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_TCP, CLIENT, 4000, VIP, PORT_IPIP6_TAGS)),
		    IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_IPIP6_TAGS, SYN)));
}

static void traffic_class_is_copied_with_ecn(void **state)
{
	sends("IPv4 to IPv4", FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0xb9), TCP(4000, PORT_IPIP, ACK)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true, .tos = 0xb9),
		    IP4(CLIENT, VIP, .ttl = 63, .tos = 0xb9), TCP(4000, PORT_IPIP, ACK)));
	sends("IPv6 to IPv4", FRAME(ETH(), IP6(CLIENT6, VIP6, .tos = 0xff), TCP(4000, PORT_IPIP, ACK)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true, .tos = 0xff),
		    IP6(CLIENT6, VIP6, .ttl = 63, .tos = 0xff), TCP(4000, PORT_IPIP, ACK)));
	sends("IPv4 to IPv6",
	      FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0x43), UDP(4000, PORT_IPIP6), PAYLOAD(100)),
	      LEAT_FORWARDED,
	      FRAME(OUT(),
		    IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_UDP, CLIENT, 4000, VIP, PORT_IPIP6),
			.tos = 0x43),
		    IP4(CLIENT, VIP, .ttl = 63, .tos = 0x43), UDP(4000, PORT_IPIP6), PAYLOAD(100)));
	sends("IPv6 to IPv6",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .tos = 0x81), UDP(4000, PORT_IPIP6), PAYLOAD(101)),
	      LEAT_FORWARDED,
	      FRAME(OUT(),
		    IP6(OUTER6, BACKEND6, .label = LABEL(IPPROTO_UDP, CLIENT6, 4000, VIP6, PORT_IPIP6),
			.tos = 0x81),
		    IP6(CLIENT6, VIP6, .ttl = 63, .tos = 0x81), UDP(4000, PORT_IPIP6), PAYLOAD(101)));
}

static void options_and_padding_survive(void **state)
{
	sends("IPv4 options",
	      FRAME(ETH(), IP4(CLIENT, VIP, .size = 40), TCP(4000, PORT_IPIP, ACK), PAYLOAD(3)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63, .size = 40),
		    TCP(4000, PORT_IPIP, ACK), PAYLOAD(3)));
	sends("Ethernet's padding is in no length",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, ACK), PAD(6)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_IPIP, ACK), PAD(6)));
	sends("an IPv6 extension header",
	      FRAME(ETH(), IP6(CLIENT6, VIP6), EXTENSION(DESTINATION, 16), TCP(4000, PORT_IPIP, ACK)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP6(CLIENT6, VIP6, .ttl = 63),
		    EXTENSION(DESTINATION, 16), TCP(4000, PORT_IPIP, ACK)));
}

/* The largest packet that fits, and one byte more: TCP payload for an IP packet of so many bytes. */
static void mtu_is_exact(void **state)
{
	sends("IPv4 fits after 20 more",
	      FRAME(ETH(), IP4(CLIENT, VIP, .df = true), TCP(4000, PORT_IPIP, ACK), PAYLOAD(1440)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63, .df = true),
		    TCP(4000, PORT_IPIP, ACK), PAYLOAD(1440)));
	sends("one byte more does not, and may be fragmented",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, ACK), PAYLOAD(1441)), LEAT_TOO_BIG_DROPPED,
	      NULL);
	sends("a full frame for l2", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, ACK), PAYLOAD(1460)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2, ACK), PAYLOAD(1460)));
	sends("one byte more than a full frame for l2",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, ACK), PAYLOAD(1461)), LEAT_TOO_BIG_DROPPED,
	      NULL);
}

static void last_hop_is_spent(void **state)
{
	sends("TTL 2", FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 2), TCP(4000, PORT_L2, SYN)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(CLIENT, VIP, .ttl = 1), TCP(4000, PORT_L2, SYN)));
	sends("hop limit 2", FRAME(ETH(), IP6(CLIENT6, VIP6, .ttl = 2), TCP(4000, PORT_L2, SYN)),
	      LEAT_FORWARDED, FRAME(OUT(), IP6(CLIENT6, VIP6, .ttl = 1), TCP(4000, PORT_L2, SYN)));
}

/* RFC 1141's carry, where the IPv4 header checksum wraps. */
static void ttl_is_lowered_at_every_checksum(void **state)
{
	unsigned int i;

	for (i = 0; i < 65536; i += i % 97 ? 1 : 7)
		sends("every identification",
		      FRAME(ETH(), IP4(CLIENT, VIP, .identification = i), TCP(4000, PORT_L2, SYN)),
		      LEAT_FORWARDED,
		      FRAME(OUT(), IP4(CLIENT, VIP, .identification = i, .ttl = 63),
			    TCP(4000, PORT_L2, SYN)));
}

static void other_interfaces(void **state)
{
	struct frame *in = FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_REDIRECT, SYN));
	struct ran ran;

	bed_run(in, &ran);
	assert_int_equal(ran.action, XDP_REDIRECT);
	sends("redirected", in, LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63),
		    TCP(4000, PORT_REDIRECT, SYN)));
}

static void interfaces_that_may_not_be_left_by(void **state)
{
	sends("by an interface that is not in the map",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_ASTRAY, SYN)), LEAT_BACKEND_UNRESOLVED, NULL);
}

/* What leaves by the bond that the program is on, the kernel sends out of a member. */
static void a_bond_sends_itself(void **state)
{
	struct frame *in = FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_ASTRAY, SYN));
	struct ran ran;

	bed_run(in, &ran);
	assert_int_equal(ran.action, XDP_TX);
	sends("by the bond", in, LEAT_FORWARDED,
	      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_ASTRAY, SYN)));
	other_interfaces(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnels_of_all_four_kinds),
		cmocka_unit_test(l2_rewrites_only_the_link),
		cmocka_unit_test(tags_are_the_ways),
		cmocka_unit_test(l2_adds_and_removes_tags),
		cmocka_unit_test(tags_that_leave_have_no_priority),
		cmocka_unit_test(traffic_class_is_copied_with_ecn),
		cmocka_unit_test(options_and_padding_survive),
		cmocka_unit_test(mtu_is_exact),
		cmocka_unit_test(last_hop_is_spent),
		cmocka_unit_test(ttl_is_lowered_at_every_checksum),
		cmocka_unit_test(other_interfaces),
		cmocka_unit_test(interfaces_that_may_not_be_left_by),
	};
	const struct CMUnitTest on_a_bond[] = {
		cmocka_unit_test(a_bond_sends_itself),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down) + cmocka_run_group_tests(on_a_bond, bed_up_bond, bed_down);
}
