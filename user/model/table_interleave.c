/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables for taking turns (rr, wrr): who goes through the slots one after another meets each member as often as its share
 * says, and as evenly as may be. A member with n of the slots wants them at (k + phase) / n of the table, k = 0 .. n - 1; all
 * wishes sorted give the slots, equal ones by address. The phases are multiples of the golden ratio, so that any few members
 * that follow each other have phases far apart: with one and the same phase members of equal weight would all come at once
 * (of weights 5 1 1 1 1 1: five times the first, then the five others).
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "model/table_shares.h"

#define GOLDEN 0x9e3779b1u /* of 2^32 */

struct wish {
	uint64_t place; /* of the table, in units of 2^-45 */
	uint32_t member;
};

static int by_place(const void *a, const void *b)
{
	const struct wish *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->member < y->member ? -1 : 1;
}

unsigned int table_interleave(uint32_t *slots, uint32_t size, const struct table_member *members, unsigned int count)
{
	auto_free struct table_member *sorted = memory_zeroed(count, sizeof(*sorted));
	auto_free uint32_t *shares = memory_zeroed(count, sizeof(*shares));
	auto_free struct wish *wishes = memory_zeroed(size, sizeof(*wishes));
	uint32_t sharing = table_members_sort(members, count, sorted), wished = 0, i, k;

	memset(slots, 0, size * sizeof(*slots));
	if (!sharing)
		return 0;
	table_shares(sorted, sharing, size, shares);
	for (i = 0; i < sharing; i++)
		for (k = 0; k < shares[i]; k++)
			wishes[wished++] = (struct wish){ ((uint64_t)k << 45 | (uint64_t)(i * GOLDEN) << 13) / shares[i], i };
	qsort(wishes, wished, sizeof(*wishes), by_place);
	for (i = 0; i < wished; i++)
		slots[i] = sorted[wishes[i].member].number;
	return sharing < size ? sharing : size;
}
