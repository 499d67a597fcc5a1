/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces as the kernel last told them. */
#ifndef NET_LINKS_H
#define NET_LINKS_H

#include <linux/if.h>
#include <stdbool.h>

#include "net/rtnl.h"
#include "net/ways_header.h"

struct link {
	uint32_t ifindex;
	uint32_t mtu;
	char name[IFNAMSIZ];
	bool up;       /* up, with carrier */
	bool ethernet; /* has a link address of 6 bytes */
	uint8_t mac[6];
	bool vlan;
	struct way_tag tag; /* of a VLAN */
	uint32_t parent;    /* of a VLAN; 0: in another network namespace */
	bool bond;
	uint32_t active; /* of a bond whose mode has one: the member that sends; 0: none */
	uint32_t master; /* of a bond's member: the bond; 0: no member */
	bool sends;      /* of a bond's member: chosen to send, not a backup, and up as the bond sees it */
};

struct links {
	struct link *all;
	unsigned int count;
	uint32_t *whole; /* bonds that frames leave by as such: links_set_whole() */
	unsigned int whole_count;
};

/* Asks for all interfaces anew. */
int links_load(struct links *links, struct rtnl *rtnl);
/* Asks for this one if it is not known: it may be so new that its message waits to be read. True if it is known since. */
bool links_need(struct links *links, struct rtnl *rtnl, uint32_t ifindex);
/* RTM_NEWLINK or RTM_DELLINK; true if anything here changed. */
bool links_on_message(struct links *links, const struct nlmsghdr *message);
void links_free(struct links *links);

/* "interface 7" if it is not known. buf holds IFNAMSIZ + 16 bytes. */
const char *links_name(const struct links *links, uint32_t ifindex, char *buf);

/* The link of this number, of this name; NULL: not known. Valid until the next message. */
struct link *links_find(const struct links *links, uint32_t ifindex);
const struct link *links_named(const struct links *links, const char *name);

/*
 * Whether frames may be given to a bond for it to choose the member. By default they are not: the kernel takes them only for some
 * modes, and Linux before 6.4 goes down if a member's driver takes none. True if that changed.
 */
bool links_set_whole(struct links *links, uint32_t ifindex, bool whole);

/*
 * How frames leave that are routed out of ifindex: walks down VLANs, collects their tags, chooses a member of a bond that is
 * not whole, and fills all of exit but `to`. NULL, or the reason why there is no such way (exit is then untouched).
 */
const char *links_descend(const struct links *links, uint32_t ifindex, struct way_exit *exit);

#endif
