/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a plan: stores only, in the order that plan.h promises. What one store switches is stored with release
 * order, after all that it makes visible.
 */
#include <string.h>

#include "base/auto.h"
#include "model/plan_parts.h"

#define STORE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELEASE)

/* --- 1: beside what is in use ------------------------------------------------------------------------ */

static void set_load(struct world *w, unsigned int backend, const struct want_member *wanted)
{
	STORE(w->loads[backend].weight, load_weight(wanted));
	STORE(w->loads[backend].latency_us, load_latency(wanted));
}

/* Whoever comes to live does so before a table leads to it. */
static void prepare_backend(struct world *w, const struct backend_set *set, const struct plan_sink *sink)
{
	struct leat_backend *there = &w->backends[set->number];
	const struct want_member *wanted = &set->wanted;

	if (!set->is_new) {
		if (set->way_changed) {
			there->ways[!(there->active & 1)] = wanted->way;
			there->server_ids[!(there->active & 1)] = wanted->server_id;
		}
		if (wanted->lives)
			STORE(there->lives, 1);
		return;
	}
	if (sink->forget)
		sink->forget(sink->context, 'b', set->number);
	set_load(w, set->number, wanted);
	*there = (struct leat_backend){ .pool = set->pool, .addr = wanted->addr, .weight = wanted->weight,
					.lives = wanted->lives };
	there->ways[0] = wanted->way;
	there->server_ids[0] = wanted->server_id;
}

static void set_pool(struct leat_pool *there, const struct want_pool *wanted)
{
	STORE(there->hashed, wanted->hashed);
	STORE(there->sticky_ticks, wanted->sticky_ticks);
	STORE(there->scheduler, wanted->scheduler);
	STORE(there->flags, pool_flags(wanted));
}

/* Any table can do what is asked here: only LEAST needs one with a list, and waits for it. */
static void prepare_pool(struct world *w, const struct pool_set *set)
{
	struct leat_pool *there = &w->pools[set->number];

	if (set->is_new) {
		set_pool(there, &set->wanted);
		strncpy(there->name, set->wanted.name, sizeof(there->name) - 1);
	} else if (set->wanted.scheduler != LEAT_SCHEDULER_LEAST) {
		STORE(there->scheduler, set->wanted.scheduler);
	}
}

static void prepare_service(struct world *w, const struct service_set *set, const struct plan_sink *sink)
{
	if (!set->is_new)
		return;
	if (sink->forget)
		sink->forget(sink->context, 's', set->number);
	w->service_tokens[set->number] = (struct leat_tokens){};
	w->services[set->number] = set->record;
}

static void prepare_index(const struct plan *plan, struct world *w)
{
	const struct shapes *shapes = &plan->shapes;
	uint32_t half = LEAT_INDEX_HALF(plan->index);

	memcpy(&w->buckets[half * LEAT_BUCKETS_MAX], plan->buckets, plan->bucket_count * sizeof(*plan->buckets));
	if (!shapes->span_count)
		return;
	memcpy(&w->spans[half * LEAT_SPANS_MAX], shapes->spans, shapes->span_count * sizeof(*shapes->spans));
	memcpy(&w->port_spans[half * LEAT_PORT_SPANS_MAX], shapes->ports, shapes->port_count * sizeof(*shapes->ports));
}

/* Into the set that is not in use. */
static void prepare_guards(const struct guard_set *set, struct world *w)
{
	unsigned int half = !(w->control->guards & 1);

	memcpy(&w->guards[half * LEAT_GUARDS_MAX], set->guards, sizeof(set->guards));
	memcpy(&w->edges4[half * LEAT_EDGES_MAX], set->edges4, set->count4 * sizeof(*set->edges4));
	memcpy(&w->edges6[half * LEAT_EDGES_MAX], set->edges6, set->count6 * sizeof(*set->edges6));
}

static void prepare(const struct plan *plan, struct world *w, const struct plan_sink *sink)
{
	unsigned int i;

	if (plan->starts) {
		leat_factors_from_seed(plan->seed, &w->control->factors);
		STORE(w->control->seed, plan->seed);
	}
	for (i = 0; i < plan->backend_count; i++)
		prepare_backend(w, &plan->backends[i], sink);
	if (plan->next_backend)
		w->control->next_backend = plan->next_backend;
	for (i = 0; i < plan->pool_count; i++)
		prepare_pool(w, &plan->pools[i]);
	for (i = 0; i < plan->service_count; i++)
		prepare_service(w, &plan->services[i], sink);
	if (plan->guards)
		prepare_guards(plan->guards, w);
	if (plan->index_changed)
		prepare_index(plan, w);
	if (plan->ids_changed && plan->id_bucket_count)
		memcpy(&w->server_ids[(plan->server_ids >> 32) * LEAT_ID_BUCKETS_MAX], plan->id_buckets,
		       plan->id_bucket_count * sizeof(*plan->id_buckets));
}

static void prepare_tables(const struct plan *plan, unsigned int round, struct world *w)
{
	unsigned int i;

	for (i = 0; i < plan->table_count; i++)
		if (plan->tables[i].round == round)
			memcpy(&w->slots[plan->tables[i].offset], plan->tables[i].slots,
			       (plan->tables[i].size + plan->tables[i].members) * sizeof(*plan->tables[i].slots));
}

/* --- 2: one store each --------------------------------------------------------------------------------- */

