/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels with something between the outer IP header and the packet: gre, gue, gue1, fou. ipip is in forward_test.c. */
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"

#define OUT()     ETH(.from = OUT_MAC, .to = NEXT_MAC)
#define OUTER4    IP4(OUTER, BACKEND, .df = true)
#define LABEL4(p) LABEL(IPPROTO_UDP, CLIENT, 4000, VIP, p)
#define LABEL6(p) LABEL(IPPROTO_UDP, CLIENT6, 4000, VIP6, p)

/* RFC 6335: what nobody owns begins at 49152. */
#define SOURCE(from, to, port) (49152 + bed_hash(IPPROTO_UDP, from, 4000, to, port) % 16384)
#define SOURCE4(p)             SOURCE(CLIENT, VIP, p)
#define SOURCE6(p)             SOURCE(CLIENT6, VIP6, p)
/* No checksum: RFC 768, RFC 6935. */
#define TUNNEL(source, port) UDP(source, port, .no_checksum = true)

#define IN4(port)   ETH(), IP4(CLIENT, VIP), UDP(4000, port), PAYLOAD(99)
#define IN6(port)   ETH(), IP6(CLIENT6, VIP6), UDP(4000, port), PAYLOAD(99)
#define LEFT4(port) IP4(CLIENT, VIP, .ttl = 63), UDP(4000, port), PAYLOAD(99)
#define LEFT6(port) IP6(CLIENT6, VIP6, .ttl = 63), UDP(4000, port), PAYLOAD(99)

static void gre(void **state)
{
	sends("IPv4 in IPv4", FRAME(IN4(PORT_GRE)), LEAT_FORWARDED, FRAME(OUT(), OUTER4, GRE(), LEFT4(PORT_GRE)));
	sends("IPv6 in IPv4", FRAME(IN6(PORT_GRE)), LEAT_FORWARDED, FRAME(OUT(), OUTER4, GRE(), LEFT6(PORT_GRE)));
	sends("IPv4 in IPv6", FRAME(IN4(PORT_GRE6)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL4(PORT_GRE6), .type = 47), GRE(), LEFT4(PORT_GRE6)));
	sends("IPv6 in IPv6", FRAME(IN6(PORT_GRE6)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL6(PORT_GRE6), .type = 47), GRE(), LEFT6(PORT_GRE6)));
}

static void gue(void **state)
{
	sends("IPv4 in IPv4", FRAME(IN4(PORT_GUE)), LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE4(PORT_GUE), TUNNEL_PORT), GUE(), LEFT4(PORT_GUE)));
	sends("IPv6 in IPv4", FRAME(IN6(PORT_GUE)), LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE6(PORT_GUE), TUNNEL_PORT), GUE(), LEFT6(PORT_GUE)));
	sends("IPv4 in IPv6", FRAME(IN4(PORT_GUE6)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL4(PORT_GUE6)),
		    TUNNEL(SOURCE4(PORT_GUE6), TUNNEL_PORT), GUE(), LEFT4(PORT_GUE6)));
	sends("IPv6 in IPv6", FRAME(IN6(PORT_GUE6)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL6(PORT_GUE6)),
		    TUNNEL(SOURCE6(PORT_GUE6), TUNNEL_PORT), GUE(), LEFT6(PORT_GUE6)));
}

static void gue_variant_1_begins_with_the_packet(void **state)
{
	sends("IPv4 in IPv4", FRAME(IN4(PORT_GUE1)), LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE4(PORT_GUE1), TUNNEL_PORT), LEFT4(PORT_GUE1)));
	sends("IPv6 in IPv4", FRAME(IN6(PORT_GUE1)), LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE6(PORT_GUE1), TUNNEL_PORT), LEFT6(PORT_GUE1)));
	sends("IPv4 in IPv6", FRAME(IN4(PORT_GUE16)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL4(PORT_GUE16)),
		    TUNNEL(SOURCE4(PORT_GUE16), TUNNEL_PORT), LEFT4(PORT_GUE16)));
	sends("IPv6 in IPv6", FRAME(IN6(PORT_GUE16)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL6(PORT_GUE16)),
		    TUNNEL(SOURCE6(PORT_GUE16), TUNNEL_PORT), LEFT6(PORT_GUE16)));
}

static void fou_has_a_port_for_each_family(void **state)
{
	sends("IPv4 in IPv4", FRAME(IN4(PORT_FOU)), LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE4(PORT_FOU), TUNNEL_PORT), LEFT4(PORT_FOU)));
	sends("IPv6 in IPv4", FRAME(IN6(PORT_FOU)), LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE6(PORT_FOU), TUNNEL_PORT + 1), LEFT6(PORT_FOU)));
	sends("IPv4 in IPv6", FRAME(IN4(PORT_FOU6)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL4(PORT_FOU6)),
		    TUNNEL(SOURCE4(PORT_FOU6), TUNNEL_PORT), LEFT4(PORT_FOU6)));
	sends("IPv6 in IPv6", FRAME(IN6(PORT_FOU6)), LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL6(PORT_FOU6)),
		    TUNNEL(SOURCE6(PORT_FOU6), TUNNEL_PORT + 1), LEFT6(PORT_FOU6)));
}

