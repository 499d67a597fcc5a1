/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's messages about links, addresses, neighbours, routes, rules and next-hop objects. */
#ifndef NET_WATCH_H
#define NET_WATCH_H

#include <event2/event.h>
#include <stdbool.h>

#include "net/rtnl.h"

struct watch;

/* lost() says that messages were dropped, and everything must be asked for anew. Both are called from the loop. */
int watch_start(struct event_base *base, void (*message)(void *context, const struct nlmsghdr *message),
		void (*lost)(void *context), void *context, struct watch **ret, struct err *err);
void watch_stop(struct watch *watch);

/* Of RTM_NEWROUTE and RTM_DELROUTE; length counts bits of the 128 of a mapped address. -EINVAL: of no interest. */
int watch_route_prefix(const struct nlmsghdr *message, struct leat_addr *ret_prefix,
		       unsigned int *ret_length);
bool watch_covers(const struct leat_addr *prefix, unsigned int length, const struct leat_addr *addr);


#endif
