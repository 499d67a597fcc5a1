/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of type dns, icmp, udp, tls, grpc and exec: what they mean, and how they are got wrong, each with its sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/config.h"
#include "model/dns_names.h"
#include "source/source.h"

static const struct row {
	const char *check, *sentence;
} bad[] = {
	{ "type: http, name: a.test",
	  "name: an http check has none; only dns has; leave it out, or unset it by an empty text" },
	{ "type: dns",
	  "name is missing: a dns check asks for a name; a server's own zone is a good one" },
	{ "type: dns, name: 'www example'",
	  "name: 'www example' is not a name to ask for, such as www.example.com; it has at most 253 characters, 63 between dots" },
	{ "type: dns, name: a..test",
	  "name: 'a..test' is not a name to ask for, such as www.example.com; it has at most 253 characters, 63 between dots" },
	{ "type: dns, name: a.test, record: AAAAA",
	  "record: 'AAAAA' is not known; allowed are A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT" },
	{ "type: dns, name: a.test, rcode: '3'",
	  "rcode: '3' is not known; allowed are NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED" },
	{ "type: dns, name: a.test, answer: '2001:db8::1'",
	  "answer: '2001:db8::1' is not an IPv4 address, which a record A holds" },
	{ "type: dns, name: a.test, rcode: nxdomain, answer: 192.0.2.1",
	  "answer: with rcode NXDOMAIN there is none; leave one of them out" },
	{ "type: icmp, port: 7",
	  "port: an icmp check has none; leave it out" },
	{ "type: icmp, via: vip",
	  "via: leat itself answers echo requests to a VIP, no backend does; leave it out, or set backend" },
	{ "type: exec, command: /bin/true, via: vip",
	  "via: an exec check makes connections of its own, which leat cannot lead through the VIP; leave it out, or set backend" },
	{ "type: udp",
	  "send is missing: a udp check sends something, as text, or as 0x and hexadecimal digits" },
	{ "type: udp, send: '0x123'",
	  "send: '0x123' is not what a datagram can hold; it is 1 to 1024 bytes, as text, or as 0x and two hexadecimal digits a byte" },
	{ "type: udp, send: a, expect: '0x'",
	  "expect: '0x' is not what a datagram can hold; it is 1 to 1024 bytes, as text, or as 0x and two hexadecimal digits a byte" },
	{ "type: tls, alpn: 'h2,'",
	  "alpn: 'h2,' is not a list of protocols, such as h2,http/1.1" },
	{ "type: tls, expires-in: 7",
	  "expires-in: '7' is not a time before a certificate's end; it is a number and d, h, m or s, such as 7d, up to 825d" },
	{ "type: tls, expires-in: 826d",
	  "expires-in: '826d' is not a time before a certificate's end; it is a number and d, h, m or s, such as 7d, up to 825d" },
	{ "type: https, expires-in: 7d",
	  "expires-in: an https check has none; only tls has; leave it out, or unset it by an empty text" },
	{ "type: dns, name: a.test, host: a",
	  "host: a dns check has none; only http, https, tls and grpc have; leave it out, or unset it by an empty text" },
	{ "type: tcp, tls: yes",
	  "tls: a tcp check is never inside TLS; only grpc can be" },
	{ "type: grpc, verify: yes",
	  "verify: a check of type grpc sees no certificate; only https, tls, and grpc with tls: yes do" },
	{ "type: exec",
	  "command is missing: an exec check runs a file, such as /usr/local/lib/leat/check --deep" },
	{ "type: exec, command: check",
	  "command: 'check' is not a command; it is the whole path of a file and its arguments, with spaces between them, at most 1024 bytes" },
	{ "type: exec, command: /bin/true, user: root",
	  "user: root may do anything; name a user that may do little, such as nobody" },
	{ "type: exec, command: /bin/true, user: 'a b'",
	  "user: 'a b' is not a user's name, such as nobody" },
};

/* Of a pool "web", for services on two ports. To be freed. */
static int compile(const char *check, const char *more, struct config **ret, struct err *err)
{
	auto_free char *text = string_format("pools: [{name: web%s, check: {%s}}]\nservices:\n"
					     "- {protocol: tcp, address: 192.0.2.1, port: 80, pool: web}\n"
					     "- {protocol: udp, address: 192.0.2.1, port: 81, pool: web}\n",
					     more, check);
	struct doc *doc = NULL;
	int e = source_parse("f", text, strlen(text), &doc, err);

	if (!e)
		e = config_compile(doc, ret, err);
	source_free(doc);
	return e;
}

static void what_is_bad(void **state)
{
	struct config *config = NULL;
	struct err err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		auto_free char *wanted = string_format("pools[web].check.%s", bad[i].sentence);

		assert_int_not_equal(compile(bad[i].check, "", &config, &err), 0);
		assert_string_equal(err.text, wanted);
	}
}

static struct config *good(const char *check)
{
	struct config *config = NULL;
	struct err err;

	if (compile(check, "", &config, &err))
		fail_msg("%s", err.text);
	return config;
}

static void what_dns_means(void **state)
{
	struct config *config = good("type: dns, port: 53, name: a.test., record: aaaa, answer: '2001:DB8:0::1'");
	const struct config_check *check = &config->pools[0].check;

	assert_int_equal(check->type, DOC_CHECK_DNS);
	assert_int_equal(check->record, DNS_AAAA);
	assert_int_equal(check->rcode, 0);
	assert_string_equal(check->answer, "2001:db8::1");
	config_free(config);
	config = good("type: dns, port: 53, name: ., record: NS, rcode: refused");
	assert_int_equal(config->pools[0].check.rcode, 5);
	assert_int_equal(config->pools[0].check.record, DNS_NS);
	assert_null(config->pools[0].check.answer);
	config_free(config);
}

