/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP checks against real servers on loopback, and what holds for all kinds: when, how many, and what reconfiguring
 * leaves alone.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "unit/health_lab.h"

/* --- TCP ------------------------------------------------------------------------------------------ */

static void tcp_up_down_and_up_again(void **state)
{
	struct server server = {};

	server_start(&server, "127.0.0.1", 0);
	lab.pool.check.port = server.port;
	lab_configure();
	assert_int_equal(health_now(NULL), HEALTH_UNKNOWN);
	await(lab.told == HEALTH_UP);
	assert_int_equal(lab.told_old, HEALTH_UNKNOWN);
	assert_non_null(strstr(lab.text, "connected in "));
	server_stop(&server);
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "connection refused");
	assert_int_equal(health_now(NULL), HEALTH_DOWN);
	server.accepted = 0;
	server_start(&server, "127.0.0.1", server.port);
	await(lab.told == HEALTH_UP);
	assert_true(server.accepted >= 1); /* the second of two may still wait to be accepted */
	assert_int_equal(lab.changes, 3);
	server_stop(&server);
}

static void tcp_over_ipv6(void **state)
{
	struct server server = {};

	server_start(&server, "::1", 0);
	addr_parse("::1", &lab.members[0].addr);
	lab.pool.check.port = server.port;
	lab_configure();
	await(lab.told == HEALTH_UP);
	server_stop(&server);
}

/* A listener that never accepts and whose queue is full: the kernel drops further SYNs. */
static void tcp_timeout(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);
	int fill[4], listener = socket(AF_INET, SOCK_STREAM, 0);
	size_t i;

	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 0), 0);
	getsockname(listener, (struct sockaddr *)&at, &length);
	for (i = 0; i < ARRAY_SIZE(fill); i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fill[i], (struct sockaddr *)&at, sizeof(at));
	}
	lab.pool.check.port = ntohs(at.sin_port);
	lab.pool.check.timeout_ms = 50;
	lab_configure();
	await(lab.told == HEALTH_DOWN);
	assert_string_equal(lab.text, "timeout after 50ms");
	for (i = 0; i < ARRAY_SIZE(fill); i++)
		close(fill[i]);
	close(listener);
}

/* --- configuring ------------------------------------------------------------------------------------ */

static void configuring_anew_keeps_health(void **state)
{
	struct server server = {};
	const char *text;
	unsigned int before;

	http_check(&server, OK);
	await(lab.told == HEALTH_UP);
	before = server.requests;
	lab_configure(); /* nothing new: goes on */
	await(server.requests > before);
	lab.pool.check.interval_ms = 20; /* restarts */
	lab_configure();
	assert_int_equal(health_now(&text), HEALTH_UP);
	assert_non_null(strstr(text, "HTTP 200"));
	before = server.requests;
	await(server.requests > before + 2);
	assert_int_equal(lab.changes, 1);
	server_stop(&server);
}

static void configuring_cancels_what_is_under_way(void **state)
{
	struct server server = {};
	unsigned int before;

	lab.pool.check.timeout_ms = 60000;
	http_check(&server, NULL);
	await(server.requests == 1);
	lab.pool.check.path = "/other";
	lab_configure();
	await(server.requests == 2);
	assert_ptr_equal(strstr(server.request, "GET /other "), server.request);
	lab.pool.check.type = DOC_CHECK_NONE;
	lab_configure();
	assert_int_equal(health_now(NULL), HEALTH_UP);
	before = server.accepted;
	await(!server.open[0] && !server.open[1]); /* cancelled probes hang up */
	assert_int_equal(server.accepted, before);
	server_stop(&server);
}

static void disabled_is_not_probed_and_draining_is(void **state)
{
	struct server server = {};

	addr_parse("127.0.0.2", &lab.members[1].addr);
	lab.members[0].state = DOC_STATE_DISABLED;
	lab.members[1].state = DOC_STATE_DRAINING;
	lab.pool.member_count = 2;
	server_start(&server, "0.0.0.0", 0);
	lab.pool.check.port = server.port;
	lab_configure();
	await(lab.told == HEALTH_UP);
	assert_int_equal(health_of(lab.checks, "web", &lab.members[1].addr, NULL), HEALTH_UP);
	assert_int_equal(lab.changes, 1);
	assert_int_equal(health_now(NULL), HEALTH_UP); /* without a check */
	server_stop(&server);
}

static void initial_health_needs_fall_failures(void **state)
{
	struct server server = {};

	server_start(&server, "127.0.0.1", 0);
	server_stop(&server);
	lab.initial = HEALTH_UP;
	lab.pool.check.port = server.port;
	lab_configure();
	assert_int_equal(health_now(NULL), HEALTH_UP);
	await(lab.told == HEALTH_DOWN);
	assert_int_equal(lab.told_old, HEALTH_UP);
	assert_int_equal(lab.changes, 1);
}

