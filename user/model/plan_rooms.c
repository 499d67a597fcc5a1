/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside a plan: where in the slots map new tables go. A new table lies beside the one that it replaces, so with the map
 * nearly full not all can be written at once: then the plan goes in rounds. What one round's switches set free is, after a
 * grace period, room for the next round's tables. Tables are not moved to close gaps.
 */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "model/plan_parts.h"

struct region {
	uint32_t offset, size;
};

struct rooms {
	struct region regions[LEAT_POOLS_MAX * 2]; /* in use or promised, by offset; a pool has at most two */
	unsigned int count;
};

static void region_take(struct rooms *rooms, uint32_t offset, uint32_t size)
{
	unsigned int i = rooms->count++;

	for (; i && rooms->regions[i - 1].offset > offset; i--)
		rooms->regions[i] = rooms->regions[i - 1];
	rooms->regions[i] = (struct region){ offset, size };
}

static void region_free(struct rooms *rooms, uint32_t offset)
{
	unsigned int i = 0;

	while (i < rooms->count && rooms->regions[i].offset != offset)
		i++;
	if (i < rooms->count)
		memmove(&rooms->regions[i], &rooms->regions[i + 1], (--rooms->count - i) * sizeof(*rooms->regions));
}

/* The first gap that is large enough. */
static bool region_new(struct rooms *rooms, uint32_t size, uint32_t *ret_offset)
{
	uint32_t at = 0;
	unsigned int i;

	for (i = 0; i < rooms->count && rooms->regions[i].offset - at < size; i++)
		at = rooms->regions[i].offset + rooms->regions[i].size;
	if (LEAT_SLOTS_MAX - at < size)
		return false;
	region_take(rooms, at, size);
	*ret_offset = at;
	return true;
}

/* Gives room to as many tables as there is for now, and returns how many; then their old rooms count as free. */
static unsigned int round_plan(struct rooms *rooms, const struct world *have, struct plan *plan)
{
	unsigned int i, placed = 0;

	for (i = 0; i < plan->table_count; i++) {
		struct table_set *set = &plan->tables[i];

		if (set->round || (set->size && !region_new(rooms, set->size + set->members, &set->offset)))
			continue;
		set->round = plan->round_count + 1;
		placed++;
	}
	plan->round_count += placed > 0;
	for (i = 0; placed && i < plan->table_count; i++) {
		uint64_t old = have->pools[plan->tables[i].pool].table;

		if (plan->tables[i].round == plan->round_count && LEAT_TABLE_SIZE(old))
			region_free(rooms, LEAT_TABLE_OFFSET(old));
	}
	return placed;
}

/* Holds for a configuration as such, so that what was accepted once can be replaced when health changes. */
static int total_check(const struct want *want, struct err *err)
{
	uint32_t largest;
	uint64_t total = want_slots(want, &largest);

	if (total + largest <= LEAT_SLOTS_MAX)
		return 0;
	return err_set(err, -ENOSPC,
		       "pools: their tables have %llu slots together; there is room for %u, less %u to replace the largest "
		       "table: use smaller values of table-size, or let services share a pool",
		       (unsigned long long)total, LEAT_SLOTS_MAX, largest);
}

int plan_rooms(const struct world *have, const struct want *want, struct plan *plan, struct err *err)
{
	auto_free struct rooms *rooms = memory_zeroed(1, sizeof(*rooms));
	unsigned int left = plan->table_count, placed, i;
	int e = total_check(want, err);

	if (e)
		return e;
	for (i = 1; i < LEAT_POOLS_MAX; i++)
		if (LEAT_TABLE_SIZE(have->pools[i].table))
			region_take(rooms, LEAT_TABLE_OFFSET(have->pools[i].table),
				    LEAT_TABLE_SIZE(have->pools[i].table) + LEAT_TABLE_MEMBERS(have->pools[i].table));
	while (left) {
		placed = round_plan(rooms, have, plan);
		left -= placed;
		if (placed)
			continue;
		for (i = 0; plan->tables[i].round;)
			i++;
		return err_set(err, -ENOSPC,
			       "pools[%s].table-size: no room for %u slots beside the tables in use: there are %u in all, and a "
			       "table that is replaced needs its size twice until the new one is in place",
			       plan->tables[i].pool_name, plan->tables[i].size + plan->tables[i].members, LEAT_SLOTS_MAX);
	}
	return 0;
}
