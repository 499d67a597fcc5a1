/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shares of a table by the largest remainder method: see table_shares.h. */
#include <stdlib.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/table_shares.h"

static int by_address(const void *a, const void *b)
{
	const struct table_member *x = a, *y = b;

	return addr_compare(&x->addr, &y->addr);
}

uint32_t table_members_sort(const struct table_member *members, unsigned int count, struct table_member *ret)
{
	uint32_t kept = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (members[i].weight)
			ret[kept++] = members[i];
	qsort(ret, kept, sizeof(*ret), by_address);
	return kept;
}

/* A member's claim: its weight, later the remainder of its share. Greater first; equals by address. */
struct claim {
	uint64_t value;
	uint32_t member;
};

static int by_claim(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x->member < y->member ? -1 : 1;
}

/*
 * From the lightest up: whoever's share of what is left is under one slot gets one. Taking one such away only
 * makes the others' shares smaller, so the first that deserves a slot of its own ends the search.
 * Returns how many of the claims, which are sorted by weight, remain.
 */
static uint32_t shares_of_the_light(const struct claim *claims, uint32_t remaining, uint64_t *slots, uint64_t *weight,
				    uint32_t *ret)
{
	while (remaining && claims[remaining - 1].value * *slots < *weight) {
		remaining--;
		ret[claims[remaining].member] = 1;
		*weight -= claims[remaining].value;
		*slots -= 1;
	}
	return remaining;
}

void table_shares(const struct table_member *members, uint32_t count, uint32_t size, uint32_t *ret)
{
	auto_free struct claim *claims = memory_zeroed(count, sizeof(*claims));
	uint64_t weight = 0, slots = size, given = 0;
	uint32_t remaining, i;

	for (i = 0; i < count; i++) {
		claims[i] = (struct claim){ members[i].weight, i };
		ret[i] = 0;
	}
	qsort(claims, count, sizeof(*claims), by_claim);
	remaining = count < size ? count : size; /* more members than slots: the lightest get none */
	for (i = 0; i < remaining; i++)
		weight += claims[i].value;
	remaining = shares_of_the_light(claims, remaining, &slots, &weight, ret);
	for (i = 0; i < remaining; i++) {
		uint32_t share = claims[i].value * slots / weight;

		ret[claims[i].member] = share;
		claims[i].value = claims[i].value * slots % weight;
		given += share;
	}
	qsort(claims, remaining, sizeof(*claims), by_claim);
	for (i = 0; given + i < slots && i < remaining; i++)
		ret[claims[i].member]++;
}
