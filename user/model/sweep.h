/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sweeper: reads the flow table in place, takes out what has expired, and sets slots back to untracked when no pin
 * needs them (docs/flows.md). Pure: the clock is world->control->clock, which the caller moves.
 *
 * A pass goes over the whole table in steps, so that the daemon's loop never waits long. At the end of a pass slots are
 * judged:
 *   - tracked for the idle time, and previous is not current: previous becomes current. All flows of the slot have pins by
 *     then: those that began before it was tracked have been seen since, or are given up; those that began later got one at
 *     once. So later changes of the slot need not be waited for;
 *   - since before the pass began previous was current and the pool did not track all its slots (so that nobody could come
 *     to be pinned elsewhere), and no pin of the slot names another backend: untracked.
 * The idle time of a pool whose pins are sticky for longer is that.
 */
#ifndef MODEL_SWEEP_H
#define MODEL_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "model/world.h"

struct sweep;

struct sweep *sweep_new(void);
void sweep_free(struct sweep *sweep);

/*
 * Call after every plan that was run, and first of all at the start: notes since when slots are tracked. Those that it never
 * saw untracked count as tracked from now on (after a restart).
 */
void sweep_follow(struct sweep *sweep, const struct world *world);

/*
 * Goes on for `sets` sets of the flow table: expired pins and those of backends that do not live are taken out. At the end
 * of a pass slots are judged, with `idle` in ticks; true then.
 */
bool sweep_step(struct sweep *sweep, struct world *world, uint32_t sets, uint32_t idle);

/* Whether there is anything to do: a tracked slot, or a pin (then passes find it). */
bool sweep_is_needed(const struct sweep *sweep, const struct world *world);

/* What the last whole pass found, by the pool's number. */
struct sweep_pool {
	uint32_t tracked;  /* slots */
	uint32_t pins;     /* flows; by state: */
	uint32_t states[4];
	uint32_t astray;   /* pins at another backend than their slot's current */
	uint32_t older;    /* pins from before the last change of what is hashed */
	uint32_t oldest;   /* ticks since the slot that is tracked for longest is */
};
struct sweep_pool sweep_pool(const struct sweep *sweep, unsigned int pool);

/*
 * Whether a whole pass since the pool's last change of what is hashed has found no pin from before it: none can come any more.
 * The change is to be followed when no packet that began before it is under way.
 */
bool sweep_is_renewed(const struct sweep *sweep, const struct world *world, unsigned int pool);

/* Whether every slot of the pool has been tracked for the idle time: whoever lives is pinned. */
bool sweep_is_settled(const struct sweep *sweep, const struct world *world, unsigned int pool, uint32_t idle);

#endif
