/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The API over real HTTP: libcurl asks, a fake daemon answers behind the calls. One loop runs both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curl/curl.h>
#include <jansson.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"
#include "unit/fake_daemon.h"

static struct event_base *base;
static struct serve *serve;
static struct fake fake;
static struct serve_calls calls;
static char directory[] = "/tmp/leat-serve-XXXXXX";
static char *path;

struct answer {
	long status;
	char *text;
	size_t length;
	char allow[64];
	json_t *json;
};

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *answer = context;

	answer->text = memory_resized(answer->text, answer->length + size * count + 1, 1);
	memcpy(answer->text + answer->length, bytes, size * count);
	answer->length += size * count;
	answer->text[answer->length] = 0;
	return size * count;
}

static size_t receive_header(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *answer = context;

	if (size * count > 7 && !strncasecmp(bytes, "Allow: ", 7))
		snprintf(answer->allow, sizeof(answer->allow), "%.*s", (int)strcspn(bytes + 7, "\r\n"), bytes + 7);
	return size * count;
}

static CURLcode exchange(CURL *curl)
{
	CURLM *multi = curl_multi_init();
	int running = 1, left;
	CURLcode code;

	curl_multi_add_handle(multi, curl);
	while (running) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		curl_multi_perform(multi, &running);
		if (running)
			curl_multi_poll(multi, NULL, 0, 1, NULL);
	}
	code = curl_multi_info_read(multi, &left)->data.result;
	curl_multi_remove_handle(multi, curl);
	curl_multi_cleanup(multi);
	return code;
}

static void answer_free(struct answer *answer)
{
	json_decref(answer->json);
	free(answer->text);
}
#define auto_answer __attribute__((cleanup(answer_free))) struct answer

static struct answer ask_bytes(const char *method, const char *target, const char *body, size_t length)
{
	auto_free char *url = string_format("http://leat%s", target);
	CURL *curl = curl_easy_init();
	struct answer answer = {};

	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_NOBODY, (long)!strcmp(method, "HEAD"));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
	if (body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	if (exchange(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
	curl_easy_cleanup(curl);
	answer.json = json_loads(answer.text ? answer.text : "", 0, NULL);
	return answer;
}

static struct answer ask(const char *method, const char *target, const char *body)
{
	return ask_bytes(method, target, body, body ? strlen(body) : 0);
}

static const char *text_at(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "(none)";
}

static json_int_t number_at(const json_t *json, const char *key)
{
	assert_true(json_is_integer(json_object_get(json, key)));
	return json_integer_value(json_object_get(json, key));
}

/* The call must be answered with this status and, unless NULL, an error that contains this. */
static void refuses(const char *method, const char *target, const char *body, long status, const char *says)
{
	auto_answer answer = ask(method, target, body);

	if (answer.status != status || (says && !strstr(text_at(answer.json, "error"), says)))
		fail_msg("%s %s: wanted %ld '%s', got %ld %s", method, target, status, says ? says : "", answer.status,
			 answer.text);
}

static void start(void)
{
	struct err err = {};

	if (serve_start(base, path, &calls, &serve, &err))
		fail_msg("%s", err.text);
}

static int before(void **state)
{
	calls = fake_calls(&fake);
	start();
	return 0;
}

static int after(void **state)
{
	serve_stop(serve);
	serve = NULL;
	return 0;
}

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
	assert_int_equal(number_at(answer.json, "backends-up"), 1);
	assert_int_equal(number_at(answer.json, "backends-down"), 1);
	assert_int_equal(number_at(answer.json, "backends-in-table"), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(answer.json, "pools-all-down"), 0)),
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
	refuses("GET", "/v1/services/sctp/192.0.2.10:80", NULL, 400, "allowed");
	refuses("GET", "/v1/services/tcp", NULL, 400, "allowed");
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
	assert_string_equal(text_at(answer.json, "scheduler"), "mh");
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
	assert_string_equal(text_at(second, "on-all-down"), "refuse");
	assert_true(json_is_true(json_object_get(second, "all-down")));
	assert_string_equal(text_at(json_object_get(second, "check"), "type"), "none");
	assert_int_equal(json_array_size(json_object_get(second, "backends")), 0);
}

