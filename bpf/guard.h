/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room before the backend is chosen: does the service let this source in, and is it within its limits (meter.h)? Only
 * packets of services that have an access list enter it. Reads the control record, the list and its edges (leat/guard.h);
 * writes tokens.
 */
#ifndef BPF_GUARD_H
#define BPF_GUARD_H

#include "meter.h"
#include "service.h"

static __always_inline const struct leat_guard *guard_get(__u8 number)
{
	const struct leat_control *all = control_get();
	__u32 index;

	if (!all)
		return NULL;
	index = (READ_ONCE(all->guards) & 1) * LEAT_GUARDS_MAX + number;
	return bpf_map_lookup_elem(&guards, &index);
}

/* 1 if a - b - (what d has less) goes below 0. */
static __always_inline __u64 borrows(__u64 a, __u64 b, __u64 d)
{
	return ((~a & b) | ((~a | b) & d)) >> 63;
}

/*
 * Among edges it is looked by halving what is left, whatever the answers are, and an answer is computed: a branch would be
 * guessed wrong every second time, and would double what the verifier has to look at in every step. The map has every
 * edge; a missing one is there for the verifier alone, and ends the search.
 */
#define EDGES_STEPS 19 /* LEAT_EDGES_MAX is 1 after as many halvings as it has bits less one, and then one is asked */
_Static_assert(1u << (EDGES_STEPS - 1) == LEAT_EDGES_MAX, "enough steps");

/* How many are at the address or below. */
static __always_inline __u32 edges4_passed(__u64 edges, __u32 addr)
{
	__u32 at = LEAT_EDGES_OFFSET(edges), left = LEAT_EDGES_COUNT(edges), i;

#pragma clang loop unroll(disable)
	for (i = 0; i < EDGES_STEPS && left; i++) {
		__u32 half = (left + 1) / 2, number = at + half - 1, line = number / LEAT_LINE_EDGES;
		const struct leat_edge_line *there = bpf_map_lookup_elem(&edges4, &line);

		if (!there)
			return 0;
		at += half & -(__u32)(((__u64)there->edge[number % LEAT_LINE_EDGES] - addr - 1) >> 63);
		left -= half;
	}
	return at - LEAT_EDGES_OFFSET(edges);
}

static __always_inline __u32 edges6_passed(__u64 edges, __u64 high, __u64 low)
{
	__u32 at = LEAT_EDGES_OFFSET(edges), left = LEAT_EDGES_COUNT(edges), i;

#pragma clang loop unroll(disable)
	for (i = 0; i < EDGES_STEPS && left; i++) {
		__u32 half = (left + 1) / 2, number = at + half - 1;
		const struct leat_edge6 *there = bpf_map_lookup_elem(&edges6, &number);
		__u64 is_below;

		if (!there)
			return 0;
		is_below = borrows(low, there->low, low - there->low);
		is_below = borrows(high, there->high, high - there->high - is_below);
		at += half & ((__u32)is_below - 1);
		left -= half;
	}
	return at - LEAT_EDGES_OFFSET(edges);
}

ROOM enum leat_verdict guard(struct packet *p)
{
	const struct leat_guard *list;
	__u64 edges;
	__u32 passed;

	ROOM_ENTER(p);
	list = guard_get(p->guard);
	if (!list)
		return LEAT_ACCESS_DENIED; /* cannot be */
	edges = packet_is_ipv4(p) ? READ_ONCE(list->edges4) : READ_ONCE(list->edges6);
	if (packet_is_ipv4(p))
		passed = edges4_passed(edges, bpf_ntohl(p->source.word[3]));
	else
		passed = edges6_passed(edges, bpf_be64_to_cpu(p->source.half[0]),
				       bpf_be64_to_cpu(p->source.half[1]));
	if (LEAT_EDGES_DENIES(edges) ^ (passed & 1))
		return LEAT_ACCESS_DENIED;
	return list->limits ? meter(p, list) : LEAT_NEXT;
}

static __always_inline enum leat_verdict admit(struct packet *p)
{
	return unlikely(p->guard) ? guard(p) : LEAT_NEXT;
}

#endif
