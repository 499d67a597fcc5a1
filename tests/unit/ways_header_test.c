/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outer headers, byte by byte, for both modes, both families and 0 to 2 VLAN tags. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "net/ways_header.h"

#define TO 0x02, 0, 0, 0, 0, 0x02
#define FROM 0x02, 0, 0, 0, 0, 0x01

static struct way_exit exit_with_tags(unsigned int tags)
{
	struct way_exit exit = { .ifindex = 7, .mtu = 1500, .to = { TO }, .from = { FROM }, .tag_count = tags };

	exit.tags[0] = (struct way_tag){ htons(tags == 2 ? 0x88a8 : 0x8100), htons(100) };
	exit.tags[1] = (struct way_tag){ htons(0x8100), htons(5) };
	return exit;
}

static struct way_outer outer_of(const char *source, const char *destination, uint32_t mask)
{
	struct way_outer outer = { .source_mask = htonl(mask) };

	assert_int_equal(addr_parse(source, &outer.source), 0);
	assert_int_equal(addr_parse(destination, &outer.destination), 0);
	return outer;
}

static void header_is(const struct leat_way *way, const uint8_t *bytes, size_t length)
{
	static const uint8_t zero[LEAT_HEADER_MAX];

	assert_int_equal(way->link_len + way->outer_len, length);
	assert_memory_equal(way->header, bytes, length);
	assert_memory_equal(way->header + length, zero, LEAT_HEADER_MAX - length);
}

/* The checksum a receiver computes over the header with its constant fields only: RFC 1071 in host order. */
static uint16_t sum_of(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < length; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void l2_leaves_the_ethertype_open(void **state)
{
	static const uint8_t want[] = { TO, FROM, 0, 0 };
	struct way_outer outer = outer_of("::", "10.0.0.2", 0xff);
	struct way_exit exit = exit_with_tags(0);
	struct leat_way way;

	ways_header_build(LEAT_MODE_L2, &exit, &outer, &way);
	header_is(&way, want, sizeof(want));
	assert_int_equal(way.ifindex, 7);
	assert_int_equal(way.mtu, 1500);
	assert_int_equal(way.mode, LEAT_MODE_L2);
	assert_int_equal(way.source_mask, 0);
	assert_int_equal(way.partial, 0);
}

static void ipip_over_ipv4(void **state)
{
	static const uint8_t want[] = { TO, FROM, 0x08, 0x00, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 0, 0, 0,
					10, 0, 0, 16, 10, 0, 0, 2 };
	struct way_outer outer = outer_of("10.0.0.16", "10.0.0.2", 0xf);
	struct way_exit exit = exit_with_tags(0);
	struct leat_way way;

	ways_header_build(LEAT_MODE_IPIP, &exit, &outer, &way);
	header_is(&way, want, sizeof(want));
	assert_int_equal(way.source_mask, htonl(0xf));
	assert_int_equal(ntohs(way.partial), sum_of(want + 14, 20));
}

/* Sums that carry, and carry again when folded. */
static void partial_is_folded(void **state)
{
	static const char *const addrs[] = { "255.255.255.254", "255.254.255.255", "192.168.255.255", "1.0.0.0" };
	struct way_exit exit = exit_with_tags(0);
	struct leat_way way;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		for (j = 0; j < ARRAY_SIZE(addrs); j++) {
			struct way_outer outer = outer_of(addrs[i], addrs[j], 0);

			ways_header_build(LEAT_MODE_IPIP, &exit, &outer, &way);
			assert_int_equal(ntohs(way.partial), sum_of(way.header + 14, 20));
		}
	}
}

static void ipip_over_ipv6_with_one_tag(void **state)
{
	static const uint8_t want[] = { TO, FROM, 0x81, 0x00, 0, 100, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, 0, 64,
					0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
					0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 };
	struct way_outer outer = outer_of("2001:db8::1", "2001:db8::2", 0);
	struct way_exit exit = exit_with_tags(1);
	struct leat_way way;

	ways_header_build(LEAT_MODE_IPIP, &exit, &outer, &way);
	header_is(&way, want, sizeof(want));
	assert_int_equal(way.link_len, 18);
	assert_int_equal(way.partial, 0);
}

#define IPV4 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 0, 0, 0, 10, 0, 0, 16, 10, 0, 0, 2
#define UDP  0, 0, 0x1b, 0x58, 0, 0, 0, 0 /* to 7000 */

