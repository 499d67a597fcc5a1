/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool's table as docs/tables.md defines it: first how many slots each member gets, then all visits heard
 * in the order of their times, each taking its slot if that is free and the visitor still needs one. A heap
 * holds every member's next visit, so that only as many are made as it takes to fill the table.
 */
#include <stdlib.h>
#include <string.h>

#include "reference/model.h"

struct visitor {
	int member; /* index in the pool */
	struct leat_addr addr;
	uint64_t weight;
	uint64_t quota, owned;
	uint64_t remainder;  /* of its share, where the share is shared out by remainders */
	bool is_settled;     /* its quota is known */
	uint32_t slot, step; /* of the next visit, and from one to the next */
	uint32_t visits;     /* made so far */
	uint64_t time;       /* of the next visit */
};

struct table {
	uint32_t size;
	struct visitor *visitors; /* by address */
	unsigned int count;
	unsigned int *heap; /* visitors, the one with the earliest visit first */
	unsigned int heap_count;
	uint64_t *clock; /* of the k-th visit at weight 1 */
};

static void *array(size_t count, size_t size)
{
	void *p = calloc(count + 1, size);

	if (!p)
		abort();
	return p;
}

static int by_address(const void *a, const void *b)
{
	const struct visitor *x = a, *y = b;

	return memcmp(&x->addr, &y->addr, sizeof(x->addr));
}

static void gather(struct table *t, const struct reference_pool *pool)
{
	unsigned int i;

	t->visitors = array(pool->member_count, sizeof(*t->visitors));
	for (i = 0; i < pool->member_count; i++) {
		const struct reference_member *m = &pool->members[i];

		if (m->is_in_table && m->weight)
			t->visitors[t->count++] =
				(struct visitor){.member = i, .addr = m->addr, .weight = m->weight};
	}
	qsort(t->visitors, t->count, sizeof(*t->visitors), by_address);
}

/* --- how many ----------------------------------------------------------------------------------- */

/* More members than slots: the lightest go without; of equals the one with the higher address. */
static void settle_those_without(struct table *t)
{
	unsigned int left, i;

	for (left = t->count; left > t->size; left--) {
		struct visitor *lightest = NULL;

		for (i = 0; i < t->count; i++)
			if (!t->visitors[i].is_settled &&
			    (!lightest || t->visitors[i].weight <= lightest->weight))
				lightest = &t->visitors[i];
		lightest->is_settled = true;
	}
}

/* Whose share of what is left is under one slot gets one; until there is nobody like that. */
static void settle_the_light(struct table *t, uint64_t *slots, uint64_t *weight)
{
	bool changed = true;
	unsigned int i;

	while (changed) {
		changed = false;
		for (i = 0; i < t->count; i++) {
			struct visitor *v = &t->visitors[i];

			if (v->is_settled || v->weight * *slots >= *weight)
				continue;
			v->quota = 1;
			v->is_settled = changed = true;
			*slots -= 1;
			*weight -= v->weight;
		}
	}
}

/* One more slot each for the largest remainders; of equals the lower address first. */
static void settle_remainders(struct table *t, uint64_t slots)
{
	while (slots--) {
		struct visitor *largest = NULL;
		unsigned int i;

		for (i = 0; i < t->count; i++)
			if (!t->visitors[i].is_settled &&
			    (!largest || t->visitors[i].remainder > largest->remainder))
				largest = &t->visitors[i];
		largest->quota++;
		largest->is_settled = true;
	}
}

static void settle_quotas(struct table *t)
{
	uint64_t slots = t->size, weight = 0, given = 0;
	unsigned int i;

	settle_those_without(t);
	for (i = 0; i < t->count; i++)
		if (!t->visitors[i].is_settled)
			weight += t->visitors[i].weight;
	settle_the_light(t, &slots, &weight);
	for (i = 0; i < t->count; i++) {
		struct visitor *v = &t->visitors[i];

		if (v->is_settled)
			continue;
		v->quota = v->weight * slots / weight;
		v->remainder = v->weight * slots % weight;
		given += v->quota;
	}
	if (weight)
		settle_remainders(t, slots - given);
}

/* --- which ones --------------------------------------------------------------------------------- */

