/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside a plan: the tables. Who owns which slot is table.h's matter; here new owners meet the words that are there (slot.h),
 * so that flows which began before stay where they are.
 */
#include <string.h>

#include "base/auto.h"
#include "model/plan_parts.h"
#include "model/slot.h"

static bool has_living(const struct want_pool *want)
{
	unsigned int i;

	for (i = 0; i < want->member_count; i++)
		if (want->members[i].lives)
			return true;
	return false;
}

/* With nobody to get new flows the slots stay while somebody drains: without owners, but flows find their backends. */
static uint32_t table_size(const struct want_pool *want, uint64_t old, unsigned int count)
{
	return count || (LEAT_TABLE_SIZE(old) && has_living(want)) ? want->table_size : 0;
}

/* The numbers of those who own slots, in order: how many. */
static uint32_t owners_list(const uint32_t *slots, uint32_t size, uint32_t *ret)
{
	auto_free bool *owns = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(bool));
	uint32_t i, count = 0;

	for (i = 0; i < size; i++)
		owns[slots[i]] = true;
	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		if (owns[i])
			ret[count++] = i;
	return count;
}

/*
 * A pool that had no table, or one of another size, has no words to merge with. It may have had flows, which are pinned
 * then (want.h); only a new pool has none.
 */
static void owners_merge(const struct making *m, struct table_set *set, uint64_t old, bool is_new, bool tracks)
{
	const __u32 *there = m->have->slots + LEAT_TABLE_OFFSET(old);
	uint32_t i;

	if (LEAT_TABLE_SIZE(old) == set->size)
		for (i = 0; i < set->size; i++)
			set->slots[i] = slot_merge(there[i], set->slots[i], m->lives, tracks);
	else
		for (i = 0; i < set->size; i++)
			set->slots[i] = slot_first(set->slots[i], tracks || !is_new);
}

/* Counts slots that get another owner, and answers whether anything differs. */
static bool table_compare(const struct making *m, struct table_set *set, uint64_t old)
{
	const __u32 *there = m->have->slots + LEAT_TABLE_OFFSET(old);
	uint32_t i;

	if (LEAT_TABLE_SIZE(old) != set->size) {
		set->moved = set->size ? set->size : LEAT_TABLE_SIZE(old);
		return true;
	}
	for (i = 0; i < set->size; i++)
		set->moved += LEAT_SLOT_CURRENT(there[i]) != LEAT_SLOT_CURRENT(set->slots[i]);
	return set->members != LEAT_TABLE_MEMBERS(old) ||
	       memcmp(there, set->slots, (set->size + set->members) * sizeof(*set->slots));
}

void table_plan(struct making *m, const struct want_pool *want, unsigned int number, bool is_new,
		const struct table_member *members, unsigned int count)
{
	uint64_t old = m->have->pools[number].table;
	struct table_set set = { .pool = number, .pool_name = want->name, .size = table_size(want, old, count) };
	auto_free uint32_t *slots = memory_zeroed(set.size + count, sizeof(*slots));

	set.slots = slots;
	if (set.size && count)
		table_cache_build(m->cache, want->name, slots, set.size, members, count, m->want->seed,
				  want->scheduler == LEAT_SCHEDULER_TURN);
	if (set.size && want->lists_members)
		set.members = owners_list(slots, set.size, slots + set.size);
	owners_merge(m, &set, old, is_new, want->tracks);
	if (!table_compare(m, &set, old))
		return;
	take_pointer(slots);
	m->plan->tables[m->plan->table_count++] = set;
}
