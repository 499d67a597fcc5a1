/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP probe: success is a completed handshake; the connection is closed at once. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "health/probe.h"

struct tcp_probe {
	const struct probe_target *target;
	probe_done done;
	void *context;
	struct event *event; /* connected, or time is up */
	uint64_t began_us;
	int fd;
	int error; /* what failed at once, told from the loop */
};

static void tcp_cancel(void *context)
{
	struct tcp_probe *probe = context;

	if (probe->event)
		event_free(probe->event);
	if (probe->fd >= 0)
		close(probe->fd);
	free(probe);
}

static enum probe_result tcp_outcome(const struct tcp_probe *probe, short what, char *text)
{
	socklen_t length = sizeof(int);
	int error = probe->error;

	if (!error && !(what & EV_WRITE)) {
		probe_timeout_text(probe->target->settings.timeout_ms, text);
		return PROBE_FAILED;
	}
	if (!error && getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &length))
		error = errno;
	if (error)
		return probe_error(error, text);
	snprintf(text, PROBE_TEXT_MAX, "connected in %.1f ms", (clock_us() - probe->began_us) / 1000.0);
	return PROBE_SUCCEEDED;
}

static void tcp_end(evutil_socket_t fd, short what, void *context)
{
	struct tcp_probe *probe = context;
	enum probe_result result;
	probe_done done = probe->done;
	void *done_context = probe->context;
	char text[PROBE_TEXT_MAX];

	result = tcp_outcome(probe, what, text);
	tcp_cancel(probe);
	done(done_context, result, text);
}

/* 0 when under way. */
static int tcp_connect(struct tcp_probe *probe)
{
	const struct leat_addr *addr = &probe->target->addr;
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(probe->target->settings.port) };
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = to6.sin6_port };
	bool ipv4 = addr_is_ipv4(addr);
	int e;

	to4.sin_addr.s_addr = addr->word[3];
	memcpy(&to6.sin6_addr, addr, sizeof(*addr));
	probe->fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd < 0)
		return errno;
	if (ipv4)
		e = connect(probe->fd, (struct sockaddr *)&to4, sizeof(to4));
	else
		e = connect(probe->fd, (struct sockaddr *)&to6, sizeof(to6));
	return e && errno != EINPROGRESS ? errno : 0;
}

static void *tcp_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
		       void *context)
{
	struct tcp_probe *probe = memory_zeroed(1, sizeof(*probe));
	uint32_t ms = target->settings.timeout_ms;
	struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };

	probe->target = target;
	probe->done = done;
	probe->context = context;
	probe->began_us = clock_us();
	probe->error = tcp_connect(probe);
	if (probe->error) {
		probe->event = evtimer_new(loop->base, tcp_end, probe);
		timeout = (struct timeval){};
	} else {
		probe->event = event_new(loop->base, probe->fd, EV_WRITE, tcp_end, probe);
	}
	event_add(probe->event, &timeout);
	return probe;
}

const struct probe_kind probe_tcp = { "tcp", tcp_start, tcp_cancel };
