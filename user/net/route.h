/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's routing says about one address. */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "net/rtnl.h"

/* Compared byte by byte, so zeroed where unused. */
struct route {
	struct leat_addr next_hop; /* a gateway, or the address itself */
	struct leat_addr source;   /* all zero: none */
	uint32_t ifindex;          /* 0: no way */
	uint32_t mtu;              /* of the route; 0: the interface's */
	uint32_t refusal;          /* why there is no way: an RTN_ type, or RTN_UNSPEC: no route */
};

void route_find(struct rtnl *rtnl, const struct leat_addr *addr, struct route *ret);

/* In words, where ifindex is 0. */
const char *route_refusal(const struct route *route);

#endif
