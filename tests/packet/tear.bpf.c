/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of a whole table, as slow as a packet is quick: reads where the pool's table is once, as leat
 * does, then all its slots. The test writes tables whose slots are all alike, so two that differ are of two
 * tables.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "leat/maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LEAT_POOLS_MAX);
	__type(key, __u32);
	__type(value, struct leat_pool);
} pools SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LEAT_SLOTS_MAX / LEAT_LINE_SLOTS);
	__type(key, __u32);
	__type(value, struct leat_slot_line);
} slots SEC(".maps");

const volatile __u32 watched = 0; /* the pool */

__u64 walks = 0, mixtures = 0;

struct walk {
	__u32 offset, first, differ;
};

static __u32 slot_read(__u32 number)
{
	__u32 index = number / LEAT_LINE_SLOTS;
	struct leat_slot_line *line = bpf_map_lookup_elem(&slots, &index);

	return line ? *(volatile __u32 *)&line->slot[number % LEAT_LINE_SLOTS] : 0;
}

static long look(__u32 i, struct walk *walk)
{
	if (slot_read(walk->offset + i) != walk->first)
		walk->differ = 1; /* not a count: the verifier would follow it to its end */
	return 0;
}

SEC("xdp")
int tear(struct xdp_md *ctx)
{
	__u32 number = watched;
	struct leat_pool *pool = bpf_map_lookup_elem(&pools, &number);
	struct walk walk = {};
	__u64 table;

	if (!pool)
		return XDP_ABORTED;
	table = *(volatile __u64 *)&pool->table;
	walk.offset = LEAT_TABLE_OFFSET(table);
	walk.first = slot_read(walk.offset);
	bpf_loop(LEAT_TABLE_SIZE(table), look, &walk, 0);
	walks++;
	if (walk.differ)
		mixtures++;
	return XDP_PASS;
}

const char GPL[] SEC("license") = "GPL";
