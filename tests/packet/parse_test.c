/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is none of leat's business passes untouched; what is for a service and wrong is dropped by its name.
 */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "packet/bed.h"

#define HOST  "192.0.2.77" /* an address of the host's, which no service has */
#define HOST6 "2001:db8::77"

/* Frames that leave in l2 and are otherwise as drawn. */
#define OUT() ETH(.from = OUT_MAC, .to = NEXT_MAC)

#define untouched(text, ...) sends(text, FRAME(__VA_ARGS__), LEAT_NOT_SERVICE, NULL)

static void other_traffic_passes(void **state)
{
	untouched("another port", ETH(), IP4(CLIENT, VIP), TCP(4000, 22, SYN));
	untouched("another address", ETH(), IP4(CLIENT, HOST), TCP(4000, PORT_L2, SYN));
	untouched("another address, IPv6", ETH(), IP6(CLIENT6, HOST6), UDP(4000, PORT_L2));
	untouched("another protocol", ETH(), IP4(CLIENT, VIP, .type = IPPROTO_SCTP), TCP(4000, PORT_L2, SYN));
	untouched("ICMPv6 over IPv4 is no ICMP", ETH(), IP4(CLIENT, VIP, .type = IPPROTO_ICMPV6),
		  ICMP(128, 0));
	untouched("ICMP over IPv6 is no ICMP", ETH(), IP6(CLIENT6, VIP6, .type = IPPROTO_ICMP), ICMP(8, 0));
	untouched("no next header", ETH(), IP6(CLIENT6, VIP6, .type = NO_NEXT), PAYLOAD(8));
	untouched("ESP", ETH(), IP6(CLIENT6, VIP6, .type = IPPROTO_ESP), PAYLOAD(8));
	untouched("echo to an address that no service has", ETH(), IP4(CLIENT, HOST), ICMP(8, 0));
	untouched("echo to an address that no service has", ETH(), IP6(CLIENT6, HOST6), ICMP(128, 0));
	untouched("port 0", ETH(), IP4(CLIENT, VIP), TCP(4000, 0, SYN));
}

/* All these are dropped or bounced by other balancers though they are the host's own. */
static void other_traffic_passes_whatever_is_odd_about_it(void **state)
{
	untouched("options", ETH(), IP4(CLIENT, HOST, .size = 8), TCP(4000, 22, SYN));
	untouched("first fragment", ETH(), IP4(CLIENT, HOST, .more = true), UDP(4000, 53), PAYLOAD(80));
	untouched("later fragment", ETH(), IP4(CLIENT, HOST, .offset = 11), PAYLOAD(80));
	untouched("first fragment", ETH(), IP6(CLIENT6, HOST6), FRAGMENT6(0, 1), UDP(4000, 53), PAYLOAD(80));
	untouched("later fragment", ETH(), IP6(CLIENT6, HOST6), FRAGMENT6(11, 0), UDP(4000, 53));
	untouched("first fragment to another port of the VIP", ETH(), IP4(CLIENT, VIP, .more = true),
		  UDP(4000, 53), PAYLOAD(80));
	untouched("later fragment of GRE to the VIP", ETH(),
		  IP4(CLIENT, VIP, .offset = 11, .type = IPPROTO_GRE), PAYLOAD(80));
	untouched("multicast source", ETH(), IP4("224.0.0.5", HOST), UDP(4000, 53));
	untouched("unspecified source", ETH(), IP6("::", HOST6), ICMP(135, 0));
	untouched("LAND", ETH(), IP4(HOST, HOST), TCP(22, 22, SYN));
	untouched("bad flags", ETH(), IP4(CLIENT, HOST), TCP(4000, 22, SYN | FIN | RST));
	untouched("TTL 1", ETH(), IP4(CLIENT, HOST, .ttl = 1), TCP(4000, 22, SYN));
	untouched("length beyond the frame", ETH(), IP4(CLIENT, HOST, .longer = 100), TCP(4000, 22, SYN));
	untouched("truncated TCP", ETH(), IP4(CLIENT, HOST), TCP(4000, 22, SYN), CUT(18));
	untouched("broadcast", ETH(.to = "ff:ff:ff:ff:ff:ff"), IP4("0.0.0.0", "255.255.255.255"),
		  UDP(68, 67));
	untouched("multicast", ETH(.to = "33:33:00:00:00:01"), IP6(CLIENT6, "ff02::1"), ICMP(134, 0));
	untouched("a jumbo frame's worth", ETH(), IP4(CLIENT, HOST), TCP(4000, 22, ACK), PAYLOAD(3000));
	untouched("seven extension headers", ETH(), IP6(CLIENT6, HOST6), EXTENSION(DESTINATION, 8),
		  EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8),
		  EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8),
		  TCP(4000, 22, SYN));
}

