/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sweeper: see sweep.h. Slots' times are kept only for pools that have tracked slots. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "model/sweep.h"

/* What is noted of a slot. */
struct mark {
	uint32_t since;  /* the clock when it became tracked */
	bool is_tracked;
	bool is_settled; /* since before the pass began, previous is current and no scheduler chooses others */
	bool is_astray;  /* the pass found a pin that names another backend */
};

struct swept {
	__u64 table, hashed; /* as last followed */
	bool tracks;
	bool is_new_hash;   /* `hashed` is, since this pass began */
	bool is_renewed;    /* the last pass began after that, and found no pin from before */
	struct mark *marks; /* of its slots; NULL: none is tracked */
	struct sweep_pool now, last; /* found by the pass under way, and by the last whole one */
};

struct sweep {
	struct swept pools[LEAT_POOLS_MAX];
	uint32_t at;         /* the pass's next set */
	uint32_t moves;      /* control's, when the pass began */
	bool is_needed;      /* the last pass left something to do, or there was none yet */
};

struct sweep *sweep_new(void)
{
	struct sweep *sweep = memory_zeroed(1, sizeof(*sweep));

	sweep->is_needed = true;
	return sweep;
}

void sweep_free(struct sweep *sweep)
{
	unsigned int i;

	if (!sweep)
		return;
	for (i = 0; i < LEAT_POOLS_MAX; i++)
		free(sweep->pools[i].marks);
	free(sweep);
}

static const __u32 *slots_of(const struct world *world, __u64 table)
{
	return world->slots + LEAT_TABLE_OFFSET(table);
}

/* --- following changes ---------------------------------------------------------------------------------- */

static bool has_tracked(const struct world *world, __u64 table)
{
	const __u32 *slots = slots_of(world, table);
	uint32_t i;

	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		if (LEAT_SLOT_TRACKED(slots[i]))
			return true;
	return false;
}

/* A slot that got another current is not settled; one that already was keeps what the pass found of it. */
static void slot_follow(struct mark *mark, __u32 slot, uint32_t clock, bool tracks)
{
	if (!LEAT_SLOT_TRACKED(slot)) {
		*mark = (struct mark){};
		return;
	}
	if (!mark->is_tracked)
		*mark = (struct mark){ .since = clock, .is_tracked = true };
	mark->is_settled &= LEAT_SLOT_PREVIOUS(slot) == LEAT_SLOT_CURRENT(slot) && !tracks;
}

static void pool_follow(struct swept *s, const struct world *world, __u64 table, bool tracks)
{
	uint32_t size = LEAT_TABLE_SIZE(table), i;
	bool is_needed = has_tracked(world, table);

	if (!is_needed || size != LEAT_TABLE_SIZE(s->table)) {
		free(s->marks);
		s->marks = NULL;
	}
	s->table = table;
	s->tracks = tracks;
	if (!is_needed)
		return;
	if (!s->marks)
		s->marks = memory_zeroed(size, sizeof(*s->marks));
	for (i = 0; i < size; i++)
		slot_follow(&s->marks[i], slots_of(world, table)[i], world->control->clock, tracks);
}

void sweep_follow(struct sweep *sweep, const struct world *world)
{
	unsigned int i;

	for (i = 1; i < LEAT_POOLS_MAX; i++) {
		const struct leat_pool *pool = &world->pools[i];
		struct swept *s = &sweep->pools[i];
		bool tracks = pool->flags & LEAT_POOL_TRACKS;

		if (pool->table != s->table || tracks != s->tracks)
			pool_follow(s, world, pool->table, tracks);
		s->is_new_hash |= pool->hashed != s->hashed;
		s->hashed = pool->hashed;
		sweep->is_needed |= s->marks || LEAT_HASHED_LOOKS_BACK(s->hashed);
	}
}

/* --- pins ----------------------------------------------------------------------------------------------- */

static bool is_over(const struct world *world, const struct leat_backend *backend, __u64 word)
{
	const struct leat_control *control = world->control;
	uint32_t state = LEAT_FLOW_STATE(word), timeout = control->timeout[state];

	if (!backend->lives)
		return true;
	if (state == LEAT_FLOW_STICKY)
		timeout = world->pools[backend->pool].sticky_ticks;
	return LEAT_FLOW_AGE(word, control->clock) > timeout;
}

