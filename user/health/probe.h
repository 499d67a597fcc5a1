/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A probe asks one backend once; health/health.c decides what the answer means. A new kind is a file with
 * a start and a cancel, a declaration here and a row in check.c.
 */
#ifndef HEALTH_PROBE_H
#define HEALTH_PROBE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "leat/hash.h"
#include "model/config.h"

#define PROBE_TEXT_MAX 256

/* Unasked: this host could not ask (out of descriptors or memory), which says nothing about the backend. */
enum probe_result { PROBE_SUCCEEDED, PROBE_FAILED, PROBE_UNASKED };

/*
 * Called from the loop, never from within start(), once for a probe that is not cancelled. text is the
 * outcome in a few words, valid during the call. The probe is gone: it must not be cancelled any more.
 */
typedef void (*probe_done)(void *context, enum probe_result result, const char *text);

struct http;

struct probe_loop {
	struct event_base *base;
	struct http *http; /* shared by all http, https and grpc probes */
	struct exec *exec; /* shared by all exec probes */
	const struct health_lead *lead; /* NULL: no check goes through a VIP */
};

/* Whom to ask and how. Outlives the probes that run on it. */
struct probe_target {
	struct leat_addr addr;
	struct config_check settings;
	const char *pool; /* its name */
	const struct health_lead *lead; /* NULL: straight to addr */
	const struct lead_to *to;       /* with lead: by way of whom */
};

struct probe_kind {
	const char *name;
	void *(*start)(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
		       void *context);
	void (*cancel)(void *probe); /* no outcome will follow */
};

extern const struct probe_kind probe_tcp, probe_http, probe_https, probe_dns, probe_icmp, probe_udp, probe_tls, probe_grpc,
	probe_exec;

int http_open(struct event_base *base, struct http **ret);
void http_close(struct http *http); /* after the last probe has ended or was cancelled */
struct exec *exec_open(struct event_base *base);
void exec_close(struct exec *exec); /* likewise */

/* "timeout after 1s" into text of PROBE_TEXT_MAX. */
void probe_timeout_text(uint32_t timeout_ms, char *text);
/* What errno says, starting with a small letter; UNASKED if the fault is this host's, else FAILED. */
enum probe_result probe_error(int error, char *text);

#endif
