/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins in the flow table: finding, refreshing, making. Part of the flow room. A word is replaced by compare-and-swap only,
 * and who replaced it accounts for it, so that a backend's `connections` are the pins that name it.
 */
#ifndef BPF_PIN_H
#define BPF_PIN_H

#include "limit.h"

#define PIN_TRIES 3 /* of two CPUs that want one place, one looks again */

static __always_inline void flow_count(enum leat_flow_event event)
{
	__u32 index = bpf_get_smp_processor_id() * LEAT_FLOW_EVENTS_MAX + event;
	__u64 *counter = bpf_map_lookup_elem(&flow_counters, &index);

	if (counter)
		++*counter;
}

static __always_inline void connections_add(__u32 backend, __s32 change)
{
	struct leat_load *load = bpf_map_lookup_elem(&loads, &backend);

	if (load && backend)
		__sync_fetch_and_add(&load->connections, change);
}

/* Puts `new` in the place of `old`; false if somebody was quicker. */
static __always_inline bool pin_replace(__u64 *word, __u64 old, __u64 new)
{
	if (__sync_val_compare_and_swap(word, old, new) != old)
		return false;
	if (LEAT_FLOW_BACKEND(old) != LEAT_FLOW_BACKEND(new)) {
		connections_add(LEAT_FLOW_BACKEND(old), -1);
		connections_add(LEAT_FLOW_BACKEND(new), 1);
	}
	return true;
}

static __always_inline __u64 *pin_in_set(__u32 number, __u64 key)
{
	struct leat_flow_set *set = bpf_map_lookup_elem(&flows, &number);
	__u64 word;
	__u32 i;

	if (!set)
		return NULL;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_FLOW_WAYS; i++) {
		word = READ_ONCE(set->word[i]);
		if (LEAT_FLOW_IS(word, key) && LEAT_FLOW_BACKEND(word))
			return &set->word[i];
	}
	return NULL;
}

/* The pin with this key; NULL: none. */
static __always_inline __u64 *pin_find(__u64 key, __u32 mask)
{
	return pin_in_set(LEAT_FLOW_SET_FIRST(key, mask), key) ?: pin_in_set(LEAT_FLOW_SET_SECOND(key, mask), key);
}

/* --- making one ---------------------------------------------------------------------------------- */

/*
 * How gladly a word is given up:  what has expired (EXPIRED and more), the oldest of those that are only opening or
 * closing (SHORT and more: neither a flood of SYNs nor what has ended while no daemon sweeps drives out what is
 * established), the oldest.
 */
#define WORTH_SHORT   LEAT_FLOW_AGES
#define WORTH_EXPIRED (2 * LEAT_FLOW_AGES)

ROOM __u32 word_worth(__u64 word)
{
	const struct leat_control *all = control_get();
	__u32 state = LEAT_FLOW_STATE(word), age;

	if (!all)
		return 0;
	age = LEAT_FLOW_AGE(word, READ_ONCE(all->clock));
	if (!LEAT_FLOW_BACKEND(word))
		return WORTH_EXPIRED + LEAT_FLOW_AGES;
	if (age > all->timeout[state])
		return WORTH_EXPIRED + age;
	return age + (state == LEAT_FLOW_OPENING || state == LEAT_FLOW_CLOSING ? WORTH_SHORT : 0);
}

/* The way of a set that is given up most gladly:  worth:29 | way:3. */
ROOM __u32 set_victim(__u32 number)
{
	struct leat_flow_set *set = bpf_map_lookup_elem(&flows, &number);
	__u32 best = 0, this, i;

	if (!set)
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_FLOW_WAYS; i++) {
		this = word_worth(READ_ONCE(set->word[i])) << 3 | i;
		best = this > best ? this : best;
	}
	return best;
}

static __always_inline bool is_free(__u32 victim)
{
	return victim >> 3 >= WORTH_EXPIRED;
}

static __always_inline __u64 *set_word(__u32 number, __u32 victim)
{
	struct leat_flow_set *set = bpf_map_lookup_elem(&flows, &number);

	return set ? &set->word[victim & (LEAT_FLOW_WAYS - 1)] : NULL;
}

/*
 * Makes room in a full set: one of its pins gets a copy in its own other set, and its place is free. Answers like set_victim();
 * 0: none of those sets has room. A sweeper's pass goes upwards, and never misses a pin that moves upwards. Others are counted.
 */
ROOM __u32 set_make_room(__u32 number, __u32 is_upwards)
{
	struct leat_control *all = control_get();
	__u64 *from, *to, word;
	__u32 i, other, victim;

	if (!all)
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_FLOW_WAYS; i++) {
		from = set_word(number, i);
		if (!from)
			return 0;
		word = READ_ONCE(*from);
		other = LEAT_FLOW_SET_OTHER(word, number, all->flow_mask);
		if (is_upwards && other < number)
			continue;
		victim = set_victim(other);
		to = set_word(other, victim);
		if (!to || !is_free(victim))
			continue;
		if (other < number)
			__sync_fetch_and_add(&all->moves, 1); /* before the pin is out of the pass's way */
		if (pin_replace(to, READ_ONCE(*to), word))
			return WORTH_EXPIRED << 3 | i;
	}
	return 0;
}

struct place {
	__u32 set, victim; /* as set_victim() answers */
};

/* In the first set if there is room, else in the second, else where room can be made, else in the place of the least worth. */
static __always_inline struct place place_find(__u32 first, __u32 second)
{
	struct place a = {first, set_victim(first)}, b = {second, 0};
	__u32 made, way;

	if (is_free(a.victim))
		return a;
	b.victim = set_victim(second);
	if (is_free(b.victim))
		return b;
#pragma clang loop unroll(disable)
	for (way = 0; way < 4; way++) {
		made = set_make_room(way & 1 ? second : first, way < 2);
		if (made)
			return (struct place){way & 1 ? second : first, made};
	}
	return b.victim > a.victim ? b : a;
}

ROOM int pin_make(__u64 key, __u32 backend, __u32 state)
{
	const struct leat_control *all = control_get();
	__u32 try, first, second;
	struct place place;
	__u64 *word, old;

	if (!all)
		return 0;
	first = LEAT_FLOW_SET_FIRST(key, all->flow_mask);
	second = LEAT_FLOW_SET_SECOND(key, all->flow_mask);
	for (try = 0; try < PIN_TRIES; try++) {
		place = place_find(first, second);
		word = set_word(place.set, place.victim);
		if (!word)
			return 0;
		old = READ_ONCE(*word);
		if (!pin_replace(word, old, LEAT_FLOW_WORD(key, backend, state, READ_ONCE(all->clock))))
			continue;
		flow_count(LEAT_FLOW_PINNED);
		if (!is_free(place.victim))
			flow_count(LEAT_FLOW_EVICTED);
		return 1;
	}
	return 0;
}

#endif
