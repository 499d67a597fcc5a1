/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers on loopback in the test's own loop, a config of one pool, and a log of what health told. */
#ifndef UNIT_HEALTH_LAB_H
#define UNIT_HEALTH_LAB_H

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "base/addr.h"
#include "base/auto.h"
#include "health/health.h"

/* Answers every connection, once a request is complete, with `answer`; NULL: never. */
struct server {
	struct evconnlistener *listener;
	struct bufferevent *open[2048]; /* the last ones */
	unsigned int accepted, requests;
	uint16_t port;
	const char *answer;
	char request[1024]; /* the last */
};

static struct {
	struct event_base *base;
	struct health_checks *checks;
	struct config config;
	struct config_pool pool;
	struct config_member members[1000];
	struct config_range statuses[4];
	enum health initial;
	unsigned int changes;
	enum health told, told_old;
	char text[256];
} lab;

#define OK "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"

/* --- servers ------------------------------------------------------------------------------------ */

static inline void server_drop(struct server *server, struct bufferevent *connection)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(server->open); i++)
		if (server->open[i] == connection)
			server->open[i] = NULL;
	bufferevent_free(connection);
}

static inline void server_on_end(struct bufferevent *connection, short what, void *context)
{
	server_drop(context, connection);
}

static inline void server_on_sent(struct bufferevent *connection, void *context)
{
	server_drop(context, connection); /* as in HTTP/1.0, the end of the connection ends the body */
}

static inline void server_on_data(struct bufferevent *connection, void *context)
{
	struct evbuffer *input = bufferevent_get_input(connection);
	struct server *server = context;
	size_t n;

	n = evbuffer_copyout(input, server->request, sizeof(server->request) - 1);
	server->request[n] = 0;
	if (!strstr(server->request, "\r\n\r\n"))
		return;
	evbuffer_drain(input, n);
	server->requests++;
	if (!server->answer)
		return;
	bufferevent_setcb(connection, NULL, server_on_sent, server_on_end, server);
	bufferevent_write(connection, server->answer, strlen(server->answer));
}

static inline void server_on_accept(struct evconnlistener *listener, evutil_socket_t fd,
				    struct sockaddr *from, int length, void *context)
{
	struct bufferevent *connection = bufferevent_socket_new(lab.base, fd, BEV_OPT_CLOSE_ON_FREE);
	struct server *server = context;
	struct bufferevent **at = &server->open[server->accepted++ % ARRAY_SIZE(server->open)];

	if (*at)
		bufferevent_free(*at);
	*at = connection;
	bufferevent_setcb(connection, server_on_data, NULL, server_on_end, server);
	bufferevent_enable(connection, EV_READ | EV_WRITE);
}

/* port 0: any */
static inline void server_start(struct server *server, const char *addr, uint16_t port)
{
	struct sockaddr_in6 at6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port),
				    .sin6_addr = in6addr_loopback };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_port = htons(port) }, got;
	bool ipv6 = inet_pton(AF_INET, addr, &at4.sin_addr) != 1;
	socklen_t length = sizeof(got);

	server->listener = evconnlistener_new_bind(
		lab.base, server_on_accept, server,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC, 1000,
		ipv6 ? (struct sockaddr *)&at6 : (struct sockaddr *)&at4, ipv6 ? sizeof(at6) : sizeof(at4));
	assert_non_null(server->listener);
	getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&got, &length);
	server->port = ntohs(got.sin_port);
}

static inline void server_stop(struct server *server)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(server->open); i++)
		if (server->open[i])
			server_drop(server, server->open[i]);
	if (server->listener)
		evconnlistener_free(server->listener);
	server->listener = NULL;
}

/* --- checks --------------------------------------------------------------------------------------- */

static inline void lab_on_change(void *context, const char *pool, const struct leat_addr *addr,
				 enum health old, enum health new, const char *text)
{
	assert_string_equal(pool, "web");
	assert_int_not_equal(old, new);
	lab.changes++;
	lab.told_old = old;
	lab.told = new;
	snprintf(lab.text, sizeof(lab.text), "%s", text);
}

static inline enum health lab_initial(void *context, const char *pool, const struct leat_addr *addr)
{
	return lab.initial;
}

static inline void lab_configure(void)
{
	health_configure(lab.checks, &lab.config, lab_initial, NULL);
}

static inline enum health health_now(const char **ret_text)
{
	return health_of(lab.checks, "web", &lab.members[0].addr, ret_text);
}

/* A pool "web" of one backend at 127.0.0.1. The check is there to be changed before lab_configure(). */
static inline int lab_up(void **state)
{
	memset(&lab, 0, sizeof(lab));
	lab.base = event_base_new();
	assert_int_equal(health_start(lab.base, lab_on_change, NULL, &lab.checks, NULL), 0);
	lab.config = (struct config){ .pools = &lab.pool, .pool_count = 1 };
	lab.pool = (struct config_pool){ .name = "web", .members = lab.members, .member_count = 1 };
	addr_parse("127.0.0.1", &lab.members[0].addr);
	lab.members[0].state = DOC_STATE_ENABLED;
	lab.statuses[0] = (struct config_range){ 200, 399 };
	lab.pool.check = (struct config_check){
		.type = DOC_CHECK_TCP,
		.interval_ms = 30,
		.fast_interval_ms = 20,
		.timeout_ms = 1000,
		.rise = 2,
		.fall = 3,
		.path = "/",
		.statuses = lab.statuses,
		.status_count = 1,
	};
	return 0;
}

static inline int lab_down(void **state)
{
	health_stop(lab.checks);
	event_base_free(lab.base);
	return 0;
}

/* Starts the server and configures an HTTP check of it. */
static inline void http_check(struct server *server, const char *answer)
{
	server->answer = answer;
	server_start(server, "127.0.0.1", 0);
	lab.pool.check.type = DOC_CHECK_HTTP;
	lab.pool.check.port = server->port;
	lab_configure();
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, lab_up, lab_down)

static inline double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Turns the loop until condition holds; fails after 10 seconds. */
#define await(condition)                                                                                     \
	do {                                                                                                 \
		double deadline_ = seconds() + 10;                                                           \
		while (!(condition)) {                                                                       \
			struct timeval tick_ = { 0, 100000 };                                                \
			if (seconds() > deadline_)                                                           \
				fail_msg("waited in vain for %s; last told: %s", #condition, lab.text);      \
			event_base_loopexit(lab.base, &tick_);                                               \
			event_base_loop(lab.base, EVLOOP_ONCE);                                              \
		}                                                                                            \
	} while (0)

#endif