/* IPv4 services lie in the index as ::ffff:a.b.c.d: no IPv6 packet may find them so. */
static void mapped_addresses_are_on_no_wire(void **state)
{
	untouched("to a mapped VIP", ETH(), IP6(CLIENT6, "::ffff:" VIP), TCP(4000, PORT_L2, SYN));
	untouched("echo to a mapped VIP", ETH(), IP6(CLIENT6, "::ffff:" VIP), ICMP(128, 0));
	sends("from a mapped source", FRAME(ETH(), IP6("::ffff:" CLIENT, VIP6), TCP(4000, PORT_L2, SYN)),
	      LEAT_BAD_SOURCE, NULL);
}

static void not_ip_passes(void **state)
{
	sends("ARP", FRAME(ETH(.type = 0x0806), PAYLOAD(46)), LEAT_NOT_IP, NULL);
	sends("LLC", FRAME(ETH(.type = 38), PAYLOAD(46)), LEAT_NOT_IP, NULL);
	sends("nothing behind Ethernet", FRAME(ETH(.type = 0x88b5)), LEAT_NOT_IP, NULL);
	sends("a tag cut short", FRAME(ETH(.type = 0x8100), PAYLOAD(3)), LEAT_NOT_IP, NULL);
	sends("three tags",
	      FRAME(ETH(), QINQ(1), QINQ(2), VLAN(3), IP4(CLIENT, VIP), TCP(4000, PORT_L2, SYN)), LEAT_NOT_IP,
	      NULL);
}

static void unusable_ip_headers_pass(void **state)
{
	const struct layer v4 = IP4(CLIENT, VIP), v6 = IP6(CLIENT6, VIP6), tcp = TCP(4000, PORT_L2, SYN);
	struct layer odd;

	sends("IPv4 cut short", FRAME(ETH(), v4, CUT(1)), LEAT_L3_MALFORMED, NULL);
	sends("IPv6 cut short", FRAME(ETH(), v6, CUT(1)), LEAT_L3_MALFORMED, NULL);
	sends("nothing behind the EtherType", FRAME(ETH(.type = 0x0800)), LEAT_L3_MALFORMED, NULL);
	odd = v4, odd.version = 6;
	sends("IPv4 that says 6", FRAME(ETH(), odd, tcp), LEAT_L3_MALFORMED, NULL);
	odd = v6, odd.version = 4;
	sends("IPv6 that says 4", FRAME(ETH(), odd, tcp), LEAT_L3_MALFORMED, NULL);
	odd = v4, odd.words = 4;
	sends("a header of 16 bytes", FRAME(ETH(), odd, tcp), LEAT_L3_MALFORMED, NULL);
	odd = v4, odd.words = 15;
	sends("options beyond the packet", FRAME(ETH(), odd, tcp), LEAT_L3_MALFORMED, NULL);
	odd = v4, odd.longer = -21;
	sends("total length below the header's", FRAME(ETH(), odd, tcp), LEAT_L3_MALFORMED, NULL);
}

static void sources_no_host_can_have(void **state)
{
	static const char *const bad[] = {"0.0.0.0",   "0.1.2.3",         "127.0.0.1", "127.255.255.255",
					  "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"};
	static const char *const bad6[] = {"::", "::1", "ff02::1", "ff0e::1:2:3", "::ffff:1.2.3.4"};
	static const char *const good[] = {"1.0.0.1", "126.255.255.255", "128.0.0.1", "223.255.255.255"};
	static const char *const good6[] = {"::2", "::1.2.3.4", "fe80::1", "fe00::1", "64:ff9b::1.2.3.4"};
	unsigned int i;

	for (i = 0; i < 8; i++)
		sends(bad[i], FRAME(ETH(), IP4(bad[i], VIP), TCP(4000, PORT_L2, SYN)), LEAT_BAD_SOURCE, NULL);
	for (i = 0; i < 5; i++)
		sends(bad6[i], FRAME(ETH(), IP6(bad6[i], VIP6), TCP(4000, PORT_L2, SYN)), LEAT_BAD_SOURCE,
		      NULL);
	for (i = 0; i < 4; i++)
		sends(good[i], FRAME(ETH(), IP4(good[i], VIP), TCP(4000, PORT_L2, SYN)), LEAT_FORWARDED,
		      FRAME(OUT(), IP4(good[i], VIP, .ttl = 63), TCP(4000, PORT_L2, SYN)));
	for (i = 0; i < 5; i++)
		sends(good6[i], FRAME(ETH(), IP6(good6[i], VIP6), TCP(4000, PORT_L2, SYN)), LEAT_FORWARDED,
		      FRAME(OUT(), IP6(good6[i], VIP6, .ttl = 63), TCP(4000, PORT_L2, SYN)));
}