static void tags_come_and_go(void **state)
{
	sends("gre: twice tagged comes, once tagged leaves",
	      FRAME(ETH(), QINQ(7), VLAN(8), IP6(CLIENT6, VIP6), UDP(4000, PORT_GRE_TAG)), LEAT_FORWARDED,
	      FRAME(OUT(), VLAN(100), OUTER4, GRE(), IP6(CLIENT6, VIP6, .ttl = 63), UDP(4000, PORT_GRE_TAG)));
	sends("gue: untagged comes, twice tagged leaves", FRAME(IN4(PORT_GUE6_TAGS)), LEAT_FORWARDED,
	      FRAME(OUT(), QINQ(200), VLAN(300), IP6(OUTER6, BACKEND6, .label = LABEL4(PORT_GUE6_TAGS)),
		    TUNNEL(SOURCE4(PORT_GUE6_TAGS), TUNNEL_PORT), GUE(), LEFT4(PORT_GUE6_TAGS)));
	sends("fou: tagged comes, untagged leaves",
	      FRAME(ETH(), VLAN(7), IP4(CLIENT, VIP), UDP(4000, PORT_FOU), PAYLOAD(99)), LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE4(PORT_FOU), TUNNEL_PORT), LEFT4(PORT_FOU)));
}

/* RFC 6040 4.1, normal mode; DSCP with it. */
static void traffic_class_is_copied_with_ecn(void **state)
{
	unsigned int ecn;

	for (ecn = 0; ecn < 4; ecn++) {
		sends("gre over IPv4", FRAME(ETH(), IP6(CLIENT6, VIP6, .tos = 0xb8 | ecn), UDP(4000, PORT_GRE)),
		      LEAT_FORWARDED,
		      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true, .tos = 0xb8 | ecn), GRE(),
			    IP6(CLIENT6, VIP6, .ttl = 63, .tos = 0xb8 | ecn), UDP(4000, PORT_GRE)));
		sends("gue over IPv6", FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0x28 | ecn), UDP(4000, PORT_GUE6)),
		      LEAT_FORWARDED,
		      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL4(PORT_GUE6), .tos = 0x28 | ecn),
			    TUNNEL(SOURCE4(PORT_GUE6), TUNNEL_PORT), GUE(),
			    IP4(CLIENT, VIP, .ttl = 63, .tos = 0x28 | ecn), UDP(4000, PORT_GUE6)));
		sends("fou over IPv4", FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0x28 | ecn), UDP(4000, PORT_FOU)),
		      LEAT_FORWARDED,
		      FRAME(OUT(), IP4(OUTER, BACKEND, .df = true, .tos = 0x28 | ecn),
			    TUNNEL(SOURCE4(PORT_FOU), TUNNEL_PORT),
			    IP4(CLIENT, VIP, .ttl = 63, .tos = 0x28 | ecn), UDP(4000, PORT_FOU)));
	}
}

static void padding_is_in_no_length(void **state)
{
	sends("gue over IPv4", FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_GUE), PAYLOAD(3), PAD(9)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), OUTER4, TUNNEL(SOURCE4(PORT_GUE), TUNNEL_PORT), GUE(), IP4(CLIENT, VIP, .ttl = 63),
		    UDP(4000, PORT_GUE), PAYLOAD(3), PAD(9)));
	sends("gre over IPv6", FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, PORT_GRE6), PAYLOAD(3), PAD(9)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), IP6(OUTER6, BACKEND6, .label = LABEL4(PORT_GRE6), .type = 47), GRE(),
		    IP4(CLIENT, VIP, .ttl = 63), UDP(4000, PORT_GRE6), PAYLOAD(3), PAD(9)));
}

