/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which backend gets a flow that begins? Part of the flow room: asked only in pools that track all their slots, and once for
 * each flow. Every way but LEAST takes somebody's slot, so weights hold and whoever is not in the table gets nothing.
 */
#ifndef BPF_SCHEDULE_H
#define BPF_SCHEDULE_H

#include "explain.h"
#include "table.h"

/* Less is better; a backend's, if it got one connection more. */
static __always_inline bool is_better(const struct leat_load *a, const struct leat_load *b, bool by_latency)
{
	__u64 costs_a = ((__u64)READ_ONCE(a->connections) + 1) * b->weight;
	__u64 costs_b = ((__u64)READ_ONCE(b->connections) + 1) * a->weight;

	if (by_latency) {
		/* In 16 us: 24 bits of connections and weight each and 16 of latency fit a word. */
		costs_a = costs_a * (a->latency_us / 16 + 1);
		costs_b = costs_b * (b->latency_us / 16 + 1);
	}
	return costs_a < costs_b;
}

static __always_inline __u32 random_owner(__u64 table)
{
	return LEAT_SLOT_CURRENT(table_word(table, leat_hash_slot((__u64)bpf_get_prandom_u32() << 32, LEAT_TABLE_SIZE(table))));
}

/* Two draws and the better of them: close to the least loaded of all, and no herd runs to one (Mitzenmacher 2001). */
static __always_inline __u32 better_of_two(__u64 table, bool by_latency)
{
	__u32 a = random_owner(table), b = random_owner(table);
	const struct leat_load *of_a = bpf_map_lookup_elem(&loads, &a), *of_b = bpf_map_lookup_elem(&loads, &b);

	return of_a && of_b && is_better(of_b, of_a, by_latency) ? b : a;
}

struct least {
	__u64 table;
	__u32 start, members, best;
};

static long least_look(__u32 i, struct least *l)
{
	__u32 at = l->start + i, number;
	const struct leat_load *best, *this;

	at -= at < l->members ? 0 : l->members;
	number = table_word(l->table, LEAT_TABLE_SIZE(l->table) + at);
	best = bpf_map_lookup_elem(&loads, &l->best);
	this = bpf_map_lookup_elem(&loads, &number);
	if (this && (!l->best || (best && is_better(this, best, false))))
		l->best = number;
	return 0;
}

/* Looks at every member, or at as many as LEAT_SCAN_MAX, from a place of its own for each flow: so equals take turns. */
static __always_inline __u32 least_of_all(__u64 table, __u64 hash)
{
	struct least l = {.table = table, .members = LEAT_TABLE_MEMBERS(table)};

	l.start = leat_hash_slot(hash << 32, l.members);
	bpf_loop(l.members < LEAT_SCAN_MAX ? l.members : LEAT_SCAN_MAX, least_look, &l, 0);
	return l.best;
}

static __always_inline __u32 next_in_turn(struct leat_pool *pool, __u64 table)
{
	__u32 turn = explaining ? pool->turn : __sync_fetch_and_add(&pool->turn, 1);

	return LEAT_SLOT_CURRENT(table_word(table, turn % LEAT_TABLE_SIZE(table)));
}

/* Number of the backend; 0: nobody. `owner` is the flow's slot's. */
static __always_inline __u32 schedule(struct leat_pool *pool, __u64 table, __u64 hash, __u32 owner)
{
	switch (pool->scheduler) {
	case LEAT_SCHEDULER_TURN:
		return next_in_turn(pool, table);
	case LEAT_SCHEDULER_RANDOM:
		return random_owner(table);
	case LEAT_SCHEDULER_LEAST:
		return least_of_all(table, hash);
	case LEAT_SCHEDULER_TWO:
		return better_of_two(table, false);
	case LEAT_SCHEDULER_LATENCY:
		return better_of_two(table, true);
	}
	return owner;
}

#endif
