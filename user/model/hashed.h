/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a pool's word of what is hashed (struct leat_pool) when that changes: docs/flows.md. Pure. */
#ifndef MODEL_HASHED_H
#define MODEL_HASHED_H

#include <stdbool.h>

#include "leat/maps.h"

/* Whether they tell flows apart alike, whatever their generations. */
static inline bool grain_is_same(__u32 a, __u32 b)
{
	return !((a ^ b) & ~LEAT_GRAIN_GENERATION);
}

/*
 * The word that is to follow `there`, for this grain; of another grain: the change waits. is_settled: all flows of the pool are
 * pinned. is_renewed: no pin is left from before the last change. While some are, only that change itself can be taken back,
 * for there are two generations.
 */
static inline __u64 hashed_after(__u64 there, __u32 grain, bool is_settled, bool is_renewed)
{
	__u32 now = LEAT_HASHED_NOW(there), before = LEAT_HASHED_BEFORE(there);
	bool looks_back = LEAT_HASHED_LOOKS_BACK(there) && !is_renewed;

	if (!looks_back)
		there = LEAT_HASHED(now);
	if (grain_is_same(grain, now))
		return there;
	if (looks_back)
		return grain_is_same(grain, before) ? LEAT_HASHED_SINCE(before, now) : there;
	grain |= ~now & LEAT_GRAIN_GENERATION;
	return is_settled ? LEAT_HASHED_SINCE(grain, now) : there;
}

#endif
