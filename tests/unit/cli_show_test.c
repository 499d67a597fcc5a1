/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command shows, and what it asks the daemon to change. */
#include "unit/cli_run.h"

#include <jansson.h>

/* --- reading ------------------------------------------------------------------------------------ */

static void service_list_is_ipvsadms(void **state)
{
	auto_result result = wants("service list", 0, NULL);

	assert_string_equal(result.out,
			    "leat version " LEAT_VERSION " (services=3)\n"
			    "Prot LocalAddress:Port Scheduler Flags\n"
			    "  -> RemoteAddress:Port           Forward Weight Health    Slots% Pinned Packets\n"
			    "TCP  192.0.2.10:80 wlc pool=web\n"
			    "  -> 10.0.0.1:80                  Tunnel  2      starting  100.0% 17     7\n"
			    "  -> 10.0.0.2:80                  Tunnel  1      draining  0.0%   0      0\n"
			    "UDP  192.0.2.10:80 wlc pool=web sticky=1m quic\n"
			    "  -> 10.0.0.1:80                  Tunnel  2      starting  100.0% 17     7\n"
			    "  -> 10.0.0.2:80                  Tunnel  1      draining  0.0%   0      0\n"
			    "TCP  [2001:db8::1]:443 mh pool=empty.v6 all-down\n");
}

static void reads_print_tables(void **state)
{
	WANTS("status", 0, "version 9.8.7, up 1h 2m, configuration 5, on Linux 6.12.9-amd64\n");
	WANTS("status", 0, "eth0, attached, native, program 42, alone\n");
	WANTS("status", 0, "bond0, a bond, attached, native (members)\n               NOT WHOLE: eth3: its driver cannot\n");
	WANTS("status", 0, "eth2 of bond0, attached, native, program 43, alone, frags\n");
	WANTS("status", 0, "bond1, a bond, attached, native (dispatcher), program 44, beside others\n");
	WANTS("status", 0, "eth1, NOT ATTACHED: no such interface");
	WANTS("status", 0, "pool empty.v6: no backend is up");
	WANTS("service show tcp 192.0.2.10:80", 0, "9 packets, 900 B");
	WANTS("pool list", 0, "web       ipip  wlc    65537   340    1 of 2  https  fail-open");
	WANTS("pool show web", 0,
	      "https, port 8443, every 2s (500ms while changing), timeout 1s, rise 2, fall 3, GET /health "
	      "for 200-299,404, "
	      "certificate verified");
	WANTS("pool show web", 0,
	      "scheduler      wlc, 65537 slots, clients by /24 and /128, affinity 10m, slow start 30s\n");
	WANTS("pool show web", 0,
	      "flows          tracked slots 12 of 65537, oldest change 1m 15s ago\n"
	      "               pins 340: 3 opening, 330 established, 7 closing, 0 sticky\n"
	      "               5 astray: not where new flows of their slots go\n"
	      "               settling: what is new waits until all flows are pinned\n"
	      "               9 pins from before the last change of what is hashed\n");
	WANTS("status", 0,
	      "flow table     340 pins in 16384 places (2.1%), 128.0 KiB\n"
	      "               NOT YET for 1048576 flows: leat detach, then restart leatd\n");
	WANTS("service show udp 192.0.2.10:80", 0, "a flow stays until it is idle for 1m");
	WANTS("service show udp 192.0.2.10:80", 0, "server ids of 4 octets, config rotation 2");
	WANTS("backend show web 10.0.0.2", 0, "server id      5a5a5a02\n");
	WANTS("backend list", 0, "web   10.0.0.1       2  starting  100.0%     17        7  700 B  eth0");
	WANTS("backend show web 10.0.0.1", 0, "weight         2, now 1\nstate          starting\n");
	WANTS("backend show web 10.0.0.1", 0, "response time  1.2 ms\n");
	WANTS("backend show web 10.0.0.2", 0, "draining, for 4m 1s\n");
	WANTS("stats", 0, "\nFLOW EVENT  COUNT  MEANING\nPINNED        345  flows pinned\n");
	WANTS("pool show empty.v6", 0, "ALL BACKENDS ARE DOWN NOW");
	WANTS("pool show empty.v6", 0, "mode           fou, UDP port 5555, for IPv6 5556\n");
	WANTS("pool show web", 0, "mode           ipip\n");
	WANTS("backend list", 0, "HTTP 200 in 1 ms");
	WANTS("backend list web", 0, "10.0.0.2");
	WANTS("backend show web 10.0.0.1", 0, "by eth0 to 02:00:00:00:00:01, VLAN 200, in it VLAN 300, MTU 1500\n");
	WANTS("backend show web 10.0.0.2", 0, "UNKNOWN: no route");
	WANTS("export", 0, "seed: feed\n");
}

