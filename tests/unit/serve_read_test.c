/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the API tells: every GET, and explain. */
#include "unit/serve_ask.h"

/* --- reading ------------------------------------------------------------------------------------ */

static void status_adds_up(void **state)
{
	auto_answer answer = ask("GET", "/v1/status", NULL);

	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(answer.json, "version"), "9.8.7");
	assert_string_equal(text_at(answer.json, "seed"), "000000000000feed");
	assert_int_equal(number_at(answer.json, "uptime-seconds"), 3723);
	assert_int_equal(number_at(answer.json, "services"), 3);
	assert_int_equal(number_at(answer.json, "backends"), 2);
	assert_int_equal(number_at(answer.json, "backends-up"), 2);
	assert_int_equal(number_at(answer.json, "backends-down"), 0);
	assert_int_equal(number_at(answer.json, "backends-in-table"), 1);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(answer.json, "pools-all-down"), 0)),
		"empty.v6");
	assert_int_equal(number_at(json_object_get(answer.json, "received"), "packets"), 29);
	assert_int_equal(number_at(json_object_get(answer.json, "sent"), "packets"), 7);
	assert_int_equal(number_at(json_object_get(answer.json, "passed"), "packets"), 20);
	assert_int_equal(number_at(json_object_get(answer.json, "dropped"), "bytes"), 200);
}

static void service_is_found_in_any_spelling(void **state)
{
	static const char *const spellings[] = {
		"/v1/services/tcp/[2001:db8::1]:443",
		"/v1/services/tcp%2F%5B2001%3ADB8%3A0%3A0%3A%3A1%5D%3A443",
		"/v1/services/tcp/%5b2001:db8::1%5d:443",
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		auto_answer answer = ask("GET", spellings[i], NULL);

		assert_int_equal(answer.status, 200);
		assert_string_equal(text_at(answer.json, "name"), "tcp/[2001:db8::1]:443");
		assert_string_equal(text_at(answer.json, "pool"), "empty.v6");
	}
	refuses("GET", "/v1/services/tcp/192.0.2.10:81", NULL, 404, "tcp/192.0.2.10:81");
	refuses("GET", "/v1/services/dccp/192.0.2.10:80", NULL, 400, "begin with tcp/, udp/, sctp/, gre/, esp/ or any/");
	refuses("GET", "/v1/services/tcp", NULL, 400, "begin with tcp/, udp/, sctp/, gre/, esp/ or any/");
}

static void service_counts(void **state)
{
	auto_answer answer = ask("GET", "/v1/services", NULL);
	const json_t *first = json_array_get(json_object_get(answer.json, "services"), 0);

	assert_int_equal(json_array_size(json_object_get(answer.json, "services")), 3);
	assert_string_equal(text_at(first, "name"), "tcp/192.0.2.10:80");
	assert_string_equal(text_at(first, "protocol"), "tcp");
	assert_string_equal(text_at(first, "address"), "192.0.2.10");
	assert_int_equal(number_at(first, "port"), 80);
	assert_int_equal(number_at(first, "packets"), 9);
	assert_int_equal(number_at(first, "bytes"), 900);
}

static void pool_has_check_services_backends(void **state)
{
	auto_answer answer = ask("GET", "/v1/pools/web", NULL);
	const json_t *check = json_object_get(answer.json, "check");

	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(answer.json, "mode"), "ipip");
	assert_true(json_is_null(json_object_get(answer.json, "tunnel-port")));
	assert_string_equal(text_at(answer.json, "scheduler"), "wlc");
	assert_int_equal(number_at(answer.json, "source-prefix-ipv4"), 24);
	assert_string_equal(text_at(answer.json, "affinity"), "10m");
	assert_string_equal(text_at(answer.json, "slow-start"), "30s");
	assert_string_equal(text_at(answer.json, "on-all-down"), "fail-open");
	assert_int_equal(number_at(answer.json, "table-size"), 65537);
	assert_string_equal(text_at(check, "type"), "https");
	assert_string_equal(text_at(check, "interval"), "2s");
	assert_string_equal(text_at(check, "fast-interval"), "500ms");
	assert_string_equal(text_at(check, "status"), "200-299,404");
	assert_true(json_is_null(json_object_get(check, "host")));
	assert_true(json_is_true(json_object_get(check, "verify")));
	assert_int_equal(json_array_size(json_object_get(answer.json, "services")), 2);
	assert_int_equal(json_array_size(json_object_get(answer.json, "backends")), 2);
	refuses("GET", "/v1/pools/none", NULL, 404, "no pool 'none'");
	refuses("GET", "/v1/pools/..", NULL, 404, "no pool '..'");
}

