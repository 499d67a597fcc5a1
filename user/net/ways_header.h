/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outer header of a way from what was learnt of route, link and neighbour. Pure. */
#ifndef NET_WAYS_HEADER_H
#define NET_WAYS_HEADER_H

#include <stdint.h>

#include "leat/maps.h"

#define WAYS_TAGS_MAX 2

struct way_tag {
	__be16 protocol; /* ETH_P_8021Q or ETH_P_8021AD */
	__be16 tci;      /* VLAN number in the low 12 bits; priority and drop eligible 0 */
};

/* How frames leave for a next hop; compared byte by byte, so zeroed where unused. */
struct way_exit {
	uint32_t ifindex; /* the physical interface; 0: unknown */
	uint32_t mtu;     /* bytes of IP packet */
	uint8_t to[6], from[6];
	struct way_tag tags[WAYS_TAGS_MAX]; /* outermost first */
	uint32_t tag_count;
};

/* For tunnels only; source and destination are of one family. */
struct way_outer {
	struct leat_addr source, destination;
	__be32 source_mask;
	uint16_t port; /* gue, gue1, fou: UDP destination */
};

/* All zero if exit->ifindex is 0. */
void ways_header_build(enum leat_mode mode, const struct way_exit *exit, const struct way_outer *outer,
		       struct leat_way *ret);

/* The UDP port that a way's tunnel goes to, 0 if it has none: what was given as way_outer.port. */
uint16_t ways_header_port(const struct leat_way *way);

/* A way's tags, outermost first, as they were given as way_exit.tags. Returns how many. */
unsigned int ways_header_tags(const struct leat_way *way, struct way_tag ret[WAYS_TAGS_MAX]);

#endif
