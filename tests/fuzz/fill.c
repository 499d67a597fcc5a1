/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From settings to maps: see fill.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "fuzz/fill.h"
#include "net/ways_header.h"

#define PIN_INTERVAL 1000 /* ns between two new pins; loaded_pins_spend() puts the next far away */

/* A want with room for its parts. */
struct wanted {
	struct want want;
	struct want_pool pools[SETTINGS_POOLS_MAX];
	char names[SETTINGS_POOLS_MAX][16];
	struct want_member members[SETTINGS_POOLS_MAX][SETTINGS_MEMBERS_MAX];
	struct config_service services[SETTINGS_SERVICES_MAX];
	struct config_access access[SETTINGS_ACCESS_MAX];
	char access_names[SETTINGS_ACCESS_MAX][16];
};

static void no_grace(void *context)
{
}

void filler_open(struct loaded *loaded, struct filler *ret)
{
	*ret = (struct filler){.loaded = loaded, .cache = table_cache_new(), .sink = {.grace = no_grace}};
}

void filler_close(struct filler *filler)
{
	table_cache_free(filler->cache);
}

/* --- settings to want --------------------------------------------------------------------------------------
 */

static const enum leat_mode modes[] = {
	[REFERENCE_L2] = LEAT_MODE_L2,   [REFERENCE_IPIP] = LEAT_MODE_IPIP, [REFERENCE_GRE] = LEAT_MODE_GRE,
	[REFERENCE_GUE] = LEAT_MODE_GUE, [REFERENCE_GUE1] = LEAT_MODE_GUE1, [REFERENCE_FOU] = LEAT_MODE_FOU,
};

static void way_build(const struct reference_pool *pool, const struct reference_member *member, struct leat_way *ret)
{
	const struct reference_way *way = &member->way;
	struct way_outer outer = {way->source, member->addr, htonl(way->source_mask), pool->tunnel_port};
	struct way_exit exit = {
		.ifindex = way->is_known ? way->ifindex : 0, .mtu = way->mtu, .tag_count = way->tag_count};
	unsigned int i;

	memcpy(exit.to, way->to, sizeof(exit.to));
	memcpy(exit.from, way->from, sizeof(exit.from));
	for (i = 0; i < way->tag_count; i++)
		exit.tags[i] = (struct way_tag){htons(way->tags[i].type), htons(way->tags[i].tci)};
	ways_header_build(modes[pool->mode], &exit, &outer, ret);
}

static const enum leat_scheduler schedulers[] = {
	[REFERENCE_MH] = LEAT_SCHEDULER_MH,         [REFERENCE_TURN] = LEAT_SCHEDULER_TURN,
	[REFERENCE_RANDOM] = LEAT_SCHEDULER_RANDOM, [REFERENCE_LEAST] = LEAT_SCHEDULER_LEAST,
	[REFERENCE_TWO] = LEAT_SCHEDULER_TWO,       [REFERENCE_LATENCY] = LEAT_SCHEDULER_LATENCY,
};

static void want_pool(const struct settings *s, unsigned int pool, struct wanted *ret)
{
	const struct reference_pool *p = &s->pools[pool];
	unsigned int i;

	snprintf(ret->names[pool], sizeof(ret->names[pool]), "p%u", p->name);
	ret->pools[pool] = (struct want_pool){
		.name = ret->names[pool],
		.table_size = p->table_size,
		.scheduler = schedulers[p->scheduler],
		.tracks = p->waits || p->scheduler != REFERENCE_MH,
		.lists_members = p->scheduler == REFERENCE_LEAST,
		.hashed = LEAT_HASHED(p->by_client ? LEAT_GRAIN_CLIENT(p->prefix4, p->prefix6) : 0),
		.sticky_ticks = p->sticky_ticks,
		.members = ret->members[pool],
		.member_count = s->pools[pool].member_count,
	};
	for (i = 0; i < s->pools[pool].member_count; i++) {
		const struct reference_member *m = &s->members[pool][i];

		ret->members[pool][i] = (struct want_member){
			.addr = m->addr,
			.weight = m->weight,
			.effective_weight = m->weight,
			.in_table = m->is_in_table,
			.lives = m->lives,
			.latency_us = m->latency_us};
		ret->members[pool][i].server_id.byte[0] = m->id_length;
		memcpy(ret->members[pool][i].server_id.byte + 1, m->id, m->id_length);
		way_build(&s->pools[pool], m, &ret->members[pool][i].way);
	}
}

