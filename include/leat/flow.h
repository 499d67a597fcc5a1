/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table: pins, 8 bytes each, in sets of one cache line. Both worlds read and write it in place; a word changes only
 * by compare-and-swap, and whoever takes a word out of the table takes its backend's `connections` down by one.
 *
 * A word:  fingerprint:36 | generation:1 | backend:15 | state:2 | age:10   (age in the lowest bits; 0: free)
 *
 * The fingerprint is the flow's hash without its low 28 bits, and the first of its two sets is named by low bits, so that
 * together they tell flows apart by 36 bits and the set's number. The fingerprint lies where it lay in the hash, so that
 * leat_hash_slot(word, size) is the flow's slot. The generation tells pins from before the last change of what is hashed from
 * those made since; with it in the place of that bit, the hash is the pin's key. The second set is taken when the first is full
 * of pins that live.
 */
#ifndef LEAT_FLOW_H
#define LEAT_FLOW_H

#include <linux/types.h>

#define LEAT_FLOW_WAYS 8

struct leat_flow_set {
	__u64 word[LEAT_FLOW_WAYS];
};
_Static_assert(sizeof(struct leat_flow_set) == 64, "one cache line");

/*
 * Twice as many words as the flows that the table is for: at most half of them in use, hardly a set is full. A million flows
 * by default: 16 MiB.
 */
#define LEAT_FLOW_SETS(flows) ((flows) * 2 / LEAT_FLOW_WAYS)
#define LEAT_FLOW_SETS_DEFAULT LEAT_FLOW_SETS(1u << 20)
#define LEAT_FLOW_SETS_MIN 1024u
#define LEAT_FLOW_SETS_MAX (1u << 24) /* of 27 low bits */

enum leat_flow_state {
	LEAT_FLOW_OPENING,     /* TCP: only SYNs seen */
	LEAT_FLOW_ESTABLISHED, /* TCP: seen after its SYN */
	LEAT_FLOW_CLOSING,     /* TCP: FIN or RST seen */
	LEAT_FLOW_STICKY,      /* UDP of a sticky service; any flow of a pool that hashes no source port */
};

#define LEAT_FLOW_AGES 1024u /* the clock's low bits; timeouts are under half of it */

/* The key of a flow's pin, of its hash and the grain (hash.h) by which that was made. */
#define LEAT_FLOW_KEY(hash, grain) (((hash) & ~(__u64)LEAT_GRAIN_GENERATION) | ((grain) & LEAT_GRAIN_GENERATION))
#define LEAT_FLOW_FINGERPRINT(key) ((key) >> 27) /* and generation */
#define LEAT_FLOW_WORD(key, backend, state, clock)                                                           \
	(LEAT_FLOW_FINGERPRINT(key) << 27 | (__u64)(backend) << 12 | (__u64)(state) << 10 |                 \
	 ((clock) & (LEAT_FLOW_AGES - 1)))
#define LEAT_FLOW_BACKEND(word) ((__u32)((word) >> 12) & 0x7fff)
#define LEAT_FLOW_STATE(word) ((__u32)((word) >> 10) & 3)
/* Ticks since it was last seen. */
#define LEAT_FLOW_AGE(word, clock) (((clock) - (__u32)(word)) & (LEAT_FLOW_AGES - 1))
#define LEAT_FLOW_IS(word, key) (((word) ^ (key)) >> 27 == 0)

#define LEAT_FLOW_SET_FIRST(key, mask) ((__u32)(key) & (mask))
/* Of a key or a word that has its place in one of its two sets, the other one. */
#define LEAT_FLOW_SET_OTHER(word, set, mask) (((set) ^ ((__u32)LEAT_FLOW_FINGERPRINT(word) << 1 | 1)) & (mask))
#define LEAT_FLOW_SET_SECOND(key, mask) LEAT_FLOW_SET_OTHER(key, (__u32)(key), mask)

/*        name     what an operator reads */
#define LEAT_FLOW_EVENTS(X) \
	X(HIT,      "packets that a pin decided about") \
	X(PINNED,   "flows pinned") \
	X(REPINNED, "flows pinned to another backend, because theirs does not live") \
	X(EVICTED,  "pins that had not expired, given up for others: the flow table is too small") \
	X(UNPINNED, "packets that should have made a pin and did not, for the budget of new pins was spent: forwarded by the table")

enum leat_flow_event {
#define X(name, help) LEAT_FLOW_##name,
	LEAT_FLOW_EVENTS(X)
#undef X
	LEAT_FLOW_EVENT_COUNT,
};
#define LEAT_FLOW_EVENTS_MAX 8 /* a CPU has a cache line of them */
_Static_assert(LEAT_FLOW_EVENT_COUNT <= LEAT_FLOW_EVENTS_MAX, "room for every event");

#endif