static void pools_are_listed(void **state)
{
	auto_answer answer = ask("GET", "/v1/pools", NULL);
	const json_t *second = json_array_get(json_object_get(answer.json, "pools"), 1);

	assert_string_equal(text_at(second, "name"), "empty.v6");
	assert_string_equal(text_at(second, "scheduler"), "mh");
	assert_string_equal(text_at(second, "mode"), "fou");
	assert_int_equal(number_at(second, "tunnel-port"), 5555);
	assert_true(json_is_null(json_object_get(second, "affinity")));
	assert_true(json_is_null(json_object_get(second, "source-prefix-ipv6")));
	assert_string_equal(text_at(second, "on-all-down"), "refuse");
	assert_true(json_is_true(json_object_get(second, "all-down")));
	assert_string_equal(text_at(json_object_get(second, "check"), "type"), "none");
	assert_int_equal(json_array_size(json_object_get(second, "backends")), 0);
}

static void backend_tells_all(void **state)
{
	auto_answer answer = ask("GET", "/v1/pools/web/backends/10.0.0.1", NULL);
	auto_answer same = ask("GET", "/v1/pools/web/backends/::ffff:10.0.0.1", NULL);
	auto_answer list = ask("GET", "/v1/backends", NULL),
		    of_pool = ask("GET", "/v1/pools/web/backends", NULL);

	assert_string_equal(text_at(answer.json, "pool"), "web");
	assert_string_equal(text_at(answer.json, "state"), "enabled");
	assert_string_equal(text_at(answer.json, "health"), "up");
	assert_string_equal(text_at(answer.json, "condition"), "starting");
	assert_int_equal(number_at(answer.json, "effective-weight"), 1);
	assert_int_equal(number_at(answer.json, "connections"), 17);
	assert_int_equal(number_at(answer.json, "latency-us"), 1234);
	assert_true(json_is_null(json_object_get(answer.json, "drain-left-seconds")));
	assert_string_equal(text_at(answer.json, "last-check"), "HTTP 200 in 1 ms");
	assert_string_equal(text_at(answer.json, "interface"), "eth0");
	assert_int_equal(number_at(answer.json, "slots"), 65537);
	assert_int_equal(number_at(answer.json, "mtu"), 1500);
	assert_int_equal(json_array_size(json_object_get(answer.json, "vlans")), 2);
	assert_int_equal(json_integer_value(json_array_get(json_object_get(answer.json, "vlans"), 1)), 300);
	assert_int_equal(json_array_size(json_object_get(
				 json_array_get(json_object_get(list.json, "backends"), 1), "vlans")), 0);
	assert_int_equal(same.status, 200);
	assert_int_equal(json_array_size(json_object_get(list.json, "backends")), 2);
	assert_true(json_equal(list.json, of_pool.json));
	refuses("GET", "/v1/pools/web/backends/10.0.0.3", NULL, 404, "no backend '10.0.0.3'");
	refuses("GET", "/v1/pools/none/backends/10.0.0.1", NULL, 404, "no pool");
	refuses("GET", "/v1/pools/web/backends/x", NULL, 400, "address");
}

static void flows_are_told(void **state)
{
	auto_answer pool = ask("GET", "/v1/pools/web", NULL), status = ask("GET", "/v1/status", NULL);
	auto_answer services = ask("GET", "/v1/services", NULL), stats = ask("GET", "/v1/stats", NULL);
	auto_answer draining = ask("GET", "/v1/pools/web/backends/10.0.0.2", NULL);
	const json_t *flows = json_object_get(pool.json, "flows"), *table = json_object_get(status.json, "flows");
	const json_t *event = json_array_get(json_object_get(stats.json, "flow-events"), LEAT_FLOW_PINNED);
	const json_t *list = json_object_get(services.json, "services");

	assert_int_equal(number_at(flows, "tracked"), 12);
	assert_int_equal(number_at(flows, "slots"), 65537);
	assert_int_equal(number_at(flows, "established"), 330);
	assert_int_equal(number_at(flows, "astray"), 5);
	assert_int_equal(number_at(flows, "oldest-change-seconds"), 75);
	assert_true(json_is_true(json_object_get(flows, "settling")) && number_at(flows, "older") == 9);
	assert_int_equal(number_at(table, "capacity"), 16384);
	assert_int_equal(number_at(table, "memory-bytes"), 131072);
	assert_int_equal(number_at(table, "tick-ms"), 1875);
	assert_string_equal(text_at(event, "name"), "PINNED");
	assert_int_equal(number_at(event, "count"), 345);
	assert_true(json_is_null(json_object_get(json_array_get(list, 0), "sticky")));
	assert_string_equal(text_at(json_array_get(list, 1), "sticky"), "1m");
	assert_true(json_is_null(json_object_get(json_array_get(list, 0), "quic")));
	assert_int_equal(number_at(json_object_get(json_array_get(list, 1), "quic"), "server-id-length"), 4);
	assert_int_equal(number_at(json_object_get(json_array_get(list, 1), "quic"), "config"), 2);
	assert_string_equal(text_at(draining.json, "server-id"), "5a5a5a02");
	assert_string_equal(text_at(draining.json, "drain-deadline"), "5m");
	assert_int_equal(number_at(draining.json, "drain-left-seconds"), 241);
}

