/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next hops that ways use, with their link addresses. The packets leat forwards do not pass the
 * kernel's neighbour table, so nobody but us asks it to keep these entries fresh.
 */
#ifndef NET_NEIGHBOURS_H
#define NET_NEIGHBOURS_H

#include <stdbool.h>

#include "net/rtnl.h"

#define NEIGHBOURS_HEADS 4096

struct neighbour {
	struct neighbour *next;
	struct leat_addr addr;
	uint32_t ifindex;
	uint32_t users;
	uint16_t state; /* NUD_ */
	bool known;     /* mac is, or was before the neighbour failed, the link address */
	uint8_t mac[6];
};

struct neighbours {
	struct rtnl *rtnl;
	struct neighbour *heads[NEIGHBOURS_HEADS];
};

/* Looked up, and its resolution started, if new. To be released. */
struct neighbour *neighbours_take(struct neighbours *neighbours, uint32_t ifindex,
				  const struct leat_addr *addr);
void neighbours_release(struct neighbours *neighbours, struct neighbour *neighbour); /* NULL is accepted */

/* RTM_NEWNEIGH or RTM_DELNEIGH; true if a link address or failure of one in use changed. */
bool neighbours_on_message(struct neighbours *neighbours, const struct nlmsghdr *message);

/*
 * Makes the kernel confirm those that it has not confirmed lately; with all, asks for the states of all anew.
 * True as above.
 */
bool neighbours_refresh(struct neighbours *neighbours, bool all);

#endif
