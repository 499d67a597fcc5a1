/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fourth room: which backend gets the flow? The flow's hash picks a slot of the pool's table, the slot
 * names the backend; only where the slot is tracked, the flow room is asked. Before that, where the service looks
 * for them, the connection ids of QUIC are. The backend's way in use says how to get there. Reads maps; writes flows only.
 */
#ifndef BPF_SELECT_H
#define BPF_SELECT_H

#include "flow.h"
#include "quic.h"
#include "table.h"

/* By the pool's table; sets p->backend, 0: nobody. */
static __always_inline enum leat_verdict choose_by_table(struct packet *p, __u64 table, __u64 hashed)
{
	__u32 slot;

	if (!LEAT_TABLE_SIZE(table))
		return LEAT_NO_BACKEND;
	slot = table_word(table, leat_hash_slot(p->hash, LEAT_TABLE_SIZE(table)));
	p->backend = LEAT_SLOT_CURRENT(slot);
	if (unlikely(LEAT_SLOT_TRACKED(slot)) && (p->tcp_flags || p->is_sticky))
		TRY(flow_decide(p, table, hashed, slot));
	return LEAT_NEXT;
}

static __always_inline enum leat_verdict choose_backend(struct xdp_md *ctx, struct packet *p)
{
	const struct leat_control *all = control_get();
	const struct leat_pool *pool = bpf_map_lookup_elem(&pools, &p->pool);
	__u64 table, hashed;

	if (unlikely(p->backend)) /* a later fragment's is known */
		return LEAT_NEXT;
	if (!all || !pool)
		return LEAT_NO_BACKEND;
	/* Each by one load: no packet sees the offset of one table and the size of another. */
	table = READ_ONCE(pool->table);
	hashed = READ_ONCE(pool->hashed);
	p->hash = flow_hash(all, p, LEAT_HASHED_NOW(hashed));
	if (unlikely(p->quic) && !p->is_icmp) /* an error quotes an id of the client's */
		p->backend = quic_backend(ctx, p);
	return p->backend ? LEAT_NEXT : choose_by_table(p, table, hashed);
}

/* The way in use of the backend that was chosen. After it no ROOM may have p: the verifier would forget that p->way is a pointer. */
static __always_inline enum leat_verdict find_way(struct packet *p)
{
	const struct leat_backend *backend = bpf_map_lookup_elem(&backends, &p->backend);

	if (!p->backend || !backend)
		return LEAT_NO_BACKEND;
	p->way = &backend->ways[READ_ONCE(backend->active) & 1];
	p->out = p->way->ifindex;
	return p->out ? LEAT_NEXT : LEAT_BACKEND_UNRESOLVED;
}

#endif
