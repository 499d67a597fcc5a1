/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What parsing IPv4 and IPv6 have in common. Part of parse. */
#ifndef BPF_PARSE_IP_H
#define BPF_PARSE_IP_H

#include "knobs.h"
#include "packet.h"

/*
 * `length`: what the IP header says, itself included. IPv6 can say more than 16 bits hold, and than any frame does.
 * `left`: from the start of the IP header to the end of the first buffer.
 */
static __always_inline void parse_length(struct xdp_md *ctx, struct packet *p, __u32 length, __u32 left)
{
	p->ip_len = length < 0xffff ? length : 0xffff;
	if (unlikely(frags && length > left))
		left = bpf_xdp_get_buff_len(ctx) - p->link_len;
	if (unlikely(length > left)) {
		p->bytes = p->link_len + left;
		packet_defect(p, LEAT_BAD_LENGTH);
	} else {
		p->bytes = p->link_len + p->ip_len;
	}
}

static __always_inline bool is_equal(const struct leat_addr *a, const struct leat_addr *b)
{
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

#endif
