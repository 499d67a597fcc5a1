/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what the maps hold to what they should hold. `plan_make` decides and changes nothing;
 * `plan_run` stores, in an order in which no packet sees half a change:
 *   1. new backends, new tables (beside the old), new pools, new service records, the new index: unseen; and who comes to
 *      live, lives;
 *   2. one store each: tables switch, and then backends' ways, who lives no more, services' pools, the index;
 *   3. grace: every packet that began before has left (1 to 3 again and again where the slots map is too full for all
 *      new tables beside the old);
 *   4. what is no longer used is zeroed and free.
 * Property: run plan(have, want) on have and plan(have, want) is empty.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include <stdbool.h>

#include "base/err.h"
#include "model/want.h"
#include "model/world.h"

struct plan;
struct table_cache; /* the last tables built, so that a pool that did not change is not built again */

struct table_cache *table_cache_new(void);
void table_cache_free(struct table_cache *cache);

/*
 * -ENOSPC: more services, backends, pools or slots than the maps hold; err says which, and how many. -EBUSY: another
 * seed while there are services; no order of stores makes that whole. plan borrows the names of want's pools.
 */
int plan_make(const struct world *have, const struct want *want, struct table_cache *cache, struct plan **ret,
	      struct err *err);
void plan_free(struct plan *plan);
bool plan_is_empty(const struct plan *plan);
/* Whether it only tells schedulers of weights and response times (or nothing): nothing for the log, and no grace is needed. */
bool plan_is_only_loads(const struct plan *plan);

struct plan_sink {
	void (*grace)(void *context);               /* returns when no packet that began before is under way */
	void (*forget)(void *context, char what, unsigned int number); /* 's' or 'b': zero its counters; may be NULL */
	void *context;
};
void plan_run(const struct plan *plan, struct world *world, const struct plan_sink *sink);

/* What a plan does, for the log: counts of slots moved, tables switched, services and backends added and removed. */
struct plan_summary {
	unsigned int services_added, services_removed, services_changed;
	unsigned int backends_added, backends_removed, ways_changed;
	unsigned int tables_switched;
	unsigned long slots_moved;
	bool access_changed; /* lists, or their limits */
};
void plan_summarise(const struct plan *plan, struct plan_summary *ret);

#endif
