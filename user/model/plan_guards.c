/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside a plan: access lists. Names find numbers, as with pools. If any list differs, all are written anew into the set that is
 * not in use; with them those that are no longer wanted, for services name them until they are switched, and they go when
 * nobody can.
 */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "model/plan_parts.h"

/* In the maps: not to be freed. */
static struct access_edges edges_of(const struct world *have, const struct leat_guard *guard)
{
	return (struct access_edges){
		.denies4 = LEAT_EDGES_DENIES(guard->edges4),
		.denies6 = LEAT_EDGES_DENIES(guard->edges6),
		.count4 = LEAT_EDGES_COUNT(guard->edges4),
		.count6 = LEAT_EDGES_COUNT(guard->edges6),
		.edges4 = &have->edges4[LEAT_EDGES_OFFSET(guard->edges4)],
		.edges6 = &have->edges6[LEAT_EDGES_OFFSET(guard->edges6)],
	};
}

static bool is_guard_same(const struct world *have, unsigned int number, const struct config_access *wanted)
{
	const struct leat_guard *guard = access_guard(have, number);
	struct access_edges there = edges_of(have, guard);

	return access_equal(&there, &wanted->edges) && guard->burst_ns == wanted->guard.burst_ns &&
	       guard->cut4 == wanted->guard.cut4 && guard->cut6 == wanted->guard.cut6 &&
	       !memcmp(guard->interval_ns, wanted->guard.interval_ns, sizeof(guard->interval_ns));
}

/* Numbers for all; whether any list is new or another. */
static bool guards_number(struct making *m, bool taken[LEAT_GUARDS_MAX])
{
	unsigned int i, next = 1;
	bool is_changed = false;

	for (i = 0; i < m->want->access_count; i++) {
		unsigned int number = access_find(m->have, m->want->access[i].name);

		m->guard_number[i + 1] = number;
		if (number)
			taken[number] = true;
		is_changed |= !number || !is_guard_same(m->have, number, &m->want->access[i]);
	}
	for (i = 1; i < LEAT_GUARDS_MAX; i++)
		if (access_guard(m->have, i)->name[0] && !taken[i]) {
			taken[i] = true;
			m->plan->old_guards[m->plan->old_guard_count++] = i;
		}
	for (i = 1; i <= m->want->access_count; i++) {
		while (!m->guard_number[i] && next < LEAT_GUARDS_MAX && taken[next])
			next++;
		if (!m->guard_number[i])
			m->guard_number[i] = next++;
	}
	return is_changed;
}

static int no_room(struct making *m)
{
	return err_set(m->err, -ENOSPC,
		       "access: the new lists do not fit beside those that they replace: first take away the old lists, then add the "
		       "new ones");
}

/* from: its limits. offset: of the set in its map. */
static void guard_add(struct guard_set *set, unsigned int number, const struct leat_guard *from, const char *name,
		      const struct access_edges *edges, uint32_t offset)
{
	struct leat_guard *guard = &set->guards[number];

	*guard = *from;
	strncpy(guard->name, name, sizeof(guard->name) - 1);
	guard->edges4 = LEAT_EDGES(edges->denies4, offset + set->count4, edges->count4);
	guard->edges6 = LEAT_EDGES(edges->denies6, offset + set->count6, edges->count6);
	memcpy(&set->edges4[set->count4], edges->edges4, edges->count4 * sizeof(*edges->edges4));
	memcpy(&set->edges6[set->count6], edges->edges6, edges->count6 * sizeof(*edges->edges6));
	set->count4 += edges->count4;
	set->count6 += edges->count6;
}

static bool has_room(const struct guard_set *set, unsigned int count4, unsigned int count6)
{
	return set->count4 + count4 <= LEAT_EDGES_MAX && set->count6 + count6 <= LEAT_EDGES_MAX;
}

static int set_make(struct making *m, struct guard_set *set)
{
	uint32_t offset = (m->have->control->guards & 1) ? 0 : LEAT_EDGES_MAX;
	unsigned int i;

	for (i = 0; i < m->want->access_count; i++) {
		const struct config_access *access = &m->want->access[i];

		if (m->guard_number[i + 1] >= LEAT_GUARDS_MAX || !has_room(set, access->edges.count4, access->edges.count6))
			return no_room(m);
		guard_add(set, m->guard_number[i + 1], &access->guard, access->name, &access->edges, offset);
	}
	for (i = 0; i < m->plan->old_guard_count; i++) {
		const struct leat_guard *old = access_guard(m->have, m->plan->old_guards[i]);
		struct access_edges edges = edges_of(m->have, old);

		if (!has_room(set, edges.count4, edges.count6))
			return no_room(m);
		guard_add(set, m->plan->old_guards[i], old, old->name, &edges, offset);
	}
	return 0;
}

int guards_plan(struct making *m)
{
	bool taken[LEAT_GUARDS_MAX] = {};
	struct guard_set *set;

	m->plan->old_guards = memory_zeroed(LEAT_GUARDS_MAX, sizeof(*m->plan->old_guards));
	if (!guards_number(m, taken))
		return 0;
	set = m->plan->guards = memory_zeroed(1, sizeof(*set));
	set->edges4 = memory_zeroed(LEAT_EDGES_MAX, sizeof(*set->edges4));
	set->edges6 = memory_zeroed(LEAT_EDGES_MAX, sizeof(*set->edges6));
	return set_make(m, set);
}

void guards_free(struct plan *plan)
{
	if (plan->guards) {
		free(plan->guards->edges4);
		free(plan->guards->edges6);
	}
	free(plan->guards);
	free(plan->old_guards);
}
