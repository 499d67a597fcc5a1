/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pass of the sweeper: docs/flows.md, "The end of a change". */
#include <stdlib.h>

#include "reference/model.h"

void reference_clock(struct reference *r, uint32_t now)
{
	r->clock = now;
}

/* --- flows ----------------------------------------------------------------------------------------- */

static bool is_expired(const struct reference *r, const struct flow *f)
{
	uint32_t timeout = f->state == REFERENCE_STICKY ? r->config->pools[r->backends[f->backend].pool].sticky_ticks
							: r->config->timeout[f->state];

	return r->clock - f->seen > timeout;
}

static void reach_expired(enum reference_state state)
{
	if (state == REFERENCE_OPENING)
		REACH(EXPIRED_OPENING);
	else if (state == REFERENCE_ESTABLISHED)
		REACH(EXPIRED_ESTABLISHED);
	else if (state == REFERENCE_CLOSING)
		REACH(EXPIRED_CLOSING);
	else
		REACH(EXPIRED_STICKY);
}

static bool is_over(const struct reference *r, const struct flow *f)
{
	if (!r->backends[f->backend].lives) {
		REACH(EXPIRED_DEAD);
		return true;
	}
	if (!is_expired(r, f))
		return false;
	reach_expired(f->state);
	return true;
}

/* Takes out what is over at one place of the dictionary; of the others' slots, notes who is pinned elsewhere. */
static void pass_flows(struct reference *r, struct flow **at)
{
	while (*at) {
		struct flow *f = *at;
		struct past *past;

		if (is_over(r, f)) {
			*at = f->next;
			r->backends[f->backend].flows--;
			r->flow_count--;
			free(f);
			continue;
		}
		past = &r->pools[r->backends[f->backend].pool];
		if (past->size) {
			struct slot *slot = &past->slots[leat_hash_slot(f->hash, past->size)];

			slot->is_astray |= slot->is_tracked && slot->current != f->backend;
		}
		at = &f->next;
	}
}

/* --- slots ------------------------------------------------------------------------------------------ */

static void pass_slot(const struct reference *r, const struct reference_pool *pool, struct slot *s, uint32_t idle)
{
	bool tracks = pool->waits || pool->scheduler != REFERENCE_MH;
	uint32_t longest = pool->sticky_ticks > idle ? pool->sticky_ticks : idle;

	if (s->was_settled && !s->is_astray) {
		REACH(PASS_UNTRACKS);
		*s = (struct slot){.current = s->current};
		return;
	}
	if (s->was_settled)
		REACH(PASS_ASTRAY);
	if (s->previous != s->current && r->clock - s->since >= longest)
		REACH(PASS_SETTLES);
	else if (s->previous != s->current && r->clock - s->since >= idle)
		REACH(PASS_STICKY);
	if (r->clock - s->since >= longest)
		s->previous = s->current;
	if (s->previous == s->current && tracks)
		REACH(PASS_TRACKS);
	s->was_settled = s->previous == s->current && !tracks;
	s->is_astray = false;
}

void reference_pass(struct reference *r, uint32_t idle)
{
	unsigned int i;
	uint32_t slot;

	for (i = 0; i < FLOW_PLACES; i++)
		pass_flows(r, &r->flows[i]);
	for (i = 0; i < r->pool_count; i++)
		for (slot = 0; slot < r->pools[i].size; slot++)
			if (r->pools[i].slots[slot].is_tracked)
				pass_slot(r, &r->config->pools[i], &r->pools[i].slots[slot], idle);
}
