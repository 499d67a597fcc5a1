/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is in which table: see want.h for the rules. */
#include <stdlib.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/hashed.h"
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

/* --- who is in the table, and who lives ----------------------------------------------------------------- */

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

/* Those enabled but unknown count as living: nothing speaks against them yet. */
static bool member_lives(const struct config_member *m, bool is_down, bool in_table, bool is_overdue)
{
	return in_table || (m->state != DOC_STATE_DISABLED && !is_down && !is_overdue);
}

static void members_make(const struct config_pool *pool, unsigned int index, const struct want_sources *sources,
			 const enum health *health, struct want_pool *ret)
{
	unsigned int i;

	for (i = 0; i < pool->member_count; i++) {
		const struct config_member *m = &pool->members[i];
		struct want_member *to = &ret->members[i];

		to->lives = member_lives(m, health[i] == HEALTH_DOWN && !sources->is_doubtful(sources->context, index, i),
					 to->in_table, sources->is_overdue(sources->context, index, i));
		to->latency_us = 1;
		if (pool->scheduler == LEAT_SCHEDULER_LATENCY)
			to->latency_us = sources->latency_us(sources->context, index, i) ?: 1;
		sources->way(sources->context, index, i, &to->way);
	}
}

/* --- weights ------------------------------------------------------------------------------------------- */

static uint32_t base_weight(const struct config_pool *pool, unsigned int member)
{
	uint16_t weight = pool->members[member].weight;

	return pool->ignores_weights && weight ? 1 : weight;
}

/*
 * While somebody starts slowly all weights of the pool are counted in smaller units, for a part of 1 cannot be said: up to
 * FINE, as far as 16 bits allow.
 */
#define FINE 100u

static void weights_make(const struct config_pool *pool, unsigned int index, const struct want_sources *sources,
			 struct want_pool *ret)
{
	auto_free unsigned int *ramp = memory_zeroed(pool->member_count, sizeof(*ramp));
	uint32_t unit = 1, largest = 1;
	unsigned int i;

	for (i = 0; i < pool->member_count; i++) {
		ramp[i] = ret->members[i].in_table ? sources->ramp(sources->context, index, i) : 1000;
		if (ramp[i] < 1000)
			unit = FINE;
		if (base_weight(pool, i) > largest)
			largest = base_weight(pool, i);
	}
	if (unit > UINT16_MAX / largest)
		unit = UINT16_MAX / largest;
	for (i = 0; i < pool->member_count; i++) {
		uint32_t weight = base_weight(pool, i) * unit * ramp[i] / 1000;

		ret->members[i].effective_weight = weight || !base_weight(pool, i) ? weight : 1;
	}
}

/* --- the pool's settings ---------------------------------------------------------------------------------- */

static uint32_t ticks(const struct config *config, uint32_t ms)
{
	uint32_t tick = config->flows.tick_ms ? config->flows.tick_ms : 1;

	return (ms + tick - 1) / tick;
}

/* A client's TCP connections share its pin, so it must not expire before theirs would. */
static uint32_t sticky_ms(const struct config *config, unsigned int index)
{
	const struct config_pool *pool = &config->pools[index];
	uint32_t longest = pool->by_client ? config->flows.idle_ms : 0;
	unsigned int i;

	if (pool->affinity_ms > longest)
		longest = pool->affinity_ms;
	for (i = 0; i < config->service_count; i++)
		if (config->services[i].pool == index && config->services[i].sticky_ms > longest)
			longest = config->services[i].sticky_ms;
	return longest;
}

static void scheduler_set(struct want_pool *pool, enum leat_scheduler scheduler)
{
	pool->scheduler = scheduler;
	pool->lists_members = scheduler == LEAT_SCHEDULER_LEAST;
}

static void settings_make(const struct config *config, unsigned int index, struct want_pool *ret)
{
	const struct config_pool *pool = &config->pools[index];

	ret->name = pool->name;
	ret->table_size = pool->table_size;
	scheduler_set(ret, pool->scheduler);
	ret->ignores_weights = pool->ignores_weights;
	ret->tracks = pool->scheduler != LEAT_SCHEDULER_MH;
	ret->hashed = LEAT_HASHED(want_grain(pool));
	ret->sticky_ticks = ticks(config, sticky_ms(config, index));
}

/* --- what waits --------------------------------------------------------------------------------------------- */

/* Whether the pool has, or is to have, flows that do not say where they begin: clients' flows together, and UDP. */
static bool has_ageless(const struct config *config, unsigned int index, const struct leat_pool *there)
{
	return config->pools[index].by_client || sticky_ms(config, index) || LEAT_GRAIN_IS_CLIENT(there->hashed);
}

/*
 * What waits until all flows are pinned. A new table size: in a table of another size their slots are others. What is hashed:
 * by another hash they are others, too (hashed.h). The first scheduler that does not choose by hash: it would choose for those
 * flows, too, that began before and do not say so.
 */
