/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other policies, plainly: the table alone (Maglev with leat's own tables); every flow remembered in an LRU with the table
 * for those not in it (Katran: 100 bytes a flow, as many as leat's flow table has bytes for); JET (Mendelson et al., 2020: only
 * flows that a backend known to be able to come back would take are remembered, in an LRU of the same size).
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "bench/pcc.h"
#include "model/table.h"

#define LRU_FLOW_BYTES 100

/* --- tables --------------------------------------------------------------------------------------------- */

/* Owners among members in the table, and with the horizon (JET) those that are down or draining as well. */
static void build(const struct pcc_world *world, bool with_horizon, uint32_t *slots)
{
	auto_free struct table_member *members = memory_zeroed(world->member_count, sizeof(*members));
	unsigned int i, count = 0;

	for (i = 1; i <= world->member_count; i++) {
		const struct pcc_member *m = &world->members[i];

		if (m->state == PCC_UP || (with_horizon && m->state != PCC_ABSENT))
			members[count++] = (struct table_member){ pcc_member_addr(i), m->weight, i };
	}
	table_build(slots, PCC_TABLE, members, count, PCC_SEED);
}

static unsigned int owner(const uint32_t *slots, uint64_t hash)
{
	return LEAT_SLOT_CURRENT(slots[leat_hash_slot(hash, PCC_TABLE)]);
}

/* --- the table alone ---------------------------------------------------------------------------------------- */

static uint32_t now_slots[PCC_TABLE];

static void table_open(const struct pcc_world *world, uint32_t flow_words)
{
}

static void table_change(const struct pcc_world *world)
{
	build(world, false, now_slots);
}

static void table_step(const struct pcc_world *world)
{
}

static unsigned int table_send(const struct pcc_world *world, const struct pcc_packet *packet)
{
	return owner(now_slots, packet->hash);
}

static void table_close(void)
{
}

const struct pcc_policy pcc_table = { "table", table_open, table_change, table_step, table_send, table_close };

/* --- an LRU -------------------------------------------------------------------------------------------------- */

struct entry {
	uint64_t hash; /* 64 bits of it stand for the flow's whole key */
	uint32_t chain, older, newer;
	uint32_t member; /* 0: free */
};

struct lru {
	struct entry *entries; /* from 1 */
	uint32_t *heads, size, used, oldest, newest;
};

static void lru_open(struct lru *l, uint32_t size)
{
	*l = (struct lru){ .size = size };
	l->entries = memory_zeroed(size + 1, sizeof(*l->entries));
	l->heads = memory_zeroed(2 * size, sizeof(*l->heads));
}

static void lru_close(struct lru *l)
{
	free(l->entries);
	free(l->heads);
}

static uint32_t *lru_head(struct lru *l, uint64_t hash)
{
	return &l->heads[(hash * 0x9fb21c651e98df25ull >> 32) * (2 * l->size) >> 32];
}

static void lru_unlink(struct lru *l, uint32_t n)
{
	struct entry *e = &l->entries[n];

	*(e->older ? &l->entries[e->older].newer : &l->oldest) = e->newer;
	*(e->newer ? &l->entries[e->newer].older : &l->newest) = e->older;
}

static void lru_append(struct lru *l, uint32_t n)
{
	struct entry *e = &l->entries[n];

	e->older = l->newest;
	e->newer = 0;
	*(l->newest ? &l->entries[l->newest].newer : &l->oldest) = n;
	l->newest = n;
}

/* The flow's entry, now the newest; NULL: not there. */
static struct entry *lru_find(struct lru *l, uint64_t hash)
{
	uint32_t n = *lru_head(l, hash);

	while (n && l->entries[n].hash != hash)
		n = l->entries[n].chain;
	if (!n)
		return NULL;
	lru_unlink(l, n);
	lru_append(l, n);
	return &l->entries[n];
}

static void lru_add(struct lru *l, uint64_t hash, unsigned int member)
{
	uint32_t n, *link;

	if (l->used < l->size) {
		n = ++l->used;
	} else {
		n = l->oldest;
		lru_unlink(l, n);
		for (link = lru_head(l, l->entries[n].hash); *link != n; link = &l->entries[*link].chain)
			;
		*link = l->entries[n].chain;
	}
	link = lru_head(l, hash);
	l->entries[n] = (struct entry){ .hash = hash, .chain = *link, .member = member };
	*link = n;
	lru_append(l, n);
}

static struct lru all_flows;

static void every_open(const struct pcc_world *world, uint32_t flow_words)
{
	lru_open(&all_flows, flow_words * 8 / LRU_FLOW_BYTES);
}

static unsigned int every_send(const struct pcc_world *world, const struct pcc_packet *packet)
{
	struct entry *e = lru_find(&all_flows, packet->hash);
	unsigned int member = owner(now_slots, packet->hash);

	if (e && pcc_lives(&world->members[e->member]))
		return e->member;
	if (e)
		e->member = member;
	else
		lru_add(&all_flows, packet->hash, member);
	return member;
}

static void every_close(void)
{
	lru_close(&all_flows);
}

const struct pcc_policy pcc_lru = { "lru", every_open, table_step, table_step, every_send, every_close };

/* --- JET ------------------------------------------------------------------------------------------------------- */

static uint32_t horizon_slots[PCC_TABLE];
static struct lru unsafe_flows;

static void jet_open(const struct pcc_world *world, uint32_t flow_words)
{
	lru_open(&unsafe_flows, flow_words * 8 / LRU_FLOW_BYTES);
}

static void jet_change(const struct pcc_world *world)
{
	build(world, true, horizon_slots);
}

static unsigned int jet_send(const struct pcc_world *world, const struct pcc_packet *packet)
{
	struct entry *e = lru_find(&unsafe_flows, packet->hash);
	unsigned int member = owner(now_slots, packet->hash);

	if (e && pcc_lives(&world->members[e->member]))
		return e->member;
	if (e)
		e->member = member;
	else if (member != owner(horizon_slots, packet->hash))
		lru_add(&unsafe_flows, packet->hash, member);
	return member;
}

static void jet_close(void)
{
	lru_close(&unsafe_flows);
}

const struct pcc_policy pcc_jet = { "jet", jet_open, jet_change, table_step, jet_send, jet_close };