static void backend_tells_all(void **state)
{
	auto_answer answer = ask("GET", "/v1/pools/web/backends/10.0.0.1", NULL);
	auto_answer same = ask("GET", "/v1/pools/web/backends/::ffff:10.0.0.1", NULL);
	auto_answer list = ask("GET", "/v1/backends", NULL), of_pool = ask("GET", "/v1/pools/web/backends", NULL);

	assert_string_equal(text_at(answer.json, "pool"), "web");
	assert_string_equal(text_at(answer.json, "state"), "enabled");
	assert_string_equal(text_at(answer.json, "health"), "up");
	assert_string_equal(text_at(answer.json, "last-check"), "HTTP 200 in 1 ms");
	assert_string_equal(text_at(answer.json, "interface"), "eth0");
	assert_int_equal(number_at(answer.json, "slots"), 65537);
	assert_int_equal(number_at(answer.json, "mtu"), 1500);
	assert_int_equal(same.status, 200);
	assert_int_equal(json_array_size(json_object_get(list.json, "backends")), 2);
	assert_true(json_equal(list.json, of_pool.json));
	refuses("GET", "/v1/pools/web/backends/10.0.0.3", NULL, 404, "no backend '10.0.0.3'");
	refuses("GET", "/v1/pools/none/backends/10.0.0.1", NULL, 404, "no pool");
	refuses("GET", "/v1/pools/web/backends/x", NULL, 400, "address");
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
	auto_answer answer = ask("GET", "/v1/interfaces", NULL), one = ask("GET", "/v1/interfaces/eth1", NULL);

	assert_int_equal(json_array_size(json_object_get(answer.json, "interfaces")), 2);
	assert_true(json_is_false(json_object_get(one.json, "attached")));
	assert_string_equal(text_at(one.json, "problem"), "no such interface");
	refuses("GET", "/v1/interfaces/eth9", NULL, 404, "eth9");
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
	static const char *const paths[] = { "/v1/status",   "/v1/services",   "/v1/pools", "/v1/backends",
					     "/v1/stats",    "/v1/interfaces", "/v1" };

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

/* --- changing ----------------------------------------------------------------------------------- */

static void edits_arrive_as_asked(void **state)
{
	static const struct {
		const char *method, *path, *body;
		long status;
		enum serve_object object;
		enum serve_verb verb;
		const char *pool, *name, *arrives;
	} rows[] = {
		{ "POST", "/v1/services/tcp/192.0.2.10:80", "pool: web", 201, SERVE_SERVICE, SERVE_ADD, "(null)",
		  "tcp/192.0.2.10:80", "pool: web" },
		{ "PATCH", "/v1/services/udp%2F%5B::1%5D:53", "{\"pool\":\"x\"}", 200, SERVE_SERVICE, SERVE_SET,
		  "(null)", "udp/[::1]:53", "{\"pool\":\"x\"}" },
		{ "DELETE", "/v1/services/tcp/192.0.2.10:80", NULL, 200, SERVE_SERVICE, SERVE_DELETE, "(null)",
		  "tcp/192.0.2.10:80", "(null)" },
		{ "POST", "/v1/pools/a.b-c_1", "", 201, SERVE_POOL, SERVE_ADD, "a.b-c_1", "(null)", "{}" },
		{ "PATCH", "/v1/pools/a%20b", "mode: l2", 200, SERVE_POOL, SERVE_SET, "a b", "(null)", "mode: l2" },
		{ "DELETE", "/v1/pools/web", "ignored", 200, SERVE_POOL, SERVE_DELETE, "web", "(null)", "(null)" },
		{ "POST", "/v1/pools/web/backends/10.0.0.1", "{}", 201, SERVE_BACKEND, SERVE_ADD, "web", "10.0.0.1",
		  "{}" },
		{ "PATCH", "/v1/pools/web/backends/10.0.0.1", "weight: 3", 200, SERVE_BACKEND, SERVE_SET, "web",
		  "10.0.0.1", "weight: 3" },
		{ "DELETE", "/v1/pools/web/backends/2001:db8::1", NULL, 200, SERVE_BACKEND, SERVE_DELETE, "web",
		  "2001:db8::1", "(null)" },
		{ "POST", "/v1/interfaces/eth0", "mode: generic", 201, SERVE_INTERFACE, SERVE_ADD, "(null)", "eth0",
		  "mode: generic" },
		{ "DELETE", "/v1/interfaces/eth0.100", NULL, 200, SERVE_INTERFACE, SERVE_DELETE, "(null)", "eth0.100",
		  "(null)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_answer answer = ask(rows[i].method, rows[i].path, rows[i].body);

		assert_int_equal(answer.status, rows[i].status);
		assert_true(json_is_object(answer.json));
		assert_int_equal(fake.edits, i + 1);
		assert_int_equal(fake.edit.object, rows[i].object);
		assert_int_equal(fake.edit.verb, rows[i].verb);
		assert_string_equal(fake.pool, rows[i].pool);
		assert_string_equal(fake.name, rows[i].name);
		assert_string_equal(fake.body, rows[i].arrives);
	}
}

static void errors_become_statuses(void **state)
{
	static const struct {
		int error;
		long status;
	} rows[] = { { -EINVAL, 400 }, { -ENOENT, 404 }, { -EEXIST, 409 }, { -EBUSY, 409 }, { -ENOSPC, 500 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake.error = rows[i].error;
		refuses("POST", "/v1/pools/web", "{}", rows[i].status, "as ordered");
		refuses("PUT", "/v1/config", "{}", rows[i].status, "as ordered");
		refuses("DELETE", "/v1/interfaces", NULL, rows[i].status, "as ordered");
		refuses("GET", "/v1/explain?protocol=udp&source=1.2.3.4:5&destination=1.2.3.5:6", NULL, rows[i].status,
			"as ordered");
	}
	assert_int_equal(fake.detaches, ARRAY_SIZE(rows));
}

static void apply_answers_with_the_difference(void **state)
{
	auto_answer answer = ask("PUT", "/v1/config", "seed: 1\n"), empty = ask("PUT", "/v1/config", "");
	const json_t *change = json_array_get(json_object_get(answer.json, "changes"), 1);
	const json_t *pool = json_array_get(json_object_get(answer.json, "pools"), 0);

	assert_int_equal(answer.status, 200);
	assert_true(json_is_false(json_object_get(answer.json, "dry-run")));
	assert_int_equal(json_array_size(json_object_get(answer.json, "changes")), 3);
	assert_string_equal(text_at(change, "kind"), "changed");
	assert_string_equal(text_at(change, "what"), "backend");
	assert_string_equal(text_at(change, "detail"), "weight 1 -> 5");
	assert_int_equal(number_at(pool, "moved"), 1234);
	assert_int_equal(number_at(pool, "slots"), 65537);
	assert_int_equal(empty.status, 200);
	assert_int_equal(fake.applied_length, 0);
}

static void dry_run_is_never_guessed(void **state)
{
	static const struct {
		const char *query;
		int means; /* -1: refused */
	} rows[] = {
		{ "", 0 },	     { "?", 0 },	   { "?dry-run", 1 },	 { "?dry-run=1", 1 },
		{ "?dry-run=yes", 1 }, { "?dry-run=0", 0 }, { "?dry-run=2", -1 }, { "?dryrun=1", -1 },
		{ "?dry-run=1&x=1", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *target = string_format("/v1/config%s", rows[i].query);
		unsigned int had = fake.applies;
		auto_answer answer = ask("PUT", target, "seed: 1\n");

		assert_int_equal(answer.status, rows[i].means < 0 ? 400 : 200);
		assert_int_equal(fake.applies - had, rows[i].means >= 0);
		if (rows[i].means >= 0)
			assert_int_equal(fake.dry_run, rows[i].means);
	}
}

static void large_bodies_pass_up_to_the_limit(void **state)
{
	const size_t limit = 64 << 20;
	auto_free char *body = memory_zeroed(limit + 1, 1);
	auto_answer good = {}, bad = {};

	memset(body, '#', limit + 1);
	good = ask_bytes("PUT", "/v1/config", body, limit);
	assert_int_equal(good.status, 200);
	assert_int_equal(fake.applied_length, limit);
	bad = ask_bytes("PUT", "/v1/config", body, limit + 1);
	assert_true(bad.status == 413 || bad.status == 0);
	assert_int_equal(fake.applies, 1);
	refuses("GET", "/v1/pools/none", NULL, 404, "none");
}

static void body_with_nul_keeps_its_length(void **state)
{
	auto_answer answer = ask_bytes("PUT", "/v1/config", "a\0b", 3);

	assert_int_equal(answer.status, 200);
	assert_int_equal(fake.applied_length, 3);
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
		{ 1, 1, LEAT_FORWARDED, "10.0.0.1", true },
		{ 1, 1, LEAT_FORWARDED, "10.0.0.2", false },
		{ 1, 1, LEAT_NO_BACKEND, "10.0.0.1", false },
		{ 1, 1, LEAT_NOT_SERVICE, "10.0.0.1", false },
		{ 1, 1, LEAT_BACKEND_UNRESOLVED, "10.0.0.1", false },
		{ 1, 2, LEAT_BACKEND_UNRESOLVED, "10.0.0.1", true }, /* its way is not known in the map */
		{ 1, 1, LEAT_BAD_SOURCE, "10.0.0.1", true },
		{ 1, 0, LEAT_NO_BACKEND, "10.0.0.1", true },
		{ 1, 0, LEAT_FORWARDED, "10.0.0.1", false },
		{ 0, 0, LEAT_NOT_SERVICE, "10.0.0.1", true },
		{ 0, 0, LEAT_FORWARDED, "10.0.0.1", false },
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
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses("GET", bad[i], NULL, 400, "");
	fake.is_odd = true; /* lengths larger than the arrays */
	fake.verdict = LEAT_VERDICT_COUNT;
	fake.backend = 1u << 30;
	auto_answer answer = ask("GET", EXPLAIN, NULL);
	assert_int_equal(answer.status, 200);
	fake.is_mute = true; /* no world */
	auto_answer blind = ask("GET", EXPLAIN, NULL);
	assert_int_equal(blind.status, 200);
}

/* --- paths, methods, junk ----------------------------------------------------------------------- */

static void unknown_paths_say_what_exists(void **state)
{
	static const char *const bad[] = {
		"/", "/v2/status", "/v1/", "/v1/statusx", "/v1/pools/", "/v1/pools/web/", "/v1/pools/web/backends/",
		"/v1/pools/web/backends/1/2", "//v1/status", "/v1/pools/%00", "/v1/services/tcp%00", "/v1/status/",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses("GET", bad[i], NULL, 404, "/v1/pools/NAME/backends/ADDRESS");
}

static void the_documentation_has_every_path(void **state)
{
	auto_answer answer = ask("GET", "/v1", NULL);
	auto_free char *text = NULL;
	const json_t *row;
	size_t i, length;

	assert_int_equal(file_read("docs/api.md", &text, &length, NULL), 0);
	json_array_foreach(json_object_get(answer.json, "paths"), i, row) {
		auto_free char *name = string_format("| `%s` |", text_at(row, "path"));

		if (!strstr(text, name))
			fail_msg("docs/api.md lacks %s", name);
	}
	assert_true(i > 10);
}

static void wrong_methods_say_what_is_taken(void **state)
{
	auto_answer answer = ask("PUT", "/v1/pools/web", "{}");

	assert_int_equal(answer.status, 405);
	assert_string_equal(answer.allow, "GET, HEAD, POST, PATCH, DELETE");
	refuses("DELETE", "/v1/status", NULL, 405, "GET, HEAD");
	refuses("POST", "/v1/interfaces", NULL, 405, "DELETE");
	refuses("OPTIONS", "/v1/config", NULL, 405, "PUT");
	refuses("TRACE", "/v1/config", NULL, 405, "PUT");
	assert_int_equal(fake.edits, 0);
}

static int connect_to(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, name);
	assert_int_equal(connect(fd, (const void *)&address, sizeof(address)), 0);
	return fd;
}

static void junk_bytes_do_no_harm(void **state)
{
	static const char *const junk[] = {
		"\r\n\r\n\r\n",
		"GET\r\n\r\n",
		"GET /v1/status\r\n\r\n",
		"GET /v1/status HTTP/9.9\r\n\r\n",
		"PUT /v1/config HTTP/1.1\r\nContent-Length: -1\r\n\r\nx",
		"PUT /v1/config HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\nx",
		"PUT /v1/config HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"PUT /v1/config HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"GET http:// HTTP/1.1\r\n\r\n",
		"CONNECT a:1 HTTP/1.1\r\n\r\n",
		"GET * HTTP/1.1\r\n\r\n",
		"GET /v1/pools/%zz%2 HTTP/1.1\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"FOO /v1/status HTTP/1.1\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		int fd = connect_to(path);

		assert_int_equal(send(fd, junk[i], strlen(junk[i]), 0), strlen(junk[i]));
		refuses("GET", "/v1/pools/none", NULL, 404, "none");
		close(fd);
		refuses("GET", "/v1/pools/none", NULL, 404, "none");
	}
	assert_int_equal(fake.applies, 0);
}

/* --- the socket --------------------------------------------------------------------------------- */

static void socket_is_for_owner_and_group(void **state)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	after(NULL);
	assert_int_equal(lstat(path, &st), -1);
}

static void stale_socket_is_replaced(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	after(NULL);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (const void *)&address, sizeof(address)), 0);
	close(fd);
	start();
	refuses("GET", "/v1/pools/none", NULL, 404, "none");
}

static void living_socket_is_left_alone(void **state)
{
	struct serve *second = NULL;
	struct err err = {};

	assert_int_equal(serve_start(base, path, &calls, &second, &err), -EADDRINUSE);
	assert_null(second);
	assert_non_null(strstr(err.text, path));
	refuses("GET", "/v1/pools/none", NULL, 404, "none");
}

static void other_files_are_left_alone(void **state)
{
	auto_free char *file = string_format("%s/file", directory), *long_path = memory_zeroed(300, 1);
	auto_fclose FILE *made = fopen(file, "w");
	struct serve *second = NULL;
	struct err err = {};
	struct stat st;

	assert_int_equal(serve_start(base, file, &calls, &second, &err), -EEXIST);
	assert_int_equal(stat(file, &st), 0);
	memset(long_path, 'x', 299);
	assert_int_equal(serve_start(base, long_path, &calls, &second, &err), -ENAMETOOLONG);
	assert_int_equal(serve_start(base, "", &calls, &second, &err), -ENAMETOOLONG);
	unlink(file);
}

static void successor_keeps_its_socket(void **state)
{
	struct serve *old = serve;
	struct stat st;

	unlink(path);
	start();
	serve_stop(old);
	assert_int_equal(lstat(path, &st), 0);
	serve_stop(NULL);
}

static int suite_before(void **state)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	base = event_base_new();
	path = mkdtemp(directory) ? string_format("%s/socket", directory) : NULL;
	return !base || !path;
}

