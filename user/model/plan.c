/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding: what differs between the maps and what they should hold. Names find numbers (a pool by its name, a
 * backend by pool and address, a service by its key); what has no number yet gets the next one after the highest in
 * use, so that a number rests as long as possible before it means someone else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/plan_parts.h"
#include "model/table.h"

static void have_read(struct making *m)
{
	const struct world *have = m->have;
	unsigned int i;

	numbers_open(&m->backend_numbers, LEAT_BACKENDS_MAX);
	numbers_open(&m->service_numbers, LEAT_SERVICES_MAX);
	numbers_open(&m->pool_numbers, LEAT_POOLS_MAX);
	for (i = 1; i < LEAT_BACKENDS_MAX; i++) {
		if (addr_is_zero(&have->backends[i].addr))
			continue;
		number_take(&m->backend_numbers, i);
		name_add(&m->backends, &have->backends[i].addr, have->backends[i].pool, i);
	}
	for (i = 1; i < LEAT_SERVICES_MAX; i++) {
		if (!have->services[i].kind)
			continue;
		number_take(&m->service_numbers, i);
		name_add(&m->services, &have->services[i].key.addr, service_extra(&have->services[i].key), i);
	}
	names_sort(&m->backends);
	names_sort(&m->services);
}

/* --- pools, backends and tables ---------------------------------------------------------------------- */

static void pools_number(struct making *m)
{
	auto_free bool *wanted = memory_zeroed(LEAT_POOLS_MAX, sizeof(bool));
	unsigned int i, j;

	m->pool_number = memory_zeroed(m->want->pool_count, sizeof(*m->pool_number));
	for (i = 1; i < LEAT_POOLS_MAX; i++) {
		if (!m->have->pools[i].name[0])
			continue;
		number_take(&m->pool_numbers, i);
		for (j = 0; j < m->want->pool_count; j++)
			if (!strcmp(m->want->pools[j].name, m->have->pools[i].name)) {
				m->pool_number[j] = i;
				wanted[i] = true;
			}
	}
	m->plan->old_pools = memory_zeroed(LEAT_POOLS_MAX, sizeof(unsigned int));
	for (i = 1; i < LEAT_POOLS_MAX; i++)
		if (m->have->pools[i].name[0] && !wanted[i])
			m->plan->old_pools[m->plan->old_pool_count++] = i;
}

static void backend_compare(struct making *m, unsigned int number, const struct want_member *member)
{
	const struct leat_backend *there = &m->have->backends[number];
	bool way_changed = memcmp(&there->ways[there->active & 1], &member->way, sizeof(member->way)) != 0;

	if (!way_changed && there->weight == member->weight)
		return;
	m->plan->backends[m->plan->backend_count++] = (struct backend_set){
		.number = number, .way_changed = way_changed, .weight = member->weight, .way = member->way,
	};
}

/* The member's number; 0: no number is left. */
static unsigned int backend_number(struct making *m, unsigned int pool, const struct want_member *member)
{
	struct named *name = name_find(&m->backends, &member->addr, pool);
	unsigned int number;

	if (name) {
		name->is_wanted = true;
		backend_compare(m, name->number, member);
		return name->number;
	}
	number = number_new(&m->backend_numbers);
	if (number)
		m->plan->backends[m->plan->backend_count++] = (struct backend_set){
			.number = number, .is_new = true, .pool = pool, .addr = member->addr,
			.weight = member->weight, .way = member->way,
		};
	return number;
}

static uint32_t slots_differ(const struct making *m, uint64_t table, const uint32_t *slots, uint32_t size)
{
	const __u32 *there = m->have->slots + LEAT_TABLE_OFFSET(table);
	uint32_t i, moved = 0;

	if (LEAT_TABLE_SIZE(table) != size)
		return size ? size : LEAT_TABLE_SIZE(table);
	for (i = 0; i < size; i++)
		moved += LEAT_SLOT_CURRENT(there[i]) != LEAT_SLOT_CURRENT(slots[i]);
	return moved;
}

