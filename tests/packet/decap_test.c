/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat-decap's program, on backends. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"
#include "packet/decap_bed.h"

#define INNER4 IP4(CLIENT, VIP), TCP(4000, 80, SYN), PAYLOAD(5)
#define INNER6 IP6(CLIENT6, VIP6), TCP(4000, 80, SYN), PAYLOAD(5)

static void all_four_kinds_are_stripped(void **state)
{
	strips("IPv4 in IPv4", FRAME(ETH(), IP4(OUTER, BACKEND), INNER4), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), INNER4));
	strips("IPv6 in IPv4", FRAME(ETH(), IP4(OUTER, BACKEND), INNER6), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), INNER6));
	strips("IPv4 in IPv6", FRAME(ETH(), IP6(OUTER6, BACKEND6), INNER4), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), INNER4));
	strips("IPv6 in IPv6", FRAME(ETH(), IP6(OUTER6, BACKEND6), INNER6), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), INNER6));
}

/* From some port, without a checksum: as leat sends it. */
#define TO(port, ...) UDP(50000, port, .no_checksum = true, __VA_ARGS__)

#define STRIPS(text, outer, ...) \
	do { \
		strips(text " over IPv4, IPv4 inside", FRAME(ETH(), IP4(OUTER, BACKEND), __VA_ARGS__, INNER4), outer, \
		       FRAME(ETH(), INNER4)); \
		strips(text " over IPv4, IPv6 inside", FRAME(ETH(), IP4(OUTER, BACKEND), __VA_ARGS__, INNER6), outer, \
		       FRAME(ETH(), INNER6)); \
		strips(text " over IPv6, IPv4 inside", \
		       FRAME(ETH(), IP6(OUTER6, BACKEND6, .type = P), __VA_ARGS__, INNER4), outer, FRAME(ETH(), INNER4)); \
		strips(text " over IPv6, IPv6 inside", \
		       FRAME(ETH(), IP6(OUTER6, BACKEND6, .type = P), __VA_ARGS__, INNER6), outer, FRAME(ETH(), INNER6)); \
	} while (0)

static void other_tunnels_are_stripped(void **state)
{
	enum { P = IPPROTO_UDP };

	STRIPS("gue", LEAT_DECAP_STRIPPED, TO(DECAP_GUE_PORT), GUE());
	STRIPS("gue1", LEAT_DECAP_STRIPPED, TO(DECAP_GUE_PORT));
	STRIPS("fou", LEAT_DECAP_STRIPPED, TO(TUNNEL_PORT + 1));
	STRIPS("another port", LEAT_DECAP_OTHER, TO(DECAP_GUE_PORT + 1), GUE());
	STRIPS("from the port", LEAT_DECAP_OTHER, UDP(DECAP_GUE_PORT, 9, .no_checksum = true));
	STRIPS("port 0, which ends the list of ports", LEAT_DECAP_OTHER, TO(0));
}

static void gre_is_stripped(void **state)
{
	enum { P = IPPROTO_GRE };

	STRIPS("gre", LEAT_DECAP_STRIPPED, GRE());
}

/* What leat does not send is for the kernel to check. */
static void other_forms_are_left(void **state)
{
	enum { P = IPPROTO_GRE };

	STRIPS("GRE with a checksum", LEAT_DECAP_OTHER, GRE(.rest = 0x8000));
	STRIPS("GRE with a key", LEAT_DECAP_OTHER, GRE(.rest = 0x2000));
	STRIPS("GRE with a sequence number", LEAT_DECAP_OTHER, GRE(.rest = 0x1000));
	STRIPS("GRE, version 1 (PPTP)", LEAT_DECAP_OTHER, GRE(.rest = 1));
	STRIPS("Ethernet in GRE", LEAT_DECAP_OTHER, GRE(.type = 0x6558));
}

