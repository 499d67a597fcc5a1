/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers that a seed repeats (splitmix64). Each packet, and each change of the configuration, has
 * numbers of its own from the seed and its place in the run, so that any can be drawn again without the
 * others.
 */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "leat/hash.h"

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	return leat_hash_mix(r->state += 0x9e3779b97f4a7c15ull);
}

/* kind keeps apart what is drawn under the same number. */
static inline struct random random_start(uint64_t seed, uint64_t kind, uint64_t number)
{
	return (struct random){leat_hash_mix(leat_hash_mix(seed + kind) + number * 0x9e3779b97f4a7c15ull)};
}

static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return leat_hash_slot(random_next(r), n);
}

/* first and last included. */
static inline uint32_t random_between(struct random *r, uint32_t first, uint32_t last)
{
	return first + random_below(r, last - first + 1);
}

static inline bool random_one_in(struct random *r, uint32_t n)
{
	return !random_below(r, n);
}

#define random_pick(r, array) ((array)[random_below(r, ARRAY_SIZE(array))])

#endif
