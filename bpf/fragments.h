/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments (RFC 791, RFC 8200 4.5). A first one has ports and goes where its flow goes; where that is, is remembered by what all
 * fragments of the datagram have in common. A later one goes there too, and counts for the same service; before its first one,
 * or long after, it is for nobody. Entered by fragments only, before and after the backend is chosen.
 *
 * Reads the control record, the service and the backend; writes `fragments` and nothing else. A flood of first fragments drives
 * out what is remembered of others, the oldest first, and that is all that it can do.
 */
#ifndef BPF_FRAGMENTS_H
#define BPF_FRAGMENTS_H

#include "flow.h"
#include "service.h"

static __always_inline __u64 datagram_hash(const struct leat_control *all, const struct packet *p)
{
	return leat_hash_datagram(&all->factors, &p->key.addr, &p->source, packet_is_ipv4(p) ? p->protocol : 0, p->identification);
}

/* What the outer headers of all fragments between two hosts vary by: they have one way, and stay in order. */
static __always_inline __u64 hosts_hash(const struct leat_control *all, const struct packet *p)
{
	return leat_hash_datagram(&all->factors, &p->key.addr, &p->source, 0, 0);
}

/* The set of the datagram with this hash. */
static __always_inline struct leat_fragment_set *fragment_set(__u64 hash, __u32 sets)
{
	__u32 number = LEAT_FRAGMENT_SET(hash, sets);

	return bpf_map_lookup_elem(&fragments, &number);
}

/* What is remembered of the datagram; 0: nothing. */
static __always_inline __u64 fragment_word(__u64 hash, __u32 sets, __u32 clock)
{
	const struct leat_fragment_set *set = fragment_set(hash, sets);
	__u64 word;
	__u32 i;

	if (!set)
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_FRAGMENT_WAYS; i++) {
		word = READ_ONCE(set->word[i]);
		if (word && LEAT_FRAGMENT_IS(word, hash) && LEAT_FRAGMENT_AGE(word, clock) <= LEAT_FRAGMENT_TIMEOUT)
			return word;
	}
	return 0;
}

/* Sets what find_service and choose_backend set of packets with ports. */
static __always_inline enum leat_verdict fragment_later(struct packet *p, const struct leat_control *all, __u32 sets)
{
	__u64 word = fragment_word(datagram_hash(all, p), sets, LEAT_FRAGMENT_CLOCK(bpf_ktime_get_ns()));
	__u32 number = LEAT_FRAGMENT_SERVICE(word);
	const struct leat_service *service = bpf_map_lookup_elem(&services, &number);

	/* A number that means another service by now has another pool, or counts for a neighbour. */
	if (!word || !service || !backend_lives(LEAT_FRAGMENT_BACKEND(word), READ_ONCE(service->pool)))
		return LEAT_FRAGMENT_UNKNOWN;
	service_take(p, number, service);
	p->backend = LEAT_FRAGMENT_BACKEND(word);
	p->hash = hosts_hash(all, p);
	return LEAT_NEXT;
}

/* Before the backend is chosen: later fragments have one when they leave this room. */
ROOM enum leat_verdict fragment_follow(struct packet *p)
{
	const struct leat_control *all = control_get();
	__u32 sets;

	ROOM_ENTER(p);
	sets = all ? READ_ONCE(all->fragment_sets) : 0;
	if (!all || !sets || p->is_icmp)
		return LEAT_FRAGMENT;
	return p->fragment == FRAGMENT_LATER ? fragment_later(p, all, sets) : LEAT_NEXT;
}

/*
 * How gladly a word is given up for the datagram with this hash: first its own, then a free one (no service), then the oldest.
 * Computed: as branches the verifier would follow every way through all eight.
 */
static __always_inline __u32 fragment_worth(__u64 word, __u64 hash, __u32 clock)
{
	__u64 differs = LEAT_FRAGMENT_FINGERPRINT(word ^ hash), service = LEAT_FRAGMENT_SERVICE(word);

	barrier_var(differs);
	barrier_var(service);
	return ((differs - 1) >> 63) * 2 * LEAT_FRAGMENT_AGES + ((service - 1) >> 63) * LEAT_FRAGMENT_AGES +
	       LEAT_FRAGMENT_AGE(word, clock);
}

static __always_inline void fragment_put(__u64 hash, __u32 sets, __u64 new)
{
	struct leat_fragment_set *set = fragment_set(hash, sets);
	__u32 best = 0, this, i;

	if (!set)
		return;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_FRAGMENT_WAYS; i++) {
		this = fragment_worth(READ_ONCE(set->word[i]), hash, (__u32)new) << 3 | i;
		best = this > best ? this : best;
	}
	*(volatile __u64 *)&set->word[best & (LEAT_FRAGMENT_WAYS - 1)] = new;
}

ROOM enum leat_verdict fragment_remember(struct packet *p)
{
	const struct leat_control *all = control_get();
	__u32 sets;
	__u64 hash;

	ROOM_ENTER(p);
	sets = all ? READ_ONCE(all->fragment_sets) : 0;
	if (!all || !sets)
		return LEAT_FRAGMENT; /* switched off since it came in */
	hash = datagram_hash(all, p);
	if (p->backend && !explaining)
		fragment_put(hash, sets,
			     LEAT_FRAGMENT_WORD(hash, p->service, p->backend, LEAT_FRAGMENT_CLOCK(bpf_ktime_get_ns())));
	p->hash = hosts_hash(all, p);
	return LEAT_NEXT;
}

/* After the backend is chosen. */
static __always_inline enum leat_verdict remember_fragment(struct packet *p)
{
	return unlikely(p->fragment == FRAGMENT_FIRST) ? fragment_remember(p) : LEAT_NEXT;
}

#endif