static void other_forms_of_udp_are_left(void **state)
{
	enum { P = IPPROTO_UDP };

	STRIPS("UDP with a checksum", LEAT_DECAP_OTHER, UDP(50000, DECAP_GUE_PORT), GUE());
	STRIPS("UDP longer than IP says", LEAT_DECAP_OTHER, TO(DECAP_GUE_PORT, .longer = 1), GUE());
	strips("UDP shorter than its header",
	       FRAME(ETH(), IP4(OUTER, BACKEND), TO(DECAP_GUE_PORT, .longer = -46), INNER4), LEAT_DECAP_OTHER, NULL);
	STRIPS("GUE with a control message", LEAT_DECAP_OTHER, TO(DECAP_GUE_PORT), GUE(.code = 0x20));
	STRIPS("GUE with a longer header", LEAT_DECAP_OTHER, TO(DECAP_GUE_PORT), GUE(.code = 1));
	STRIPS("GUE with flags", LEAT_DECAP_OTHER, TO(DECAP_GUE_PORT), GUE(.rest = 1));
	STRIPS("GUE, variant 2", LEAT_DECAP_OTHER, TO(DECAP_GUE_PORT), GUE(.code = 0x80));
	STRIPS("GUE around TCP", LEAT_DECAP_OTHER, TO(DECAP_GUE_PORT), GUE(.type = IPPROTO_TCP));
}

static void no_whole_packet_in_other_tunnels(void **state)
{
	strips("GRE cut short", FRAME(ETH(), IP4(OUTER, BACKEND, .type = IPPROTO_GRE), PAYLOAD(3)),
	       LEAT_DECAP_OTHER, NULL);
	strips("GRE past the outer packet's end",
	       FRAME(ETH(), IP4(OUTER, BACKEND, .longer = -46), GRE(), IP4(CLIENT, VIP), TCP(4000, 80, SYN), PAYLOAD(5)),
	       LEAT_DECAP_OTHER, NULL);
	strips("GRE around nothing", FRAME(ETH(), IP4(OUTER, BACKEND), GRE(.type = 0x0800)), LEAT_DECAP_MALFORMED,
	       NULL);
	strips("IPv6 called IPv4", FRAME(ETH(), IP4(OUTER, BACKEND), GRE(.type = 0x0800), INNER6),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("UDP cut short", FRAME(ETH(), IP4(OUTER, BACKEND, .type = IPPROTO_UDP), PAYLOAD(7)),
	       LEAT_DECAP_OTHER, NULL);
	strips("UDP without GUE", FRAME(ETH(), IP4(OUTER, BACKEND), TO(DECAP_GUE_PORT)), LEAT_DECAP_OTHER, NULL);
	strips("GUE around nothing", FRAME(ETH(), IP4(OUTER, BACKEND), TO(DECAP_GUE_PORT), GUE(.type = 4)),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("GUE past UDP's end", FRAME(ETH(), IP4(OUTER, BACKEND), TO(DECAP_GUE_PORT, .longer = -49), GUE(), INNER4),
	       LEAT_DECAP_OTHER, NULL);
	strips("a packet past UDP's end", FRAME(ETH(), IP4(OUTER, BACKEND), TO(DECAP_GUE_PORT, .longer = -1), INNER4),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("a packet of version 5",
	       FRAME(ETH(), IP4(OUTER, BACKEND), TO(DECAP_GUE_PORT), IP4(CLIENT, VIP, .version = 5), TCP(1, 2, SYN)),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("to another address", FRAME(ETH(), IP4(OUTER, "10.0.0.3"), TO(DECAP_GUE_PORT), GUE(), INNER4),
	       LEAT_DECAP_OTHER, NULL);
	strips("a fragment", FRAME(ETH(), IP4(OUTER, BACKEND, .more = true), TO(DECAP_GUE_PORT), GUE(), INNER4),
	       LEAT_DECAP_OTHER, NULL);
	strips("outer longer than the frame", FRAME(ETH(), IP4(OUTER, BACKEND, .longer = 1), GRE(), INNER4),
	       LEAT_DECAP_MALFORMED, NULL);
}

static void tags_options_and_padding_stay(void **state)
{
	strips("one tag", FRAME(ETH(), VLAN(5), IP4(OUTER, BACKEND), INNER6), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), VLAN(5), INNER6));
	strips("two tags", FRAME(ETH(), QINQ(5), VLAN(6), IP6(OUTER6, BACKEND6), INNER4), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), QINQ(5), VLAN(6), INNER4));
	strips("outer options", FRAME(ETH(), IP4(OUTER, BACKEND, .size = 40), INNER4), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), INNER4));
	strips("outer extension header, the limit that other tunnels add (RFC 2473 5.1)",
	       FRAME(ETH(), IP6(OUTER6, BACKEND6), EXTENSION(DESTINATION, 8), INNER4), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), INNER4));
	strips("two tags and options around GRE",
	       FRAME(ETH(), QINQ(5), VLAN(6), IP4(OUTER, BACKEND, .size = 40), GRE(), INNER6), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), QINQ(5), VLAN(6), INNER6));
	strips("a tag and an extension header around GUE",
	       FRAME(ETH(), VLAN(6), IP6(OUTER6, BACKEND6), EXTENSION(DESTINATION, 8), TO(DECAP_GUE_PORT), GUE(), INNER4, PAD(9)),
	       LEAT_DECAP_STRIPPED, FRAME(ETH(), VLAN(6), INNER4, PAD(9)));
	strips("padding", FRAME(ETH(), IP4(OUTER, BACKEND), INNER4, PAD(9)), LEAT_DECAP_STRIPPED,
	       FRAME(ETH(), INNER4, PAD(9)));
	strips("a fragment inside is the kernel's to put together",
	       FRAME(ETH(), IP4(OUTER, BACKEND), IP4(CLIENT, VIP, .offset = 10), PAYLOAD(9)),
	       LEAT_DECAP_STRIPPED, FRAME(ETH(), IP4(CLIENT, VIP, .offset = 10), PAYLOAD(9)));
}

