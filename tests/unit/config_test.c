/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration means: defaults, values, names resolved, and the limits of the maps. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "model/config.h"
#include "source/source.h"
#include "unit/config_compiled.h"

static void fails(const struct doc *doc, const char *sentence)
{
	struct config *config = NULL;
	struct err err = {};

	assert_int_equal(config_compile(doc, &config, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void assert_addr(const struct leat_addr *addr, const char *text)
{
	char buf[ADDR_TEXT_MAX];

	assert_string_equal(addr_format(addr, buf), text);
}

static void empty(void **state)
{
	struct config *config = compiled("");

	assert_int_equal(config->seed, 0);
	assert_int_equal(config->icmp_rate, 100);
	assert_int_equal(config->fragment_sets, 1024);
	assert_false(config->source4.set);
	assert_false(config->source6.set);
	assert_int_equal(config->interface_count + config->pool_count + config->service_count, 0);
	config_free(config);
	config_free(NULL);
}

static void quic(void **state)
{
	struct config *config = compiled("pools: [{name: web, backends: [{address: 10.0.0.1, server-id: 0A1b00}, "
					 "{address: 10.0.0.2}, {address: 10.0.0.3, server-id: ''}, "
					 "{address: 10.0.0.4, server-id: '000102030405060708090a0b0c0d0e'}]},\n"
					 " {name: b, backends: [{address: 10.0.0.1, server-id: 0a1b00}]}]\n"
					 "services: [{protocol: udp, address: 192.0.2.1, port: 443, pool: b, "
					 "quic: {server-id-length: 3, config: 6}}, {protocol: udp, address: 192.0.2.1, port: 444, "
					 "pool: web, quic: {server-id-length: 0}}, {protocol: tcp, address: 192.0.2.1, port: 443, "
					 "pool: b, quic: {server-id-length: 0}}]\n");
	char buf[ADDR_TEXT_MAX];

	assert_string_equal(config_server_id_format(&config->pools[0].members[0].server_id, buf), "0a1b00");
	assert_string_equal(config_server_id_format(&config->pools[0].members[1].server_id, buf), "");
	assert_string_equal(config_server_id_format(&config->pools[0].members[2].server_id, buf), "");
	assert_string_equal(config_server_id_format(&config->pools[0].members[3].server_id, buf),
			    "000102030405060708090a0b0c0d0e");
	assert_int_equal(config->services[0].quic, LEAT_QUIC(6, 3));
	assert_int_equal(config->services[1].quic, 0);
	assert_int_equal(config->services[2].quic, 0);
	config_free(config);
}

static void access_lists(void **state)
{
	struct config *config = compiled("access: [{name: b}, {name: office, allow: [10.0.0.0/8, 10.0.0.0/8, '::/0', 192.0.2.1], "
					 "deny: ['2001:db8::/32']}]\n"
					 "pools: [{name: web}]\n"
					 "services: [{protocol: tcp, address: 192.0.2.1, port: 80, pool: web, access: office}, "
					 "{protocol: tcp, address: 192.0.2.1, port: 81, pool: web}]\n");
	const struct config_access *office = &config->access[1];

	assert_int_equal(config->access[0].prefix_count, 0);
	assert_false(config->access[0].edges.denies4 || config->access[0].edges.denies6);
	assert_int_equal(office->allow_count, 3);
	assert_int_equal(office->deny_count, 1);
	assert_true(office->edges.denies4);
	assert_int_equal(office->edges.count4, 4);
	assert_int_equal(office->edges.edges4[0], 10u << 24);
	assert_int_equal(office->edges.edges4[1], 11u << 24);
	assert_int_equal(office->edges.edges4[2], 0xc0000201);
	assert_int_equal(office->edges.edges4[3], 0xc0000202);
	assert_false(office->edges.denies6);
	assert_int_equal(office->edges.count6, 2);
	assert_int_equal(config->services[0].access, 2);
	assert_int_equal(config->services[1].access, 0);
	config_free(config);
}

static void limits(void **state)
{
	struct config *config = compiled("access: [{name: a}, {name: b, limits: {packets-per-second: 1000, flows-per-second: 0, "
					 "source-packets-per-second: 3, source-flows-per-second: 10000000, burst: 500ms, "
					 "source-prefix-ipv4: 24, source-prefix-ipv6: 48}}]\n");
	const struct leat_guard *guard = &config->access[1].guard;

	assert_int_equal(config->access[0].guard.limits, 0);
	assert_int_equal(config->access[0].guard.burst_ns, 1000000000);
	assert_int_equal(config->access[0].guard.cut4, 0);
	assert_int_equal(config->access[0].guard.cut6, 64);
	assert_int_equal(guard->limits, 1);
	assert_int_equal(guard->interval_ns[LEAT_RATE_SERVICE_PACKETS], 1000000);
	assert_int_equal(guard->interval_ns[LEAT_RATE_SERVICE_FLOWS], 0);
	assert_int_equal(guard->interval_ns[LEAT_RATE_SOURCE_PACKETS], 333333333);
	assert_int_equal(guard->interval_ns[LEAT_RATE_SOURCE_FLOWS], 100);
	assert_int_equal(guard->burst_ns, 500000000);
	assert_int_equal(guard->cut4, 8);
	assert_int_equal(guard->cut6, 80);
	config_free(config);
}

static void defaults(void **state)
{
	struct config *config =
		compiled("interfaces: [{name: eth0}]\n"
			 "pools: [{name: web, check: {type: http}, backends: [{address: 10.0.0.1}]}]\n"
			 "services: [{protocol: tcp, address: 192.0.2.1, port: 8080, pool: web}]\n");
	const struct config_pool *pool = &config->pools[0];
	const struct config_check *check = &pool->check;

	assert_int_equal(config->interfaces[0].mode, DOC_ATTACH_NATIVE);
	assert_int_equal(pool->mode, LEAT_MODE_IPIP);
	assert_int_equal(pool->table_size, 65537);
	assert_int_equal(pool->all_down, DOC_ALL_DOWN_FAIL_OPEN);
	assert_int_equal(pool->members[0].weight, 1);
	assert_int_equal(pool->members[0].state, DOC_STATE_ENABLED);
	assert_int_equal(check->type, DOC_CHECK_HTTP);
	assert_int_equal(check->port, 8080);
	assert_int_equal(check->interval_ms, 2000);
	assert_int_equal(check->fast_interval_ms, 500);
	assert_int_equal(check->timeout_ms, 1000);
	assert_int_equal(check->rise, 2);
	assert_int_equal(check->fall, 3);
	assert_string_equal(check->path, "/");
	assert_null(check->host);
	assert_null(check->body);
	assert_int_equal(check->status_count, 1);
	assert_int_equal(check->statuses[0].first, 200);
	assert_int_equal(check->statuses[0].last, 399);
	assert_false(check->verify);
	config_free(config);
}

static void tunnels_have_their_ports(void **state)
{
	static const struct {
		const char *text, *name;
		enum leat_mode mode;
		uint16_t port;
	} rows[] = {
		{"mode: l2", "l2", LEAT_MODE_L2, 0},
		{"mode: l2, tunnel-port: 0", "l2", LEAT_MODE_L2, 0},
		{"mode: ipip", "ipip", LEAT_MODE_IPIP, 0},
		{"mode: gre", "gre", LEAT_MODE_GRE, 0},
		{"mode: gue", "gue", LEAT_MODE_GUE, 6080},
		{"mode: gue, tunnel-port: 0", "gue", LEAT_MODE_GUE, 6080},
		{"mode: gue1", "gue1", LEAT_MODE_GUE1, 6080},
		{"mode: gue1, tunnel-port: 65535", "gue1", LEAT_MODE_GUE1, 65535},
		{"mode: fou", "fou", LEAT_MODE_FOU, 5555},
		{"mode: fou, tunnel-port: 65534", "fou", LEAT_MODE_FOU, 65534},
	};
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct config *config;

		snprintf(text, sizeof(text), "pools: [{name: web, %s}]\n", rows[i].text);
		config = compiled(text);
		assert_int_equal(config->pools[0].mode, rows[i].mode);
		assert_int_equal(config->pools[0].tunnel_port, rows[i].port);
		assert_string_equal(config_mode_name(config->pools[0].mode), rows[i].name);
		config_free(config);
	}
	assert_string_equal(config_mode_name(77), "unknown");
}

/* Sets of eight datagrams, a power of two of them. */
static void fragments(void **state)
{
	static const struct {
		const char *text;
		uint32_t sets;
	} rows[] = {{"fragments: 1\n", 1}, {"fragments: 8\n", 1}, {"fragments: 9\n", 2}, {"fragments: 40\n", 8}, {"fragments: 65536\n", 8192}};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = compiled(rows[i].text);

		assert_int_equal(config->fragment_sets, rows[i].sets);
		config_free(config);
	}
}

static void everything(void **state)
{
	struct config *config =
		compiled("seed: FFffFFffFFffFFff\nicmp-rate: 0\nfragments: 0\n"
			 "interfaces: [{name: eth0, mode: generic}, {name: bond0.4094}]\n"
			 "pools:\n- {name: a, mode: l2}\n"
			 "- name: b\n  table-size: 251\n  on-all-down: refuse\n"
			 "  check: {type: https, port: 8443, interval: 1m, fast-interval: 1s, timeout: "
			 "250ms, rise: 1, fall: 255,\n"
			 "    path: '/h?a=b', host: 'www.example.com:8443', status: '200,204,300-302', body: "
			 "'all is well',\n"
			 "    verify: on}\n"
			 "  backends: [{address: 10.0.0.2, weight: 0, state: draining},\n"
			 "    {address: '2001:db8::2', weight: 65535, state: disabled}]\n"
			 "services:\n- {protocol: udp, address: '2001:db8::1', port: 65535, pool: b}\n"
			 "- {protocol: tcp, address: 192.0.2.1, port: 1, pool: a}\n");
	const struct config_pool *pool = &config->pools[1];

	assert_true(config->seed == UINT64_MAX);
	assert_int_equal(config->icmp_rate, 0);
	assert_int_equal(config->fragment_sets, 0);
	assert_int_equal(config->interfaces[0].mode, DOC_ATTACH_GENERIC);
	assert_string_equal(config->interfaces[1].name, "bond0.4094");
	assert_int_equal(config->pools[0].mode, LEAT_MODE_L2);
	assert_int_equal(pool->table_size, 251);
	assert_int_equal(pool->all_down, DOC_ALL_DOWN_REFUSE);
	assert_int_equal(pool->check.port, 8443);
	assert_int_equal(pool->check.interval_ms, 60000);
	assert_int_equal(pool->check.timeout_ms, 250);
	assert_int_equal(pool->check.status_count, 3);
	assert_int_equal(pool->check.statuses[1].first, 204);
	assert_int_equal(pool->check.statuses[1].last, 204);
	assert_int_equal(pool->check.statuses[2].last, 302);
	assert_string_equal(pool->check.host, "www.example.com:8443");
	assert_string_equal(pool->check.body, "all is well");
	assert_true(pool->check.verify);
	assert_int_equal(pool->members[0].weight, 0);
	assert_int_equal(pool->members[1].weight, 65535);
	assert_int_equal(pool->members[1].state, DOC_STATE_DISABLED);
	assert_addr(&pool->members[1].addr, "2001:db8::2");
	assert_addr(&config->services[0].key.addr, "2001:db8::1");
	assert_int_equal(config->services[0].key.protocol, IPPROTO_UDP);
	assert_int_equal(config->services[0].key.port, htons(65535));
	assert_int_equal(config->services[0].pool, 1);
	assert_int_equal(config->services[1].pool, 0);
	config_free(config);
}

static void sources(void **state)
{
	static const struct {
		const char *text, *addr;
		uint32_t mask;
	} rows[] = {
		{"ipv4: 10.9.0.1", "10.9.0.1", 0},
		{"ipv4: 10.9.0.1/32", "10.9.0.1", 0},
		{"ipv4: 10.9.0.0/24", "10.9.0.0", 0xff},
		{"ipv4: 10.0.0.0/8", "10.0.0.0", 0xffffff},
		{"ipv6: '2001:db8::1'", "2001:db8::1", 0},
		{"ipv6: '2001:db8::/120'", "2001:db8::", 0xff},
		{"ipv6: '2001:db8::/96'", "2001:db8::", 0xffffffff},
		{"ipv6: '2001:db8::/64'", "2001:db8::", 0xffffffff}, /* the last 32 bits are enough */
		{"ipv6: '2001:db8::/32'", "2001:db8::", 0xffffffff},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *text = string_format("source: {%s}\n", rows[i].text);
		struct config *config = compiled(text);
		struct config_source *source = rows[i].text[3] == '4' ? &config->source4 : &config->source6;

		assert_true(source->set);
		assert_int_not_equal(config->source4.set, config->source6.set);
		assert_addr(&source->addr, rows[i].addr);
		assert_int_equal(ntohl(source->mask), rows[i].mask);
		config_free(config);
	}
}

/* A default that would be longer than the interval is as long as the interval. */
static void defaults_give_way(void **state)
{
	struct config *config =
		compiled("pools: [{name: a, check: {type: tcp, port: 1, interval: 100ms}}]\n");

	assert_int_equal(config->pools[0].check.fast_interval_ms, 100);
	assert_int_equal(config->pools[0].check.timeout_ms, 100);
	config_free(config);
}

static void check_ports(void **state)
{
	struct config *config =
		compiled("pools:\n- {name: idle, check: {type: tcp}}\n- {name: dns, check: {type: tcp}}\n"
			 "- {name: two, check: {type: tcp, port: 9}}\n- {name: off, check: {type: none, "
			 "path: /x, rise: 9}}\n"
			 "services:\n- {protocol: udp, address: 192.0.2.1, port: 53, pool: dns}\n"
			 "- {protocol: tcp, address: 192.0.2.1, port: 53, pool: dns}\n"
			 "- {protocol: tcp, address: 192.0.2.1, port: 1, pool: two}\n"
			 "- {protocol: tcp, address: 192.0.2.1, port: 2, pool: two}\n"
			 "- {protocol: tcp, address: 192.0.2.1, port: 3, pool: off}\n"
			 "- {protocol: tcp, address: 192.0.2.1, port: 4, pool: off}\n");

	assert_int_equal(config->pools[0].check.type, DOC_CHECK_NONE); /* until a service says which port */
	assert_int_equal(config->pools[1].check.port, 53);
	assert_int_equal(config->pools[2].check.port, 9);
	assert_int_equal(config->pools[3].check.type, DOC_CHECK_NONE);
	config_free(config);
}

/* Docs that no parser makes, but edits do. */
static void missing(void **state)
{
	struct doc_backend backend = {};
	struct doc_pool pool = {.name = "web", .backends = &backend, .backend_count = 1};
	struct doc_service service = {};
	struct doc_interface interface = {};
	struct doc doc = {.interfaces = &interface, .interface_count = 1};

	fails(&doc, "interfaces[0].name is missing");
	doc = (struct doc){.pools = &pool, .pool_count = 1};
	fails(&doc, "pools[web].backends[0].address is missing");
	pool = (struct doc_pool){.name = "web", .table_size = 7};
	fails(&doc, "pools[web].table-size: 7 is out of range; allowed are primes from 251 to 131071");
	pool = (struct doc_pool){};
	fails(&doc, "pools[0].name is missing");
	pool = (struct doc_pool){.name = "web"};
	doc.services = &service;
	doc.service_count = 1;
	fails(&doc, "services[0].protocol is missing; allowed are tcp, udp, sctp, gre, esp, any");
	service.protocol = DOC_PROTOCOL_TCP;
	fails(&doc, "services[0].address is missing");
	service.address = "192.0.2.1";
	fails(&doc, "services[0].port is missing; allowed are 1 to 65535, a range such as 8000-8999, and any");
	service.port = "80";
	fails(&doc, "services[0].pool is missing; it is the name of a pool");
	doc = (struct doc){.icmp_rate = &(uint32_t){DOC_ICMP_RATE_MAX + 1}};
	fails(&doc, "icmp-rate: 1000001 is too many; allowed are 0 to 1000000");
	doc = (struct doc){.fragments = &(uint32_t){DOC_FRAGMENTS_MAX + 1}};
	fails(&doc, "fragments: 65537 is too many; allowed are 0 to 65536");
	doc = (struct doc){.flows = &(struct doc_flows){.size = 5}};
	fails(&doc, "flows.size: 5 is out of range; allowed are 8192 to 67108864");
	doc = (struct doc){.flows = &(struct doc_flows){.pin_rate = &(uint32_t){DOC_PIN_RATE_MAX + 1}}};
	fails(&doc, "flows.pin-rate: 100000001 is too many; allowed are 0 to 100000000");
	pool = (struct doc_pool){.name = "web", .scheduler = DOC_SCHEDULER_SH, .source_prefix_ipv4 = 33};
	doc = (struct doc){.pools = &pool, .pool_count = 1};
	fails(&doc, "pools[web].source-prefix-ipv4: 33 is out of range; allowed are 1 to 32");
}

static void many_pools(unsigned int pools, uint32_t size, const char *sentence)
{
	struct doc doc = {.pool_count = pools, .pools = memory_zeroed(pools, sizeof(struct doc_pool))};
	struct config *config = NULL;
	unsigned int i;

	for (i = 0; i < pools; i++) {
		doc.pools[i].name = string_format("p%u", i);
		doc.pools[i].table_size = size;
	}
	if (sentence)
		fails(&doc, sentence);
	else
		assert_int_equal(config_compile(&doc, &config, NULL), 0);
	config_free(config);
	for (i = 0; i < pools; i++)
		free(doc.pools[i].name);
	free(doc.pools);
}

static void limits_of_pools(void **state)
{
	unsigned int tables = LEAT_SLOTS_MAX / 65537 - 1; /* and room for one more, to replace one */
	char *sentence =
		string_format("pools: the tables have %u slots, and replacing the largest takes 65537 more; "
			      "allowed are %u in all: use a smaller table-size or fewer pools",
			      (tables + 1) * 65537, LEAT_SLOTS_MAX);

	many_pools(4095, 251, NULL);
	many_pools(4096, 251, "pools: 4096 pools; allowed are 4095");
	many_pools(tables, 65537, NULL);
	many_pools(tables + 1, 65537, sentence);
	free(sentence);
}

static void many(unsigned int backends, unsigned int services, const char *sentence)
{
	struct text text = {};
	struct doc *doc;
	unsigned int i;

	text_add(&text, "pools: [{name: a, backends: [");
	for (i = 0; i < backends; i++)
		text_add(&text, "{address: 10.0.%u.%u},", i >> 8, i & 255);
	text_add(&text, "]}]\nservices: [");
	for (i = 0; i < services; i++)
		text_add(&text, "{protocol: tcp, address: 192.1.%u.%u, port: %u, pool: a},", i >> 9,
			 i >> 1 & 255, i % 2 + 1);
	text_add(&text, "]\n");
	doc = parsed(text.s);
	if (sentence) {
		fails(doc, sentence);
	} else {
		struct config *config = NULL;

		assert_int_equal(config_compile(doc, &config, NULL), 0);
		config_free(config);
	}
	source_free(doc);
	free(text.s);
}

static void limits_of_backends_and_services(void **state)
{
	many(32767, 1, NULL);
	many(32768, 1, "pools: 32768 backends in all; allowed are 32767");
	many(1, 21844, NULL);
	many(1, 21846, "services: 21846 services and their 10923 addresses; allowed are 32767 together");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(defaults),
		cmocka_unit_test(access_lists),
		cmocka_unit_test(limits),
		cmocka_unit_test(quic),
		cmocka_unit_test(tunnels_have_their_ports),
		cmocka_unit_test(fragments), cmocka_unit_test(everything),
		cmocka_unit_test(sources),
		cmocka_unit_test(defaults_give_way),
		cmocka_unit_test(check_ports),
		cmocka_unit_test(missing),
		cmocka_unit_test(limits_of_pools),
		cmocka_unit_test(limits_of_backends_and_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
