/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a flow that begins goes, in a pool whose scheduler does not choose by hash: docs/config.md, "Schedulers". Those that
 * draw may take whoever owns a slot; the model goes on from what the program took.
 */
#include <stdlib.h>

#include "reference/model.h"

static const struct reference_member *member_of(const struct reference *r, unsigned int backend)
{
	const struct backend *b = &r->backends[backend];

	return &r->config->pools[b->pool].members[b->member];
}

static bool owns_slot(const struct past *past, unsigned int backend)
{
	uint32_t i;

	for (i = 0; i < past->size; i++)
		if (past->slots[i].current == backend)
			return true;
	return false;
}

/* --- in turn -------------------------------------------------------------------------------------- */

static unsigned int in_turn(struct past *past)
{
	REACH(CHOICE_TURN);
	return past->slots[past->turn++ % past->size].current;
}

/* --- the least loaded ------------------------------------------------------------------------------- */

/* Its load, if it got one connection more, against another's: below, equal or above 0. */
static int compare_load(const struct reference *r, unsigned int a, unsigned int b)
{
	uint64_t weight_a = member_of(r, a)->weight ? member_of(r, a)->weight : 1;
	uint64_t weight_b = member_of(r, b)->weight ? member_of(r, b)->weight : 1;
	uint64_t load_a = (r->backends[a].flows + 1) * weight_b, load_b = (r->backends[b].flows + 1) * weight_a;

	return load_a < load_b ? -1 : load_a > load_b;
}

/* Those that own slots, by number: how many. */
static unsigned int list_owners(const struct reference *r, unsigned int pool, unsigned int *ret)
{
	unsigned int count = 0, i, at;

	for (i = 1; i < r->backend_count; i++) {
		if (!r->backends[i].is_there || r->backends[i].pool != pool || !owns_slot(&r->pools[pool], i))
			continue;
		for (at = count++; at && member_of(r, ret[at - 1])->number > member_of(r, i)->number; at--)
			ret[at] = ret[at - 1];
		ret[at] = i;
	}
	return count;
}

/* Equals: the first from a place on that the hash's low half names. */
static unsigned int least_loaded(const struct reference *r, unsigned int pool, uint64_t hash)
{
	unsigned int *owners = reference_memory(r->config->pools[pool].member_count, sizeof(*owners));
	unsigned int count = list_owners(r, pool, owners), start = leat_hash_slot(hash << 32, count), best = 0, i;

	for (i = 0; i < count; i++) {
		unsigned int owner = owners[(start + i) % count];

		if (!best || compare_load(r, owner, best) < 0)
			best = owner;
		else if (!compare_load(r, owner, best))
			REACH(CHOICE_LEAST_EQUAL);
	}
	if (count > 1)
		REACH(CHOICE_LEAST);
	free(owners);
	return best;
}

/* --- drawn ------------------------------------------------------------------------------------------ */

/* Any owner of a slot will do: the program's, else the first. */
static unsigned int drawn(const struct reference *r, unsigned int pool, uint64_t hash, unsigned int owner)
{
	const struct reference_config *config = r->config;
	uint32_t chosen = config->chosen ? config->chosen(config->context, pool, hash) : REFERENCE_NONE;
	unsigned int i;

	for (i = 1; i < r->backend_count; i++)
		if (r->backends[i].is_there && r->backends[i].pool == pool && r->backends[i].member == chosen &&
		    owns_slot(&r->pools[pool], i))
			return i;
	return owner;
}

unsigned int reference_schedule(struct reference *r, unsigned int pool, uint64_t hash, unsigned int owner)
{
	switch (r->config->pools[pool].scheduler) {
	case REFERENCE_TURN:
		return in_turn(&r->pools[pool]);
	case REFERENCE_LEAST:
		return least_loaded(r, pool, hash);
	case REFERENCE_RANDOM:
		REACH(CHOICE_RANDOM);
		return drawn(r, pool, hash, owner);
	case REFERENCE_TWO:
		REACH(CHOICE_TWO);
		return drawn(r, pool, hash, owner);
	case REFERENCE_LATENCY:
		REACH(CHOICE_LATENCY);
		return drawn(r, pool, hash, owner);
	default:
		return owner;
	}
}
