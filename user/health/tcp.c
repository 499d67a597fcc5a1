/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP probe: success is a completed handshake; the connection is closed at once. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "health/connect.h"

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
	probe_took_text("connected", probe->began_us, text);
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

static void *tcp_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
		       void *context)
{
	struct tcp_probe *probe = memory_zeroed(1, sizeof(*probe));
	struct timeval timeout = probe_time_left(target, clock_us());

	probe->target = target;
	probe->done = done;
	probe->context = context;
	probe->began_us = clock_us();
	probe->fd = probe_connect(target, SOCK_STREAM, 0, 0);
	probe->error = probe->fd < 0 ? -probe->fd : 0;
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