static void other_traffic_is_left(void **state)
{
	strips("no tunnel", FRAME(ETH(), IP4(CLIENT, BACKEND), TCP(4000, 80, SYN)), LEAT_DECAP_OTHER, NULL);
	strips("ARP", FRAME(ETH(.type = 0x0806), PAYLOAD(46)), LEAT_DECAP_OTHER, NULL);
	strips("to another address", FRAME(ETH(), IP4(OUTER, "10.0.0.3"), INNER4), LEAT_DECAP_OTHER, NULL);
	strips("to another address", FRAME(ETH(), IP6(OUTER6, "fd00::3"), INNER6), LEAT_DECAP_OTHER, NULL);
	strips("to a mapped address", FRAME(ETH(), IP6(OUTER6, "::ffff:" BACKEND), INNER4), LEAT_DECAP_OTHER,
	       NULL);
	strips("a fragment", FRAME(ETH(), IP4(OUTER, BACKEND, .more = true), INNER4), LEAT_DECAP_OTHER, NULL);
	strips("a later fragment", FRAME(ETH(), IP4(OUTER, BACKEND, .offset = 9), INNER4), LEAT_DECAP_OTHER,
	       NULL);
	strips("IPv4 cut short", FRAME(ETH(), IP4(OUTER, BACKEND), CUT(1)), LEAT_DECAP_OTHER, NULL);
}

