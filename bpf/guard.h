/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room between service and backend: does the service let this source in? Only packets of services that have an
 * access list enter it. Reads the control record, the list and its edges (leat/guard.h); changes nothing.
 */
#ifndef BPF_GUARD_H
#define BPF_GUARD_H

#include "maps.h"
#include "packet.h"
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

/* 1: the edge is at the address or below, 0: above. Computed, for a branch would be guessed wrong every second time. */
static __always_inline __u32 edge4_is_passed(__u32 number, __u32 addr)
{
	__u32 line = number / LEAT_LINE_EDGES;
	const struct leat_edge_line *edges = bpf_map_lookup_elem(&edges4, &line);

	return edges ? ((__u64)edges->edge[number % LEAT_LINE_EDGES] - addr - 1) >> 63 : 0;
}

static __always_inline __u32 edge6_is_passed(__u32 number, __u64 high, __u64 low)
{
	const struct leat_edge6 *edge = bpf_map_lookup_elem(&edges6, &number);

	return edge && (edge->high < high || (edge->high == high && edge->low <= low));
}

/*
 * How many edges are passed: of each power of two it is asked whether so many more are. `at` is unknown to the verifier from
 * the start, so that it sees one loop and not every way through it.
 */
#define EDGES_PASSED(edges, is_passed, ...)                                                                  \
	({                                                                                                   \
		__u32 at_ = LEAT_EDGES_OFFSET(edges), left_ = LEAT_EDGES_COUNT(edges), step_, taken_;        \
                                                                                                             \
		_Pragma("clang loop unroll(disable)") for (step_ = LEAT_EDGES_MAX; step_; step_ >>= 1)       \
		{                                                                                            \
			if (step_ > left_)                                                                   \
				continue;                                                                    \
			taken_ = step_ & -is_passed(at_ + step_ - 1, __VA_ARGS__);                           \
			at_ += taken_;                                                                       \
			left_ -= taken_;                                                                     \
		}                                                                                            \
		at_ - LEAT_EDGES_OFFSET(edges);                                                              \
	})

static __always_inline bool denies4(__u64 edges, __u32 addr)
{
	return LEAT_EDGES_DENIES(edges) ^ (EDGES_PASSED(edges, edge4_is_passed, addr) & 1);
}

static __always_inline bool denies6(__u64 edges, __u64 high, __u64 low)
{
	return LEAT_EDGES_DENIES(edges) ^ (EDGES_PASSED(edges, edge6_is_passed, high, low) & 1);
}

ROOM enum leat_verdict guard(struct packet *p)
{
	const struct leat_guard *list;
	bool is_denied;

	ROOM_ENTER(p);
	list = guard_get(p->guard);
	if (!list)
		return LEAT_ACCESS_DENIED; /* cannot be */
	if (packet_is_ipv4(p))
		is_denied = denies4(READ_ONCE(list->edges4), bpf_ntohl(p->source.word[3]));
	else
		is_denied = denies6(READ_ONCE(list->edges6), bpf_be64_to_cpu(p->source.half[0]),
				    bpf_be64_to_cpu(p->source.half[1]));
	return is_denied ? LEAT_ACCESS_DENIED : LEAT_NEXT;
}

static __always_inline enum leat_verdict admit(struct packet *p)
{
	return unlikely(p->guard) ? guard(p) : LEAT_NEXT;
}

#endif
