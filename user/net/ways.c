/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Destinations: every address asked for, with its route, its next hop and the exit these make together. The
 * watch marks what a message may have touched; settle() asks anew for what was marked and tells whether any exit
 * became another one.
 */
#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/links.h"
#include "net/neighbours.h"
#include "net/route.h"
#include "net/watch.h"
#include "net/ways.h"

#define HEADS           4096
#define REFRESH_SECONDS 5
#define SETTLE_US       5000

struct destination {
	struct destination *next;
	struct leat_addr addr;
	struct route route;
	struct neighbour *next_hop; /* NULL: no route */
	struct way_exit exit;
	const char *obstacle; /* why there is no exit; NULL: there is one, or it is being resolved */
	bool marked;          /* route may have changed */
	bool sourceless;      /* said that there is no outer source */
};

struct ways {
	struct rtnl *rtnl;
	struct watch *watch;
	struct event *settle, *refresh;
	void (*changed)(void *context);
	void *context;
	struct config_source source4, source6;
	struct links links;
	struct neighbours neighbours;
	struct destination *heads[HEADS];
	uint64_t settle_cost_us, settled_at_us;
	bool links_changed;
};

#define FOR_EACH_DESTINATION(ways, d)                                                                        \
	for (struct destination **head_ = (ways)->heads, *d; head_ < (ways)->heads + HEADS; head_++)         \
		for (d = *head_; d; d = d->next)

/* A storm of messages (a routing daemon's full table) may cost us a tenth of our time, not all. */
static void ways_settle_soon(struct ways *ways)
{
	uint64_t now = clock_us(), next = ways->settled_at_us + 10 * ways->settle_cost_us;
	uint64_t us = next > now + SETTLE_US ? next - now : SETTLE_US;
	struct timeval delay = { us / 1000000, us % 1000000 };

	if (!evtimer_pending(ways->settle, NULL))
		evtimer_add(ways->settle, &delay);
}

/* --- one destination ---------------------------------------------------------------------------- */

static void destination_say(struct ways *ways, const struct destination *d, const char *obstacle)
{
	char addr[ADDR_TEXT_MAX], hop[ADDR_TEXT_MAX], name[IFNAMSIZ + 16];

	addr_format(&d->addr, addr);
	addr_format(&d->route.next_hop, hop);
	links_name(&ways->links, d->route.ifindex, name);
	if (!obstacle)
		log_notice("there is a way to %s again, by %s on %s", addr, hop, name);
	else if (!d->route.ifindex)
		log_warning("no way to %s: %s", addr, obstacle);
	else
		log_warning("no way to %s by %s on %s: %s", addr, hop, name, obstacle);
}

static const char *destination_find_exit(struct ways *ways, const struct destination *d,
					 struct way_exit *exit)
{
	const struct neighbour *hop = d->next_hop;
	const char *obstacle;

	if (!hop)
		return route_refusal(&d->route);
	obstacle = links_descend(&ways->links, d->route.ifindex, exit);
	if (obstacle)
		return obstacle;
	if (!hop->known) {
		*exit = (struct way_exit){};
		/* While it is asked (again), nothing new is known: what was said last stays, and is not said again. */
		return hop->state & NUD_FAILED ? "the next hop does not answer" : d->obstacle;
	}
	memcpy(exit->to, hop->mac, sizeof(exit->to));
	if (d->route.mtu && d->route.mtu < exit->mtu)
		exit->mtu = d->route.mtu;
	return NULL;
}

/* Puts together what is known; true if frames would now leave in another way. */
static bool destination_assemble(struct ways *ways, struct destination *d)
{
	struct way_exit exit = {};
	const char *obstacle = destination_find_exit(ways, d, &exit);
	bool changed = memcmp(&exit, &d->exit, sizeof(exit));

	if (obstacle != d->obstacle)
		destination_say(ways, d, obstacle);
	d->obstacle = obstacle;
	d->exit = exit;
	return changed;
}

