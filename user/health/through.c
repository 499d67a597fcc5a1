/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe goes to the VIP, led through the backend's way. Beside it run two echo requests, a small one and one as large as
 * the way lets pass: what they bring is known to the next probe, so that none waits for them. If the probe fails without
 * an answer, the backend itself is asked for a connection: that tells a dead host from one that the VIP does not lead to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "health/lead.h"
#include "health/through.h"

struct through {
	const struct probe_loop *loop;
	const struct probe_kind *kind;
	const struct probe_target *own; /* the backend */
	struct probe_target vip, direct;
	struct lead_to to;
	struct event *later; /* tells `text` from the loop */
	void *probe, *second, *echo;
	probe_done done;
	void *context;
	uint64_t began_us;
	unsigned int heard, bytes; /* of the last echo requests that ended */
	char text[PROBE_TEXT_MAX];
};

static void through_end(struct through *t, enum probe_result result, const char *text)
{
	char said[PROBE_TEXT_MAX]; /* text may be of what done() frees */

	snprintf(said, sizeof(said), "%s", text);
	t->done(t->context, result, said);
}

/* --- what a failure means -------------------------------------------------------------------------------- */

static void say_mtu(const struct through *t, char *text)
{
	char vip[ADDR_TEXT_MAX];

	snprintf(text, PROBE_TEXT_MAX,
		 "small packets to %s come through, those of %u bytes do not: on the way there the MTU is too small",
		 addr_format(t->to.vip, vip), t->bytes);
}

static void say_silence(const struct through *t, bool is_alive, char *text)
{
	const struct health_lead *lead = t->loop->lead;
	char vip[ADDR_TEXT_MAX], own[ADDR_TEXT_MAX];
	const char *mode = lead->mode(lead->context, t->to.pool);

	addr_format(t->to.vip, vip);
	addr_format(t->to.backend, own);
	if (lead->is_refused(lead->context, &t->to, t->began_us))
		snprintf(text, PROBE_TEXT_MAX, "%.46s refuses packets of mode %.8s (ICMP unreachable): there is no tunnel", own, mode);
	else if (t->heard == LEAD_SMALL)
		say_mtu(t, text);
	else if (t->heard == LEAD_LARGE)
		snprintf(text, PROBE_TEXT_MAX, "%.40s; echo is answered at %s there: the server is silent", t->text, vip);
	else if (!is_alive)
		snprintf(text, PROBE_TEXT_MAX, "%.40s through %.46s, and no answer from %.46s itself: the host is down or out of reach",
			 t->text, vip, own);
	else
		snprintf(text, PROBE_TEXT_MAX, "%.40s through %.46s, but %.46s itself answers: %sthe VIP is not on its lo", t->text, vip, own,
			 strcmp(mode, "l2") ? "it has no tunnel, or " : "");
}

/* A refusal is an answer, too. */
static bool is_answer(enum probe_result result, const char *text)
{
	char refused[PROBE_TEXT_MAX];

	probe_error(ECONNREFUSED, refused);
	return result == PROBE_SUCCEEDED || !strcmp(text, refused);
}

static void through_on_second(void *context, enum probe_result result, const char *text)
{
	struct through *t = context;
	char said[PROBE_TEXT_MAX];

	t->second = NULL;
	say_silence(t, is_answer(result, text), said);
	through_end(t, PROBE_FAILED, said);
}

/* --- the probe -------------------------------------------------------------------------------------------- */

static bool is_silence(const char *text)
{
	return !strncmp(text, "timeout ", strlen("timeout ")) || !strncmp(text, "no route ", strlen("no route "));
}

static void through_on_outcome(void *context, enum probe_result result, const char *text)
{
	struct through *t = context;
	char said[PROBE_TEXT_MAX], vip[ADDR_TEXT_MAX];

	t->probe = NULL;
	snprintf(t->text, sizeof(t->text), "%s", text);
	addr_format(t->to.vip, vip);
	if (result == PROBE_FAILED && is_silence(text)) {
		t->second = probe_tcp.start(t->loop, &t->direct, through_on_second, t);
		return;
	}
	snprintf(said, sizeof(said), "%.180s through %s", text, vip);
	if (result == PROBE_FAILED && is_answer(result, text))
		snprintf(said, sizeof(said), "%.60s at %s: the way and the VIP are right, nothing listens on port %u", text, vip,
			 t->own->settings.port);
	if (result == PROBE_SUCCEEDED && t->heard == LEAD_SMALL) {
		result = PROBE_FAILED;
		say_mtu(t, said);
	}
	through_end(t, result, said);
}

static void through_on_echo(void *context, unsigned int heard, unsigned int bytes)
{
	struct through *t = context;

	t->echo = NULL;
	t->heard = heard;
	t->bytes = bytes;
}

static void through_on_later(evutil_socket_t fd, short what, void *context)
{
	struct through *t = context;

	through_end(t, PROBE_UNASKED, t->text);
}

void through_ask(struct through *t, probe_done done, void *context)
{
	const struct health_lead *lead = t->loop->lead;
	struct timeval at_once = {};

	t->done = done;
	t->context = context;
	t->began_us = clock_us();
	if (!lead->is_open(lead->context, &t->to, t->text, sizeof(t->text))) {
		evtimer_add(t->later, &at_once);
		return;
	}
	if (!t->echo)
		t->echo = lead->echo(lead->context, &t->to, t->own->settings.timeout_ms, through_on_echo, t);
	t->probe = t->kind->start(t->loop, &t->vip, through_on_outcome, t);
}

struct through *through_make(const struct probe_loop *loop, const struct probe_kind *kind, const struct probe_target *target)
{
	const struct leat_addr *vip = config_check_vip(&target->settings, &target->addr);
	struct through *t;

	if (!vip || !loop->lead)
		return NULL;
	t = memory_zeroed(1, sizeof(*t));
	t->loop = loop;
	t->kind = kind;
	t->own = target;
	t->vip = t->direct = *target; /* the texts are the target's */
	t->vip.addr = *vip;
	t->vip.lead = loop->lead;
	t->vip.to = &t->to;
	t->direct.settings.timeout_ms = (target->settings.timeout_ms + 1) / 2; /* only to tell what it was, so no long wait */
	t->to = (struct lead_to){ .pool = target->pool, .backend = &t->direct.addr, .vip = &t->vip.addr };
	t->later = evtimer_new(loop->base, through_on_later, t);
	return t;
}

void through_free(struct through *t)
{
	if (!t)
		return;
	if (t->probe)
		t->kind->cancel(t->probe);
	if (t->second)
		probe_tcp.cancel(t->second);
	if (t->echo)
		t->loop->lead->echo_give_up(t->echo);
	event_free(t->later);
	free(t);
}
