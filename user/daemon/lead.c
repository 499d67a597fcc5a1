/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes through the VIP: what health asks (health/lead.h), done by the network's device for it (net/via.h) and the data path's own
 * program, which makes the frames. There only while a check has `via: vip`.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "health/lead.h"
#include "net/via_echo.h"
#include "net/ways_header.h"

struct lead {
	struct health_lead calls;
	struct via *via; /* NULL: could not be started, and `problem` says why */
	struct via_echoes *echoes;
	struct err problem;
};

static bool config_has_via(const struct config *config)
{
	unsigned int i;

	for (i = 0; config && i < config->pool_count; i++) {
		const struct config_check *check = &config->pools[i].check;

		if (!addr_is_zero(&check->vips[0]) || !addr_is_zero(&check->vips[1]))
			return true;
	}
	return false;
}

/* --- the way ------------------------------------------------------------------------------------------------- */

static uint32_t backend_of(struct daemon *d, const struct lead_to *to)
{
	const struct world *world = dataplane_world(d->dataplane);
	unsigned int pool = world_find_pool(world, to->pool);

	return pool ? world_find_backend(world, pool, to->backend) : 0;
}

static const struct leat_way *way_of(struct daemon *d, uint32_t backend)
{
	const struct leat_backend *b = &dataplane_world(d->dataplane)->backends[backend];

	return &b->ways[b->active & 1];
}

static bool wrap(void *context, uint32_t backend, const uint8_t *frame, size_t length, uint8_t *ret_frame, size_t *ret_length,
		 uint32_t *ret_ifindex)
{
	unsigned int room = VIA_FRAME_MAX;
	struct daemon *d = context;
	enum leat_verdict verdict;

	if (dataplane_wrap(d->dataplane, backend, frame, length, ret_frame, &room, &verdict) || verdict != LEAT_FORWARDED)
		return false;
	*ret_length = room;
	*ret_ifindex = way_of(d, backend)->ifindex;
	return true;
}

/* Bytes of the largest packet that the way takes. */
static unsigned int room_of(struct daemon *d, uint32_t backend)
{
	const struct leat_way *way = way_of(d, backend);
	unsigned int room = way->mtu > way->outer_len ? way->mtu - way->outer_len : 0;

	return room < VIA_MTU ? room : VIA_MTU;
}

/* --- what health asks ------------------------------------------------------------------------------------------ */

static bool lead_is_open(void *context, const struct lead_to *to, char *text, size_t size)
{
	char vip[ADDR_TEXT_MAX], backend[ADDR_TEXT_MAX];
	struct daemon *d = context;
	struct leat_addr source;

	addr_format(to->vip, vip);
	addr_format(to->backend, backend);
	if (!d->lead->via) {
		snprintf(text, size, "no probe goes through %s: %s", vip, d->lead->problem.text);
		return false;
	}
	switch (via_source(d->lead->via, to->vip, to->backend, &source)) {
	case 0:
		break;
	case -EADDRINUSE:
		snprintf(text, size, "%s is an address of this host, so no probe leaves it; leat needs no VIP here: remove it", vip);
		return false;
	default:
		snprintf(text, size, "this host has no address of %s's family that %s could answer to", vip, backend);
		return false;
	}
	snprintf(text, size, "%s is not in the data path yet", backend);
	return backend_of(d, to);
}

static int lead_bind(void *context, const struct lead_to *to, int fd)
{
	struct daemon *d = context;
	uint32_t backend = backend_of(d, to);
	unsigned int room = room_of(d, backend), headers = addr_is_ipv4(to->vip) ? 40 : 60; /* IP and TCP */
	struct leat_addr source;
	int e = via_source(d->lead->via, to->vip, to->backend, &source);

	/* Where no way is known yet, any size is right: nothing leaves. */
	return e ? e : via_bind(d->lead->via, fd, &source, room > headers + 88 ? room - headers : 536, backend);
}

static void *lead_echo(void *context, const struct lead_to *to, uint32_t timeout_ms, lead_heard done, void *done_context)
{
	struct daemon *d = context;
	uint32_t backend = backend_of(d, to);
	struct via_question question = {
		.vip = *to->vip, .backend = backend, .bytes = room_of(d, backend), .timeout_ms = timeout_ms };

	via_source(d->lead->via, to->vip, to->backend, &question.source);
	return via_echo_ask(d->lead->echoes, &question, done, done_context);
}

static void lead_echo_give_up(void *echo)
{
	via_echo_cancel(echo);
}

static const struct config_pool *pool_of(const struct daemon *d, const char *name)
{
	unsigned int i;

	for (i = 0; i < d->config->pool_count; i++)
		if (!strcmp(d->config->pools[i].name, name))
			return &d->config->pools[i];
	return NULL;
}

static bool lead_is_refused(void *context, const struct lead_to *to, uint64_t since_us)
{
	const struct config_pool *pool = pool_of(context, to->pool);
	struct daemon *d = context;

	return pool && pool->mode != LEAT_MODE_L2 &&
	       via_echoes_refused(d->lead->echoes, to->backend, pool->tunnel_port, since_us);
}

static const char *lead_mode(void *context, const char *name)
{
	const struct config_pool *pool = pool_of(context, name);

	return pool ? config_mode_name(pool->mode) : "l2";
}

/* --- start and stop --------------------------------------------------------------------------------------------- */

void lead_start(struct daemon *d)
{
	int e;

	if (!config_has_via(d->config) || (d->lead && d->lead->via))
		return;
	if (!d->lead)
		d->lead = memory_zeroed(1, sizeof(*d->lead));
	d->lead->calls = (struct health_lead){ lead_is_open, lead_bind, lead_echo, lead_echo_give_up, lead_is_refused, lead_mode, d };
	e = via_start(d->base, wrap, d, &d->lead->via, &d->lead->problem);
	if (!e)
		e = via_echoes_start(d->base, d->lead->via, &d->lead->echoes, &d->lead->problem);
	if (e) {
		via_stop(d->lead->via);
		d->lead->via = NULL;
		log_error("no probe can go through a VIP: %s", d->lead->problem.text);
	}
	health_lead_by(d->health, &d->lead->calls);
}

void lead_settle(struct daemon *d)
{
	if (d->lead && !config_has_via(d->config)) {
		health_lead_by(d->health, NULL);
		lead_stop(d);
	}
}

void lead_stop(struct daemon *d)
{
	if (!d->lead)
		return;
	via_echoes_stop(d->lead->echoes);
	via_stop(d->lead->via);
	free(d->lead);
	d->lead = NULL;
}
