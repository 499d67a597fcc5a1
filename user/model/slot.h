/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a slot when its pool's table changes: the table in docs/flows.md. Pure. */
#ifndef MODEL_SLOT_H
#define MODEL_SLOT_H

#include <stdbool.h>

#include "leat/maps.h"

/* The first owner of a slot that no flow has been sent by, or whose flows are all pinned. */
static inline __u32 slot_first(__u32 next, bool is_tracked)
{
	return is_tracked ? LEAT_SLOT(next, next, 1) : LEAT_SLOT(next, 0, 0);
}

/*
 * The word of a slot that was `old` and whose owner is to be `next`, 0: nobody, so that no flow begins there. lives: by
 * backend number, after the change; nobody (0) does not live. tracks: the pool's slots are all tracked.
 */
static inline __u32 slot_merge(__u32 old, __u32 next, const bool *lives, bool tracks)
{
	__u32 current = LEAT_SLOT_CURRENT(old), previous = LEAT_SLOT_PREVIOUS(old);

	if (!LEAT_SLOT_TRACKED(old)) {
		if (!current || next == current)
			return slot_first(next, tracks);
		previous = current;
	}
	return LEAT_SLOT(next, lives[previous] ? previous : next, 1);
}

#endif
