/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams under way in fragments: where the first fragment of each went, for the later ones, which have no ports. 8 bytes
 * each, in sets of one cache line. Only the program reads and writes them; each word is one store, and none counts for
 * anything, so the oldest of a set may go at any time.
 *
 * A word:  fingerprint:20 | service:15 | backend:15 | age:14   (age in the lowest bits; 0: free)
 *
 * The fingerprint is the top of the datagram's hash, and low bits of that name the set.
 */
#ifndef LEAT_FRAGMENT_H
#define LEAT_FRAGMENT_H

#include <linux/types.h>

#define LEAT_FRAGMENT_WAYS 8

struct leat_fragment_set {
	__u64 word[LEAT_FRAGMENT_WAYS];
};
_Static_assert(sizeof(struct leat_fragment_set) == 64, "one cache line");

#define LEAT_FRAGMENT_SETS_MAX 8192u /* in the map; control.fragment_sets are in use, a power of two */

/* The clock is CLOCK_MONOTONIC in units of 2^22 ns, 4.2 ms; ages wrap after 69 s. RFC 1122 3.3.2 has hosts give up after 60 to 120, Linux does after 30. */
#define LEAT_FRAGMENT_CLOCK(ns) ((__u32)((ns) >> 22))
#define LEAT_FRAGMENT_AGES      (1u << 14)
#define LEAT_FRAGMENT_TIMEOUT   LEAT_FRAGMENT_CLOCK(30000000000ull)

#define LEAT_FRAGMENT_FINGERPRINT(hash) ((hash) >> 44)
#define LEAT_FRAGMENT_SET(hash, sets)   ((__u32)(hash) & ((sets) - 1))
#define LEAT_FRAGMENT_WORD(hash, service, backend, clock)                                                    \
	(LEAT_FRAGMENT_FINGERPRINT(hash) << 44 | (__u64)(service) << 29 | (__u64)(backend) << 14 |           \
	 ((clock) & (LEAT_FRAGMENT_AGES - 1)))
#define LEAT_FRAGMENT_SERVICE(word) ((__u32)((word) >> 29) & 0x7fff)
#define LEAT_FRAGMENT_BACKEND(word) ((__u32)((word) >> 14) & 0x7fff)
#define LEAT_FRAGMENT_AGE(word, clock) (((clock) - (__u32)(word)) & (LEAT_FRAGMENT_AGES - 1))
#define LEAT_FRAGMENT_IS(word, hash) (((word) ^ (hash)) >> 44 == 0)

#endif