static void waits_make(const struct config *config, unsigned int index, const struct want_sources *sources,
		       const struct world *have, struct want_pool *ret)
{
	unsigned int number = world_find_pool(have, ret->name);
	const struct leat_pool *there = &have->pools[number];
	uint32_t size = LEAT_TABLE_SIZE(there->table), grain = LEAT_HASHED_NOW(ret->hashed);
	bool new_size = size && size != ret->table_size;
	bool new_scheduler = size && there->scheduler == LEAT_SCHEDULER_MH && ret->scheduler != LEAT_SCHEDULER_MH &&
			     has_ageless(config, index, there);
	bool new_grain = !grain_is_same(LEAT_HASHED_NOW(there->hashed), grain), is_settled, is_renewed;

	if (!number)
		return;
	is_settled = (new_size || new_scheduler || new_grain) && (!size || sources->is_settled(sources->context, number));
	is_renewed = LEAT_HASHED_LOOKS_BACK(there->hashed) && sources->is_renewed(sources->context, number);
	ret->hashed = hashed_after(there->hashed, grain, is_settled, is_renewed);
	new_grain = !grain_is_same(LEAT_HASHED_NOW(ret->hashed), grain);
	ret->waits = new_grain || ((new_size || new_scheduler) && !is_settled);
	ret->tracks |= ret->waits || LEAT_HASHED_LOOKS_BACK(ret->hashed);
	if (new_size && !is_settled)
		ret->table_size = size;
	if (new_scheduler && !is_settled)
		scheduler_set(ret, LEAT_SCHEDULER_MH);
	if ((new_grain || LEAT_HASHED_LOOKS_BACK(ret->hashed)) && there->sticky_ticks > ret->sticky_ticks)
		ret->sticky_ticks = there->sticky_ticks;
}

/* --- the pool --------------------------------------------------------------------------------------------- */

static void pool_make(const struct config *config, unsigned int index, const struct want_sources *sources,
		      const struct world *have, struct want_pool *ret)
{
	const struct config_pool *pool = &config->pools[index];
	auto_free enum health *health = memory_zeroed(pool->member_count, sizeof(*health));
	struct standing s = { .health = health };
	struct serving now = {};
	unsigned int i;

	standing_take(pool, index, sources, &s);
	settings_make(config, index, ret);
	waits_make(config, index, sources, have, ret);
	ret->all_down = s.down && !s.up && !s.unknown;
	ret->members = memory_zeroed(pool->member_count, sizeof(*ret->members));
	ret->member_count = pool->member_count;
	if (ret->all_down || (s.up && s.unknown))
		now = serving_read(have, pool->name);
	for (i = 0; i < pool->member_count; i++) {
		ret->members[i].addr = pool->members[i].addr;
		ret->members[i].weight = pool->members[i].weight;
		ret->members[i].server_id = pool->members[i].server_id;
		ret->members[i].in_table = may_serve(&pool->members[i]) &&
					   is_chosen(&s, &now, health[i], &pool->members[i].addr);
	}
	if (ret->all_down && pool->all_down != DOC_ALL_DOWN_REFUSE)
		keep_last(pool, &now, ret);
	members_make(pool, index, sources, health, ret);
	weights_make(pool, index, sources, ret);
	free(now.addrs);
}

/* --- the whole ---------------------------------------------------------------------------------------------- */

static void timeouts_make(const struct config *config, struct want *want)
{
	unsigned int i;

	want->timeout[LEAT_FLOW_OPENING] = ticks(config, config->flows.opening_ms);
	want->timeout[LEAT_FLOW_ESTABLISHED] = ticks(config, config->flows.idle_ms);
	want->timeout[LEAT_FLOW_CLOSING] = ticks(config, config->flows.closing_ms);
	for (i = 0; i < want->pool_count; i++)
		if (want->pools[i].sticky_ticks > want->timeout[LEAT_FLOW_STICKY])
			want->timeout[LEAT_FLOW_STICKY] = want->pools[i].sticky_ticks;
}

uint64_t want_slots(const struct want *want, uint32_t *ret_largest)
{
	uint64_t total = 0;
	uint32_t size;
	unsigned int i;

	*ret_largest = 0;
	for (i = 0; i < want->pool_count; i++) {
		size = want->pools[i].table_size + (want->pools[i].lists_members ? want->pools[i].member_count : 0);
		total += size;
		if (size > *ret_largest)
			*ret_largest = size;
	}
	return total;
}

/* While others wait, too, a new size that has its turn may not fit yet: then it waits for them. */
static void sizes_hold(const struct world *have, struct want *want)
{
	uint32_t largest, size;
	unsigned int i;

	if (want_slots(want, &largest) + largest <= LEAT_SLOTS_MAX)
		return;
	for (i = 0; i < want->pool_count; i++) {
		size = LEAT_TABLE_SIZE(have->pools[world_find_pool(have, want->pools[i].name)].table);
		if (!size || size == want->pools[i].table_size)
			continue;
		want->pools[i].table_size = size;
		want->pools[i].waits = want->pools[i].tracks = true;
	}
}

struct want *want_make(const struct config *config, const struct want_sources *sources, const struct world *have)
{
	struct want *want = memory_zeroed(1, sizeof(*want));
	unsigned int i;

	want->seed = config->seed;
	want->icmp_interval_ns = config->icmp_rate ? 1000000000ull / config->icmp_rate : 0;
	want->pin_interval_ns = config->flows.pin_rate ? 1000000000ull / config->flows.pin_rate : 0;
	want->fragment_sets = config->fragment_sets;
	want->access = config->access;
	want->access_count = config->access_count;
	want->services = config->services;
	want->service_count = config->service_count;
	want->pool_count = config->pool_count;
	want->pools = memory_zeroed(config->pool_count, sizeof(*want->pools));
	for (i = 0; i < config->pool_count; i++)
		pool_make(config, i, sources, have, &want->pools[i]);
	sizes_hold(have, want);
	timeouts_make(config, want);
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