static void backends_have_one_condition(void **state)
{
	static const struct {
		struct snapshot_backend backend;
		const char *condition;
	} rows[] = {
		{{.weight = 1, .health = HEALTH_UP}, "up"},
		{{.weight = 1, .health = HEALTH_UP, .is_starting = true}, "starting"},
		{{.weight = 1, .health = HEALTH_UNKNOWN}, "unknown"},
		{{.weight = 1, .health = HEALTH_DOWN, .state = DOC_STATE_DRAINING}, "down"},
		{{.weight = 0, .health = HEALTH_UP}, "draining"},
		{{.weight = 1, .health = HEALTH_UNKNOWN, .state = DOC_STATE_DRAINING}, "draining"},
		{{.weight = 1, .state = DOC_STATE_DRAINING, .drain_deadline_ms = 9, .drain_left_s = 1}, "draining"},
		{{.weight = 1, .state = DOC_STATE_DRAINING, .drain_deadline_ms = 9}, "disabled"},
		{{.weight = 1, .health = HEALTH_UP, .drain_deadline_ms = 9}, "up"}, /* nothing drains */
		{{.weight = 1, .health = HEALTH_DOWN, .state = DOC_STATE_DISABLED}, "disabled"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(snapshot_backend_condition(&rows[i].backend), rows[i].condition);
}

static void stats_sum_to_the_total(void **state)
{
	auto_answer answer = ask("GET", "/v1/stats", NULL);
	json_int_t packets = 0, bytes = 0;
	const json_t *verdict;
	size_t i;

	json_array_foreach(json_object_get(answer.json, "verdicts"), i, verdict) {
		packets += number_at(verdict, "packets");
		bytes += number_at(verdict, "bytes");
	}
	assert_int_equal(i, LEAT_VERDICT_COUNT);
	assert_int_equal(number_at(json_object_get(answer.json, "total"), "packets"), packets);
	assert_int_equal(number_at(json_object_get(answer.json, "total"), "bytes"), bytes);
	verdict = json_array_get(json_object_get(answer.json, "verdicts"), LEAT_NO_BACKEND);
	assert_string_equal(text_at(verdict, "name"), "NO_BACKEND");
	assert_string_equal(text_at(verdict, "action"), "DROP");
	assert_int_equal(json_array_size(json_object_get(answer.json, "services")), 3);
	assert_int_equal(json_array_size(json_object_get(answer.json, "backends")), 2);
}

static void interfaces_tell_problems(void **state)
{
	auto_answer answer = ask("GET", "/v1/interfaces", NULL),
		    one = ask("GET", "/v1/interfaces/eth1", NULL);
	const json_t *list = json_object_get(answer.json, "interfaces");

	assert_int_equal(json_array_size(list), 5);
	assert_true(json_is_false(json_object_get(one.json, "attached")));
	assert_string_equal(text_at(one.json, "problem"), "no such interface");
	refuses("GET", "/v1/interfaces/eth9", NULL, 404, "eth9");
	assert_string_equal(text_at(json_array_get(list, 3), "member-of"), "bond0");
	assert_true(json_is_true(json_object_get(json_array_get(list, 2), "bond")));
	assert_string_equal(text_at(json_array_get(list, 2), "problem"), "eth3: its driver cannot");
	assert_true(json_is_true(json_object_get(json_array_get(list, 4), "dispatcher")));
}

static void config_is_yaml(void **state)
{
	auto_answer answer = ask("GET", "/v1/config", NULL), head = ask("HEAD", "/v1/config", NULL);

	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.text, "seed: feed\npools: []\n");
	assert_int_equal(head.status, 200);
	assert_null(head.text);
}

static void odd_texts_stay_json(void **state)
{
	static const char *const paths[] = {"/v1/status", "/v1/services",   "/v1/pools", "/v1/backends",
					    "/v1/stats",  "/v1/interfaces", "/v1"};

	fake.is_odd = true;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		auto_answer answer = ask("GET", paths[i], NULL);

		assert_int_equal(answer.status, 200);
		assert_true(json_is_object(answer.json));
	}
}

