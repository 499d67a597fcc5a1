/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a pool's table. `table` is the pool's word of that name, read once for each packet. */
#ifndef BPF_TABLE_H
#define BPF_TABLE_H

#include "maps.h"
#include "packet.h"

/* The word at a place of the table; 0: no such place. */
static __always_inline __u32 table_word(__u64 table, __u32 place)
{
	__u32 at = LEAT_TABLE_OFFSET(table) + place, number = at / LEAT_LINE_SLOTS;
	const struct leat_slot_line *line = bpf_map_lookup_elem(&slots, &number);

	return line ? READ_ONCE(line->slot[at % LEAT_LINE_SLOTS]) : 0;
}

#endif
