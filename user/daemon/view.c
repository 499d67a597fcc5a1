/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon knows of a configuration's members, as model/want.h asks it: health, ways, flows. */
#include <net/if.h>

#include "base/log.h"
#include "daemon/daemon.h"
#include "model/want.h"
#include "net/ways_header.h"

struct view {
	struct daemon *daemon;
	const struct config *config;
	__u32 allowed; /* the interface that the last way leaves by: members mostly share it */
};

static enum health view_health(void *context, unsigned int pool, unsigned int member)
{
	const struct view *v = context;
	const struct config_pool *p = &v->config->pools[pool];

	return health_of(v->daemon->health, p->name, &p->members[member].addr, NULL);
}

static bool view_doubtful(void *context, unsigned int pool, unsigned int member)
{
	const struct view *v = context;
	const struct config_pool *p = &v->config->pools[pool];

	return health_is_doubtful(v->daemon->health, p->name, &p->members[member].addr);
}

/*
 * The way in the maps, if there is one of this mode and port. Right after a restart the kernel may have forgotten a
 * neighbour that packets reach all the same: the last way known is better than none.
 */
static void last_way(struct daemon *d, const struct config_pool *pool, const struct leat_addr *addr, struct leat_way *ret)
{
	const struct world *world = dataplane_world(d->dataplane);
	unsigned int p = world_find_pool(world, pool->name), b = p ? world_find_backend(world, p, addr) : 0;
	const struct leat_backend *backend = &world->backends[b];
	const struct leat_way *way = &backend->ways[backend->active & 1];
	char name[IF_NAMESIZE];

	if (b && way->mode == pool->mode && ways_header_port(way) == pool->tunnel_port &&
	    if_indextoname(way->ifindex, name))
		*ret = *way;
}

static void view_way(void *context, unsigned int pool, unsigned int member, struct leat_way *ret)
{
	struct view *v = context;
	const struct config_pool *p = &v->config->pools[pool];
	struct err err;

	ways_get(v->daemon->ways, &p->members[member].addr, p->mode, p->tunnel_port, ret);
	if (!ret->ifindex)
		last_way(v->daemon, p, &p->members[member].addr, ret);
	if (!ret->ifindex || ret->ifindex == v->allowed)
		return;
	v->allowed = ret->ifindex;
	if (dataplane_allow_device(v->daemon->dataplane, ret->ifindex, &err))
		log_warning("%s", err.text);
}

static unsigned int view_ramp(void *context, unsigned int pool, unsigned int member)
{
	const struct view *v = context;
	const struct config_pool *p = &v->config->pools[pool];

	return flows_ramp(v->daemon, p, &p->members[member]);
}

static bool view_overdue(void *context, unsigned int pool, unsigned int member)
{
	const struct view *v = context;
	const struct config_pool *p = &v->config->pools[pool];

	return flows_is_overdue(v->daemon, p, &p->members[member]);
}

static uint32_t view_latency(void *context, unsigned int pool, unsigned int member)
{
	const struct view *v = context;
	const struct config_pool *p = &v->config->pools[pool];

	return health_latency_us(v->daemon->health, p->name, &p->members[member].addr);
}

static bool view_settled(void *context, unsigned int pool_number)
{
	const struct view *v = context;

	return flows_are_settled(v->daemon, v->config, pool_number);
}

static bool view_renewed(void *context, unsigned int pool_number)
{
	const struct view *v = context;

	return flows_are_renewed(v->daemon, pool_number);
}

/* Where nobody goes yet: whether a plan fits does not depend on ways, and asking for them would begin to resolve. */
static void view_no_way(void *context, unsigned int pool, unsigned int member, struct leat_way *ret)
{
}

struct want *want_of(struct daemon *d, const struct config *config, bool with_ways)
{
	struct view view = { .daemon = d, .config = config };
	struct want_sources sources = {
		.health = view_health,
		.is_doubtful = view_doubtful,
		.ramp = view_ramp,
		.is_overdue = view_overdue,
		.latency_us = view_latency,
		.is_settled = view_settled,
		.is_renewed = view_renewed,
		.way = with_ways ? view_way : view_no_way,
		.context = &view,
	};

	return want_make(config, &sources, dataplane_world(d->dataplane));
}