/* Interval 10 s, fast interval 20 ms: if the fast one did not count, this would wait in vain. */
static void fast_interval_while_changing(void **state)
{
	struct server server = {};

	http_check(&server, "HTTP/1.0 500 Oops\r\n\r\n");
	lab.initial = HEALTH_UP;
	lab.pool.check.interval_ms = 10000;
	lab_configure();
	await(lab.told == HEALTH_DOWN);
	server_stop(&server);
}

/* --- resources -------------------------------------------------------------------------------------- */

static unsigned int descriptors(bool inherited_only)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		int flags = fcntl(atoi(entry->d_name), F_GETFD);

		if (entry->d_name[0] != '.' && !(inherited_only && flags & FD_CLOEXEC))
			n++;
	}
	closedir(dir);
	return n;
}

static void descriptors_are_closed_and_not_inherited(void **state)
{
	unsigned int all = descriptors(false), inherited = descriptors(true);
	struct server server = {};

	lab.pool.check.timeout_ms = 60000;
	http_check(&server, NULL);
	await(server.requests == 1);
	assert_true(descriptors(false) > all);
	assert_int_equal(descriptors(true), inherited);
	lab.pool.check.type = DOC_CHECK_NONE;
	lab_configure();
	await(!server.open[0]);
	server_stop(&server);
	assert_int_equal(descriptors(false), all);
}

/* Out of descriptors says nothing about a backend. */
static void unasked_is_not_down(enum doc_check_type type)
{
	struct server server = { .answer = OK };
	struct rlimit old, none;
	const char *text;

	server_start(&server, "127.0.0.1", 0);
	lab.pool.check.type = type;
	lab.pool.check.port = server.port;
	lab.initial = HEALTH_UP;
	lab_configure();
	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){ 3, old.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	await(health_now(&text) == HEALTH_UP && text);
	assert_string_equal(text, "too many open files");
	setrlimit(RLIMIT_NOFILE, &old);
	await(health_now(&text) == HEALTH_UP && (strstr(text, "connected") || strstr(text, "HTTP 200")));
	assert_int_equal(lab.changes, 0);
	server_stop(&server);
}

static void unasked_is_not_down_by_tcp(void **state)
{
	unasked_is_not_down(DOC_CHECK_TCP);
}

static void unasked_is_not_down_by_http(void **state)
{
	unasked_is_not_down(DOC_CHECK_HTTP);
}

static void a_thousand_backends(enum doc_check_type type)
{
	struct server server = { .answer = OK "fine" };
	double began = seconds();
	unsigned int i;

	server_start(&server, "0.0.0.0", 0);
	for (i = 0; i < 1000; i++) {
		char text[ADDR_TEXT_MAX];

		snprintf(text, sizeof(text), "127.0.%u.%u", i / 250, i % 250 + 1);
		addr_parse(text, &lab.members[i].addr);
		lab.members[i].state = DOC_STATE_ENABLED;
	}
	lab.pool.member_count = 1000;
	lab.pool.check.type = type;
	lab.pool.check.port = server.port;
	lab.pool.check.timeout_ms = 10000; /* however busy the machine is */
	lab.pool.check.interval_ms = 2000;
	lab.pool.check.fast_interval_ms = 500;
	lab_configure();
	await(lab.changes == 1000);
	assert_int_equal(lab.told, HEALTH_UP);
	print_message("figure: 1,000 backends found up in %.0f ms\n", (seconds() - began) * 1e3);
	server_stop(&server);
}

static void a_thousand_backends_by_tcp(void **state)
{
	a_thousand_backends(DOC_CHECK_TCP);
}

static void a_thousand_backends_by_http(void **state)
{
	a_thousand_backends(DOC_CHECK_HTTP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(tcp_up_down_and_up_again),
		IN_LAB(tcp_over_ipv6),
		IN_LAB(tcp_timeout),
		IN_LAB(configuring_anew_keeps_health),
		IN_LAB(configuring_cancels_what_is_under_way),
		IN_LAB(disabled_is_not_probed_and_draining_is),
		IN_LAB(initial_health_needs_fall_failures),
		IN_LAB(fast_interval_while_changing),
		IN_LAB(descriptors_are_closed_and_not_inherited),
		IN_LAB(unasked_is_not_down_by_tcp),
		IN_LAB(unasked_is_not_down_by_http),
		IN_LAB(a_thousand_backends_by_tcp),
		IN_LAB(a_thousand_backends_by_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