static void wind_clock(struct table *t)
{
	uint64_t sum = 0;
	uint32_t k;

	t->clock = array(t->size, sizeof(*t->clock));
	for (k = 0; k < t->size; k++) {
		sum += (1ull << 44) / (t->size - k);
		t->clock[k] = sum >> 16;
	}
}

static bool is_before(const struct table *t, unsigned int a, unsigned int b)
{
	const struct visitor *x = &t->visitors[a], *y = &t->visitors[b];

	return x->time < y->time || (x->time == y->time && a < b);
}

static void heap_sink(struct table *t, unsigned int at)
{
	for (;;) {
		unsigned int first = at, child, swapped = t->heap[at];

		for (child = 2 * at + 1; child <= 2 * at + 2 && child < t->heap_count; child++)
			if (is_before(t, t->heap[child], t->heap[first]))
				first = child;
		if (first == at)
			return;
		t->heap[at] = t->heap[first];
		t->heap[first] = swapped;
		at = first;
	}
}

static void next_visit(struct table *t, struct visitor *v)
{
	v->slot = ((uint64_t)v->slot + v->step) % t->size;
	v->visits++;
	if (v->visits < t->size)
		v->time = t->clock[v->visits] * ((1ull << 32) / v->weight);
}

static void first_visits(struct table *t, uint64_t seed)
{
	struct leat_factors f;
	unsigned int i;

	leat_factors_from_seed(seed, &f);
	t->heap = array(t->count, sizeof(*t->heap));
	for (i = 0; i < t->count; i++) {
		struct visitor *v = &t->visitors[i];
		const uint64_t a = v->addr.half[0], b = v->addr.half[1];

		v->slot = leat_hash_slot(leat_hash_mix(a * f.word[0] + b * f.word[1]), t->size);
		v->step = 1 + leat_hash_slot(leat_hash_mix(a * f.word[2] + b * f.word[3]), t->size - 1);
		v->time = t->clock[0] * ((1ull << 32) / v->weight);
		if (v->quota)
			t->heap[t->heap_count++] = i;
	}
	for (i = t->heap_count; i-- > 0;)
		heap_sink(t, i);
}

static void make_visits(struct table *t, int *owners)
{
	while (t->heap_count) {
		struct visitor *v = &t->visitors[t->heap[0]];

		if (owners[v->slot] < 0) {
			owners[v->slot] = v->member;
			v->owned++;
		}
		next_visit(t, v);
		if (v->owned == v->quota || v->visits == t->size)
			t->heap[0] = t->heap[--t->heap_count];
		heap_sink(t, 0);
	}
}

/* --- for taking turns ---------------------------------------------------------------------------- */

/*
 * The slots in order: each goes to who wants a place soonest of all that are still wanted. Member i of those by address,
 * with n slots, wants its k-th at (k + phase i) / n of the table, in units of 2^-45.
 */
static void take_turns(struct table *t, int *owners)
{
	uint32_t slot;
	unsigned int i;

	for (slot = 0; slot < t->size; slot++) {
		struct visitor *soonest = NULL;

		for (i = 0; i < t->count; i++) {
			struct visitor *v = &t->visitors[i];

			if (v->owned == v->quota)
				continue;
			v->time = (v->owned << 45 | (uint64_t)(uint32_t)(i * 0x9e3779b1u) << 13) / v->quota;
			if (!soonest || v->time < soonest->time)
				soonest = v;
		}
		if (!soonest)
			return;
		owners[slot] = soonest->member;
		soonest->owned++;
	}
}

int *reference_table_build(const struct reference_pool *pool, uint64_t seed)
{
	struct table t = {.size = pool->table_size};
	int *owners = array(t.size, sizeof(*owners));
	uint32_t i;

	for (i = 0; i < t.size; i++)
		owners[i] = -1;
	gather(&t, pool);
	settle_quotas(&t);
	if (pool->scheduler == REFERENCE_TURN) {
		take_turns(&t, owners);
	} else {
		wind_clock(&t);
		first_visits(&t, seed);
		make_visits(&t, owners);
		free(t.heap);
		free(t.clock);
	}
	free(t.visitors);
	return owners;
}