static void stats_hide_zeros(void **state)
{
	auto_result some = wants("stats", 0, NULL), all = wants("stats --all", 0, NULL);

	assert_non_null(strstr(some.out, "total"));
	assert_non_null(strstr(some.out, "29"));
	assert_null(strstr(some.out, "BAD_SOURCE"));
	assert_non_null(strstr(all.out, "BAD_SOURCE"));
	assert_null(strstr(some.out, "udp/192.0.2.10:80"));
	assert_non_null(strstr(all.out, "udp/192.0.2.10:80"));
}

static void reads_print_json(void **state)
{
	static const char *const lines[] = {
		"--json status",
		"service list --json",
		"service -j show tcp 192.0.2.10:80",
		"pool list --json",
		"pool show web --json",
		"backend list --json",
		"backend list web --json",
		"backend show web 10.0.0.1 --json",
		"stats --json",
		"explain tcp 198.51.100.7:4000 192.0.2.10:80 --json",
		"diff /dev/null --json",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		auto_result result = wants(lines[i], 0, NULL);
		json_t *json = json_loads(result.out, 0, NULL);

		assert_true(json_is_object(json));
		json_decref(json);
	}
}

static void explain_tells_and_warns(void **state)
{
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 0, "slot           1234 of 65537");
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 0,
	      "IPv4 10.0.0.9 > 10.0.0.1 ttl 64 / IPv4 198.51.100.7");
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 0,
	      "  0000  02 00 00 00 00 01 02 00 00 00 00 09 08 00 45 00  ..............E.");
	fake.tracked = true;
	fake.previous = fake.pin = 3;
	fake.sent_to = "10.0.0.3";
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 0,
	      "slot           1234 of 65537, tracked\nbackend        10.0.0.1\nrunner-up      10.0.0.2\n"
	      "previous       10.0.0.3\npinned to      10.0.0.3\n");
	fake.sent_to = "10.0.0.2";
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 1, "DISAGREE");
	fake.error = -EINVAL;
	WANTS("explain tcp 198.51.100.7:4000 192.0.2.10:80", 1, "as ordered");
	WANTS("explain udp 198.51.100.7:4000 192.0.2.10:80 --connection-id 4x", 1, "connection-id: '4x' is not 1 to 20 octets");
	WANTS("explain icmp 198.51.100.7:4000 192.0.2.10:80", 2, "allowed are tcp, udp");
	WANTS("explain tcp 198.51.100.7 192.0.2.10:80", 2, "SOURCE:PORT: '198.51.100.7' is not such as");
}

static void odd_texts_do_not_reach_the_terminal(void **state)
{
	static const char *const lines[] = {"backend list", "service list", "pool list", "status",
					    "stats --all"};

	fake.is_odd = true;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		auto_result result = wants(lines[i], 0, NULL);

		assert_null(strchr(result.out, '\x1b'));
	}
}

/* --- changing ----------------------------------------------------------------------------------- */

