/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sweeper: reads the flow table in place, takes out what has expired, and sets slots back to untracked when no pin
 * needs them (docs/flows.md). Pure: the clock is world->control->clock, which the caller moves.
 *
 * A pass goes over the whole table in steps, so that the daemon's loop never waits long. At the end of a pass slots are
 * judged:
 *   - not changed for `idle` ticks and previous is not current: previous becomes current (whoever has not been seen for so
 *     long is given up; from now on no pin that differs from current can come into the slot);
 *   - previous was current since before the pass began, no pin of the slot names another backend, and the pool does not
 *     track all: untracked.
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
 * Call after every plan that was run, and first of all at the start: notes when slots changed. Slots that it never saw
 * changed count as changed now (after a restart).
 */
void sweep_follow(struct sweep *sweep, const struct world *world);

/*
 * Goes on for `sets` sets of the flow table: expired pins and those of backends that do not live are taken out. At the end
 * of a pass slots are judged, with `idle` in ticks; true then.
 */
bool sweep_step(struct sweep *sweep, struct world *world, uint32_t sets, uint32_t idle);

/* Whether there is anything to do: a pin, or a tracked slot. */
bool sweep_is_needed(const struct sweep *sweep, const struct world *world);

/* What the last whole pass found, by the pool's number. */
struct sweep_pool {
	uint32_t tracked;  /* slots */
	uint32_t pins;     /* flows; by state: */
	uint32_t states[4];
	uint32_t astray;   /* pins at another backend than their slot's current */
	uint32_t oldest;   /* ticks since the longest tracked slot changed */
};
struct sweep_pool sweep_pool(const struct sweep *sweep, unsigned int pool);

/* Whether every slot of the pool has been tracked and unchanged for `idle` ticks: whoever lives is pinned. */
bool sweep_is_settled(const struct sweep *sweep, const struct world *world, unsigned int pool, uint32_t idle);

#endif
