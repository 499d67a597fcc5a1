/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of slots when the configuration changes, and of slots and flows when the sweeper has passed: docs/flows.md,
 * "A change to a slot" and "The end of a change".
 */
#include <stdlib.h>
#include <string.h>

#include "reference/model.h"

void *reference_memory(size_t count, size_t size)
{
	void *p = calloc(count + 1, size);

	if (!p)
		abort();
	return p;
}

static bool tracks_all(const struct reference_pool *pool)
{
	return pool->waits || pool->scheduler != REFERENCE_MH;
}

/* --- backends ---------------------------------------------------------------------------------------- */

static struct backend *backend_add(struct reference *r, unsigned int name, const struct leat_addr *addr)
{
	r->backends = realloc(r->backends, (r->backend_count + 1) * sizeof(*r->backends));
	if (!r->backends)
		abort();
	r->backends[r->backend_count] = (struct backend){.name = name, .addr = *addr};
	return &r->backends[r->backend_count++];
}

static struct backend *backend_meet(struct reference *r, unsigned int name, const struct leat_addr *addr)
{
	unsigned int i;

	for (i = 1; i < r->backend_count; i++)
		if (r->backends[i].was_there && r->backends[i].name == name &&
		    !memcmp(&r->backends[i].addr, addr, sizeof(*addr)))
			return &r->backends[i];
	return backend_add(r, name, addr);
}

static void backends_change(struct reference *r)
{
	unsigned int i, j;

	for (i = 1; i < r->backend_count; i++) {
		r->backends[i].was_there = r->backends[i].is_there;
		r->backends[i].is_there = r->backends[i].lives = false;
	}
	for (i = 0; i < r->config->pool_count; i++)
		for (j = 0; j < r->config->pools[i].member_count; j++) {
			const struct reference_pool *pool = &r->config->pools[i];
			struct backend *b = backend_meet(r, pool->name, &pool->members[j].addr);

			b->is_there = true;
			b->lives = pool->members[j].lives;
			b->pool = i;
			b->member = j;
		}
}

/* The backends of a pool's members, by their indexes. */
static unsigned int *backends_of(const struct reference *r, unsigned int pool)
{
	unsigned int *backends = reference_memory(r->config->pools[pool].member_count, sizeof(*backends)), i;

	for (i = 1; i < r->backend_count; i++)
		if (r->backends[i].is_there && r->backends[i].pool == pool)
			backends[r->backends[i].member] = i;
	return backends;
}

/* --- slots ------------------------------------------------------------------------------------------- */

/* Whose flows, if there are any, are all pinned. */
static struct slot slot_first(const struct reference *r, unsigned int next, bool is_tracked)
{
	if (!is_tracked)
		return (struct slot){.current = next};
	return (struct slot){.current = next, .previous = next, .is_tracked = true, .since = r->clock};
}

static struct slot untracked_change(const struct reference *r, const struct slot *old, unsigned int next, bool tracks)
{
	struct slot s = slot_first(r, next, true);

	if (!old->current) {
		REACH(SLOT_FILLED);
		return slot_first(r, next, tracks);
	}
	if (next == old->current) {
		if (tracks)
			REACH(SLOT_TRACKED);
		else
			REACH(SLOT_KEPT);
		return slot_first(r, next, tracks);
	}
	if (r->backends[old->current].lives) {
		REACH(SLOT_MOVED);
		s.previous = old->current;
	} else {
		REACH(SLOT_TAKEN);
	}
	return s;
}

static struct slot tracked_change(const struct reference *r, const struct slot *old, unsigned int next)
{
	struct slot s = *old;

	s.current = next;
	if (!r->backends[old->previous].lives) {
		REACH(SLOT_BEREFT);
		s.previous = next;
	} else if (next != old->current && next == old->previous) {
		REACH(SLOT_RETURNED);
	} else if (next != old->current) {
		REACH(SLOT_MOVED_AGAIN);
	}
	return s;
}

static struct slot slot_change(const struct reference *r, const struct slot *old, unsigned int next, bool tracks)
{
	struct slot s = old->is_tracked ? tracked_change(r, old, next) : untracked_change(r, old, next, tracks);

	s.was_settled = s.was_settled && s.previous == s.current && !tracks;
	return s;
}

/* --- tables ------------------------------------------------------------------------------------------ */

/* Slots there are, if somebody owns them, or somebody lives and there were some. */
static uint32_t table_size(const struct reference_pool *pool, const struct past *old, const int *owners)
{
	bool has_living = false;
	unsigned int i;

	for (i = 0; i < pool->member_count; i++)
		has_living |= pool->members[i].lives;
	for (i = 0; i < pool->table_size; i++)
		if (owners[i] >= 0)
			return pool->table_size;
	if (old && old->size && has_living) {
		REACH(TABLE_DRAINS);
		return pool->table_size;
	}
	if (old && old->size)
		REACH(TABLE_GONE);
	return 0;
}