static void switch_tables(const struct plan *plan, unsigned int round, struct world *w)
{
	unsigned int i;

	for (i = 0; i < plan->table_count; i++) {
		const struct table_set *set = &plan->tables[i];

		if (set->round == round)
			STORE(w->pools[set->pool].table,
			      set->size ? LEAT_TABLE(set->offset, set->size, set->members) : 0);
	}
}

static void switch_backend(struct world *w, const struct backend_set *set)
{
	struct leat_backend *there = &w->backends[set->number];

	set_load(w, set->number, &set->wanted);
	there->weight = set->wanted.weight;
	STORE(there->lives, set->wanted.lives);
	if (set->way_changed)
		STORE(there->active, !(there->active & 1));
}

static void switch_control(const struct plan *plan, struct leat_control *there)
{
	unsigned int i;

	STORE(there->icmp_interval_ns, plan->icmp_interval_ns);
	STORE(there->pin_interval_ns, plan->pin_interval_ns);
	STORE(there->fragment_sets, plan->fragment_sets);
	for (i = 0; i < 4; i++)
		STORE(there->timeout[i], plan->timeout[i]);
}

/* All but tables: what leads to them comes after them, and no table names those who live no more. */
static void switch_rest(const struct plan *plan, struct world *w)
{
	unsigned int i;

	for (i = 0; i < plan->pool_count; i++)
		set_pool(&w->pools[plan->pools[i].number], &plan->pools[i].wanted);
	for (i = 0; i < plan->backend_count; i++)
		switch_backend(w, &plan->backends[i]);
	for (i = 0; i < plan->old_backend_count; i++)
		STORE(w->backends[plan->old_backends[i]].lives, 0);
	if (plan->guards)
		STORE(w->control->guards, !(w->control->guards & 1));
	for (i = 0; i < plan->service_count; i++)
		if (!plan->services[i].is_new) {
			STORE(w->services[plan->services[i].number].pool, plan->services[i].record.pool);
			STORE(w->services[plan->services[i].number].flags, plan->services[i].record.flags);
		}
	if (plan->index_changed)
		STORE(w->control->index, plan->index);
	if (plan->ids_changed)
		STORE(w->control->server_ids, plan->server_ids);
	if (plan->control_changed)
		switch_control(plan, w->control);
}

/* --- 4: free ---------------------------------------------------------------------------------------------- */

static void release(const struct plan *plan, struct world *w)
{
	unsigned int i;

	for (i = 0; i < plan->old_service_count; i++)
		w->services[plan->old_services[i]] = (struct leat_service){};
	for (i = 0; i < plan->old_backend_count; i++)
		w->backends[plan->old_backends[i]] = (struct leat_backend){};
	for (i = 0; i < plan->old_pool_count; i++)
		w->pools[plan->old_pools[i]] = (struct leat_pool){};
	for (i = 0; i < plan->old_guard_count; i++)
		*access_guard(w, plan->old_guards[i]) = (struct leat_guard){};
}

void plan_run(const struct plan *plan, struct world *w, const struct plan_sink *sink)
{
	unsigned int round = 1;

	if (plan_is_empty(plan))
		return;
	prepare(plan, w, sink);
	for (; round < plan->round_count; round++) {
		prepare_tables(plan, round, w);
		switch_tables(plan, round, w);
		sink->grace(sink->context);
	}
	prepare_tables(plan, round, w);
	switch_tables(plan, round, w);
	switch_rest(plan, w);
	if (plan_is_only_loads(plan))
		return;
	sink->grace(sink->context);
	release(plan, w);
}

bool plan_is_empty(const struct plan *plan)
{
	return !plan->backend_count && plan_is_only_loads(plan);
}

bool plan_is_only_loads(const struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < plan->backend_count; i++)
		if (!plan->backends[i].is_only_load)
			return false;
	return !plan->starts && !plan->control_changed && !plan->index_changed && !plan->ids_changed && !plan->service_count &&
	       !plan->pool_count && !plan->table_count && !plan->old_service_count && !plan->old_backend_count &&
	       !plan->old_pool_count && !plan->guards && !plan->old_guard_count;
}

void plan_summarise(const struct plan *plan, struct plan_summary *ret)
{
	unsigned int i;

	*ret = (struct plan_summary){ .services_removed = plan->old_port_count, .backends_removed = plan->old_backend_count,
				      .tables_switched = plan->table_count };
	/* Addresses as a whole come and go with the services: people count those. */
	for (i = 0; i < plan->service_count; i++)
		if (plan->services[i].record.kind == LEAT_SERVICE_PORT)
			*(plan->services[i].is_new ? &ret->services_added : &ret->services_changed) += 1;
	for (i = 0; i < plan->backend_count; i++) {
		ret->backends_added += plan->backends[i].is_new;
		ret->ways_changed += plan->backends[i].way_changed;
	}
	for (i = 0; i < plan->table_count; i++)
		ret->slots_moved += plan->tables[i].moved;
}

void plan_free(struct plan *plan)
{
	unsigned int i;

	if (!plan)
		return;
	for (i = 0; i < plan->table_count; i++)
		free(plan->tables[i].slots);
	guards_free(plan);
	free(plan->services);
	free(plan->backends);
	free(plan->pools);
	free(plan->tables);
	free(plan->old_services);
	free(plan->old_backends);
	free(plan->old_pools);
	free(plan->buckets);
	shapes_clear(&plan->shapes);
	free(plan->id_buckets);
	free(plan);
}
