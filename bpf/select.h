/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fourth room: which backend gets the flow? The flow's hash picks a slot of the pool's table, the slot
 * names the backend; only where the slot is tracked, the flow room is asked. The backend's way in use says how
 * to get there. Reads maps; writes flows only.
 */
#ifndef BPF_SELECT_H
#define BPF_SELECT_H

#include "flow.h"
#include "table.h"

/* Of the 5-tuple, or of as much of the client's address as the pool looks at. */
static __always_inline __u64 flow_hash(const struct leat_control *all, const struct leat_pool *pool,
				       const struct packet *p)
{
	const __u64 *mask = pool->source_mask[packet_is_ipv4(p)];
	struct leat_addr source;

	source.half[0] = p->source.half[0] & mask[0];
	source.half[1] = p->source.half[1] & mask[1];
	return leat_hash_flow(&all->factors, &p->key, &source, p->source_port & pool->port_mask);
}

static __always_inline enum leat_verdict choose_backend(struct packet *p)
{
	const struct leat_control *all = control_get();
	const struct leat_pool *pool = bpf_map_lookup_elem(&pools, &p->pool);
	const struct leat_backend *backend;
	__u64 table;
	__u32 slot;

	if (!all || !pool)
		return LEAT_NO_BACKEND;
	/* All of it by one load: no packet sees the offset of one table and the size of another. */
	table = READ_ONCE(pool->table);
	if (!LEAT_TABLE_SIZE(table))
		return LEAT_NO_BACKEND;
	p->hash = flow_hash(all, pool, p);
	slot = table_word(table, leat_hash_slot(p->hash, LEAT_TABLE_SIZE(table)));
	p->backend = LEAT_SLOT_CURRENT(slot);
	if (unlikely(LEAT_SLOT_TRACKED(slot)) && (p->tcp_flags || p->is_sticky))
		TRY(flow_decide(p, table, slot));
	backend = bpf_map_lookup_elem(&backends, &p->backend);
	if (!p->backend || !backend)
		return LEAT_NO_BACKEND;
	p->way = &backend->ways[READ_ONCE(backend->active) & 1];
	p->out = p->way->ifindex;
	return p->out ? LEAT_NEXT : LEAT_BACKEND_UNRESOLVED;
}

#endif
