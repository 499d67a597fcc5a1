/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fourth room: which backend gets the flow? The flow's hash picks a slot of the pool's table, the slot
 * names the backend, the backend's way in use says how to get there. Reads maps; changes nothing.
 */
#ifndef BPF_SELECT_H
#define BPF_SELECT_H

#include "maps.h"
#include "packet.h"

/* Number of the backend; 0: the pool has none. */
static __always_inline __u32 slot_backend(__u32 pool_number, __u64 hash)
{
	const struct leat_pool *pool = bpf_map_lookup_elem(&pools, &pool_number);
	const struct leat_slot_line *line;
	__u64 table;
	__u32 slot, number;

	if (!pool)
		return 0;
	/* Offset and size by one load: no packet sees the offset of one table and the size of another. */
	table = READ_ONCE(pool->table);
	if (!LEAT_TABLE_SIZE(table))
		return 0;
	slot = LEAT_TABLE_OFFSET(table) + leat_hash_slot(hash, LEAT_TABLE_SIZE(table));
	number = slot / LEAT_LINE_SLOTS;
	line = bpf_map_lookup_elem(&slots, &number);
	return line ? LEAT_SLOT_CURRENT(READ_ONCE(line->slot[slot % LEAT_LINE_SLOTS])) : 0;
}

static __always_inline enum leat_verdict choose_backend(struct packet *p)
{
	__u32 number = slot_backend(p->pool, p->hash);
	const struct leat_backend *backend = bpf_map_lookup_elem(&backends, &number);

	if (!number || !backend)
		return LEAT_NO_BACKEND;
	p->backend = number;
	p->way = &backend->ways[READ_ONCE(backend->active) & 1];
	p->out = p->way->ifindex;
	return p->out ? LEAT_NEXT : LEAT_BACKEND_UNRESOLVED;
}

#endif
