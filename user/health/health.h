/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health checks: probes ask, model/dampener.h decides. A probe kind is a name, a start and a cancel
 * (health/probe.h); checks are kept per (pool name, address).
 */
#ifndef HEALTH_HEALTH_H
#define HEALTH_HEALTH_H

#include <event2/event.h>

#include "base/err.h"
#include "model/config.h"
#include "model/dampener.h"

struct health_checks;
struct health_lead;

/*
 * changed() is called from the loop when a backend's health changed; text is the outcome that decided. From DOWN to DOWN: it
 * is not doubtful any more.
 */
typedef void (*health_changed)(void *context, const char *pool, const struct leat_addr *addr, enum health old,
			       enum health new, const char *text);

/* Whether this host has no way to addr for a reason of its own. Asked at the start and the end of each probe. */
typedef bool (*health_is_cut_off)(void *context, const struct leat_addr *addr);

int health_start(struct event_base *base, health_changed changed, void *context, struct health_checks **ret,
		 struct err *err);
/* Called with the context of changed(). */
void health_ask_cut_off(struct health_checks *checks, health_is_cut_off is_cut_off);
/* How probes of checks with `via: vip` get there (health/lead.h); before the first of them is configured. Outlives the checks. */
void health_lead_by(struct health_checks *checks, const struct health_lead *lead);
void health_stop(struct health_checks *checks);

/*
 * Whether what the checks of new would run may be run: -errno and a sentence if not. What old has already is left alone: it
 * may have gone wrong since, which the probe will say. old may be NULL.
 */
int health_allows(const struct config *new, const struct config *old, struct err *err);

/*
 * Makes the checks those of the config: new ones start at once (spread a little), gone ones are cancelled, those whose
 * settings changed restart and keep their health, others go on undisturbed. initial() tells the health that a
 * new check starts from. A disabled backend is not probed; draining ones are. Nothing of config is kept.
 */
void health_configure(struct health_checks *checks, const struct config *config,
		      enum health (*initial)(void *context, const char *pool, const struct leat_addr *addr), void *context);

/* UP where there is no check. ret_text (may be NULL): the last outcome, valid until the loop runs again; NULL: none yet. */
enum health health_of(struct health_checks *checks, const char *pool, const struct leat_addr *addr,
		      const char **ret_text);

/* DOWN, but perhaps because this host was cut off from it: model/dampener.h. */
bool health_is_doubtful(struct health_checks *checks, const char *pool, const struct leat_addr *addr);

/* Of its successful probes, from their start to their outcome: each counts an eighth. 0: there was none. */
uint32_t health_latency_us(struct health_checks *checks, const char *pool, const struct leat_addr *addr);

#endif
