/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow room, entered only in tracked slots (docs/flows.md): a pin of a living backend decides; who has none gets the
 * slot's current backend if the flow begins, and its previous one if not, and is pinned there. Reads and writes the flow
 * table, sets p->backend. A packet is never refused here.
 */
#ifndef BPF_FLOW_H
#define BPF_FLOW_H

#include "pin.h"
#include "schedule.h"

/* A SYN without ACK opens a connection (RFC 9293 3.5); a client's flows together, and UDP, say nowhere that they begin. */
static __always_inline bool is_opening(const struct packet *p, const struct leat_pool *pool)
{
	return p->tcp_flags && pool->port_mask && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* What says nothing of its age is taken for old until the slot has settled: then what was old has been pinned. */
static __always_inline bool is_new(const struct packet *p, const struct leat_pool *pool, __u32 slot)
{
	if (p->tcp_flags && pool->port_mask)
		return is_opening(p, pool);
	return LEAT_SLOT_PREVIOUS(slot) == LEAT_SLOT_CURRENT(slot);
}

static __always_inline __u32 state_after(const struct packet *p, const struct leat_pool *pool, __u32 before)
{
	if (!p->tcp_flags || !pool->port_mask)
		return LEAT_FLOW_STICKY;
	if (p->tcp_flags & (TCP_FIN | TCP_RST))
		return LEAT_FLOW_CLOSING;
	if (is_opening(p, pool))
		return before == LEAT_FLOW_ESTABLISHED ? before : LEAT_FLOW_OPENING;
	return before == LEAT_FLOW_CLOSING ? before : LEAT_FLOW_ESTABLISHED;
}

static __always_inline bool backend_lives(__u32 number, __u32 pool)
{
	const struct leat_backend *backend = bpf_map_lookup_elem(&backends, &number);

	return backend && READ_ONCE(backend->lives) && backend->pool == pool;
}

/*
 * Whether the pin is the packet's flow's. A SYN on a connection that is closing opens another one with the same ports: it goes
 * where new flows go, not to who may be draining.
 */
static __always_inline bool pin_decides(const struct packet *p, const struct leat_pool *pool, __u64 word)
{
	if (is_opening(p, pool) && LEAT_FLOW_STATE(word) == LEAT_FLOW_CLOSING)
		return false;
	return LEAT_FLOW_IS(word, p->hash) && backend_lives(LEAT_FLOW_BACKEND(word), p->pool);
}

/* Written once a tick of the clock, not for every packet. Lost to another CPU's write: that one saw the flow, too. */
static __always_inline void pin_refresh(__u64 *pin, __u64 word, __u32 state, __u32 clock)
{
	__u64 now = LEAT_FLOW_WORD(word, LEAT_FLOW_BACKEND(word), state, clock);

	if (now != word && !explaining)
		__sync_val_compare_and_swap(pin, word, now);
}

static __always_inline __u32 flow_backend(const struct packet *p, struct leat_pool *pool, __u64 table, __u32 slot)
{
	if (is_new(p, pool, slot))
		return schedule(pool, table, p->hash, LEAT_SLOT_CURRENT(slot));
	return LEAT_SLOT_PREVIOUS(slot);
}

ROOM enum leat_verdict flow_decide(struct packet *p, __u64 table, __u32 slot)
{
	const struct leat_control *all = control_get();
	struct leat_pool *pool;
	__u64 *pin, word = 0;
	__u32 number;

	ROOM_ENTER(p);
	number = p->pool; /* Linux 6.1 takes no key from an argument's memory */
	pool = bpf_map_lookup_elem(&pools, &number);
	if (!all || !pool)
		return LEAT_NO_BACKEND; /* cannot be */
	pin = pin_find(p->hash, all->flow_mask);
	if (pin) {
		word = READ_ONCE(*pin);
		if (pin_decides(p, pool, word)) {
			p->backend = LEAT_FLOW_BACKEND(word);
			pin_refresh(pin, word, state_after(p, pool, LEAT_FLOW_STATE(word)), READ_ONCE(all->clock));
			flow_count(LEAT_FLOW_HIT);
			return LEAT_NEXT;
		}
	}
	p->backend = flow_backend(p, pool, table, slot) ?: LEAT_SLOT_CURRENT(slot);
	if (explaining || !p->backend)
		return LEAT_NEXT;
	if (pin && LEAT_FLOW_IS(word, p->hash) &&
	    pin_replace(pin, word, LEAT_FLOW_WORD(p->hash, p->backend, state_after(p, pool, LEAT_FLOW_OPENING), READ_ONCE(all->clock))))
		flow_count(is_opening(p, pool) ? LEAT_FLOW_PINNED : LEAT_FLOW_REPINNED);
	else if (!limit_allows_pin(all))
		flow_count(LEAT_FLOW_UNPINNED);
	else
		pin_make(p->hash, p->backend, state_after(p, pool, LEAT_FLOW_OPENING));
	return LEAT_NEXT;
}

#endif
