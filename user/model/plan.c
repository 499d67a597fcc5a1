/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding: what differs between the maps and what they should hold. Names find numbers (a pool by its name, a
 * backend by pool and address, a service by its key); what has no number yet gets the next free one after the last
 * given, so that a number rests as long as possible before it means someone else. A backend's number is not free while
 * a pin names it, whose flow would find a stranger there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/plan_parts.h"

static void have_read(struct making *m)
{
	const struct world *have = m->have;
	unsigned int i;

	numbers_open(&m->backend_numbers, LEAT_BACKENDS_MAX, have->control->next_backend);
	numbers_open(&m->service_numbers, LEAT_SERVICES_MAX, 0);
	numbers_open(&m->pool_numbers, LEAT_POOLS_MAX, 0);
	for (i = 1; i < LEAT_BACKENDS_MAX; i++) {
		bool is_free = addr_is_zero(&have->backends[i].addr);

		if (!is_free || __atomic_load_n(&have->loads[i].connections, __ATOMIC_RELAXED))
			number_take(&m->backend_numbers, i);
		if (is_free)
			continue;
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

/* --- pools and backends ---------------------------------------------------------------------- */

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
	const struct leat_load *load = &m->have->loads[number];
	bool way_changed = memcmp(&there->ways[there->active & 1], &member->way, sizeof(member->way)) != 0 ||
			   !leat_server_id_equal(&there->server_ids[there->active & 1], &member->server_id);
	bool backend_changed = way_changed || there->weight != member->weight || there->lives != member->lives;

	if (!backend_changed && load->weight == load_weight(member) && load->latency_us == load_latency(member))
		return;
	m->plan->backends[m->plan->backend_count++] = (struct backend_set){
		.number = number, .way_changed = way_changed, .is_only_load = !backend_changed, .wanted = *member,
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
	if (number) {
		m->plan->next_backend = m->backend_numbers.next;
		m->plan->backends[m->plan->backend_count++] =
			(struct backend_set){ .number = number, .is_new = true, .pool = pool, .wanted = *member };
	}
	return number;
}

static void pool_compare(struct making *m, unsigned int number, bool is_new, const struct want_pool *want)
{
	const struct leat_pool *there = &m->have->pools[number];

	if (!is_new && there->scheduler == want->scheduler && there->flags == pool_flags(want) &&
	    there->hashed == want->hashed && there->sticky_ticks == want->sticky_ticks)
		return;
	m->plan->pools[m->plan->pool_count++] = (struct pool_set){ .number = number, .is_new = is_new, .wanted = *want };
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
		const struct want_member *member = &want->members[i];

		number = backend_number(m, m->pool_number[index], member);
		if (!number)
			return err_set(m->err, -ENOSPC, "pools[%s].backends: there is room for %u memberships in all pools together",
				       want->name, LEAT_BACKENDS_MAX - 1);
		m->lives[number] = member->lives;
		m->server_ids[number] = (struct owned_id){ member->server_id, m->pool_number[index] };
		if (member->in_table && member->effective_weight)
			members[count++] = (struct table_member){ member->addr, member->effective_weight, number };
	}
	pool_compare(m, m->pool_number[index], is_new, want);
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
	m->plan->pools = memory_zeroed(m->want->pool_count, sizeof(*m->plan->pools));
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
	m->plan->icmp_interval_ns = m->want->icmp_interval_ns;
	m->plan->pin_interval_ns = m->want->pin_interval_ns;
	m->plan->fragment_sets = m->want->fragment_sets;
	memcpy(m->plan->timeout, m->want->timeout, sizeof(m->plan->timeout));
	m->plan->control_changed = control->icmp_interval_ns != m->want->icmp_interval_ns ||
				   control->pin_interval_ns != m->want->pin_interval_ns ||
				   control->fragment_sets != m->want->fragment_sets ||
				   memcmp(control->timeout, m->want->timeout, sizeof(control->timeout));
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
	m.lives = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*m.lives));
	m.server_ids = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*m.server_ids));
	have_read(&m);
	e = control_plan(&m);
	if (!e)
		e = pools_plan(&m);
	if (!e)
		e = guards_plan(&m);
	if (!e)
		e = services_plan(&m);
	if (!e)
		e = server_ids_plan(&m);
	free(m.backends.items);
	free(m.services.items);
	free(m.backend_numbers.taken);
	free(m.service_numbers.taken);
	free(m.pool_numbers.taken);
	free(m.pool_number);
	free(m.lives);
	free(m.server_ids);
	if (e)
		plan_free(m.plan);
	else
		*ret = m.plan;
	return e;
}