static void mute_daemon_is_a_failure(void **state)
{
	fake.is_mute = true;
	refuses("GET", "/v1/status", NULL, 500, "state");
	refuses("GET", "/v1/services/tcp/192.0.2.10:80", NULL, 500, "state");
	refuses("GET", "/v1/pools/web", NULL, 500, "state");
	refuses("GET", "/v1/pools/web/backends/10.0.0.1", NULL, 500, "state");
	refuses("GET", "/v1/interfaces/eth0", NULL, 500, "state");
	refuses("GET", "/v1/config", NULL, 500, "configuration");
}

static void missing_calls_are_failures(void **state)
{
	after(NULL);
	calls = (struct serve_calls){};
	start();
	refuses("GET", "/v1/status", NULL, 500, NULL);
	refuses("GET", "/v1/config", NULL, 500, NULL);
	refuses("PUT", "/v1/config", "x", 500, NULL);
	refuses("POST", "/v1/pools/web", "{}", 500, NULL);
	refuses("DELETE", "/v1/interfaces", NULL, 500, NULL);
	refuses("GET", "/v1/explain?protocol=tcp&source=1.2.3.4:5&destination=1.2.3.5:6", NULL, 500, NULL);
}

/* --- explaining --------------------------------------------------------------------------------- */

#define EXPLAIN "/v1/explain?protocol=tcp&source=198.51.100.7:4000&destination=192.0.2.10:80"

static void explain_names_everything(void **state)
{
	auto_answer answer = ask("GET", EXPLAIN, NULL);

	assert_int_equal(answer.status, 200);
	assert_int_equal(fake.question.protocol, IPPROTO_TCP);
	assert_int_equal(fake.question.source_port, 4000);
	assert_int_equal(fake.question.destination_port, 80);
	assert_string_equal(text_at(answer.json, "service"), "tcp/192.0.2.10:80");
	assert_string_equal(text_at(answer.json, "pool"), "web");
	assert_string_equal(text_at(answer.json, "backend"), "10.0.0.1");
	assert_string_equal(text_at(answer.json, "runner-up"), "10.0.0.2");
	assert_int_equal(number_at(answer.json, "slot"), 1234);
	assert_non_null(strstr(text_at(answer.json, "why"), "10.0.0.2"));
	assert_string_equal(text_at(json_object_get(answer.json, "verdict"), "name"), "FORWARDED");
	assert_string_equal(text_at(answer.json, "xdp-action"), "XDP_TX");
	assert_string_equal(text_at(answer.json, "left-decoded"),
			    "02:00:00:00:00:09 > 02:00:00:00:00:01 / IPv4 10.0.0.9 > 10.0.0.1 ttl 64 / "
			    "IPv4 198.51.100.7 > 192.0.2.10 ttl 63 / TCP 4000 > 80 SYN");
	assert_true(json_is_true(json_object_get(answer.json, "agree")));
}