static void bad_addresses(void **state)
{
	sends("LAND", FRAME(ETH(), IP4(VIP, VIP), TCP(PORT_L2, PORT_L2, SYN)), LEAT_LAND, NULL);
	sends("LAND", FRAME(ETH(), IP6(VIP6, VIP6), UDP(PORT_L2, PORT_L2)), LEAT_LAND, NULL);
	sends("LAND by echo", FRAME(ETH(), IP4(VIP, VIP), ICMP(8, 0)), LEAT_LAND, NULL);
	sends("link broadcast",
	      FRAME(ETH(.to = "ff:ff:ff:ff:ff:ff"), IP4(CLIENT, VIP), TCP(4000, PORT_L2, SYN)),
	      LEAT_L2_NOT_UNICAST, NULL);
	sends("link multicast, echo", FRAME(ETH(.to = "01:00:5e:00:00:01"), IP4(CLIENT, VIP), ICMP(8, 0)),
	      LEAT_L2_NOT_UNICAST, NULL);
	sends("link multicast",
	      FRAME(ETH(.to = "33:33:00:00:00:01"), VLAN(3), IP6(CLIENT6, VIP6), UDP(4000, PORT_L2)),
	      LEAT_L2_NOT_UNICAST, NULL);
	sends("echo from a multicast source", FRAME(ETH(), IP4("224.0.0.1", VIP), ICMP(8, 0)),
	      LEAT_BAD_SOURCE, NULL);
}

static void lengths(void **state)
{
	sends("IPv4 length one beyond the frame",
	      FRAME(ETH(), IP4(CLIENT, VIP, .longer = 1), TCP(4000, PORT_L2, SYN)), LEAT_BAD_LENGTH, NULL);
	sends("IPv6 length one beyond the frame",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = 1), UDP(4000, PORT_L2)), LEAT_BAD_LENGTH, NULL);
	sends("IPv6 length with which the packet is more than 65,535 bytes long",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = 65535 - 8), UDP(4000, PORT_L2)), LEAT_BAD_LENGTH, NULL);
	sends("frame cut in the data",
	      FRAME(ETH(), VLAN(1), IP4(CLIENT, VIP), TCP(4000, PORT_L2, ACK), PAYLOAD(9), CUT(1)),
	      LEAT_BAD_LENGTH, NULL);
	sends("echo request cut", FRAME(ETH(), IP4(CLIENT, VIP), ICMP(8, 0), PAYLOAD(9), CUT(1)),
	      LEAT_BAD_LENGTH, NULL);
	sends("length inside the frame",
	      FRAME(ETH(), IP4(CLIENT, VIP, .longer = -3), TCP(4000, PORT_L2, ACK), PAYLOAD(9)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP4(CLIENT, VIP, .longer = -3, .ttl = 63), TCP(4000, PORT_L2, ACK), PAYLOAD(9)));
}

static void truncated_transport(void **state)
{
	sends("no ports", FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_TCP), PAYLOAD(3)), LEAT_L4_TRUNCATED,
	      NULL);
	sends("no ports at all", FRAME(ETH(), IP6(CLIENT6, VIP6, .type = IPPROTO_UDP)), LEAT_L4_TRUNCATED,
	      NULL);
	sends("ports and no more", FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_TCP), RAW("\x0f\xa0\0R", 4)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("data offset below 5", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, SYN, .words = 4)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("data offset beyond the packet",
	      FRAME(ETH(), IP6(CLIENT6, VIP6), TCP(4000, PORT_L2, SYN, .words = 6), PAYLOAD(3)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("data offset beyond the packet, within the frame",
	      FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, SYN, .words = 6), PAD(6)), LEAT_L4_TRUNCATED,
	      NULL);
	sends("UDP length beyond the packet", FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_L2, .longer = 1)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("UDP length below 8", FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_L2, .longer = -1)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("UDP shorter than the packet",
	      FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_L2, .longer = -2), PAYLOAD(9)), LEAT_FORWARDED,
	      FRAME(OUT(), IP4(CLIENT, VIP, .ttl = 63), UDP(4000, PORT_L2, .longer = -2), PAYLOAD(9)));
	sends("half an echo request",
	      FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_ICMP), RAW("\x08\0\0\0\0\0", 6)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("jumbogram",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = -28), EXTENSION(HOP_BY_HOP, 8),
		    TCP(4000, PORT_L2, ACK)),
	      LEAT_L4_TRUNCATED, NULL);
}

/* Of the 16 combinations of the four flags that move a connection. */
static void tcp_flags(void **state)
{
	unsigned int i, flags;

	for (i = 0; i < 64; i++) {
		bool bad;

		flags = i;
		bad = !(flags & (SYN | FIN | RST | ACK)) || ((flags & SYN) && (flags & (FIN | RST)));
		sends("flags", FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_L2, flags)),
		      bad ? LEAT_TCP_BAD_FLAGS : LEAT_FORWARDED,
		      bad ? NULL : FRAME(OUT(), IP4(CLIENT, VIP, .ttl = 63), TCP(4000, PORT_L2, flags)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_traffic_passes),
		cmocka_unit_test(other_traffic_passes_whatever_is_odd_about_it),
		cmocka_unit_test(mapped_addresses_are_on_no_wire),
		cmocka_unit_test(not_ip_passes),
		cmocka_unit_test(unusable_ip_headers_pass),
		cmocka_unit_test(sources_no_host_can_have),
		cmocka_unit_test(bad_addresses),
		cmocka_unit_test(lengths),
		cmocka_unit_test(truncated_transport),
		cmocka_unit_test(tcp_flags),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
