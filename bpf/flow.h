/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow room, entered only in tracked slots (docs/flows.md): a pin of a living backend decides; who has none gets the
 * slot's current backend if the flow begins, and its previous one if not, and is pinned there. While the pool looks
 * back, pins are looked for under both hashes. Reads and writes the flow table, sets p->backend. A packet is never
 * refused here.
 */
#ifndef BPF_FLOW_H
#define BPF_FLOW_H

#include "pin.h"
#include "schedule.h"

static __always_inline __u64 flow_hash(const struct leat_control *all, const struct packet *p, __u32 grain)
{
	return leat_hash_grain(&all->factors, &p->key, &p->source, packet_is_ipv4(p), p->source_port, grain);
}

/* --- what a packet says ---------------------------------------------------------------------------- */

/* Only a connection's packets do; not a client's flows together, nor UDP. */
static __always_inline bool says_if_it_begins(const struct packet *p, __u32 grain)
{
	return p->tcp_flags && !LEAT_GRAIN_IS_CLIENT(grain);
}

/* A SYN without ACK opens a connection (RFC 9293 3.5). */
static __always_inline bool is_opening(const struct packet *p, __u32 grain)
{
	return says_if_it_begins(p, grain) && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* What says nothing of its age is taken for old until the slot has settled: then what was old has been pinned. */
static __always_inline bool is_new(const struct packet *p, __u32 grain, __u32 slot)
{
	if (p->is_icmp)
		return false; /* an error is about a packet that was sent */
	if (says_if_it_begins(p, grain))
		return is_opening(p, grain);
	return LEAT_SLOT_PREVIOUS(slot) == LEAT_SLOT_CURRENT(slot);
}

static __always_inline __u32 state_after(const struct packet *p, __u32 grain, __u32 before)
{
	if (!says_if_it_begins(p, grain))
		return LEAT_FLOW_STICKY;
	if (p->tcp_flags & (TCP_FIN | TCP_RST))
		return LEAT_FLOW_CLOSING;
	if (is_opening(p, grain))
		return before == LEAT_FLOW_ESTABLISHED ? before : LEAT_FLOW_OPENING;
	return before == LEAT_FLOW_CLOSING ? before : LEAT_FLOW_ESTABLISHED;
}

/* --- pins that are there --------------------------------------------------------------------------- */

static __always_inline bool backend_lives(__u32 number, __u32 pool)
{
	const struct leat_backend *backend = bpf_map_lookup_elem(&backends, &number);

	return backend && READ_ONCE(backend->lives) && backend->pool == pool;
}

/* A SYN on a connection that is closing opens another one with the same ports. */
static __always_inline bool is_next(const struct packet *p, __u32 grain, __u64 word)
{
	return is_opening(p, grain) && LEAT_FLOW_STATE(word) == LEAT_FLOW_CLOSING;
}

/* Whether the pin is the packet's flow's: the next one goes where new flows go, not to who may be draining. */
static __always_inline bool pin_decides(const struct packet *p, __u64 key, __u32 grain, __u64 word)
{
	return !is_next(p, grain, word) && LEAT_FLOW_IS(word, key) && backend_lives(LEAT_FLOW_BACKEND(word), p->pool);
}

/* Only what the flow's client sends is remembered. */
static __always_inline bool leaves_trace(const struct packet *p)
{
	return !explaining && !p->is_icmp;
}

/* Written once a tick of the clock, not for every packet. Lost to another CPU's write: that one saw the flow, too. */
static __always_inline void pin_hit(const struct packet *p, __u32 grain, __u64 *pin, __u64 word, __u32 clock)
{
	__u32 state = state_after(p, grain, LEAT_FLOW_STATE(word));
	__u64 now = LEAT_FLOW_WORD(word, LEAT_FLOW_BACKEND(word), state, clock);

	if (now != word && leaves_trace(p))
		__sync_val_compare_and_swap(pin, word, now);
	flow_count(LEAT_FLOW_HIT);
}

/* --- looking back ---------------------------------------------------------------------------------- */

/* Whether what was hashed before tells apart flows of this packet's kind that now are one. */
static __always_inline bool was_finer(const struct packet *p, __u64 hashed)
{
	return leat_grain_is_finer(LEAT_HASHED_BEFORE(hashed), LEAT_HASHED_NOW(hashed), packet_is_ipv4(p));
}

/*
 * The backend of the flow's pin from before the change of what is hashed; 0: none that decides. A finer pin is the flow's as
 * long as the flow lives: it is kept young, and taken out when the flow's ports begin another. A coarser one is others', too:
 * it only says where this one began, and is left to expire.
 */
ROOM __u32 flow_before(struct packet *p, __u64 hashed)
{
	const struct leat_control *all = control_get();
	__u32 grain = LEAT_HASHED_BEFORE(hashed);
	__u64 *pin, word, key;

	if (!p || !all)
		return 0;
	key = LEAT_FLOW_KEY(flow_hash(all, p, grain), grain);
	pin = pin_find(key, all->flow_mask);
	if (!pin)
		return 0;
	word = READ_ONCE(*pin);
	if (!pin_decides(p, key, grain, word)) {
		if (LEAT_FLOW_IS(word, key) && is_next(p, grain, word) && !explaining)
			pin_replace(pin, word, 0);
		return 0;
	}
	if (was_finer(p, hashed))
		pin_hit(p, grain, pin, word, READ_ONCE(all->clock));
	return LEAT_FLOW_BACKEND(word);
}

/* --- who gets the packet --------------------------------------------------------------------------- */

static __always_inline __u32 flow_backend(const struct packet *p, struct leat_pool *pool, __u64 table, __u32 grain, __u32 slot)
{
	if (is_new(p, grain, slot))
		return schedule(pool, table, p->hash, LEAT_SLOT_CURRENT(slot));
	return LEAT_SLOT_PREVIOUS(slot);
}

/* The flow's pin under what is hashed now did not decide, or there is none. */
static __always_inline void flow_pin(const struct packet *p, const struct leat_control *all, __u32 grain, __u64 *pin, __u64 word)
{
	__u64 key = LEAT_FLOW_KEY(p->hash, grain);
	__u32 state = state_after(p, grain, LEAT_FLOW_OPENING);

	if (pin && LEAT_FLOW_IS(word, key) &&
	    pin_replace(pin, word, LEAT_FLOW_WORD(key, p->backend, state, READ_ONCE(all->clock))))
		flow_count(is_opening(p, grain) ? LEAT_FLOW_PINNED : LEAT_FLOW_REPINNED);
	else if (!limit_allows_pin(all))
		flow_count(LEAT_FLOW_UNPINNED);
	else
		pin_make(key, p->backend, state);
}

/* The finer of the two pins that a flow may have while the pool looks back goes first: the other may be of other flows. */
ROOM enum leat_verdict flow_decide(struct packet *p, __u64 table, __u64 hashed, __u32 slot)
{
	const struct leat_control *all = control_get();
	__u32 grain = LEAT_HASHED_NOW(hashed), before = 0;
	bool looks_back = LEAT_HASHED_LOOKS_BACK(hashed);
	struct leat_pool *pool;
	__u64 *pin, key, word;
	__u32 number;

	ROOM_ENTER(p);
	key = LEAT_FLOW_KEY(p->hash, grain);
	number = p->pool; /* Linux 6.1 takes no key from an argument's memory */
	pool = bpf_map_lookup_elem(&pools, &number);
	if (!all || !pool)
		return LEAT_NO_BACKEND; /* cannot be */
	if (looks_back && was_finer(p, hashed)) {
		p->backend = flow_before(p, hashed);
		if (p->backend)
			return LEAT_NEXT;
	}
	pin = pin_find(key, all->flow_mask);
	word = pin ? READ_ONCE(*pin) : 0;
	if (pin && pin_decides(p, key, grain, word)) {
		p->backend = LEAT_FLOW_BACKEND(word);
		pin_hit(p, grain, pin, word, READ_ONCE(all->clock));
		return LEAT_NEXT;
	}
	if (looks_back && !was_finer(p, hashed) && !is_opening(p, grain))
		before = flow_before(p, hashed);
	p->backend = before ?: flow_backend(p, pool, table, grain, slot) ?: LEAT_SLOT_CURRENT(slot);
	if (p->backend && leaves_trace(p))
		flow_pin(p, all, grain, pin, word);
	return LEAT_NEXT;
}

#endif