/* True if the outer source became another; all else shows in the exit. */
static bool destination_route(struct ways *ways, struct destination *d)
{
	struct neighbour *old = d->next_hop;
	struct leat_addr source = d->route.source;

	route_find(ways->rtnl, &d->addr, &d->route);
	d->marked = false;
	d->next_hop = NULL;
	if (d->route.ifindex) {
		if (links_need(&ways->links, ways->rtnl, d->route.ifindex))
			ways_settle_soon(ways); /* its message will tell nothing new to those that stand on it */
		d->next_hop = neighbours_take(&ways->neighbours, d->route.ifindex, &d->route.next_hop);
	}
	neighbours_release(&ways->neighbours, old); /* after the other was taken: it may be the same */
	return !addr_equal(&source, &d->route.source);
}

static struct destination *destination_get(struct ways *ways, const struct leat_addr *addr)
{
	uint64_t hash = leat_hash_mix(addr->half[0] ^ leat_hash_mix(addr->half[1]));
	struct destination **at = &ways->heads[hash % HEADS];

	while (*at && !addr_equal(&(*at)->addr, addr))
		at = &(*at)->next;
	if (!*at) {
		*at = memory_zeroed(1, sizeof(**at));
		(*at)->addr = *addr;
		destination_route(ways, *at);
		destination_assemble(ways, *at);
	}
	return *at;
}

/* --- what happens -------------------------------------------------------------------------------- */

static void ways_settle(evutil_socket_t fd, short what, void *context)
{
	struct ways *ways = context;
	uint64_t began_us = clock_us();
	bool changed = false;

	if (ways->links_changed) /* an interface that comes back has forgotten its neighbours */
		neighbours_refresh(&ways->neighbours, false);
	ways->links_changed = false;
	FOR_EACH_DESTINATION(ways, d) {
		if (d->marked && destination_route(ways, d))
			changed = true;
	}
	/* After all were asked for: one may bring the interface that another stands on. */
	FOR_EACH_DESTINATION(ways, d) {
		if (destination_assemble(ways, d))
			changed = true;
	}
	ways->settled_at_us = clock_us();
	ways->settle_cost_us = ways->settled_at_us - began_us;
	if (changed)
		ways->changed(ways->context);
}

static void ways_mark(struct ways *ways, const struct leat_addr *prefix, unsigned int length)
{
	bool any = false;

	FOR_EACH_DESTINATION(ways, d) {
		if (!watch_covers(prefix, length, &d->addr))
			continue;
		d->marked = any = true;
	}
	if (any)
		ways_settle_soon(ways);
}

static void ways_mark_all(struct ways *ways)
{
	static const struct leat_addr zero;

	ways_mark(ways, &zero, 0);
}

static void ways_on_message(void *context, const struct nlmsghdr *message)
{
	struct ways *ways = context;
	struct leat_addr prefix;
	unsigned int length;

	switch (message->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		if (neighbours_on_message(&ways->neighbours, message))
			ways_settle_soon(ways);
		return;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (!watch_route_prefix(message, &prefix, &length))
			ways_mark(ways, &prefix, length);
		return;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (!links_on_message(&ways->links, message))
			return;
		ways->links_changed = true;
		break;
	}
	/* A link, an address, a rule or a next-hop object: routes come and go with these without a message. */
	ways_mark_all(ways);
}

static void ways_on_loss(void *context)
{
	struct ways *ways = context;

	log_notice("rtnetlink messages were lost: asking for everything anew");
	links_load(&ways->links, ways->rtnl);
	neighbours_refresh(&ways->neighbours, true);
	ways_mark_all(ways);
}

static void ways_refresh(evutil_socket_t fd, short what, void *context)
{
	struct ways *ways = context;
	bool any = neighbours_refresh(&ways->neighbours, false);

	FOR_EACH_DESTINATION(ways, d) {
		if (!d->next_hop) /* should a message that mends it have escaped us */
			d->marked = any = true;
	}
	if (any)
		ways_settle_soon(ways);
}

/* --- the door -------------------------------------------------------------------------------------- */

void ways_set_source(struct ways *ways, const struct config_source *source4,
		     const struct config_source *source6)
{
	ways->source4 = *source4;
	ways->source6 = *source6;
}