static void explain_compares_program_and_tables(void **state)
{
	static const struct {
		unsigned int service, backend;
		enum leat_verdict verdict;
		const char *sent_to;
		bool agree;
	} rows[] = {
		{1, 1, LEAT_FORWARDED, "10.0.0.1", true},
		{1, 1, LEAT_FORWARDED, "10.0.0.2", false},
		{1, 1, LEAT_NO_BACKEND, "10.0.0.1", false},
		{1, 1, LEAT_NOT_SERVICE, "10.0.0.1", false},
		{1, 1, LEAT_BACKEND_UNRESOLVED, "10.0.0.1", false},
		{1, 2, LEAT_BACKEND_UNRESOLVED, "10.0.0.1", true}, /* its way is not known in the map */
		{1, 1, LEAT_BAD_SOURCE, "10.0.0.1", true},
		{1, 0, LEAT_NO_BACKEND, "10.0.0.1", true},
		{1, 0, LEAT_FORWARDED, "10.0.0.1", false},
		{0, 0, LEAT_NOT_SERVICE, "10.0.0.1", true},
		{0, 0, LEAT_FORWARDED, "10.0.0.1", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake.service = rows[i].service;
		fake.backend = rows[i].backend;
		fake.verdict = rows[i].verdict;
		fake.sent_to = rows[i].sent_to;
		auto_answer answer = ask("GET", EXPLAIN, NULL);

		assert_int_equal(answer.status, 200);
		if (json_is_true(json_object_get(answer.json, "agree")) != rows[i].agree)
			fail_msg("row %zu: %s", i, answer.text);
		assert_int_equal(json_is_null(json_object_get(answer.json, "disagreement")), rows[i].agree);
	}
}

/* Backend 3 lives; 2 does not, nor is its way known. */
static void explain_knows_tracked_slots(void **state)
{
	static const struct {
		unsigned int previous, pin, scheduler;
		const char *sent_to;
		bool agree;
		const char *why;
	} rows[] = {
		{3, 0, 0, "10.0.0.1", true,
		 "slot 1234 is changing: new connections go to 10.0.0.1, connections from before to 10.0.0.3"},
		{3, 0, 0, "10.0.0.3", true, "connections from before to 10.0.0.3"},
		{3, 0, 0, "10.0.0.2", false, "slot 1234 is changing"},
		{1, 0, 0, "10.0.0.1", true, "slot 1234 is tracked: pinned connections stay where they are"},
		{1, 3, 0, "10.0.0.3", true, "this flow is pinned to 10.0.0.3"},
		{1, 3, 0, "10.0.0.1", false, "this flow is pinned to 10.0.0.3"},
		{1, 2, 0, "10.0.0.1", true, "this flow is pinned to 10.0.0.2, which does not live"},
		{1, 0, LEAT_SCHEDULER_TURN, "10.0.0.3", true, "the pool's scheduler chooses for new connections"},
		{1, 3, LEAT_SCHEDULER_TURN, "10.0.0.1", false, "pinned to 10.0.0.3"},
	};

	fake.tracked = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake.previous = rows[i].previous;
		fake.pin = rows[i].pin;
		fake.pools[1].scheduler = rows[i].scheduler;
		fake.sent_to = rows[i].sent_to;
		auto_answer answer = ask("GET", EXPLAIN, NULL);

		if (json_is_true(json_object_get(answer.json, "agree")) != rows[i].agree)
			fail_msg("row %zu: %s", i, answer.text);
		if (!strstr(text_at(answer.json, "why"), rows[i].why))
			fail_msg("row %zu: %s", i, answer.text);
		assert_true(json_is_true(json_object_get(answer.json, "tracked")));
	}
}

static void explain_survives_nonsense(void **state)
{
	static const char *const bad[] = {
		"/v1/explain",
		"/v1/explain?",
		"/v1/explain?protocol=icmp&source=1.2.3.4:5&destination=1.2.3.5:6",
		"/v1/explain?protocol=tcp&source=1.2.3.4&destination=1.2.3.5:6",
		"/v1/explain?protocol=tcp&source=1.2.3.4:5",
		"/v1/explain?protocol=tcp&source=1.2.3.4:5&destination=[::1]:6",
		"/v1/explain?&&&===",
		"/v1/explain?protocol=udp&source=1.2.3.4:5&destination=1.2.3.5:6&connection-id=",
		"/v1/explain?protocol=udp&source=1.2.3.4:5&destination=1.2.3.5:6&connection-id=0x12",
		"/v1/explain?protocol=udp&source=1.2.3.4:5&destination=1.2.3.5:6&connection-id=123",
		"/v1/explain?protocol=udp&source=1.2.3.4:5&destination=1.2.3.5:6&connection-id="
		"000102030405060708090a0b0c0d0e0f1011121314",
		"/v1/explain?protocol=tcp&source=1.2.3.4:5&destination=1.2.3.5:6&connection-id=40",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses("GET", bad[i], NULL, 400, "");
	fake.is_odd = true; /* lengths larger than the arrays */
	fake.verdict = LEAT_VERDICT_COUNT;
	fake.backend = fake.previous = fake.pin = 1u << 30;
	fake.tracked = true;
	auto_answer answer = ask("GET", EXPLAIN, NULL);
	assert_int_equal(answer.status, 200);
	fake.is_mute = true; /* no world */
	auto_answer blind = ask("GET", EXPLAIN, NULL);
	assert_int_equal(blind.status, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(status_adds_up),
		TEST(service_is_found_in_any_spelling),
		TEST(service_counts),
		TEST(pool_has_check_services_backends),
		TEST(pools_are_listed),
		TEST(backend_tells_all),
		TEST(flows_are_told),
		TEST(backends_have_one_condition),
		TEST(stats_sum_to_the_total),
		TEST(interfaces_tell_problems),
		TEST(config_is_yaml),
		TEST(odd_texts_stay_json),
		TEST(mute_daemon_is_a_failure),
		TEST(missing_calls_are_failures),
		TEST(explain_names_everything),
		TEST(explain_compares_program_and_tables),
		TEST(explain_knows_tracked_slots),
		TEST(explain_survives_nonsense),
	};

	return cmocka_run_group_tests(tests, suite_before, suite_after);
}