static void nothing_whole_inside(void **state)
{
	strips("nothing", FRAME(ETH(), IP4(OUTER, BACKEND, .type = IPPROTO_IPIP)), LEAT_DECAP_MALFORMED,
	       NULL);
	strips("half a header", FRAME(ETH(), IP4(OUTER, BACKEND, .type = IPPROTO_IPIP), PAYLOAD(10)),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("half a header", FRAME(ETH(), IP4(OUTER, BACKEND, .type = IPPROTO_IPV6), PAYLOAD(39)),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("IPv6 called IPv4", FRAME(ETH(), IP4(OUTER, BACKEND, .type = IPPROTO_IPIP), INNER6),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("IPv4 called IPv6", FRAME(ETH(), IP6(OUTER6, BACKEND6, .type = IPPROTO_IPV6), INNER4),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("inner longer than outer",
	       FRAME(ETH(), IP4(OUTER, BACKEND), IP4(CLIENT, VIP, .longer = 1), PAYLOAD(9), PAD(9)),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("inner longer than outer",
	       FRAME(ETH(), IP6(OUTER6, BACKEND6), IP6(CLIENT6, VIP6, .longer = 1), PAYLOAD(9)),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("inner shorter than its header",
	       FRAME(ETH(), IP4(OUTER, BACKEND), IP4(CLIENT, VIP, .longer = -10), PAYLOAD(9)),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("outer longer than the frame", FRAME(ETH(), IP4(OUTER, BACKEND, .longer = 1), INNER4),
	       LEAT_DECAP_MALFORMED, NULL);
	strips("inner header of 16 bytes",
	       FRAME(ETH(), IP4(OUTER, BACKEND), IP4(CLIENT, VIP, .words = 4), PAYLOAD(9)),
	       LEAT_DECAP_MALFORMED, NULL);
}

/* RFC 6040 4.2, figure 4: rows inner, columns outer; both Not-ECT, ECT(1), ECT(0), CE. -1: drop. */
static void congestion_marks_are_carried_in(void **state)
{
	static const int merged[4][4] = {{0, 0, 0, -1}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
	int inner, outer, left;

	for (inner = 0; inner < 4; inner++)
		for (outer = 0; outer < 4; outer++) {
			left = merged[inner][outer];
			strips("IPv4",
			       FRAME(ETH(), IP6(OUTER6, BACKEND6, .tos = outer),
				     IP4(CLIENT, VIP, .tos = 0xb8 | inner), PAYLOAD(4)),
			       left < 0 ? LEAT_DECAP_MALFORMED : LEAT_DECAP_STRIPPED,
			       left < 0 ? NULL
					: FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0xb8 | left), PAYLOAD(4)));
			strips("IPv6",
			       FRAME(ETH(), IP4(OUTER, BACKEND, .tos = outer),
				     IP6(CLIENT6, VIP6, .tos = 0xb8 | inner, .label = 0xfffff), PAYLOAD(4)),
			       left < 0 ? LEAT_DECAP_MALFORMED : LEAT_DECAP_STRIPPED,
			       left < 0 ? NULL
					: FRAME(ETH(),
						IP6(CLIENT6, VIP6, .tos = 0xb8 | left, .label = 0xfffff),
						PAYLOAD(4)));
		}
}

/* The same table behind each other header. */
static void congestion_marks_are_carried_in_from_other_tunnels(void **state)
{
	static const int merged[4][4] = {{0, 0, 0, -1}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
	int inner, outer, left;

	for (inner = 0; inner < 4; inner++)
		for (outer = 0; outer < 4; outer++) {
			left = merged[inner][outer];
			strips("IPv4 in GRE",
			       FRAME(ETH(), IP4(OUTER, BACKEND, .tos = outer), GRE(),
				     IP4(CLIENT, VIP, .tos = 0xb8 | inner), PAYLOAD(4)),
			       left < 0 ? LEAT_DECAP_MALFORMED : LEAT_DECAP_STRIPPED,
			       left < 0 ? NULL
					: FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0xb8 | left), PAYLOAD(4)));
			strips("IPv6 in GUE",
			       FRAME(ETH(), IP6(OUTER6, BACKEND6, .tos = outer), TO(DECAP_GUE_PORT), GUE(),
				     IP6(CLIENT6, VIP6, .tos = 0xb8 | inner), PAYLOAD(4)),
			       left < 0 ? LEAT_DECAP_MALFORMED : LEAT_DECAP_STRIPPED,
			       left < 0 ? NULL
					: FRAME(ETH(), IP6(CLIENT6, VIP6, .tos = 0xb8 | left), PAYLOAD(4)));
		}
}

/* Both programs, one after the other, for each mode over each family. */
static void every_tunnel_of_leats_is_stripped(void **state)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	unsigned int port, i;

	for (port = PORT_GRE; port <= PORT_FOU6; port++)
		for (i = 0; i < 2; i++) {
			auto_free struct frame *in =
				i ? FRAME(ETH(), IP6(CLIENT6, VIP6, .tos = 1), UDP(4000, port), PAYLOAD(9))
				  : FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0xba), UDP(4000, port), PAYLOAD(9));
			struct frame *wrapped = memory_zeroed(1, sizeof(*wrapped));

			bed_run(in, ran);
			assert_int_equal(ran->verdict, LEAT_FORWARDED);
			*wrapped = ran->frame;
			strips("wrapped by leat", wrapped, LEAT_DECAP_STRIPPED,
			       i ? FRAME(ETH(.from = OUT_MAC, .to = NEXT_MAC), IP6(CLIENT6, VIP6, .tos = 1, .ttl = 63),
					 UDP(4000, port), PAYLOAD(9))
				 : FRAME(ETH(.from = OUT_MAC, .to = NEXT_MAC), IP4(CLIENT, VIP, .tos = 0xba, .ttl = 63),
					 UDP(4000, port), PAYLOAD(9)));
		}
}

/* Both programs, one after the other: what comes out is what the client sent, one hop further. */
static void what_leat_wraps_is_stripped(void **state)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free struct frame *in =
		FRAME(ETH(), IP6(CLIENT6, VIP6, .tos = 3), TCP(4000, PORT_IPIP6_TAGS, ACK), PAYLOAD(99));
	struct frame *wrapped = memory_zeroed(1, sizeof(*wrapped));

	bed_run(in, ran);
	assert_int_equal(ran->verdict, LEAT_FORWARDED);
	*wrapped = ran->frame;
	strips("wrapped by leat", wrapped, LEAT_DECAP_STRIPPED,
	       FRAME(ETH(.from = OUT_MAC, .to = NEXT_MAC), QINQ(200), VLAN(300),
		     IP6(CLIENT6, VIP6, .tos = 3, .ttl = 63), TCP(4000, PORT_IPIP6_TAGS, ACK), PAYLOAD(99)));
}

static void no_address_no_stripping(void **state)
{
	decap_strip_for(BACKEND, false);
	strips("its address taken away", FRAME(ETH(), IP4(OUTER, BACKEND), INNER4), LEAT_DECAP_OTHER, NULL);
	decap_strip_for(BACKEND, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_four_kinds_are_stripped),
		cmocka_unit_test(other_tunnels_are_stripped),
		cmocka_unit_test(gre_is_stripped),
		cmocka_unit_test(other_forms_are_left),
		cmocka_unit_test(other_forms_of_udp_are_left),
		cmocka_unit_test(no_whole_packet_in_other_tunnels),
		cmocka_unit_test(tags_options_and_padding_stay),
		cmocka_unit_test(other_traffic_is_left),
		cmocka_unit_test(nothing_whole_inside),
		cmocka_unit_test(congestion_marks_are_carried_in),
		cmocka_unit_test(congestion_marks_are_carried_in_from_other_tunnels),
		cmocka_unit_test(every_tunnel_of_leats_is_stripped),
		cmocka_unit_test(what_leat_wraps_is_stripped),
		cmocka_unit_test(no_address_no_stripping),
	};

	return cmocka_run_group_tests(tests, decap_up, decap_down);
}
