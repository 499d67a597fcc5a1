/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is in which table: see want.h for the rules. */
#include <string.h>

#include "base/auto.h"
#include "model/want.h"

struct standing {
	enum health *health;
	unsigned int up, unknown, down; /* among those that may be in the table */
};

static bool may_serve(const struct config_member *m)
{
	return m->state != DOC_STATE_DISABLED && m->state != DOC_STATE_DRAINING && m->weight;
}

static void standing_take(const struct config_pool *pool, unsigned int index, const struct want_sources *sources,
			  struct standing *s)
{
	unsigned int i;

	for (i = 0; i < pool->member_count; i++) {
		s->health[i] = sources->health(sources->context, index, i);
		if (!may_serve(&pool->members[i]))
			continue;
		s->up += s->health[i] == HEALTH_UP;
		s->unknown += s->health[i] == HEALTH_UNKNOWN;
		s->down += s->health[i] == HEALTH_DOWN;
	}
}

/* fail-open: those in the table now, so that it stays as it is; if there are none, all. */
static void keep_last(const struct config_pool *pool, struct want_pool *want, const struct world *have)
{
	unsigned int number = world_find_pool(have, pool->name), kept = 0, i, backend;

	for (i = 0; number && i < pool->member_count; i++) {
		if (!may_serve(&pool->members[i]))
			continue;
		backend = world_find_backend(have, number, &pool->members[i].addr);
		want->members[i].in_table = backend && world_table_names(have, number, backend);
		kept += want->members[i].in_table;
	}
	for (i = 0; !kept && i < pool->member_count; i++)
		want->members[i].in_table = may_serve(&pool->members[i]);
}

static void pool_make(const struct config_pool *pool, unsigned int index, const struct want_sources *sources,
		      const struct world *have, struct want_pool *ret)
{
	auto_free enum health *health = memory_zeroed(pool->member_count, sizeof(*health));
	struct standing s = { .health = health };
	enum health best;
	unsigned int i;

	standing_take(pool, index, sources, &s);
	best = s.up ? HEALTH_UP : HEALTH_UNKNOWN;
	*ret = (struct want_pool){
		.name = pool->name,
		.table_size = pool->table_size,
		.all_down = s.down && !s.up && !s.unknown,
		.members = memory_zeroed(pool->member_count, sizeof(*ret->members)),
		.member_count = pool->member_count,
	};
	for (i = 0; i < pool->member_count; i++) {
		ret->members[i].addr = pool->members[i].addr;
		ret->members[i].weight = pool->members[i].weight;
		ret->members[i].in_table = may_serve(&pool->members[i]) && health[i] == best;
		sources->way(sources->context, index, i, &ret->members[i].way);
	}
	if (ret->all_down && pool->all_down != DOC_ALL_DOWN_REFUSE)
		keep_last(pool, ret, have);
}

struct want *want_make(const struct config *config, const struct want_sources *sources, const struct world *have)
{
	struct want *want = memory_zeroed(1, sizeof(*want));
	unsigned int i;

	want->seed = config->seed;
	want->icmp_interval_ns = config->icmp_rate ? 1000000000ull / config->icmp_rate : 0;
	want->services = config->services;
	want->service_count = config->service_count;
	want->pool_count = config->pool_count;
	want->pools = memory_zeroed(config->pool_count, sizeof(*want->pools));
	for (i = 0; i < config->pool_count; i++)
		pool_make(&config->pools[i], i, sources, have, &want->pools[i]);
	return want;
}

void want_free(struct want *want)
{
	unsigned int i;

	if (!want)
		return;
	for (i = 0; i < want->pool_count; i++)
		free(want->pools[i].members);
	free(want->pools);
	free(want);
}
