/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the API takes: changes, paths, methods, junk; and the life of its socket. */
#include "unit/serve_ask.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"

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
		{"POST", "/v1/services/tcp/192.0.2.10:80", "pool: web", 201, SERVE_SERVICE, SERVE_ADD,
		 "(null)", "tcp/192.0.2.10:80", "pool: web"},
		{"PATCH", "/v1/services/udp%2F%5B::1%5D:53", "{\"pool\":\"x\"}", 200, SERVE_SERVICE,
		 SERVE_SET, "(null)", "udp/[::1]:53", "{\"pool\":\"x\"}"},
		{"DELETE", "/v1/services/tcp/192.0.2.10:80", NULL, 200, SERVE_SERVICE, SERVE_DELETE, "(null)",
		 "tcp/192.0.2.10:80", "(null)"},
		{"POST", "/v1/pools/a.b-c_1", "", 201, SERVE_POOL, SERVE_ADD, "a.b-c_1", "(null)", "{}"},
		{"PATCH", "/v1/pools/a%20b", "mode: l2", 200, SERVE_POOL, SERVE_SET, "a b", "(null)",
		 "mode: l2"},
		{"DELETE", "/v1/pools/web", "ignored", 200, SERVE_POOL, SERVE_DELETE, "web", "(null)",
		 "(null)"},
		{"POST", "/v1/pools/web/backends/10.0.0.1", "{}", 201, SERVE_BACKEND, SERVE_ADD, "web",
		 "10.0.0.1", "{}"},
		{"PATCH", "/v1/pools/web/backends/10.0.0.1", "weight: 3", 200, SERVE_BACKEND, SERVE_SET,
		 "web", "10.0.0.1", "weight: 3"},
		{"DELETE", "/v1/pools/web/backends/2001:db8::1", NULL, 200, SERVE_BACKEND, SERVE_DELETE,
		 "web", "2001:db8::1", "(null)"},
		{"POST", "/v1/interfaces/eth0", "mode: generic", 201, SERVE_INTERFACE, SERVE_ADD, "(null)",
		 "eth0", "mode: generic"},
		{"DELETE", "/v1/interfaces/eth0.100", NULL, 200, SERVE_INTERFACE, SERVE_DELETE, "(null)",
		 "eth0.100", "(null)"},
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
	} rows[] = {{-EINVAL, 400}, {-ENOENT, 404}, {-EEXIST, 409}, {-EBUSY, 409}, {-ENOSPC, 500}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake.error = rows[i].error;
		refuses("POST", "/v1/pools/web", "{}", rows[i].status, "as ordered");
		refuses("PUT", "/v1/config", "{}", rows[i].status, "as ordered");
		refuses("DELETE", "/v1/interfaces", NULL, rows[i].status, "as ordered");
		refuses("GET", "/v1/explain?protocol=udp&source=1.2.3.4:5&destination=1.2.3.5:6", NULL,
			rows[i].status, "as ordered");
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
		{"", 0},
		{"?", 0},
		{"?dry-run", 1},
		{"?dry-run=1", 1},
		{"?dry-run=yes", 1},
		{"?dry-run=0", 0},
		{"?dry-run=2", -1},
		{"?dryrun=1", -1},
		{"?dry-run=1&x=1", -1},
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

/* An edit has no dry run: whoever asks for one must not get the edit. */
static void queries_that_are_not_heard_are_refused(void **state)
{
	refuses("DELETE", "/v1/pools/web?dry-run=1", NULL, 400, "takes no query; found '?dry-run=1'");
	refuses("POST", "/v1/pools/new?dry-run", "{}", 400, "takes no query");
	refuses("DELETE", "/v1/interfaces?name=eth0", NULL, 400, "takes no query");
	refuses("GET", "/v1/pools?name=web", NULL, 400, "takes no query");
	refuses("GET", "/v1/explain?protocol=tcp&sport=1", NULL, 400, "unknown key 'sport'");
	refuses("GET", "/v1/explain?protocol=tcp&protocol=udp", NULL, 400, "protocol twice");
	assert_int_equal(fake.edits, 0);
	assert_int_equal(fake.detaches, 0);
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

/* --- paths, methods, junk ----------------------------------------------------------------------- */

static void unknown_paths_say_what_exists(void **state)
{
	static const char *const bad[] = {
		"/",
		"/v2/status",
		"/v1/",
		"/v1/statusx",
		"/v1/pools/",
		"/v1/pools/web/",
		"/v1/pools/web/backends/",
		"/v1/pools/web/backends/1/2",
		"//v1/status",
		"/v1/pools/%00",
		"/v1/services/tcp%00",
		"/v1/status/",
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
	struct sockaddr_un address = {.sun_family = AF_UNIX};
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

/* On a connection that goes on, a body would be taken for the next answer. */
static void head_is_answered_without_a_body(void **state)
{
	static const char asked[] = "HEAD /v1/status HTTP/1.1\r\n\r\nHEAD /none HTTP/1.1\r\n\r\n";
	char answer[1024];
	int fd = connect_to(path);
	ssize_t n;

	assert_int_equal(write(fd, asked, strlen(asked)), strlen(asked));
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	n = read(fd, answer, sizeof(answer) - 1);
	assert_true(n > 0);
	answer[n] = 0;
	assert_null(strchr(answer, '{'));
	assert_non_null(strstr(answer, "HTTP/1.1 200 OK"));
	assert_non_null(strstr(answer, "HTTP/1.1 404 Not Found"));
	assert_non_null(strstr(answer, "Content-Length: "));
	close(fd);
}

static void stale_socket_is_replaced(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(edits_arrive_as_asked),
		TEST(errors_become_statuses),
		TEST(apply_answers_with_the_difference),
		TEST(dry_run_is_never_guessed),
		TEST(queries_that_are_not_heard_are_refused),
		TEST(large_bodies_pass_up_to_the_limit),
		TEST(body_with_nul_keeps_its_length),
		TEST(unknown_paths_say_what_exists),
		TEST(the_documentation_has_every_path),
		TEST(wrong_methods_say_what_is_taken),
		TEST(junk_bytes_do_no_harm),
		TEST(socket_is_for_owner_and_group),
		TEST(head_is_answered_without_a_body),
		TEST(stale_socket_is_replaced),
		TEST(living_socket_is_left_alone),
		TEST(other_files_are_left_alone),
		TEST(successor_keeps_its_socket),
	};

	return cmocka_run_group_tests(tests, suite_before, suite_after);
}