static void pin_take_out(struct world *world, __u64 *place, __u64 word)
{
	/* If it changed meanwhile, a packet was quicker and it is alive. */
	if (__atomic_compare_exchange_n(place, &word, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		__atomic_fetch_sub(&world->loads[LEAT_FLOW_BACKEND(word)].connections, 1, __ATOMIC_RELAXED);
}

static void pin_sweep(struct sweep *sweep, struct world *world, __u64 *place)
{
	__u64 word = __atomic_load_n(place, __ATOMIC_RELAXED);
	unsigned int number = LEAT_FLOW_BACKEND(word);
	const struct leat_backend *backend = &world->backends[number];
	struct swept *s;
	uint32_t slot;

	if (!number)
		return;
	if (is_over(world, backend, word)) {
		pin_take_out(world, place, word);
		return;
	}
	s = &sweep->pools[backend->pool];
	s->now.pins++;
	s->now.states[LEAT_FLOW_STATE(word)]++;
	s->now.older += ((word ^ s->hashed) & LEAT_GRAIN_GENERATION) != 0;
	if (!LEAT_TABLE_SIZE(s->table))
		return;
	slot = leat_hash_slot(word, LEAT_TABLE_SIZE(s->table));
	if (LEAT_SLOT_CURRENT(slots_of(world, s->table)[slot]) == number)
		return;
	s->now.astray++;
	if (s->marks)
		s->marks[slot].is_astray = true;
}

static void set_sweep(struct sweep *sweep, struct world *world, struct leat_flow_set *set)
{
	__u64 any = 0;
	unsigned int i;

	for (i = 0; i < LEAT_FLOW_WAYS; i++)
		any |= __atomic_load_n(&set->word[i], __ATOMIC_RELAXED);
	for (i = 0; any && i < LEAT_FLOW_WAYS; i++)
		pin_sweep(sweep, world, &set->word[i]);
}

/* --- judging slots ---------------------------------------------------------------------------------------- */

static uint32_t pool_idle(const struct leat_pool *pool, uint32_t idle)
{
	return pool->sticky_ticks > idle ? pool->sticky_ticks : idle;
}

/*
 * What becomes of the slot; the mark is made ready for the next pass. While the pool tracks, new pins may name anyone: the
 * pass in which it ceases to says nothing yet.
 */
static __u32 slot_judge(struct mark *mark, __u32 slot, bool is_idle, bool tracks)
{
	__u32 current = LEAT_SLOT_CURRENT(slot);

	if (mark->is_settled && !mark->is_astray && !tracks) {
		*mark = (struct mark){};
		return LEAT_SLOT(current, 0, 0);
	}
	if (is_idle)
		slot = LEAT_SLOT(current, current, 1);
	mark->is_astray = false;
	mark->is_settled = LEAT_SLOT_PREVIOUS(slot) == current && !tracks;
	return slot;
}

/* is_sure: the pass has seen every pin there was. */
static void pool_judge(struct swept *s, struct world *world, const struct leat_pool *pool, uint32_t idle, bool is_sure)
{
	uint32_t i;

	for (i = 0; i < LEAT_TABLE_SIZE(s->table); i++) {
		__u32 *slot = world->slots + LEAT_TABLE_OFFSET(s->table) + i, judged;
		struct mark *mark = &s->marks[i];
		uint32_t age = world->control->clock - mark->since;

		if (!mark->is_tracked)
			continue;
		judged = slot_judge(mark, *slot, age >= pool_idle(pool, idle), s->tracks || !is_sure);
		if (judged != *slot)
			__atomic_store_n(slot, judged, __ATOMIC_RELAXED);
		s->now.tracked += mark->is_tracked;
		if (mark->is_tracked && age > s->now.oldest)
			s->now.oldest = age;
	}
	if (s->now.tracked)
		return;
	free(s->marks);
	s->marks = NULL;
}

static void pass_end(struct sweep *sweep, struct world *world, uint32_t idle)
{
	/* A pin that moved downwards may have passed the pass. */
	bool is_sure = sweep->moves == __atomic_load_n(&world->control->moves, __ATOMIC_ACQUIRE);
	unsigned int i;

	sweep->at = 0;
	sweep->is_needed = false;
	for (i = 0; i < LEAT_POOLS_MAX; i++) {
		struct swept *s = &sweep->pools[i];

		/* One pass more after the last slot: pins may have come in behind this one. */
		sweep->is_needed |= s->marks || s->now.pins || LEAT_HASHED_LOOKS_BACK(s->hashed);
		if (s->marks)
			pool_judge(s, world, &world->pools[i], idle, is_sure);
		s->is_renewed = is_sure && !s->is_new_hash && !s->now.older;
		s->is_new_hash = false;
		s->last = s->now;
		s->now = (struct sweep_pool){};
	}
}

bool sweep_step(struct sweep *sweep, struct world *world, uint32_t sets, uint32_t idle)
{
	uint32_t all = world->control->flow_mask + 1;

	if (!sweep->at)
		sweep->moves = __atomic_load_n(&world->control->moves, __ATOMIC_ACQUIRE);
	for (; sets && sweep->at < all; sets--)
		set_sweep(sweep, world, &world->flows[sweep->at++]);
	if (sweep->at < all)
		return false;
	pass_end(sweep, world, idle);
	return true;
}

/* --- what is asked --------------------------------------------------------------------------------------------- */

bool sweep_is_needed(const struct sweep *sweep, const struct world *world)
{
	return sweep->is_needed || sweep->at;
}

struct sweep_pool sweep_pool(const struct sweep *sweep, unsigned int pool)
{
	return sweep->pools[pool].last;
}

bool sweep_is_renewed(const struct sweep *sweep, const struct world *world, unsigned int pool)
{
	const struct swept *s = &sweep->pools[pool];

	return s->is_renewed && !s->is_new_hash && s->hashed == world->pools[pool].hashed;
}

bool sweep_is_settled(const struct sweep *sweep, const struct world *world, unsigned int pool, uint32_t idle)
{
	const struct swept *s = &sweep->pools[pool];
	uint32_t i, clock = world->control->clock;

	if (s->table != world->pools[pool].table || !s->marks)
		return false;
	for (i = 0; i < LEAT_TABLE_SIZE(s->table); i++)
		if (!s->marks[i].is_tracked || clock - s->marks[i].since < pool_idle(&world->pools[pool], idle))
			return false;
	return true;
}
