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

bool target_equal(const struct probe_target *a, const struct probe_target *b)
{
	return addr_equal(&a->addr, &b->addr) && config_check_equal(&a->settings, &b->settings);
}

void target_clear(struct probe_target *target)
{
	free(target->settings.path);
	free(target->settings.host);
	free(target->settings.body);
	free(target->settings.statuses);
	*target = (struct probe_target){};
}