static bool destination_has_source(struct destination *d, const struct leat_addr *source)
{
	bool missing = addr_is_zero(source) || addr_is_ipv4(source) != addr_is_ipv4(&d->addr);
	char addr[ADDR_TEXT_MAX];

	if (missing && d->route.ifindex && !d->sourceless)
		log_warning("no way to %s: this host has no address to send from; configure a source",
			    addr_format(&d->addr, addr));
	d->sourceless = missing;
	return !missing;
}

void ways_get(struct ways *ways, const struct leat_addr *addr, enum leat_mode mode, uint16_t port,
	      struct leat_way *ret)
{
	struct destination *d = destination_get(ways, addr);
	const struct config_source *source = addr_is_ipv4(addr) ? &ways->source4 : &ways->source6;
	struct way_outer outer = { .source = d->route.source, .destination = *addr, .port = port };

	if (source->set) {
		outer.source = source->addr;
		outer.source_mask = source->mask;
	}
	if (mode != LEAT_MODE_L2 && !destination_has_source(d, &outer.source))
		memset(ret, 0, sizeof(*ret));
	else
		ways_header_build(mode, &d->exit, &outer, ret);
}

bool ways_are_cut_off(struct ways *ways, const struct leat_addr *addr)
{
	const struct destination *d = destination_get(ways, addr);
	struct way_exit exit;

	return !d->next_hop || links_descend(&ways->links, d->route.ifindex, &exit);
}

void ways_set_whole(struct ways *ways, uint32_t ifindex, bool whole)
{
	if (links_set_whole(&ways->links, ifindex, whole))
		ways_settle_soon(ways);
}

bool ways_is_bond(const struct ways *ways, const char *interface)
{
	const struct link *link = links_named(&ways->links, interface);

	return link && link->bond;
}

const char *ways_bond_of(const struct ways *ways, const char *interface)
{
	const struct link *link = links_named(&ways->links, interface);
	const struct link *bond = link && link->master ? links_find(&ways->links, link->master) : NULL;

	return bond ? bond->name : NULL;
}

void ways_members(const struct ways *ways, const char *bond, void (*each)(void *context, const char *member), void *context)
{
	const struct link *master = links_named(&ways->links, bond);
	unsigned int i;

	for (i = 0; master && i < ways->links.count; i++)
		if (ways->links.all[i].master == master->ifindex)
			each(context, ways->links.all[i].name);
}

void ways_prune(struct ways *ways, bool (*keep)(void *context, const struct leat_addr *addr), void *context)
{
	struct destination **at, *d;
	unsigned int i;

	for (i = 0; i < HEADS; i++) {
		at = &ways->heads[i];
		while ((d = *at)) {
			if (keep(context, &d->addr)) {
				at = &d->next;
				continue;
			}
			*at = d->next;
			neighbours_release(&ways->neighbours, d->next_hop);
			free(d);
		}
	}
}

int ways_start(struct event_base *base, void (*changed)(void *context), void *context, struct ways **ret,
	       struct err *err)
{
	static const struct timeval refresh = { REFRESH_SECONDS, 0 };
	struct ways *ways = memory_zeroed(1, sizeof(*ways));
	int e;

	ways->changed = changed;
	ways->context = context;
	ways->settle = evtimer_new(base, ways_settle, ways);
	ways->refresh = event_new(base, -1, EV_PERSIST, ways_refresh, ways);
	event_add(ways->refresh, &refresh);
	e = rtnl_open(&ways->rtnl, err);
	if (!e) /* watched before read, so that nothing falls between */
		e = watch_start(base, ways_on_message, ways_on_loss, ways, &ways->watch, err);
	if (!e) {
		e = links_load(&ways->links, ways->rtnl);
		if (e)
			err_set(err, e, "rtnetlink: reading the interfaces: %s", strerror(-e));
	}
	if (e) {
		ways_stop(ways);
		return e;
	}
	ways->neighbours.rtnl = ways->rtnl;
	*ret = ways;
	return 0;
}

static bool keep_none(void *context, const struct leat_addr *addr)
{
	return false;
}

void ways_stop(struct ways *ways)
{
	if (!ways)
		return;
	ways_prune(ways, keep_none, NULL);
	watch_stop(ways->watch);
	rtnl_close(ways->rtnl);
	links_free(&ways->links);
	event_free(ways->settle);
	event_free(ways->refresh);
	free(ways);
}
