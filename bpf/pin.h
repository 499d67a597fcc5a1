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

static __always_inline __u64 *pin_in_set(__u32 number, __u64 hash)
{
	struct leat_flow_set *set = bpf_map_lookup_elem(&flows, &number);
	__u64 word;
	__u32 i;

	if (!set)
		return NULL;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_FLOW_WAYS; i++) {
		word = READ_ONCE(set->word[i]);
		if (LEAT_FLOW_IS(word, hash) && LEAT_FLOW_BACKEND(word))
			return &set->word[i];
	}
	return NULL;
}

/* The flow's pin; NULL: none. */
static __always_inline __u64 *pin_find(__u64 hash, __u32 mask)
{
	return pin_in_set(LEAT_FLOW_SET_FIRST(hash, mask), hash) ?: pin_in_set(LEAT_FLOW_SET_SECOND(hash, mask), hash);
}

/* --- making one ---------------------------------------------------------------------------------- */

/*
 * How gladly a word is given up:  what has expired (EXPIRED and more), the oldest of those that are only opening
 * (OPENING and more: no flood of SYNs drives out what is established), the oldest.
 */
#define WORTH_OPENING LEAT_FLOW_AGES
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
	return age + (state == LEAT_FLOW_OPENING ? WORTH_OPENING : 0);
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

/* Pins the flow: in its first set if there is room, else in its second, else in the place of the least worth. */
ROOM int pin_make(__u64 hash, __u32 backend, __u32 state)
{
	const struct leat_control *all = control_get();
	__u32 try, first, second, number, victim, other;
	struct leat_flow_set *set;
	__u64 *word, old;

	if (!all)
		return 0;
	first = LEAT_FLOW_SET_FIRST(hash, all->flow_mask);
	second = LEAT_FLOW_SET_SECOND(hash, all->flow_mask);
	for (try = 0; try < PIN_TRIES; try++) {
		number = first;
		victim = set_victim(first);
		if (victim >> 3 < WORTH_EXPIRED) {
			other = set_victim(second);
			if (other > victim) {
				number = second;
				victim = other;
			}
		}
		set = bpf_map_lookup_elem(&flows, &number);
		if (!set)
			return 0;
		word = &set->word[victim & (LEAT_FLOW_WAYS - 1)];
		old = READ_ONCE(*word);
		if (!pin_replace(word, old, LEAT_FLOW_WORD(hash, backend, state, READ_ONCE(all->clock))))
			continue;
		flow_count(LEAT_FLOW_PINNED);
		if (victim >> 3 < WORTH_EXPIRED)
			flow_count(LEAT_FLOW_EVICTED);
		return 1;
	}
	return 0;
}

#endif
