/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Weighted Maglev, in two steps, both exact and in integers, so that all nodes compute one table.
 *
 * 1. How many slots each member gets: table_shares(). So balance is not a matter of luck.
 * 2. Which ones. As in Maglev every member has its own permutation of the slots, drawn from its address, and
 *    visits the slots in that order. Its k-th visit has a time, the k-th order statistic of `size`
 *    exponential variables of rate `weight`; a slot belongs to the earliest visitor who still needs slots.
 *
 * Maglev proper lets members take turns, and in a turn a member goes on until it finds a free slot: one member
 * less, and everybody's turns come out differently from the middle on. Here a visit's time depends on
 * nothing but that member, as in rendezvous hashing, so only what the numbers of slots force is
 * handed on: half as many needless moves (docs/tables.md has the figures). Why exponential: the earliest
 * of several is member i's with probability weight_i / sum of the weights, so the natural shares are
 * already the wanted ones.
 *
 * The earliest visitor with need is found without sorting visits: members visit in any order; a slot changes
 * hands when an earlier visit arrives; whoever lost a slot goes on visiting. This is Gale and Shapley's
 * deferred acceptance, whose result does not depend on the order of proposals. It makes about
 * size * ln(size) visits, and ends since a member that visited all slots leaves none without owner.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "model/table_shares.h"

#define NOBODY UINT32_MAX

struct visitor {
	struct table_member member;
	uint32_t quota, owned;
	uint32_t visits;   /* made so far */
	uint32_t at, skip; /* the next slot to visit, and the step from one to the next */
	uint64_t pace;     /* 2^32 / weight */
};

struct building {
	uint32_t size;
	struct visitor *visitors; /* those with weight, by address */
	uint32_t count;
	uint32_t *owners; /* of each slot: index of visitor, or NOBODY */
	uint64_t *times;  /* and when it came */
	uint32_t *clock;  /* time of the k-th visit at weight 1, in units of 2^-28 */
};

static void visitor_start(struct visitor *v, const struct leat_factors *f, uint32_t size)
{
	const struct leat_addr *addr = &v->member.addr;

	v->at = leat_hash_slot(leat_hash_mix(addr->half[0] * f->word[0] + addr->half[1] * f->word[1]), size);
	v->skip = 1 + leat_hash_slot(leat_hash_mix(addr->half[0] * f->word[2] + addr->half[1] * f->word[3]), size - 1);
	v->pace = (1ull << 32) / v->member.weight;
}

static void visitors_gather(struct building *b, const struct table_member *members, unsigned int count, uint64_t seed)
{
	auto_free struct table_member *sorted = memory_zeroed(count, sizeof(*sorted));
	auto_free uint32_t *shares = memory_zeroed(count, sizeof(*shares));
	struct leat_factors factors;
	uint32_t i;

	b->count = table_members_sort(members, count, sorted);
	table_shares(sorted, b->count, b->size, shares);
	leat_factors_from_seed(seed, &factors);
	for (i = 0; i < b->count; i++) {
		b->visitors[i].member = sorted[i];
		b->visitors[i].quota = shares[i];
		visitor_start(&b->visitors[i], &factors, b->size);
	}
}

/* --- which ones --------------------------------------------------------------------------------- */

/* The k-th of n exponential variables of rate 1, in order, is 1/n + 1/(n-1) + ... + 1/(n-k+1) on average. */
static void clock_set(uint32_t *clock, uint32_t size)
{
	uint64_t sum = 0;
	uint32_t k;

	for (k = 0; k < size; k++) {
		sum += (1ull << 44) / (size - k);
		clock[k] = sum >> 16; /* at most 12.4 * 2^28 for the largest size: fits */
	}
}

/* True if the visit wins the slot. Equal times: the lower address. */
static bool is_earlier(const struct building *b, uint32_t slot, uint64_t time, uint32_t visitor)
{
	return time < b->times[slot] || (time == b->times[slot] && visitor < b->owners[slot]);
}

/* Visits until the visitor owns its quota. Losers that were content until now are put on the waiting list. */
static void visit(struct building *b, uint32_t visitor, uint32_t *waiting, uint32_t *waiting_count)
{
	struct visitor *v = &b->visitors[visitor];

	while (v->owned < v->quota) {
		uint32_t slot = v->at, loser = b->owners[slot];
		uint64_t time = b->clock[v->visits++] * v->pace;

		v->at = slot >= b->size - v->skip ? slot - (b->size - v->skip) : slot + v->skip;
		if (!is_earlier(b, slot, time, visitor))
			continue;
		b->owners[slot] = visitor;
		b->times[slot] = time;
		v->owned++;
		if (loser != NOBODY && b->visitors[loser].owned-- == b->visitors[loser].quota)
			waiting[(*waiting_count)++] = loser;
	}
}

static void slots_assign(struct building *b)
{
	auto_free uint32_t *waiting = memory_zeroed(b->count, sizeof(*waiting));
	uint32_t waiting_count = 0, i;

	memset(b->owners, 0xff, b->size * sizeof(*b->owners));
	memset(b->times, 0xff, b->size * sizeof(*b->times));
	clock_set(b->clock, b->size);
	for (i = 0; i < b->count; i++)
		if (b->visitors[i].quota)
			waiting[waiting_count++] = i;
	while (waiting_count)
		visit(b, waiting[--waiting_count], waiting, &waiting_count);
}

unsigned int table_build(uint32_t *slots, uint32_t size, const struct table_member *members, unsigned int count,
			 uint64_t seed)
{
	auto_free struct visitor *visitors = memory_zeroed(count, sizeof(*visitors));
	auto_free uint32_t *owners = memory_zeroed(size, sizeof(*owners));
	auto_free uint64_t *times = memory_zeroed(size, sizeof(*times));
	auto_free uint32_t *clock = memory_zeroed(size, sizeof(*clock));
	struct building b = { .size = size, .visitors = visitors, .owners = owners, .times = times, .clock = clock };
	uint32_t i;

	visitors_gather(&b, members, count, seed);
	if (!b.count) {
		memset(slots, 0, size * sizeof(*slots));
		return 0;
	}
	slots_assign(&b);
	for (i = 0; i < size; i++)
		slots[i] = visitors[owners[i]].member.number;
	return b.count < size ? b.count : size;
}

bool table_size_is_valid(uint32_t size)
{
	uint32_t i;

	if (size < LEAT_TABLE_SIZE_MIN || size > LEAT_TABLE_SIZE_MAX)
		return false;
	for (i = 2; i * i <= size; i++)
		if (size % i == 0)
			return false;
	return true;
}