static void where_probes_go(void **state)
{
	struct config *config = good("type: tcp, port: 80, via: vip");
	const struct config_check *check = &config->pools[0].check;
	struct leat_addr ipv4, ipv6, vip;

	assert_int_equal(addr_parse("10.0.0.1", &ipv4) | addr_parse("fd00::1", &ipv6) | addr_parse("192.0.2.1", &vip), 0);
	assert_true(addr_equal(config_check_vip(check, &ipv4), &vip));
	assert_true(addr_equal(config_check_vip(check, &ipv6), &vip)); /* there is no IPv6 service */
	config_free(config);
	config = good("type: tcp, port: 80, via: backend");
	assert_null(config_check_vip(&config->pools[0].check, &ipv4));
	config_free(config);
}

/* Neither needs one port of the services. */
static void what_has_no_port(void **state)
{
	struct config *config = good("type: icmp");

	assert_int_equal(config->pools[0].check.type, DOC_CHECK_ICMP);
	assert_int_equal(config->pools[0].check.port, 0);
	config_free(config);
	config = good("type: exec, command: /bin/true a b");
	assert_int_equal(config->pools[0].check.type, DOC_CHECK_EXEC);
	assert_int_equal(config->pools[0].check.port, 0);
	assert_string_equal(config->pools[0].check.user, "nobody");
	config_free(config);
}

static void what_tls_and_grpc_mean(void **state)
{
	struct config *config = good("type: tls, port: 443, host: a.test, alpn: 'h2,http/1.1', expires-in: 7d, verify: yes");
	const struct config_check *check = &config->pools[0].check;

	assert_int_equal(check->expires_s, 7 * 86400);
	assert_true(check->verify);
	assert_string_equal(check->alpn, "h2,http/1.1");
	config_free(config);
	config = good("type: tls, port: 443, expires-in: 36h");
	assert_int_equal(config->pools[0].check.expires_s, 36 * 3600);
	config_free(config);
	config = good("type: grpc, port: 443, tls: yes, verify: yes, service: a.b.C, host: a.test");
	assert_true(config->pools[0].check.tls);
	assert_string_equal(config->pools[0].check.service, "a.b.C");
	config_free(config);
}

static void lrt_wants_response_times(void **state)
{
	struct config *config = NULL;
	struct err err;

	assert_int_not_equal(compile("type: udp, port: 7, send: a", ", scheduler: lrt", &config, &err), 0);
	assert_string_equal(err.text, "pools[web].scheduler: lrt goes by the response times of probes, and a udp check "
				      "without expect has none");
	assert_int_equal(compile("type: udp, port: 7, send: a, expect: b", ", scheduler: lrt", &config, &err), 0);
	config_free(config);
	assert_int_equal(compile("type: icmp", ", scheduler: lrt", &config, &err), 0);
	config_free(config);
}

/* Each key counts, and a copy is equal. */
static void what_is_equal(void **state)
{
	static const char *const different[] = {
		"type: dns, port: 53, name: a.test",
		"type: dns, port: 53, name: b.test",
		"type: dns, port: 53, name: a.test, record: MX",
		"type: dns, port: 53, name: a.test, rcode: REFUSED",
		"type: dns, port: 53, name: a.test, answer: 192.0.2.1",
		"type: udp, port: 53, send: a",
		"type: udp, port: 53, send: b",
		"type: udp, port: 53, send: a, expect: b",
		"type: tls, port: 53",
		"type: tls, port: 53, alpn: h2",
		"type: tls, port: 53, expires-in: 1d",
		"type: tls, port: 53, verify: yes",
		"type: grpc, port: 53",
		"type: grpc, port: 53, service: a",
		"type: grpc, port: 53, tls: yes",
		"type: exec, command: /bin/true",
		"type: exec, command: /bin/true a",
		"type: exec, command: /bin/true, user: daemon",
	};
	struct config *all[ARRAY_SIZE(different)];
	struct config_check copy;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(different); i++)
		all[i] = good(different[i]);
	for (i = 0; i < ARRAY_SIZE(different); i++) {
		config_check_copy(&copy, &all[i]->pools[0].check);
		for (j = 0; j < ARRAY_SIZE(different); j++)
			assert_int_equal(config_check_equal(&copy, &all[j]->pools[0].check), i == j);
		config_check_clear(&copy);
	}
	for (i = 0; i < ARRAY_SIZE(different); i++)
		config_free(all[i]);
}

static void what_bytes_mean(void **state)
{
	uint8_t bytes[CONFIG_CHECK_BYTES_MAX];
	size_t length;

	assert_int_equal(config_bytes("0x00fFa1", bytes, &length), 0);
	assert_int_equal(length, 3);
	assert_memory_equal(bytes, "\0\xff\xa1", 3);
	assert_int_equal(config_bytes("0X00", bytes, &length), 0);
	assert_int_equal(length, 4); /* a text */
	assert_int_not_equal(config_bytes("0x", bytes, &length), 0);
	assert_int_not_equal(config_bytes("0x0", bytes, &length), 0);
	assert_int_not_equal(config_bytes("0x0g", bytes, &length), 0);
	assert_int_not_equal(config_bytes("", bytes, &length), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_bad),
		cmocka_unit_test(what_dns_means),
		cmocka_unit_test(where_probes_go),
		cmocka_unit_test(what_has_no_port),
		cmocka_unit_test(what_tls_and_grpc_mean),
		cmocka_unit_test(lrt_wants_response_times),
		cmocka_unit_test(what_is_equal),
		cmocka_unit_test(what_bytes_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
