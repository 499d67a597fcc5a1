/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies and compares the settings of a check: see target.h. */
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "health/target.h"

void target_set(struct probe_target *target, const struct leat_addr *addr,
		const struct config_check *settings)
{
	struct config_check *own = &target->settings;
	size_t bytes = settings->status_count * sizeof(*own->statuses);

	target->addr = *addr;
	*own = *settings;
	own->path = string_copy(settings->path);
	own->host = string_copy(settings->host);
	own->body = string_copy(settings->body);
	own->statuses = memory_zeroed(settings->status_count, sizeof(*own->statuses));
	if (bytes)
		memcpy(own->statuses, settings->statuses, bytes);
}

static bool string_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool target_equal(const struct probe_target *a, const struct probe_target *b)
{
	const struct config_check *s = &a->settings, *t = &b->settings;

	return addr_equal(&a->addr, &b->addr) && s->type == t->type && s->port == t->port &&
	       s->interval_ms == t->interval_ms && s->fast_interval_ms == t->fast_interval_ms &&
	       s->timeout_ms == t->timeout_ms && s->rise == t->rise && s->fall == t->fall &&
	       s->verify == t->verify && string_equal(s->path, t->path) && string_equal(s->host, t->host) &&
	       string_equal(s->body, t->body) && s->status_count == t->status_count &&
	       !memcmp(s->statuses, t->statuses, s->status_count * sizeof(*s->statuses));
}

void target_clear(struct probe_target *target)
{
	free(target->settings.path);
	free(target->settings.host);
	free(target->settings.body);
	free(target->settings.statuses);
	*target = (struct probe_target){};
}
