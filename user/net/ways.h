/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ways to backends from the kernel's routes, neighbours and links (rtnetlink, by libmnl), kept resolved and watched:
 * the outer header of every backend, ready for the data path.
 */
#ifndef NET_WAYS_H
#define NET_WAYS_H

#include <event2/event.h>

#include "base/err.h"
#include "leat/maps.h"
#include "model/config.h"

struct ways;

/* changed() is called from the loop, at most once in a few milliseconds, after any way may have changed. */
int ways_start(struct event_base *base, void (*changed)(void *context), void *context, struct ways **ret,
	       struct err *err);
void ways_stop(struct ways *ways);

/* Outer source of tunnels; not set: the route's preferred source. Takes effect at the next ways_get. */
void ways_set_source(struct ways *ways, const struct config_source *source4, const struct config_source *source6);

/*
 * The way to addr in this mode as known now; port: UDP destination, for modes that have one. An addr not asked for before
 * is looked up at once (route, link, neighbour) and its neighbour's resolution started and kept fresh; ret->ifindex is 0
 * while the link address is unknown, and changed() follows when it is. A neighbour that fails keeps its last link address.
 */
void ways_get(struct ways *ways, const struct leat_addr *addr, enum leat_mode mode, uint16_t port,
	      struct leat_way *ret);

/* Whether no packet can leave towards addr for a reason of this host's: no route, or an interface that is down. */
bool ways_are_cut_off(struct ways *ways, const struct leat_addr *addr);

/*
 * Whether frames may leave by this interface, a bond, as such: true once a native program sits on it. Else they leave by the
 * member that the bond would take. changed() follows.
 */
void ways_set_whole(struct ways *ways, uint32_t ifindex, bool whole);

bool ways_is_bond(const struct ways *ways, const char *interface);
/* The bond whose member the interface is; NULL: none's. Valid until the loop runs. */
const char *ways_bond_of(const struct ways *ways, const char *interface);
/* Calls each() for the members of the bond, which may not change any link. */
void ways_members(const struct ways *ways, const char *bond, void (*each)(void *context, const char *member), void *context);

/* Forgets every addr for which keep() is false. */
void ways_prune(struct ways *ways, bool (*keep)(void *context, const struct leat_addr *addr), void *context);

#endif