static void table_plan(struct making *m, const struct want_pool *want, unsigned int number, bool is_new,
		      const struct table_member *members, unsigned int count)
{
	uint32_t size = count ? want->table_size : 0, moved;
	auto_free uint32_t *slots = memory_zeroed(size, sizeof(*slots));

	if (size)
		table_cache_build(m->cache, want->name, slots, size, members, count, m->want->seed);
	moved = slots_differ(m, m->have->pools[number].table, slots, size);
	if (!moved && !is_new)
		return;
	m->plan->tables[m->plan->table_count++] = (struct table_set){
		.pool = number, .pool_name = want->name, .is_new = is_new, .size = size, .moved = moved,
		.slots = take_pointer(slots),
	};
}

static int pool_plan(struct making *m, unsigned int index)
{
	const struct want_pool *want = &m->want->pools[index];
	auto_free struct table_member *members = memory_zeroed(want->member_count, sizeof(*members));
	bool is_new = !m->pool_number[index];
	unsigned int i, count = 0, number;

	if (is_new)
		m->pool_number[index] = number_new(&m->pool_numbers);
	if (!m->pool_number[index])
		return err_set(m->err, -ENOSPC, "pools: there is room for %u", LEAT_POOLS_MAX - 1);
	for (i = 0; i < want->member_count; i++) {
		number = backend_number(m, m->pool_number[index], &want->members[i]);
		if (!number)
			return err_set(m->err, -ENOSPC, "pools[%s].backends: there is room for %u memberships in all pools together",
				       want->name, LEAT_BACKENDS_MAX - 1);
		if (want->members[i].in_table && want->members[i].weight)
			members[count++] = (struct table_member){ want->members[i].addr, want->members[i].weight, number };
	}
	table_plan(m, want, m->pool_number[index], is_new, members, count);
	return 0;
}

static int pools_plan(struct making *m)
{
	unsigned int members = 0, i;
	int e = 0;

	pools_number(m);
	for (i = 0; i < m->want->pool_count; i++)
		members += m->want->pools[i].member_count;
	m->plan->backends = memory_zeroed(members, sizeof(*m->plan->backends));
	m->plan->tables = memory_zeroed(m->want->pool_count, sizeof(*m->plan->tables));
	for (i = 0; !e && i < m->want->pool_count; i++)
		e = pool_plan(m, i);
	m->plan->old_backends = memory_zeroed(m->backends.count, sizeof(unsigned int));
	for (i = 0; i < m->backends.count; i++)
		if (!m->backends.items[i].is_wanted)
			m->plan->old_backends[m->plan->old_backend_count++] = m->backends.items[i].number;
	table_cache_sweep(m->cache);
	return e ? e : plan_rooms(m->have, m->want, m->plan, m->err);
}

/* --- the whole ------------------------------------------------------------------------------------------ */

static int control_plan(struct making *m)
{
	const struct leat_control *control = m->have->control;
	struct leat_factors factors;

	leat_factors_from_seed(m->want->seed, &factors);
	m->plan->starts = control->seed != m->want->seed || memcmp(&control->factors, &factors, sizeof(factors));
	m->plan->seed = m->want->seed;
	m->plan->icmp_changed = control->icmp_interval_ns != m->want->icmp_interval_ns;
	m->plan->icmp_interval_ns = m->want->icmp_interval_ns;
	if (m->plan->starts && (__u32)control->index)
		return err_set(m->err, -EBUSY,
			       "seed: cannot change from %016llx to %016llx while there are services: every connection would "
			       "move; keep the seed, or remove the services first",
			       (unsigned long long)control->seed, (unsigned long long)m->want->seed);
	return 0;
}

int plan_make(const struct world *have, const struct want *want, struct table_cache *cache, struct plan **ret,
	      struct err *err)
{
	struct making m = { .have = have, .want = want, .cache = cache, .err = err };
	int e;

	m.plan = memory_zeroed(1, sizeof(*m.plan));
	have_read(&m);
	e = control_plan(&m);
	if (!e)
		e = pools_plan(&m);
	if (!e)
		e = services_plan(&m);
	free(m.backends.items);
	free(m.services.items);
	free(m.backend_numbers.taken);
	free(m.service_numbers.taken);
	free(m.pool_numbers.taken);
	free(m.pool_number);
	if (e)
		plan_free(m.plan);
	else
		*ret = m.plan;
	return e;
}