static uint32_t be(const uint8_t *at, unsigned int bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

/* What is left of an MTU of 1500 is exact, and is what the sender is told. */
static void mtu_counts_all_headers(void **state)
{
	static const struct {
		uint16_t port, outer;
	} rows[] = {{PORT_GRE, 24},  {PORT_GRE6, 44},  {PORT_GUE, 32}, {PORT_GUE6, 52}, {PORT_GUE1, 28},
		    {PORT_GUE16, 48}, {PORT_FOU, 28}, {PORT_FOU6, 48}, {PORT_GUE6_TAGS, 52}};
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	unsigned int i, more;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (more = 0; more < 2; more++) {
			unsigned int payload = 1500 - rows[i].outer - 28 + more;
			auto_free struct frame *v4 = FRAME(ETH(), IP4(CLIENT, VIP, .df = true),
							   UDP(4000, rows[i].port), PAYLOAD(payload));
			auto_free struct frame *v6 = FRAME(ETH(), IP6(CLIENT6, VIP6), UDP(4000, rows[i].port),
							   PAYLOAD(payload - 20));

			bed_run(v4, ran);
			assert_int_equal(ran->verdict, more ? LEAT_TOO_BIG_REPLIED : LEAT_FORWARDED);
			if (more) /* Ethernet, IPv4, ICMP: RFC 1191 4 */
				assert_int_equal(be(ran->frame.bytes + 14 + 20 + 6, 2), 1500 - rows[i].outer);
			else /* Ethernet as it leaves is longer by tags */
				assert_int_equal(ran->frame.length,
						 1514 + (rows[i].port == PORT_GUE6_TAGS ? 8 : 0));
			bed_run(v6, ran);
			assert_int_equal(ran->verdict, more ? LEAT_TOO_BIG_REPLIED : LEAT_FORWARDED);
			if (more) /* RFC 4443 3.2 */
				assert_int_equal(be(ran->frame.bytes + 14 + 40 + 4, 4), 1500 - rows[i].outer);
		}
}

static void ports_spread(void **state)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free uint8_t *seen = memory_zeroed(65536, 1);
	static const uint16_t to[] = {PORT_GUE, PORT_GUE1, PORT_FOU, PORT_FOU_SPREAD};
	unsigned int i, port, distinct = 0, queues[8] = {};

	for (i = 0; i < 4000; i++) {
		auto_free struct frame *in = FRAME(ETH(), IP4(CLIENT, VIP), TCP(1000 + i, to[i % 4], SYN));

		bed_run(in, ran);
		assert_int_equal(ran->verdict, LEAT_FORWARDED);
		port = be(ran->frame.bytes + 14 + 20, 2);
		assert_in_range(port, 49152, 65535);
		distinct += !seen[port];
		seen[port] = 1;
		queues[port % 8]++;
	}
	/* 4,000 balls into 16,384 boxes: 3,549 boxes on average. */
	assert_in_range(distinct, 3450, 3650);
	for (i = 0; i < 8; i++)
		assert_in_range(queues[i], 420, 580);
}

/* A prefix as the source varies the address, too; the sum of the IPv4 header is right with it. */
static void address_varies_with_the_port(void **state)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free uint8_t *seen = memory_zeroed(65536, 1);
	unsigned int i, distinct = 0;
	const uint8_t *ip;

	for (i = 0; i < 1000; i++) {
		auto_free struct frame *in = FRAME(ETH(), IP4(CLIENT, VIP), TCP(1000 + i, PORT_FOU_SPREAD, SYN));

		bed_run(in, ran);
		assert_int_equal(ran->verdict, LEAT_FORWARDED);
		ip = ran->frame.bytes + 14;
		assert_int_equal(draw_sum(0, ip, 20), 0xffff);
		assert_int_equal(be(ip + 12, 2), 0x0a00);
		distinct += !seen[be(ip + 14, 2)];
		seen[be(ip + 14, 2)] = 1;
	}
	assert_in_range(distinct, 960, 1000);
}

/* So many bytes before the frame, and one fewer. */
static void headroom_is_exact(void **state)
{
	static const struct {
		uint16_t port, needs;
	} rows[] = {{PORT_GRE, 24}, {PORT_GUE6_TAGS, 60}, {PORT_FOU6, 48}};
	unsigned int i, usual = bed.headroom_set;
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));

	bed.headroom_set = LOADED_HEADROOM;
	if (!bed_headroom_is_possible())
		printf("headroom: not tried, this kernel lets no test run fill it\n");
	for (i = 0; i < ARRAY_SIZE(rows) && bed_headroom_is_possible(); i++) {
		auto_free struct frame *in = FRAME(ETH(), IP4(CLIENT, VIP), UDP(4000, rows[i].port));
		unsigned int room = (rows[i].needs + 3) & ~3u; /* the kernel fills words */

		bed.headroom_set = LOADED_HEADROOM - room;
		bed_run(in, ran);
		assert_int_equal(ran->verdict, LEAT_FORWARDED);
		bed.headroom_set = LOADED_HEADROOM - room + 4;
		bed_run(in, ran);
		assert_int_equal(ran->verdict, LEAT_HEADROOM_SHORT);
	}
	bed.headroom_set = usual;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gre),
		cmocka_unit_test(gue),
		cmocka_unit_test(gue_variant_1_begins_with_the_packet),
		cmocka_unit_test(fou_has_a_port_for_each_family),
		cmocka_unit_test(tags_come_and_go),
		cmocka_unit_test(traffic_class_is_copied_with_ecn),
		cmocka_unit_test(padding_is_in_no_length),
		cmocka_unit_test(mtu_counts_all_headers),
		cmocka_unit_test(ports_spread),
		cmocka_unit_test(address_varies_with_the_port),
		cmocka_unit_test(headroom_is_exact),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
