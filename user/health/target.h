/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A probe's target with settings of its own, so that nothing of a config is kept. */
#ifndef HEALTH_TARGET_H
#define HEALTH_TARGET_H

#include "health/probe.h"

void target_set(struct probe_target *target, const struct leat_addr *addr,
		const struct config_check *settings);
bool target_equal(const struct probe_target *a, const struct probe_target *b);
void target_clear(struct probe_target *target);

#endif
