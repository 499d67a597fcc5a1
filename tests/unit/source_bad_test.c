/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bad texts and the exact sentences they get: place, what was found, what is allowed. One test a row. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "source/source.h"

#define POOL "pools:\n- name: web\n"

/* clang-format off */
static const struct row {
	const char *name, *text, *sentence;
} rows[] = {
	{"an unknown key at the top",
	 "pool: []\n",
	 "f:1:1: unknown key 'pool' (did you mean 'pools'?); allowed are seed, icmp-rate, fragments, "
	 "flows, source, interfaces, access, pools, services"},
	{"one that resembles nothing",
	 "frobnicate: 1\n",
	 "f:1:1: unknown key 'frobnicate'; allowed are seed, icmp-rate, fragments, flows, source, "
	 "interfaces, access, pools, services"},
	{"an unknown key in a pool",
	 POOL "  table: 251\n",
	 "f:3:3: unknown key 'table' in pools[0]; allowed are name, scheduler, source-prefix-ipv4, "
	 "source-prefix-ipv6, affinity, slow-start, mode, tunnel-port, table-size, "
	 "on-all-down, check, backends"},
	{"an unknown key in a backend",
	 "pools:\n- name: a\n- name: b\n  backends:\n  - address: 10.0.0.1\n  - address: 10.0.0.2\n  - address: 10.0.0.3\n    wieght: 1\n",
	 "f:8:5: unknown key 'wieght' in pools[1].backends[2] (did you mean 'weight'?); allowed are "
	 "address, weight, state, drain-deadline, server-id"},
	{"an unknown key that comes first",
	 "pools:\n- nmae: a\n",
	 "f:2:3: unknown key 'nmae' in pools[0] (did you mean 'name'?); allowed are name, scheduler, source-prefix-ipv4, "
	 "source-prefix-ipv6, affinity, slow-start, mode, tunnel-port, "
	 "table-size, on-all-down, check, backends"},
	{"an unknown key in a check",
	 POOL "  check:\n    type: tcp\n    intervall: 1s\n",
	 "f:5:5: unknown key 'intervall' in pools[0].check (did you mean 'interval'?); allowed are type, "
	 "port, via, interval, fast-interval, timeout, rise, fall, path, host, status, body, name, "
	 "record, rcode, answer, send, expect, alpn, expires-in, service, command, user, tls, verify"},
	{"an unknown key in the source",
	 "source:\n  ip4: 10.0.0.1\n",
	 "f:2:3: unknown key 'ip4' in source (did you mean 'ipv4'?); allowed are ipv4, ipv6"},
	{"an unknown key in an interface",
	 "interfaces:\n- nam: eth0\n",
	 "f:2:3: unknown key 'nam' in interfaces[0] (did you mean 'name'?); allowed are name, mode"},
	{"an unknown key in a service",
	 "services:\n- protocol: tcp\n  adress: 192.0.2.1\n",
	 "f:3:3: unknown key 'adress' in services[0] (did you mean 'address'?); allowed are protocol, "
	 "address, port, pool, sticky, quic, access"},
	{"an underscore for a dash",
	 POOL "  table_size: 251\n",
	 "f:3:3: unknown key 'table_size' in pools[0] (did you mean 'table-size'?); allowed are name, "
	 "scheduler, source-prefix-ipv4, "
	 "source-prefix-ipv6, affinity, slow-start, mode, tunnel-port, table-size, on-all-down, check, backends"},
	{"a capital letter",
	 "Seed: ff\n",
	 "f:1:1: unknown key 'Seed' (did you mean 'seed'?); allowed are seed, icmp-rate, fragments, "
	 "flows, source, interfaces, access, pools, services"},
	{"a key that is no text",
	 "[a]: 1\n",
	 "f:1:1: a key is a list; it must be a single word"},
	{"a key that is a mapping",
	 "{a: b}: 1\n",
	 "f:1:1: a key is a mapping of keys; it must be a single word"},
	{"a merge key",
	 POOL "  check: &c {type: tcp}\n- name: b\n  check:\n    <<: *c\n",
	 "f:6:5: unknown key '<<' in pools[1].check; allowed are type, port, via, interval, fast-interval, "
	 "timeout, rise, fall, path, host, status, body, name, "
	 "record, rcode, answer, send, expect, alpn, expires-in, service, command, user, tls, verify"},
	{"a key with a NUL",
	 "\"seed\\0x\": 1\n",
	 "f:1:1: unknown key 'seed' (did you mean 'seed'?); allowed are seed, icmp-rate, fragments, "
	 "flows, source, interfaces, access, pools, services"},
	{"a key with a line break",
	 "\"se\\ned\": 1\n",
	 "f:1:1: unknown key 'se?ed' (did you mean 'seed'?); allowed are seed, icmp-rate, fragments, "
	 "flows, source, interfaces, access, pools, services"},
	{"a very long key",
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 1\n",
	 "f:1:1: unknown key 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'; allowed "
	 "are seed, icmp-rate, fragments, flows, source, "
	 "interfaces, access, pools, services"},
	{"a key twice at the top",
	 "seed: 1\nseed: 2\n",
	 "f:2:1: key 'seed' appears twice; it is in line 1 already"},
	{"a key twice in a pool",
	 POOL "  mode: l2\n  name: web\n",
	 "f:4:3: key 'name' appears twice in pools[0]; it is in line 2 already"},
	{"a key twice in a backend",
	 POOL "  backends:\n  - address: 10.0.0.1\n    address: 10.0.0.2\n",
	 "f:5:5: key 'address' appears twice in pools[0].backends[0]; it is in line 4 already"},
	{"no such mode of forwarding",
	 POOL "  mode: foo\n",
	 "f:3:9: 'foo' is not a mode; allowed are l2, ipip, gre, gue, gue1, fou"},
	{"no such mode of attaching",
	 "interfaces:\n- name: eth0\n  mode: offload\n",
	 "f:3:9: 'offload' is not a mode; allowed are native, generic"},
	{"no such scheduler",
	 POOL "  scheduler: wlcc\n",
	 "f:3:14: 'wlcc' is not a scheduler; allowed are mh, sh, rr, wrr, lc, wlc, random, p2c, lrt"},
	{"an underscore in a key of flows",
	 "flows: {pin_rate: 5}\n",
	 "f:1:9: unknown key 'pin_rate' in flows (did you mean 'pin-rate'?); allowed are size, idle-timeout, "
	 "opening-timeout, closing-timeout, pin-rate"},
	{"flows that are a number",
	 "flows: 1000000\n",
	 "f:1:8: flows is a single value; it must be a mapping of these keys: size, idle-timeout, "
	 "opening-timeout, closing-timeout, pin-rate"},
	{"too few flows",
	 "flows: {size: 8191}\n",
	 "f:1:15: '8191' is not allowed for size; it must be a whole number from 8192 to 67108864"},
	{"too many flows",
	 "flows: {size: 67108865}\n",
	 "f:1:15: '67108865' is not allowed for size; it must be a whole number from 8192 to 67108864"},
	{"flows in words",
	 "flows: {size: 1M}\n",
	 "f:1:15: '1M' is not allowed for size; it must be a whole number from 8192 to 67108864"},
	{"a negative rate of pins",
	 "flows: {pin-rate: -1}\n",
	 "f:1:19: '-1' is not allowed for pin-rate; it must be a whole number from 0 to 100000000"},
	{"a prefix of nothing",
	 POOL "  source-prefix-ipv4: 0\n",
	 "f:3:23: '0' is not allowed for source-prefix-ipv4; it must be a whole number from 1 to 32"},
	{"a prefix longer than an IPv4 address",
	 POOL "  source-prefix-ipv4: 33\n",
	 "f:3:23: '33' is not allowed for source-prefix-ipv4; it must be a whole number from 1 to 32"},
	{"a prefix longer than an IPv6 address",
	 POOL "  source-prefix-ipv6: 129\n",
	 "f:3:23: '129' is not allowed for source-prefix-ipv6; it must be a whole number from 1 to 128"},
	{"a port past the last",
	 POOL "  tunnel-port: 65536\n",
	 "f:3:16: '65536' is not allowed for tunnel-port; it must be a whole number from 0 to 65535"},
	{"a port that is a word",
	 POOL "  tunnel-port: gue\n",
	 "f:3:16: 'gue' is not allowed for tunnel-port; it must be a whole number from 0 to 65535"},
	{"an affinity without a time",
	 POOL "  affinity:\n",
	 "f:3:12: pools[0].affinity has no value; it must be a text"},
	{"a misspelt deadline",
	 POOL "  backends:\n  - address: 10.0.0.1\n    drain_deadline: 5m\n",
	 "f:5:5: unknown key 'drain_deadline' in pools[0].backends[0] (did you mean 'drain-deadline'?); allowed "
	 "are address, weight, state, drain-deadline, server-id"},
	{"a service that sticks",
	 "services:\n- {protocol: udp, address: 192.0.2.1, port: 53, pool: web, sticki: 5m}\n",
	 "f:2:60: unknown key 'sticki' in services[0] (did you mean 'sticky'?); allowed are protocol, address, "
	 "port, pool, sticky, quic, access"},
	{"no such state",
	 POOL "  backends:\n  - address: 10.0.0.1\n    state: drained\n",
	 "f:5:12: 'drained' is not a state; allowed are enabled, draining, disabled"},
	{"no such protocol",
	 "services:\n- protocol: dccp\n",
	 "f:2:13: 'dccp' is not a protocol; allowed are tcp, udp, sctp, gre, esp, any"},
	{"a protocol in capitals",
	 "services:\n- protocol: TCP\n",
	 "f:2:13: 'TCP' is not a protocol; allowed are tcp, udp, sctp, gre, esp, any"},
	{"no such check",
	 POOL "  check:\n    type: smtp\n",
	 "f:4:11: 'smtp' is not a type; allowed are none, tcp, http, https, dns, icmp, udp, tls, grpc, exec"},
	{"no such thing to do",
	 POOL "  on-all-down: panic\n",
	 "f:3:16: 'panic' is not allowed for on-all-down; allowed are fail-open, refuse"},
	{"a choice by number",
	 POOL "  mode: 1\n",
	 "f:3:9: '1' is not a mode; allowed are l2, ipip, gre, gue, gue1, fou"},
	{"an empty choice",
	 POOL "  mode: ''\n",
	 "f:3:9: '' is not a mode; allowed are l2, ipip, gre, gue, gue1, fou"},
	{"a weight too large",
	 POOL "  backends: [{address: 10.0.0.1, weight: 65536}]\n",
	 "f:3:42: '65536' is not allowed for weight; it must be a whole number from 0 to 65535"},
	{"a negative weight",
	 POOL "  backends:\n  - address: 10.0.0.1\n    weight: -1\n",
	 "f:5:13: '-1' is not allowed for weight; it must be a whole number from 0 to 65535"},
	{"half a weight",
	 POOL "  backends:\n  - address: 10.0.0.1\n    weight: 1.5\n",
	 "f:5:13: '1.5' is not allowed for weight; it must be a whole number from 0 to 65535"},
	{"a weight in octal",
	 POOL "  backends:\n  - address: 10.0.0.1\n    weight: 010\n",
	 "f:5:13: '010' is not allowed for weight; it must be a whole number from 0 to 65535"},
	{"a weight in hexadecimal",
	 POOL "  backends:\n  - address: 10.0.0.1\n    weight: 0x10\n",
	 "f:5:13: '0x10' is not allowed for weight; it must be a whole number from 0 to 65535"},
	{"a weight of words",
	 POOL "  backends:\n  - address: 10.0.0.1\n    weight: heavy\n",
	 "f:5:13: 'heavy' is not allowed for weight; it must be a whole number from 0 to 65535"},
	{"a huge number",
	 "icmp-rate: 99999999999999999999999\n",
	 "f:1:12: '99999999999999999999999' is not allowed for icmp-rate; it must be a whole number from 0 "
	 "to 1000000"},
	{"too high a rate",
	 "icmp-rate: 1000001\n",
	 "f:1:12: '1000001' is not allowed for icmp-rate; it must be a whole number from 0 to 1000000"},
	{"port zero",
	 "services:\n- protocol: tcp\n  port: 0\n",
	 "f:3:9: '0' is not allowed for port; it must be a whole number from 1 to 65535, a range such as 8000-8999, or any"},
	{"a port too large",
	 "services:\n- port: 70000\n",
	 "f:2:9: '70000' is not allowed for port; it must be a whole number from 1 to 65535, a range such as 8000-8999, or any"},
	{"a port by name",
	 "services:\n- port: http\n",
	 "f:2:9: 'http' is not allowed for port; it must be a whole number from 1 to 65535, a range such as 8000-8999, or any"},
	{"port zero to probe",
	 POOL "  check:\n    port: 0\n",
	 "f:4:11: '0' is not allowed for port; it must be a whole number from 1 to 65535"},
	{"rise zero",
	 POOL "  check:\n    rise: 0\n",
	 "f:4:11: '0' is not allowed for rise; it must be a whole number from 1 to 255"},
	{"a fall too large",
	 POOL "  check:\n    fall: 256\n",
	 "f:4:11: '256' is not allowed for fall; it must be a whole number from 1 to 255"},
	{"a table too small",
	 POOL "  table-size: 250\n",
	 "f:3:15: '250' is not allowed for table-size; it must be a whole number from 251 to 131071"},
	{"a table too large",
	 POOL "  table-size: 131072\n",
	 "f:3:15: '131072' is not allowed for table-size; it must be a whole number from 251 to 131071"},
	{"neither yes nor no",
	 POOL "  check:\n    verify: maybe\n",
	 "f:4:13: 'maybe' is not allowed for verify; allowed are yes, no, true, false, on, off"},
	{"a truth by number",
	 POOL "  check:\n    verify: 1\n",
	 "f:4:13: '1' is not allowed for verify; allowed are yes, no, true, false, on, off"},
	{"pools that are a mapping",
	 "pools:\n  web: 1\n",
	 "f:2:3: pools is a mapping of keys; it must be a list, each entry after a dash"},
	{"pools that are a text",
	 "pools: web\n",
	 "f:1:8: pools is a single value; it must be a list, each entry after a dash"},
	{"pools that are nothing",
	 "pools:\n",
	 "f:1:7: pools has no value; it must be a list, each entry after a dash"},
	{"services that are nothing",
	 "seed: ff\nservices: ~\n",
	 "f:2:11: services has no value; it must be a list, each entry after a dash"},
	{"a pool that is a text",
	 "pools:\n- web\n",
	 "f:2:3: pools[0] is a single value; it must be a mapping of these keys: name, scheduler, source-prefix-ipv4, "
	 "source-prefix-ipv6, affinity, slow-start, mode, tunnel-port, "
	 "table-size, on-all-down, check, backends"},
	{"a pool that is a list",
	 "pools:\n- [web]\n",
	 "f:2:3: pools[0] is a list; it must be a mapping of these keys: name, scheduler, source-prefix-ipv4, "
	 "source-prefix-ipv6, affinity, slow-start, mode, tunnel-port, "
	 "table-size, on-all-down, check, backends"},
	{"a pool that is nothing",
	 "pools:\n- name: a\n-\n",
	 "f:3:2: pools[1] has no value; it must be a mapping of these keys: name, scheduler, source-prefix-ipv4, "
	 "source-prefix-ipv6, affinity, slow-start, mode, tunnel-port, "
	 "table-size, on-all-down, check, backends"},
	{"backends that are texts",
	 POOL "  backends:\n  - 10.0.0.1\n",
	 "f:4:5: pools[0].backends[0] is a single value; it must be a mapping of these keys: address, "
	 "weight, state, drain-deadline, server-id"},
	{"a check that is a text",
	 POOL "  check: tcp\n",
	 "f:3:10: pools[0].check is a single value; it must be a mapping of these keys: type, port, "
	 "via, interval, fast-interval, timeout, rise, fall, path, host, status, body, name, "
	 "record, rcode, answer, send, expect, alpn, expires-in, service, command, user, tls, verify"},
	{"a check that is a list",
	 POOL "  check: [tcp]\n",
	 "f:3:10: pools[0].check is a list; it must be a mapping of these keys: type, port, via, interval, "
	 "fast-interval, timeout, rise, fall, path, host, status, body, name, "
	 "record, rcode, answer, send, expect, alpn, expires-in, service, command, user, tls, verify"},
	{"a check that is nothing",
	 POOL "  check:\n",
	 "f:3:9: pools[0].check has no value; it must be a mapping of these keys: type, port, via, interval, "
	 "fast-interval, timeout, rise, fall, path, host, status, body, name, "
	 "record, rcode, answer, send, expect, alpn, expires-in, service, command, user, tls, verify"},
	{"a source that is a text",
	 "source: 10.0.0.1\n",
	 "f:1:9: source is a single value; it must be a mapping of these keys: ipv4, ipv6"},
	{"a name that is a list",
	 "pools:\n- name: [web]\n",
	 "f:2:9: pools[0].name is a list; it must be a text"},
	{"a name that is a mapping",
	 "pools:\n- name: {a: b}\n",
	 "f:2:9: pools[0].name is a mapping of keys; it must be a text"},
	{"a name that is nothing",
	 "pools:\n- name:\n",
	 "f:2:8: pools[0].name has no value; it must be a text"},
	{"a name that is null",
	 "pools:\n- name: null\n",
	 "f:2:9: pools[0].name has no value; it must be a text"},
	{"a mode that is nothing",
	 POOL "  mode: ~\n",
	 "f:3:9: pools[0].mode has no value; allowed are l2, ipip, gre, gue, gue1, fou"},
	{"a weight that is nothing",
	 POOL "  backends:\n  - address: 10.0.0.1\n    weight:\n",
	 "f:5:12: pools[0].backends[0].weight has no value; it must be a whole number from 0 to 65535"},
	{"a weight that is a list",
	 POOL "  backends:\n  - address: 10.0.0.1\n    weight: [1]\n",
	 "f:5:13: pools[0].backends[0].weight is a list; it must be a whole number from 0 to 65535"},
	{"a text with a NUL",
	 "seed: \"f\\0f\"\n",
	 "f:1:7: seed holds a NUL character; no text may"},
	{"a pool without a name",
	 "pools:\n- mode: l2\n",
	 "f:2:3: pools[0] lacks the key 'name'"},
	{"an empty pool",
	 "pools:\n- {}\n",
	 "f:2:3: pools[0] lacks the key 'name'"},
	{"a backend without an address",
	 POOL "  backends:\n  - address: 10.0.0.1\n  - weight: 3\n",
	 "f:5:5: pools[0].backends[1] lacks the key 'address'"},
	{"an interface without a name",
	 "interfaces:\n- mode: native\n",
	 "f:2:3: interfaces[0] lacks the key 'name'"},
	{"a service without a protocol",
	 "services:\n- address: 192.0.2.1\n  port: 80\n  pool: web\n",
	 "f:2:3: services[0] lacks the key 'protocol'"},
	{"a service without an address",
	 "services:\n- protocol: tcp\n  port: 80\n  pool: web\n",
	 "f:2:3: services[0] lacks the key 'address'"},
	{"a service without a pool",
	 "services:\n- {protocol: tcp, address: 192.0.2.1, port: 80}\n",
	 "f:2:3: services[0] lacks the key 'pool'"},
	{"a list at the top",
	 "- seed: 1\n",
	 "f:1:1: the document is a list; it must be a mapping of these keys: seed, icmp-rate, fragments, "
	 "flows, source, interfaces, access, pools, services"},
	{"a text at the top",
	 "hello\n",
	 "f:1:1: the document is a single value; it must be a mapping of these keys: seed, icmp-rate, "
	 "fragments, flows, source, interfaces, access, pools, services"},
	{"two documents",
	 "seed: 1\n---\nseed: 2\n",
	 "f:3:1: a second document starts here; only one is allowed"},
	{"a tab for spaces",
	 "pools:\n\t- name: web\n",
	 "f:2:1: a tab in the indentation; YAML allows spaces only"},
	{"a tab after spaces",
	 POOL "  check:\n  \ttype: tcp\n",
	 "f:4:3: a tab in the indentation; YAML allows spaces only"},
	{"a bracket left open",
	 "pools: [\n",
	 "f:2:1: not YAML: did not find expected node content"},
	{"a quote left open",
	 "seed: \"ff\n",
	 "f:2:1: not YAML: while scanning a quoted scalar from 1:7 on, found unexpected end of stream; is a "
	 "quote not closed?"},
	{"wrong indentation",
	 POOL " mode: l2\n",
	 "f:3:2: not YAML: while parsing a block mapping from 1:1 on, did not find expected key; is the "
	 "line indented as its neighbours are?"},
	{"an address that starts with colons",
	 "source:\n  ipv6: ::1: 2\n",
	 "f:2:12: not YAML: mapping values are not allowed in this context; is a space missing after a "
	 "colon, or a line indented too far, or a value with ': ' in it not quoted?"},
	{"a character that starts nothing",
	 "seed: @ff\n",
	 "f:1:7: not YAML: found character that cannot start any token; put the value in quotes"},
	{"an alias of nothing",
	 "pools: *x\n",
	 "f:1:8: not YAML: found undefined alias"},
	{"not UTF-8",
	 "seed: 1\n# \xff\n",
	 "f:2:3: not a text: invalid leading UTF-8 octet; write it in UTF-8"},
	{"a control character",
	 "seed: 1\n# \x01\n",
	 "f:2:3: not a text: control characters are not allowed; is it compressed, or a program?"},
	{"no space after the colon",
	 "seed:ff\n",
	 "f:1:1: the document is a single value; it must be a mapping of these keys: seed, icmp-rate, "
	 "fragments, flows, source, interfaces, access, pools, services"},
	{"a tag of its own",
	 "seed: !foo\n",
	 "f:1:7: seed has no value; it must be a text"},
	{"the dash without its space",
	 "pools:\n  -name: web\n",
	 "f:2:3: pools is a mapping of keys; it must be a list, each entry after a dash"},
	{"an error behind a comment",
	 "# one\n# two\nseed: 1 # three\n\nicmp-rate: many\n",
	 "f:5:12: 'many' is not allowed for icmp-rate; it must be a whole number from 0 to 1000000"},
	{"an error in JSON",
	 "{\"pools\": [{\"name\": \"web\", \"mode\": \"nat\"}]}",
	 "f:1:36: 'nat' is not a mode; allowed are l2, ipip, gre, gue, gue1, fou"},
	{"carriage returns",
	 "seed: 1\r\nicmp-rate: x\r\n",
	 "f:2:12: 'x' is not allowed for icmp-rate; it must be a whole number from 0 to 1000000"},
};
/* clang-format on */

static void check(void **state)
{
	const struct row *row = *state;
	struct err err = {"untouched"};
	struct doc *doc = NULL;

	assert_int_equal(source_parse("f", row->text, strlen(row->text), &doc, &err), -EINVAL);
	assert_string_equal(err.text, row->sentence);
	assert_null(doc);
	/* Nobody has to want the sentence. */
	assert_int_equal(source_parse("f", row->text, strlen(row->text), &doc, NULL), -EINVAL);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(rows)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){rows[i].name, check, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
