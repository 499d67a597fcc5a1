/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access lists: whom a service lets in, and how fast. The daemon resolves prefixes that lie in one another into ranges in which one answer
 * holds, and writes down where the answer changes, the edges; the program finds an address among them by halving.
 *
 * A change is whole: all lists are written into the set that is not in use, and control.guards switches to it.
 */
#ifndef LEAT_GUARD_H
#define LEAT_GUARD_H

#include <linux/types.h>

#define LEAT_GUARDS_MAX 256        /* of a set, of which there are two; number 0 is nobody */
#define LEAT_EDGES_MAX (1u << 18)  /* of a family in a set: 131,072 prefixes that do not touch */

/*
 * Where a list's edges of one family lie:  denies:1 | offset:31 | count:32.  They rise. What is below the first is denied or
 * not as `denies` says, and each edge is the first address of which the contrary holds.
 */
#define LEAT_EDGES(denies, offset, count) ((__u64)(denies) << 63 | (__u64)(offset) << 32 | (count))
#define LEAT_EDGES_DENIES(edges) ((edges) >> 63)
#define LEAT_EDGES_OFFSET(edges) ((__u32)((edges) >> 32) & 0x7fffffff)
#define LEAT_EDGES_COUNT(edges) ((__u32)(edges))

/* IPv4 edges, host byte order. */
#define LEAT_LINE_EDGES 16

struct leat_edge_line {
	__u32 edge[LEAT_LINE_EDGES];
};
_Static_assert(sizeof(struct leat_edge_line) == 64, "one cache line");

/* An IPv6 edge as a number. */
struct leat_edge6 {
	__u64 high, low;
};

/*
 * Limits are token buckets. A bucket is the time at which it will be full again, in ns of CLOCK_MONOTONIC: a token moves it away by
 * an interval, and there is none while it would be further away than the burst.
 */
enum leat_rate { LEAT_RATE_SOURCE_PACKETS, LEAT_RATE_SOURCE_FLOWS, LEAT_RATE_SERVICE_PACKETS, LEAT_RATE_SERVICE_FLOWS, LEAT_RATES };

struct leat_tokens {
	__u64 packets_full_at, flows_full_at;
};

/* Of a source prefix at a service. */
struct leat_source {
	__u64 key; /* hash of the two; 0: free */
	struct leat_tokens tokens;
	__u64 zero;
};
_Static_assert(sizeof(struct leat_source) == 32, "two to a cache line");

/* By the high half of the hash; who comes to a set that is full replaces the one whose buckets will be full first. */
#define LEAT_SOURCE_WAYS 4
#define LEAT_SOURCE_SETS 32768

struct leat_source_set {
	struct leat_source way[LEAT_SOURCE_WAYS];
};

struct leat_guard {
	__u64 edges4, edges6;
	__u64 interval_ns[LEAT_RATES]; /* by enum leat_rate; 0: no limit */
	__u64 burst_ns;
	__u8 cut4, cut6; /* bits at an address' end that sources of one bucket do not share */
	__u8 limits;     /* whether there is any */
	__u8 zero[5];
	/* second cache line */
	__u64 zero2;
	char name[56]; /* NUL-terminated; empty: free */
};
_Static_assert(sizeof(struct leat_guard) == 128, "two cache lines, the second not read by packets");

#endif