static void want_of(const struct settings *s, struct wanted *ret)
{
	unsigned int i;

	ret->want = (struct want){
		.seed = s->seed,
		.icmp_interval_ns = s->may_reply,
		.fragment_sets = s->forwards_fragments ? LEAT_FRAGMENT_SETS_MAX : 0, /* room for all: the model forgets none */
		.pin_interval_ns = settings_limits_pins(s) ? PIN_INTERVAL : 0,
		.timeout = {s->timeout[0], s->timeout[1], s->timeout[2]},
		.pools = ret->pools,
		.pool_count = s->pool_count,
		.access = ret->access,
		.access_count = s->access_count,
		.services = ret->services,
		.service_count = s->service_count,
	};
	fill_access(s, ret->access, ret->access_names);
	for (i = 0; i < s->pool_count; i++)
		want_pool(s, i, ret);
	for (i = 0; i < s->service_count; i++)
		ret->services[i] = (struct config_service){
			.key = settings_key(&s->services[i]),
			.pool = s->services[i].pool,
			.sticky_ms = s->services[i].is_sticky,
			.access = s->services[i].access,
			.quic = LEAT_QUIC(s->services[i].quic_config, s->services[i].quic_length),
		};
	for (i = 0; i < s->pool_count; i++)
		if (s->pools[i].sticky_ticks > ret->want.timeout[LEAT_FLOW_STICKY])
			ret->want.timeout[LEAT_FLOW_STICKY] = s->pools[i].sticky_ticks;
}

/* --- want to maps ------------------------------------------------------------------------------------------
 */

static int want_run(struct filler *f, const struct want *want, struct err *err)
{
	struct world *world = &f->loaded->world;
	struct plan *plan;
	int e = plan_make(world, want, f->cache, &plan, err);

	if (e)
		return e;
	plan_run(plan, world, &f->sink);
	plan_free(plan);
	e = plan_make(world, want, f->cache, &plan, err);
	if (e)
		return e;
	if (!plan_is_empty(plan))
		e = err_set(err, -EUCLEAN, "a plan that was run leaves something to do");
	plan_free(plan);
	return e;
}

void filler_forget(struct filler *f)
{
	struct world *w = &f->loaded->world;
	unsigned int i;

	for (i = 0; i < LEAT_BACKENDS_MAX; i++)
		w->loads[i].connections = 0;
	for (i = 0; i < LEAT_POOLS_MAX; i++)
		w->pools[i].turn = 0;
	memset(w->service_tokens, 0, LEAT_SERVICES_MAX * sizeof(*w->service_tokens));
	memset(w->source_tokens, 0, LEAT_SOURCE_SETS * sizeof(*w->source_tokens));
	loaded_fragments_forget(f->loaded);
	memset(w->flows, 0, (w->control->flow_mask + 1) * sizeof(*w->flows));
}

int filler_empty(struct filler *f, struct err *err)
{
	struct want nothing = {.seed = f->loaded->world.control->seed};
	int e = want_run(f, &nothing, err);

	filler_forget(f);
	f->loaded->world.control->next_backend = 0;
	return e;
}

/* The index of a pool that the maps have under this number; -1: none. */
static int pool_of(const struct settings *s, const struct leat_pool *pool)
{
	char name[16];
	unsigned int i;

	for (i = 0; i < s->pool_count; i++) {
		snprintf(name, sizeof(name), "p%u", s->pools[i].name);
		if (!strcmp(name, pool->name))
			return i;
	}
	return -1;
}

static void numbers_read(const struct filler *f, const struct settings *s, struct filled *ret)
{
	const struct world *w = &f->loaded->world;
	unsigned int i, j;
	int pool;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < s->service_count; i++) {
		struct leat_service_key key = settings_key(&s->services[i]);

		ret->services[i] = world_find_service(w, &key);
	}
	for (i = 1; i < LEAT_POOLS_MAX; i++) {
		pool = w->pools[i].name[0] ? pool_of(s, &w->pools[i]) : -1;
		if (pool >= 0)
			ret->pools[pool] = i;
	}
	for (i = 1; i < LEAT_BACKENDS_MAX; i++) {
		pool = addr_is_zero(&w->backends[i].addr) ? -1 : pool_of(s, &w->pools[w->backends[i].pool]);
		for (j = 0; pool >= 0 && j < s->pools[pool].member_count; j++)
			if (addr_equal(&s->members[pool][j].addr, &w->backends[i].addr))
				ret->members[pool][j] = i;
	}
}

int fill(struct filler *f, const struct settings *s, struct filled *ret, struct err *err)
{
	auto_free struct wanted *wanted = memory_zeroed(1, sizeof(*wanted));
	int e, i;

	want_of(s, wanted);
	e = want_run(f, &wanted->want, err);
	fill_access_clear(wanted->access, s->access_count);
	for (i = INTERFACE_OTHER; !e && i <= INTERFACE_PEER; i++)
		if (loaded_allow(f->loaded, s->interfaces[i], s->allowed[i]))
			e = err_set(err, -EIO, "the devmap cannot be written");
	f->loaded->headroom_set = s->metadata;
	if (!e && loaded_pins_spend(f->loaded))
		e = err_set(err, -EIO, "the limiters cannot be written");
	if (!e)
		numbers_read(f, s, ret);
	return e;
}