static void edits_carry_the_configurations_keys(void **state)
{
	static const struct {
		const char *line, *pool, *name, *body;
		enum serve_verb verb;
	} rows[] = {
		{"service add tcp 192.0.2.10:80 --pool web", "(null)", "tcp/192.0.2.10:80",
		 "{\"pool\":\"web\"}", SERVE_ADD},
		{"service set udp [2001:db8::1]:53 --pool=b", "(null)", "udp/[2001:db8::1]:53",
		 "{\"pool\":\"b\"}", SERVE_SET},
		{"service del tcp 192.0.2.10:80", "(null)", "tcp/192.0.2.10:80", "(null)", SERVE_DELETE},
		{"pool add web", "web", "(null)", "{}", SERVE_ADD},
		{"pool add web --mode l2 --scheduler mh --table-size 251 --on-all-down refuse --check none",
		 "web", "(null)",
		 "{\"mode\":\"l2\",\"scheduler\":\"mh\",\"table-size\":251,\"on-all-down\":\"refuse\","
		 "\"check\":{\"type\":\"none\"}}",
		 SERVE_ADD},
		{"pool set web --check https --check-port 8443 --check-interval 2s --check-fast-interval "
		 "500ms "
		 "--check-timeout 1s --check-rise 2 --check-fall 3 --check-path /x --check-host h "
		 "--check-status 200 "
		 "--check-body ok --check-verify yes",
		 "web", "(null)",
		 "{\"check\":{\"type\":\"https\",\"port\":8443,\"interval\":\"2s\",\"fast-interval\":"
		 "\"500ms\","
		 "\"timeout\":\"1s\",\"rise\":2,\"fall\":3,\"path\":\"/x\",\"host\":\"h\",\"status\":\"200\","
		 "\"body\":\"ok\",\"verify\":true}}",
		 SERVE_SET},
		{"pool set web --check-verify no", "web", "(null)", "{\"check\":{\"verify\":false}}",
		 SERVE_SET},
		{"pool del a/b", "a/b", "(null)", "(null)", SERVE_DELETE},
		{"backend add web 10.0.0.1", "web", "10.0.0.1", "{}", SERVE_ADD},
		{"backend add web 2001:db8::2 --weight 10", "web", "2001:db8::2", "{\"weight\":10}",
		 SERVE_ADD},
		{"backend set web 10.0.0.1 --weight 0", "web", "10.0.0.1", "{\"weight\":0}", SERVE_SET},
		{"backend drain web 10.0.0.1", "web", "10.0.0.1", "{\"state\":\"draining\"}", SERVE_SET},
		{"backend drain web 10.0.0.1 --deadline 5m", "web", "10.0.0.1",
		 "{\"state\":\"draining\",\"drain-deadline\":\"5m\"}", SERVE_SET},
		{"backend enable web 10.0.0.1", "web", "10.0.0.1",
		 "{\"state\":\"enabled\",\"drain-deadline\":\"\"}", SERVE_SET},
		{"backend disable web 10.0.0.1", "web", "10.0.0.1",
		 "{\"state\":\"disabled\",\"drain-deadline\":\"\"}", SERVE_SET},
		{"pool set web --scheduler wlc --slow-start 30s", "web", "(null)",
		 "{\"scheduler\":\"wlc\",\"slow-start\":\"30s\"}", SERVE_SET},
		{"pool set web --scheduler sh --source-prefix-ipv4 24 --source-prefix-ipv6 64 --affinity _", "web",
		 "(null)",
		 "{\"scheduler\":\"sh\",\"source-prefix-ipv4\":24,\"source-prefix-ipv6\":64,\"affinity\":\"\"}",
		 SERVE_SET},
		{"pool set web --mode gue --tunnel-port 7000", "web", "(null)",
		 "{\"mode\":\"gue\",\"tunnel-port\":7000}", SERVE_SET},
		{"service set udp 192.0.2.53:53 --sticky 60s", "(null)", "udp/192.0.2.53:53",
		 "{\"sticky\":\"60s\"}", SERVE_SET},
		{"service add udp 192.0.2.53:53 --pool dns --sticky 5m", "(null)", "udp/192.0.2.53:53",
		 "{\"pool\":\"dns\",\"sticky\":\"5m\"}", SERVE_ADD},
		{"service set udp 192.0.2.53:443 --quic-server-id-length 4 --quic-config 2", "(null)", "udp/192.0.2.53:443",
		 "{\"quic\":{\"server-id-length\":4,\"config\":2}}", SERVE_SET},
		{"backend add web 10.0.0.1 --server-id 00000012", "web", "10.0.0.1", "{\"server-id\":\"00000012\"}", SERVE_ADD},
		{"backend set web 10.0.0.1 --server-id _", "web", "10.0.0.1", "{\"server-id\":\"\"}", SERVE_SET},
		{"service set udp 192.0.2.53:53 --access office", "(null)", "udp/192.0.2.53:53", "{\"access\":\"office\"}", SERVE_SET},
		{"access add office --allow 10.0.0.0/8,2001:db8::/32 --deny 10.1.0.0/16", "(null)", "office",
		 "{\"allow\":[\"10.0.0.0/8\",\"2001:db8::/32\"],\"deny\":[\"10.1.0.0/16\"]}", SERVE_ADD},
		{"access set office --deny _", "(null)", "office", "{\"deny\":[\"\"]}", SERVE_SET},
		{"access del office", "(null)", "office", "(null)", SERVE_DELETE},
		{"backend del web 10.0.0.1", "web", "10.0.0.1", "(null)", SERVE_DELETE},
		{"attach eth0", "(null)", "eth0", "{}", SERVE_ADD},
		{"attach --mode generic -- eth0", "(null)", "eth0", "{\"mode\":\"generic\"}", SERVE_ADD},
		{"detach eth0", "(null)", "eth0", "(null)", SERVE_DELETE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		WANTS(rows[i].line, 0, NULL);
		assert_int_equal(fake.edits, i + 1);
		assert_int_equal(fake.edit.verb, rows[i].verb);
		assert_string_equal(fake.pool, rows[i].pool);
		assert_string_equal(fake.name, rows[i].name);
		assert_string_equal(fake.body, rows[i].body);
	}
}

static void refusals_are_told(void **state)
{
	fake.error = -EEXIST;
	WANTS("pool add web", 1, "leat: as ordered\n");
	WANTS("detach", 1, "as ordered");
	WANTS("apply -f /dev/null", 1, "as ordered");
	WANTS("pool show none", 1, "no pool 'none'");
	fake.error = 0;
	WANTS("attach eth1", 1, "not attached: no such interface");
	WANTS("diff /nonexistent", 1, "/nonexistent: cannot read");
	WANTS("export -o /nonexistent/file", 1, "/nonexistent/file");
}

static void detach_says_what_happened(void **state)
{
	WANTS("attach bond0", 0, "bond0: attached, native (members); BUT eth3: its driver cannot\n");
	WANTS("attach bond1", 0, "bond1: attached, native (dispatcher), program 44\n");
	WANTS("detach", 0, "every interface");
	assert_int_equal(fake.detaches, 1);
	WANTS("detach eth0", 0, "eth0: detached");
	assert_int_equal(fake.detaches, 1);
}

static void configuration_goes_both_ways(void **state)
{
	auto_free char *file = file_of("export"), *line = string_format("export -o %s", file);
	auto_free char *apply = string_format("apply -f %s", file),
		       *dry = string_format("apply -f %s --dry-run", file);
	auto_free char *diff = string_format("diff %s", file), *text = NULL;
	size_t length;

	WANTS(line, 0, NULL);
	assert_int_equal(file_read(file, &text, &length, NULL), 0);
	assert_string_equal(text, "seed: feed\npools: []\n");
	WANTS(apply, 0,
	      "+ service tcp/192.0.2.10:80\n~ backend web/10.0.0.1: weight 1 -> 5\n- pool old\n"
	      "pool web: moves 1234 of 65537 slots (1.9 %)\napplied\n");
	assert_string_equal(fake.applied, text);
	assert_false(fake.dry_run);
	WANTS(dry, 0, "dry run: nothing is changed");
	assert_true(fake.dry_run);
	WANTS(diff, 0, "(1.9 %)");
	assert_true(fake.dry_run);
	WANTS("diff /dev/null", 0, "no change");
	WANTS("export -o /dev/null", 0, NULL);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(service_list_is_ipvsadms),
		TEST(reads_print_tables),
		TEST(stats_hide_zeros),
		TEST(reads_print_json),
		TEST(explain_tells_and_warns),
		TEST(odd_texts_do_not_reach_the_terminal),
		TEST(edits_carry_the_configurations_keys),
		TEST(refusals_are_told),
		TEST(detach_says_what_happened),
		TEST(configuration_goes_both_ways),
	};

	return cmocka_run_group_tests(tests, suite_before, suite_after);
}
