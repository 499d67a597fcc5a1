/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, endpoints, prefixes and durations, read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"

static struct leat_addr addr(const char *text)
{
	struct leat_addr ret;

	assert_int_equal(addr_parse(text, &ret), 0);
	return ret;
}

static void addresses(void **state)
{
	static const struct {
		const char *text, *canonical;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "2001:0DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" }, /* RFC 5952 4.2.2: not one group alone */
		{ "::ffff:192.0.2.1", "192.0.2.1" },                /* mapped: the same address */
	};
	static const char *const bad[] = { "", "192.0.2", "192.0.2.256", "192.0.2.1 ", " 192.0.2.1", "192.0.2.1/32", "1",
					   "2001:db8", "2001:db8::1::2", "fe80::1%eth0", "[::1]", "example.com", "12345::" };
	char buf[ADDR_TEXT_MAX];
	struct leat_addr untouched = addr("192.0.2.7");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct leat_addr a = addr(rows[i].text);

		assert_string_equal(addr_format(&a, buf), rows[i].canonical);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(addr_parse(bad[i], &untouched), -EINVAL);
		assert_string_equal(addr_format(&untouched, buf), "192.0.2.7");
	}
	assert_int_equal(addr_parse(NULL, &untouched), -EINVAL);
}

static void endpoints(void **state)
{
	static const struct {
		const char *text;
		uint16_t port;
	} rows[] = { { "192.0.2.1:80", 80 }, { "[2001:db8::1]:443", 443 }, { "[::]:0", 0 }, { "10.0.0.1:65535", 65535 } };
	static const char *const bad[] = { "", ":", "192.0.2.1", "192.0.2.1:", ":80", "192.0.2.1:65536", "192.0.2.1:080", "192.0.2.1:-1",
					   "192.0.2.1:80x", "192.0.2.1: 80", "2001:db8::1:80", "[2001:db8::1]", "[]:80", "[:80",
					   "[2001:db8::1:80", "[2001:db8::1]]:80", "192.0.2.1:99999999999999999999",
					   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:1" };
	char buf[ADDR_TEXT_MAX];
	struct leat_addr a;
	uint16_t port;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(endpoint_parse(rows[i].text, &a, &port), 0);
		assert_int_equal(port, rows[i].port);
		assert_string_equal(endpoint_format(&a, port, buf), rows[i].text);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(endpoint_parse(bad[i], &a, &port), -EINVAL);
	assert_int_equal(endpoint_parse(NULL, &a, &port), -EINVAL);
}

static void kinds(void **state)
{
	static const char *const hosts[] = { "192.0.2.1", "10.0.0.1", "223.255.255.255", "2001:db8::1", "fe80::1" };
	static const char *const others[] = { "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.0.1", "224.0.0.1", "239.1.1.1",
					      "240.0.0.1", "255.255.255.255", "::", "::1", "ff02::1" };
	struct leat_addr a, b;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hosts); i++)
		assert_true(addr_is_host(&(struct leat_addr[]){ addr(hosts[i]) }[0]));
	for (i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(addr_is_host(&(struct leat_addr[]){ addr(others[i]) }[0]));
	a = addr("192.0.2.1");
	b = addr("2001:db8::1");
	assert_true(addr_is_ipv4(&a));
	assert_false(addr_is_ipv4(&b));
	assert_true(addr_equal(&a, &a));
	assert_false(addr_equal(&a, &b));
	assert_true(addr_compare(&a, &b) < 0 && addr_compare(&b, &a) > 0 && !addr_compare(&a, &a));
	b = addr("::");
	assert_true(addr_is_zero(&b));
	assert_false(addr_is_zero(&a));
	a = addr("0.0.0.0");
	assert_false(addr_is_zero(&a)); /* mapped */
}

static void prefixes(void **state)
{
	static const struct {
		const char *text, *addr;
		unsigned int length;
	} rows[] = {
		{ "192.0.2.0/28", "192.0.2.0", 28 }, { "192.0.2.1", "192.0.2.1", 32 },	   { "0.0.0.0/0", "0.0.0.0", 0 },
		{ "2001:db8::/64", "2001:db8::", 64 }, { "2001:db8::1", "2001:db8::1", 128 }, { "::/128", "::", 128 },
	};
	static const char *const bad[] = { "", "/", "/8", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/08", "192.0.2.0/8/8",
					   "2001:db8::/129", "192.0.2.0/x", "192.0.2.0/ 8" };
	char buf[ADDR_TEXT_MAX];
	struct leat_addr a;
	unsigned int length;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(prefix_parse(rows[i].text, &a, &length), 0);
		assert_string_equal(addr_format(&a, buf), rows[i].addr);
		assert_int_equal(length, rows[i].length);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(prefix_parse(bad[i], &a, &length), -EINVAL);
	assert_int_equal(prefix_parse(NULL, &a, &length), -EINVAL);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint32_t ms;
		const char *shortest;
	} rows[] = {
		{ "0ms", 0, "0ms" },	     { "0s", 0, "0ms" },	    { "1ms", 1, "1ms" },     { "250ms", 250, "250ms" },
		{ "2s", 2000, "2s" },	     { "1500ms", 1500, "1500ms" },  { "1000ms", 1000, "1s" },
		{ "90s", 90000, "90s" },     { "60s", 60000, "1m" },	    { "120m", 7200000, "2h" },
		{ "1h", 3600000, "1h" },     { "596h", 2145600000, "596h" }, { "2147483647ms", 2147483647, "2147483647ms" },
	};
	static const char *const bad[] = { "", "1", "01s", "00ms", "s", "1 s", " 1s", "-1s", "+1s", "1.5s", "1S", "1sec", "1d", "597h",
					   "2147483648ms", "99999999999999999999ms", "0x1s", "1s " };
	char buf[ADDR_TEXT_MAX];
	uint32_t ms;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(duration_parse(rows[i].text, &ms), 0);
		assert_int_equal(ms, rows[i].ms);
		assert_string_equal(duration_format(ms, buf), rows[i].shortest);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(duration_parse(bad[i], &ms), -EINVAL);
	assert_int_equal(duration_parse(NULL, &ms), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(endpoints), cmocka_unit_test(kinds),
		cmocka_unit_test(prefixes),  cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
