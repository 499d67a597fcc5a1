/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access lists: prefixes, which lie in one another and of which the longest decides, made into edges (leat/guard.h), and the
 * question asked of edges.
 */
#ifndef MODEL_ACCESS_H
#define MODEL_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "leat/maps.h"

struct access_prefix {
	struct leat_addr addr; /* no bits set after the prefix */
	uint8_t length;        /* of the family's own address: of IPv4 at most 32 */
	bool denies;
};

struct access_edges {
	bool denies4, denies6; /* what is below the first edge */
	unsigned int count4, count6;
	__u32 *edges4;
	struct leat_edge6 *edges6;
};

/* denies_rest: what is in no prefix. Sorts the prefixes. The same one twice must say the same; then it counts once. */
void access_resolve(struct access_prefix *prefixes, unsigned int count, bool denies_rest, struct access_edges *ret);
void access_clear(struct access_edges *edges);
bool access_equal(const struct access_edges *a, const struct access_edges *b);

/* By address, then by length: what lies in another prefix comes after it. */
int access_compare(const void *a, const void *b);

struct world;
/* Whether a list of the set in use denies the address. guard: its number, not 0. */
bool access_denies(const struct world *world, unsigned int guard, const struct leat_addr *addr);
/* Its number; 0: there is none of this name in the set in use. */
unsigned int access_find(const struct world *world, const char *name);

/* Beside its edges, which stay: limits. config.h has them. */
struct config_limits;
void access_limit(const struct config_limits *limits, struct leat_guard *ret);

/* The list of this number, of the set in use. */
struct leat_guard *access_guard(const struct world *world, unsigned int number);

#endif
