/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of a check that go through the VIP, and what their failure means. */
#ifndef HEALTH_THROUGH_H
#define HEALTH_THROUGH_H

#include "health/probe.h"

struct through;

/* NULL: the check asks the backend itself. target outlives it. */
struct through *through_make(const struct probe_loop *loop, const struct probe_kind *kind, const struct probe_target *target);
/* As the start of a probe kind; one at a time. */
void through_ask(struct through *through, probe_done done, void *context);
void through_free(struct through *through); /* no outcome will follow; NULL is accepted */

#endif
