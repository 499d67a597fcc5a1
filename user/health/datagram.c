/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet there, one packet back: see datagram.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "health/connect.h"
#include "health/datagram.h"

#define ANSWER_MAX 65536

struct datagram_probe {
	const struct datagram_kind *kind;
	const struct probe_target *target;
	probe_done done;
	void *context;
	struct event *event; /* something came, or time is up */
	uint64_t began_us, nonce;
	int fd;
	int error; /* what failed at once, told from the loop */
};

void datagram_cancel(void *context)
{
	struct datagram_probe *probe = context;

	event_free(probe->event);
	if (probe->fd >= 0)
		close(probe->fd);
	free(probe);
}

static enum probe_result datagram_silence(const struct datagram_probe *probe, char *text)
{
	if (probe->kind->is_silence_good && probe->kind->is_silence_good(probe->target, text))
		return PROBE_SUCCEEDED;
	probe_timeout_text(probe->target->settings.timeout_ms, text);
	return PROBE_FAILED;
}

/* False: go on waiting. */
static bool datagram_read(const struct datagram_probe *probe, enum probe_result *ret, char *text)
{
	static uint8_t answer[ANSWER_MAX]; /* one loop, one read at a time */
	char what[PROBE_TEXT_MAX];
	ssize_t length = recv(probe->fd, answer, sizeof(answer), 0);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (length < 0) {
		*ret = probe_error(errno, text);
		return true;
	}
	if (!probe->kind->judge(probe->target, probe->nonce, answer, length, ret, what))
		return false;
	if (*ret == PROBE_SUCCEEDED)
		probe_took_text(what, probe->began_us, text);
	else
		snprintf(text, PROBE_TEXT_MAX, "%s", what);
	return true;
}

/* Who may not open a raw socket has not asked; what a firewall here refuses to send counts as everywhere. */
static enum probe_result datagram_unsent(const struct datagram_probe *probe, char *text)
{
	enum probe_result result = probe_error(probe->error, text);

	if (probe->fd >= 0 || probe->error != EPERM)
		return result;
	snprintf(text, PROBE_TEXT_MAX, "leatd may not open such a socket; for icmp it needs CAP_NET_RAW");
	return PROBE_UNASKED;
}

static void datagram_on_event(evutil_socket_t fd, short what, void *context)
{
	struct datagram_probe *probe = context;
	struct timeval left = probe_time_left(probe->target, probe->began_us);
	void *done_context = probe->context;
	probe_done done = probe->done;
	enum probe_result result;
	char text[PROBE_TEXT_MAX];

	if (probe->error) {
		result = datagram_unsent(probe, text);
	} else if (!(what & EV_READ)) {
		result = datagram_silence(probe, text);
	} else if (!datagram_read(probe, &result, text)) {
		event_add(probe->event, &left); /* with what is foreign nobody gains time */
		return;
	}
	datagram_cancel(probe);
	done(done_context, result, text);
}

static int datagram_ask(struct datagram_probe *probe)
{
	uint8_t question[DATAGRAM_MAX];
	size_t length;

	if (getrandom(&probe->nonce, sizeof(probe->nonce), GRND_NONBLOCK) < 0)
		probe->nonce = leat_hash_mix(probe->began_us);
	probe->fd = probe->kind->open(probe->target);
	if (probe->fd < 0)
		return -probe->fd;
	length = probe->kind->ask(probe->target, probe->nonce, question);
	return send(probe->fd, question, length, MSG_NOSIGNAL) < 0 ? errno : 0;
}

void *datagram_start(const struct datagram_kind *kind, const struct probe_loop *loop,
		     const struct probe_target *target, probe_done done, void *context)
{
	struct datagram_probe *probe = memory_zeroed(1, sizeof(*probe));
	struct timeval timeout = {};

	probe->kind = kind;
	probe->target = target;
	probe->done = done;
	probe->context = context;
	probe->began_us = clock_us();
	probe->error = datagram_ask(probe);
	if (probe->error) {
		probe->event = evtimer_new(loop->base, datagram_on_event, probe);
	} else {
		probe->event = event_new(loop->base, probe->fd, EV_READ, datagram_on_event, probe);
		timeout = probe_time_left(target, probe->began_us);
	}
	event_add(probe->event, &timeout);
	return probe;
}
