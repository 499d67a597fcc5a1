/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How probes are led through a VIP (`via: vip`): what the daemon does for them. */
#ifndef HEALTH_LEAD_H
#define HEALTH_LEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leat/hash.h"

struct lead_to {
	const char *pool;
	const struct leat_addr *backend, *vip;
};

/* Which echo requests came back, of which the large one had so many bytes. */
enum { LEAD_NONE, LEAD_SMALL, LEAD_LARGE };
typedef void (*lead_heard)(void *context, unsigned int heard, unsigned int bytes);

struct health_lead {
	/* Whether a probe can go there at all; else a sentence in text of size bytes. */
	bool (*is_open)(void *context, const struct lead_to *to, char *text, size_t size);
	/* Before the socket connects: what it sends goes as the packets of clients that are for this backend. -errno. */
	int (*bind)(void *context, const struct lead_to *to, int fd);
	/* Echo requests the same way, a small one and one as large as the way lets pass. done() once, unless given up. */
	void *(*echo)(void *context, const struct lead_to *to, uint32_t timeout_ms, lead_heard done, void *done_context);
	void (*echo_give_up)(void *echo);
	/* Whether the backend's kernel said since then that it takes no packets of the pool's mode. */
	bool (*is_refused)(void *context, const struct lead_to *to, uint64_t since_us);
	const char *(*mode)(void *context, const char *pool); /* "l2" */
	void *context;
};

#endif
