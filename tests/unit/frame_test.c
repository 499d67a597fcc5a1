/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames read for people: each tunnel, and cut short after every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "serve/frame.h"

#define LINK(type) 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, (type) >> 8, (type) & 255
#define IPV4(protocol, from, to) 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to
#define IPV6(next, to) \
	0x60, 0, 0, 0, 0, 0, next, 64, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
		0, 0, 0, 0, 0, to
#define TCP 0x0f, 0xa0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0
#define UDP(from, to) (from) >> 8, (from) & 255, (to) >> 8, (to) & 255, 0, 0, 0, 0

struct row {
	enum leat_mode mode;
	unsigned int ip_headers;
	const char *destination, *text;
	size_t length;
	unsigned char frame[160];
};

#define ROW(mode, headers, destination, text, ...) \
	{ mode, headers, destination, text, sizeof((unsigned char[]){ __VA_ARGS__ }), { __VA_ARGS__ } }
#define MACS "02:00:00:00:00:09 > 02:00:00:00:00:01 / "

/* clang-format off: a frame a row */
static const struct row rows[] = {
	ROW(LEAT_MODE_IPIP, 2, "10.0.0.2", MACS "IPv4 10.0.0.1 > 10.0.0.2 ttl 64 / IPv6 fd00::1 > fd00::2 hop limit 64 / TCP 4000 > 80 SYN",
	    LINK(0x0800), IPV4(41, 1, 2), IPV6(6, 2), TCP),
	ROW(LEAT_MODE_GRE, 2, "fd00::3", MACS "IPv6 fd00::1 > fd00::3 hop limit 64 / GRE / IPv4 10.0.0.1 > 10.0.0.2 ttl 64 / TCP 4000 > 80 SYN",
	    LINK(0x86dd), IPV6(47, 3), 0, 0, 8, 0, IPV4(6, 1, 2), TCP),
	ROW(LEAT_MODE_GUE, 2, "10.0.0.2", MACS "IPv4 10.0.0.1 > 10.0.0.2 ttl 64 / UDP 50000 > 6080 / GUE / IPv4 10.0.0.3 > 10.0.0.4 ttl 64 / UDP 4000 > 53",
	    LINK(0x0800), IPV4(17, 1, 2), UDP(50000, 6080), 0, 4, 0, 0, IPV4(17, 3, 4), UDP(4000, 53)),
	ROW(LEAT_MODE_GUE1, 2, "10.0.0.2", MACS "IPv4 10.0.0.1 > 10.0.0.2 ttl 64 / UDP 50000 > 6080 / IPv4 10.0.0.3 > 10.0.0.4 ttl 64 / UDP 4000 > 53",
	    LINK(0x0800), IPV4(17, 1, 2), UDP(50000, 6080), IPV4(17, 3, 4), UDP(4000, 53)),
	ROW(LEAT_MODE_FOU, 2, "10.0.0.2", MACS "IPv4 10.0.0.1 > 10.0.0.2 ttl 64 / UDP 50000 > 5556 / IPv6 fd00::1 > fd00::2 hop limit 64 / TCP 4000 > 80 SYN",
	    LINK(0x0800), IPV4(17, 1, 2), UDP(50000, 5556), IPV6(6, 2), TCP),
	ROW(LEAT_MODE_L2, 1, "10.0.0.2", MACS "IPv4 10.0.0.1 > 10.0.0.2 ttl 64 / UDP 4000 > 6080",
	    LINK(0x0800), IPV4(17, 1, 2), UDP(4000, 6080)),
};
/* clang-format on */

static void each_tunnel_is_told(void **state)
{
	struct frame_facts facts;
	struct leat_addr addr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(addr_parse(rows[i].destination, &addr), 0);
		frame_read(rows[i].frame, rows[i].length, rows[i].mode, &facts);
		assert_string_equal(facts.text, rows[i].text);
		assert_int_equal(facts.ip_headers, rows[i].ip_headers);
		assert_memory_equal(&facts.destination, &addr, sizeof(addr));
	}
}

/* A datagram for a service may look like a tunnel's. */
static void udp_is_looked_into_only_in_a_tunnel(void **state)
{
	struct frame_facts facts;

	frame_read(rows[3].frame, rows[3].length, LEAT_MODE_L2, &facts);
	assert_int_equal(facts.ip_headers, 1);
	assert_non_null(strstr(facts.text, "UDP 50000 > 6080"));
}

static void every_length_is_survived(void **state)
{
	struct frame_facts facts;
	size_t i, length;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (length = 0; length < rows[i].length; length++) {
			auto_free unsigned char *frame = memory_zeroed(1, length); /* so that sanitizers see its end */

			memcpy(frame, rows[i].frame, length);
			frame_read(frame, length, rows[i].mode, &facts);
			assert_non_null(strstr(facts.text, " cut short"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_tunnel_is_told),
		cmocka_unit_test(udp_is_looked_into_only_in_a_tunnel),
		cmocka_unit_test(every_length_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
