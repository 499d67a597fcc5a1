/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP checks against a server on loopback: what is asked, and which answers count. */
#include "unit/health_lab.h"

static void http_up_and_what_it_asks(void **state)
{
	struct server server = {};

	lab.pool.check.path = "/a/../health?x=1";
	lab.pool.check.host = "www.example.com";
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	http_check(&server, OK "fine");
	await(lab.told == HEALTH_UP);
	unsetenv("http_proxy");
	assert_non_null(strstr(lab.text, "HTTP 200 in "));
	assert_ptr_equal(strstr(server.request, "GET /a/../health?x=1 HTTP/1.1\r\n"), server.request);
	assert_non_null(strstr(server.request, "\r\nHost: www.example.com\r\n"));
	assert_non_null(strstr(server.request, "\r\nUser-Agent: leat/"));
	server_stop(&server);
}

static void http_host_is_the_address_if_not_set(void **state)
{
	struct server server = {};
	char want[64];

	http_check(&server, OK "fine");
	await(lab.told == HEALTH_UP);
	snprintf(want, sizeof(want), "\r\nHost: 127.0.0.1:%u\r\n", server.port);
	assert_non_null(strstr(server.request, want));
	server_stop(&server);
}

static void http_unwanted_status(void **state)
{
	struct server server = {};

	http_check(&server, "HTTP/1.0 500 Oops\r\n\r\n");
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "HTTP 500, want 200-399");
	server.answer = OK;
	await(lab.told == HEALTH_UP);
	server_stop(&server);
}

static void http_status_ranges(void **state)
{
	struct server server = {};

	lab.statuses[0] = (struct config_range){ 200, 200 };
	lab.statuses[1] = (struct config_range){ 401, 403 };
	lab.pool.check.status_count = 2;
	http_check(&server, "HTTP/1.0 404 Not Found\r\n\r\n");
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "HTTP 404, want 200,401-403");
	server.answer = "HTTP/1.0 403 Forbidden\r\n\r\n";
	await(lab.told == HEALTH_UP);
	server_stop(&server);
}

static void http_redirect_is_not_followed(void **state)
{
	static const char redirect[] = "HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n";
	struct server server = {};

	http_check(&server, redirect);
	await(lab.told == HEALTH_UP);
	assert_non_null(strstr(lab.text, "HTTP 302"));
	server_stop(&server);
}

static void http_body(void **state)
{
	struct server server = {};

	lab.pool.check.body = "all is well";
	http_check(&server, OK "nothing is");
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "body lacks 'all is well'");
	server.answer = OK "I say: all is well.";
	await(lab.told == HEALTH_UP);
	server_stop(&server);
}

/* The text counts in the first 64 KiB, and what comes after them is not waited for. */
static void http_body_ends_after_64_kib(void **state)
{
	struct server server = {};
	char *answer = memory_zeroed(1, 2 << 20);

	memset(answer, 'x', (2 << 20) - 1);
	memcpy(answer, OK, strlen(OK));
	memcpy(answer + strlen(OK) + 65536, "needle", 6);
	lab.pool.check.body = "needle";
	http_check(&server, answer);
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "body lacks 'needle'");
	memcpy(answer + strlen(OK) + 65530, "needle", 6);
	await(lab.told == HEALTH_UP);
	lab.pool.check.body = NULL;
	lab_configure();
	server_stop(&server);
	free(answer);
}

static void http_no_answer(void **state)
{
	struct server server = {};

	lab.pool.check.timeout_ms = 50;
	http_check(&server, NULL);
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "timeout after 50ms");
	server_stop(&server);
}

static void http_refused_and_no_http(void **state)
{
	struct server server = {};

	http_check(&server, "SSH-2.0-nonsense\r\n");
	await(lab.told == HEALTH_DOWN);
	assert_string_not_equal(lab.text, "");
	server.answer = OK;
	await(lab.told == HEALTH_UP);
	server_stop(&server);
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "connection refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(http_up_and_what_it_asks),
		IN_LAB(http_host_is_the_address_if_not_set),
		IN_LAB(http_unwanted_status),
		IN_LAB(http_status_ranges),
		IN_LAB(http_redirect_is_not_followed),
		IN_LAB(http_body),
		IN_LAB(http_body_ends_after_64_kib),
		IN_LAB(http_no_answer),
		IN_LAB(http_refused_and_no_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
