/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is in which table: see want.h for the rules. */
#include <stdlib.h>

#include "base/addr.h"
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

/* --- who is in the pool's table now ----------------------------------------------------------------- */

struct serving {
	struct leat_addr *addrs; /* sorted */
	unsigned int count;
};

static int serving_compare(const void *a, const void *b)
{
	return addr_compare(a, b);
}

static struct serving serving_read(const struct world *have, const char *pool)
{
	unsigned int number = world_find_pool(have, pool), i;
	uint64_t table = have->pools[number].table;
	auto_free bool *owns = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(bool));
	struct serving s = {};

	if (!number)
		return s;
	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		owns[LEAT_SLOT_CURRENT(have->slots[LEAT_TABLE_OFFSET(table) + i])] = true;
	s.addrs = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*s.addrs));
	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		if (owns[i])
			s.addrs[s.count++] = have->backends[i].addr;
	qsort(s.addrs, s.count, sizeof(*s.addrs), serving_compare);
	return s;
}

static bool is_serving(const struct serving *s, const struct leat_addr *addr)
{
	return s->count && bsearch(addr, s->addrs, s->count, sizeof(*addr), serving_compare);
}

/* --- the pool --------------------------------------------------------------------------------------------- */

/* fail-open: those in the table now, so that it stays as it is; if there are none, all. */
static void keep_last(const struct config_pool *pool, const struct serving *now, struct want_pool *want)
{
	unsigned int kept = 0, i;

	for (i = 0; i < pool->member_count; i++) {
		want->members[i].in_table = may_serve(&pool->members[i]) && is_serving(now, &pool->members[i].addr);
		kept += want->members[i].in_table;
	}
	for (i = 0; !kept && i < pool->member_count; i++)
		want->members[i].in_table = may_serve(&pool->members[i]);
}

static bool is_chosen(const struct standing *s, const struct serving *now, enum health health, const struct leat_addr *addr)
{
	if (health == HEALTH_UNKNOWN)
		return !s->up || is_serving(now, addr);
	return health == HEALTH_UP;
}

static void pool_make(const struct config_pool *pool, unsigned int index, const struct want_sources *sources,
		      const struct world *have, struct want_pool *ret)
{
	auto_free enum health *health = memory_zeroed(pool->member_count, sizeof(*health));
	struct standing s = { .health = health };
	struct serving now = {};
	unsigned int i;

	standing_take(pool, index, sources, &s);
	*ret = (struct want_pool){
		.name = pool->name,
		.table_size = pool->table_size,
		.all_down = s.down && !s.up && !s.unknown,
		.members = memory_zeroed(pool->member_count, sizeof(*ret->members)),
		.member_count = pool->member_count,
	};
	if (ret->all_down || (s.up && s.unknown))
		now = serving_read(have, pool->name);
	for (i = 0; i < pool->member_count; i++) {
		ret->members[i].addr = pool->members[i].addr;
		ret->members[i].weight = pool->members[i].weight;
		ret->members[i].in_table = may_serve(&pool->members[i]) &&
					   is_chosen(&s, &now, health[i], &pool->members[i].addr);
		sources->way(sources->context, index, i, &ret->members[i].way);
	}
	if (ret->all_down && pool->all_down != DOC_ALL_DOWN_REFUSE)
		keep_last(pool, &now, ret);
	free(now.addrs);
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