static void tunnels_over_ipv4(void **state)
{
	static const struct {
		enum leat_mode mode;
		uint16_t port;
		size_t length;
		uint8_t want[46];
	} rows[] = {
		{ LEAT_MODE_GRE, 0, 38, { TO, FROM, 0x08, 0x00, IPV4, 0, 0, 0, 0 } },
		{ LEAT_MODE_GUE, 7000, 46, { TO, FROM, 0x08, 0x00, IPV4, UDP, 0, 0, 0, 0 } },
		{ LEAT_MODE_GUE1, 7000, 42, { TO, FROM, 0x08, 0x00, IPV4, UDP } },
		{ LEAT_MODE_FOU, 7000, 42, { TO, FROM, 0x08, 0x00, IPV4, UDP } },
	};
	struct way_outer outer = outer_of("10.0.0.16", "10.0.0.2", 0xf);
	struct way_exit exit = exit_with_tags(0);
	struct leat_way way;
	size_t i;

	outer.port = 7000;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ways_header_build(rows[i].mode, &exit, &outer, &way);
		header_is(&way, rows[i].want, rows[i].length);
		assert_int_equal(way.mode, rows[i].mode);
		assert_int_equal(way.source_mask, htonl(0xf));
		assert_int_equal(ntohs(way.partial), sum_of(way.header + 14, 20));
		assert_int_equal(ways_header_port(&way), rows[i].port);
	}
}

/* The longest: what struct leat_way must hold. */
static void gue_over_ipv6_with_two_tags(void **state)
{
	static const uint8_t udp_gue[] = { UDP, 0, 0, 0, 0 };
	struct way_outer outer = outer_of("2001:db8::1", "2001:db8::2", 0);
	struct way_exit exit = exit_with_tags(2);
	struct leat_way way;

	outer.port = 7000;
	ways_header_build(LEAT_MODE_GUE, &exit, &outer, &way);
	assert_int_equal(way.link_len, 22);
	assert_int_equal(way.outer_len, 52);
	assert_memory_equal(way.header + 62, udp_gue, sizeof(udp_gue));
	assert_int_equal(ways_header_port(&way), 7000);
}

static void two_tags_outermost_first(void **state)
{
	static const uint8_t want[] = { TO, FROM, 0x88, 0xa8, 0, 100, 0x81, 0x00, 0, 5, 0, 0 };
	struct way_outer outer = outer_of("::", "10.0.0.2", 0);
	struct way_exit exit = exit_with_tags(2);
	struct leat_way way;

	ways_header_build(LEAT_MODE_L2, &exit, &outer, &way);
	header_is(&way, want, sizeof(want));
}

static void no_exit_is_all_zero(void **state)
{
	static const struct leat_way zero;
	struct way_outer outer = outer_of("10.0.0.1", "10.0.0.2", 0xf);
	struct way_exit exit = exit_with_tags(1);
	struct leat_way way;

	exit.ifindex = 0;
	memset(&way, 0xff, sizeof(way));
	ways_header_build(LEAT_MODE_IPIP, &exit, &outer, &way);
	assert_memory_equal(&way, &zero, sizeof(way));
}

static void mtu_stops_at_16_bits(void **state)
{
	struct way_outer outer = outer_of("10.0.0.1", "10.0.0.2", 0);
	struct way_exit exit = exit_with_tags(0);
	struct leat_way way;

	exit.mtu = 65536;
	ways_header_build(LEAT_MODE_IPIP, &exit, &outer, &way);
	assert_int_equal(way.mtu, 65535);
}

static void tags_are_read_back(void **state)
{
	static const enum leat_mode modes[] = { LEAT_MODE_L2, LEAT_MODE_IPIP, LEAT_MODE_GUE };
	struct way_outer outer = outer_of("10.0.0.1", "10.0.0.2", 0);
	unsigned int count;
	size_t i;

	for (count = 0; count <= WAYS_TAGS_MAX; count++) {
		for (i = 0; i < ARRAY_SIZE(modes); i++) {
			struct way_exit exit = exit_with_tags(count);
			struct way_tag tags[WAYS_TAGS_MAX];
			struct leat_way way;

			ways_header_build(modes[i], &exit, &outer, &way);
			assert_int_equal(ways_header_tags(&way, tags), count);
			assert_memory_equal(tags, exit.tags, count * sizeof(*tags));
		}
	}
	assert_int_equal(ways_header_tags(&(struct leat_way){}, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(l2_leaves_the_ethertype_open), cmocka_unit_test(ipip_over_ipv4),
		cmocka_unit_test(partial_is_folded), cmocka_unit_test(tunnels_over_ipv4),
		cmocka_unit_test(gue_over_ipv6_with_two_tags),		cmocka_unit_test(ipip_over_ipv6_with_one_tag),
		cmocka_unit_test(two_tags_outermost_first),	cmocka_unit_test(no_exit_is_all_zero),
		cmocka_unit_test(mtu_stops_at_16_bits),
		cmocka_unit_test(tags_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