static int suite_after(void **state)
{
	event_base_free(base);
	free(path);
	rmdir(directory);
	curl_global_cleanup();
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(status_adds_up),
		TEST(service_is_found_in_any_spelling),
		TEST(service_counts),
		TEST(pool_has_check_services_backends),
		TEST(pools_are_listed),
		TEST(backend_tells_all),
		TEST(stats_sum_to_the_total),
		TEST(interfaces_tell_problems),
		TEST(config_is_yaml),
		TEST(odd_texts_stay_json),
		TEST(mute_daemon_is_a_failure),
		TEST(missing_calls_are_failures),
		TEST(edits_arrive_as_asked),
		TEST(errors_become_statuses),
		TEST(apply_answers_with_the_difference),
		TEST(dry_run_is_never_guessed),
		TEST(large_bodies_pass_up_to_the_limit),
		TEST(body_with_nul_keeps_its_length),
		TEST(explain_names_everything),
		TEST(explain_compares_program_and_tables),
		TEST(explain_survives_nonsense),
		TEST(unknown_paths_say_what_exists),
		TEST(the_documentation_has_every_path),
		TEST(wrong_methods_say_what_is_taken),
		TEST(junk_bytes_do_no_harm),
		TEST(socket_is_for_owner_and_group),
		TEST(stale_socket_is_replaced),
		TEST(living_socket_is_left_alone),
		TEST(other_files_are_left_alone),
		TEST(successor_keeps_its_socket),
	};

	return cmocka_run_group_tests(tests, suite_before, suite_after);
}
