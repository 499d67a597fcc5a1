/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a snapshot says in a word, and its end: see snapshot.h. */
#include <stdlib.h>

#include "model/snapshot.h"

const char *snapshot_backend_condition(const struct snapshot_backend *backend)
{
	bool is_draining = backend->state == DOC_STATE_DRAINING || !backend->weight;
	bool is_over = backend->state == DOC_STATE_DRAINING && backend->drain_deadline_ms && !backend->drain_left_s;

	if (backend->state == DOC_STATE_DISABLED || is_over)
		return "disabled";
	if (backend->health == HEALTH_DOWN)
		return "down";
	if (is_draining)
		return "draining";
	if (backend->health == HEALTH_UNKNOWN)
		return "unknown";
	return backend->is_starting ? "starting" : "up";
}

static void pool_free(struct snapshot_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->backend_count; i++) {
		free(pool->backends[i].check);
		free(pool->backends[i].interface);
		free(pool->backends[i].link_address);
	}
	free(pool->backends);
	free(pool->name);
}

void snapshot_free(struct snapshot *s)
{
	unsigned int i;

	if (!s)
		return;
	for (i = 0; i < s->interface_count; i++) {
		free(s->interfaces[i].name);
		free(s->interfaces[i].mode);
		free(s->interfaces[i].problem);
		free(s->interfaces[i].member_of);
	}
	for (i = 0; i < s->pool_count; i++)
		pool_free(&s->pools[i]);
	for (i = 0; i < s->service_count; i++) {
		free(s->services[i].pool);
		free(s->services[i].access);
	}
	free(s->interfaces);
	free(s->pools);
	free(s->services);
	free(s);
}