static struct slot slot_of_new_table(const struct reference *r, const struct past *old, unsigned int next, bool tracks)
{
	if (old && old->size && old->has_settled)
		REACH(TABLE_SIZED_SETTLED);
	else if (old && old->size)
		REACH(TABLE_SIZED);
	else if (old)
		REACH(TABLE_AGAIN);
	return slot_first(r, next, tracks || old);
}

/* old: NULL for a new pool. */
static struct past pool_change(const struct reference *r, unsigned int index, const struct past *old)
{
	const struct reference_pool *pool = &r->config->pools[index];
	int *owners = reference_table_build(pool, r->config->seed);
	unsigned int *backends = backends_of(r, index);
	struct past past = {.name = pool->name,
			    .size = table_size(pool, old, owners),
			    .by_client = pool->by_client,
			    .schedules = pool->scheduler != REFERENCE_MH,
			    .prefix4 = pool->prefix4,
			    .prefix6 = pool->prefix6,
			    .sticky_ticks = pool->sticky_ticks,
			    .idle = r->config->timeout[REFERENCE_ESTABLISHED]};
	uint32_t i;

	past.turn = old ? old->turn : 0;
	past.slots = reference_memory(past.size, sizeof(*past.slots));
	for (i = 0; i < past.size; i++) {
		unsigned int next = owners[i] < 0 ? 0 : backends[owners[i]];

		past.slots[i] = old && old->size == past.size
					? slot_change(r, &old->slots[i], next, tracks_all(pool))
					: slot_of_new_table(r, old, next, tracks_all(pool));
	}
	free(owners);
	free(backends);
	return past;
}

static void pasts_free(struct past *pools, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		free(pools[i].slots);
	free(pools);
}

static bool has_settled(const struct reference *r, const struct past *past)
{
	uint32_t idle = past->sticky_ticks > past->idle ? past->sticky_ticks : past->idle, i;

	for (i = 0; i < past->size; i++)
		if (!past->slots[i].is_tracked || r->clock - past->slots[i].since < idle)
			return false;
	return past->size;
}

void reference_change(struct reference *r, const struct reference_config *config)
{
	struct past *pools = reference_memory(config->pool_count, sizeof(*pools)), *before = r->pools;
	unsigned int count = r->pool_count, i, j;

	for (i = 0; i < count; i++)
		before[i].has_settled = has_settled(r, &before[i]);
	r->config = config;
	reference_limits_forget(r, false);
	backends_change(r);
	for (i = 0; i < config->pool_count; i++) {
		const struct past *old = NULL;

		for (j = 0; j < count; j++)
			if (before[j].name == config->pools[i].name)
				old = &before[j];
		pools[i] = pool_change(r, i, old);
	}
	r->pools = pools;
	r->pool_count = config->pool_count;
	reference_promise_change(r, before, count);
	pasts_free(before, count);
}

/* --- the whole model ------------------------------------------------------------------------------------ */

struct reference *reference_new(const struct reference_config *config)
{
	struct reference *r = reference_memory(1, sizeof(*r));

	leat_factors_from_seed(config->seed, &r->factors);
	r->backends = reference_memory(1, sizeof(*r->backends)); /* nobody */
	r->backend_count = 1;
	r->idle_least = UINT32_MAX;
	reference_change(r, config);
	return r;
}

void reference_forget(struct reference *r)
{
	unsigned int i;

	reference_flows_forget(r);
	reference_limits_forget(r, true);
	reference_fragments_forget(r);
	reference_promise_change(r, NULL, 0);
	for (i = 0; i < r->pool_count; i++)
		r->pools[i].turn = 0;
}

void reference_free(struct reference *r)
{
	if (!r)
		return;
	reference_flows_forget(r);
	reference_limits_forget(r, true);
	reference_fragments_forget(r);
	reference_promise_change(r, NULL, 0);
	pasts_free(r->pools, r->pool_count);
	free(r->backends);
	free(r);
}

static uint32_t member_of(const struct reference *r, unsigned int backend)
{
	return backend ? r->backends[backend].member : REFERENCE_NONE;
}

uint32_t reference_slots(const struct reference *r, unsigned int pool)
{
	return r->pools[pool].size;
}

struct reference_slot reference_slot(const struct reference *r, unsigned int pool, uint32_t slot)
{
	const struct slot *s = &r->pools[pool].slots[slot];

	return (struct reference_slot){member_of(r, s->current), member_of(r, s->previous), s->is_tracked};
}

int reference_slot_owner(const struct reference *r, unsigned int pool, uint32_t slot)
{
	return slot < r->pools[pool].size && r->pools[pool].slots[slot].current
		       ? (int)member_of(r, r->pools[pool].slots[slot].current)
		       : -1;
}
