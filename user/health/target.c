/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies and compares the settings of a check: see target.h. */
#include "base/addr.h"
#include "health/target.h"

void target_set(struct probe_target *target, const struct leat_addr *addr,
		const struct config_check *settings)
{
	target->addr = *addr;
	config_check_copy(&target->settings, settings);
}

bool target_equal(const struct probe_target *a, const struct probe_target *b)
{
	return addr_equal(&a->addr, &b->addr) && config_check_equal(&a->settings, &b->settings);
}

void target_clear(struct probe_target *target)
{
	config_check_clear(&target->settings);
	*target = (struct probe_target){};
}
