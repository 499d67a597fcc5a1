/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first room: reads the headers into struct packet. Touches no map and changes no byte.
 *
 * Most packets of a host are none of leat's business, so nothing is refused here: what is wrong with a packet
 * is noted as its defect, and counts once the packet turns out to be for a service. Only what cannot be for
 * one (no IP, no usable IP header, a protocol that is not balanced) leaves here, to the kernel.
 *
 * Headers are looked for in the frame's first buffer only. Drivers put at least 256 bytes there.
 */
#ifndef BPF_PARSE_H
#define BPF_PARSE_H

#include "knobs.h"
#include "parse_ipv4.h"
#include "parse_ipv6.h"

#define VLAN_TAGS_MAX 2

struct vlan_tag {
	__be16 tci, type;
};

static __always_inline bool is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

static __always_inline enum leat_verdict parse_link(struct cursor *c, struct packet *p)
{
	struct ethhdr *eth = take(c, sizeof(*eth));
	struct vlan_tag *tag;
	int i;

	if (!eth)
		return LEAT_NOT_IP;
	if (eth->h_dest[0] & 1)
		packet_defect(p, LEAT_L2_NOT_UNICAST);
	p->type = eth->h_proto;
	p->link_len = sizeof(*eth);
#pragma clang loop unroll(disable)
	for (i = 0; i < VLAN_TAGS_MAX && is_vlan(p->type); i++) {
		tag = take(c, sizeof(*tag));
		if (!tag)
			return LEAT_NOT_IP;
		p->type = tag->type;
		p->link_len += sizeof(*tag);
	}
	return LEAT_NEXT;
}

ROOM enum leat_verdict parse(struct xdp_md *ctx, struct packet *p)
{
	/* Once, into pointers, before any call: the verifier refuses to see them spilled as the 32 bits they
	 * look. */
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct cursor c = {data, end};

	ROOM_ENTER(p);
	p->bytes = end - data;
	TRY(parse_link(&c, p));
	if (p->type == bpf_htons(ETH_P_IP))
		TRY(parse_ipv4(ctx, &c, p));
	else if (p->type == bpf_htons(ETH_P_IPV6))
		TRY(parse_ipv6(ctx, &c, p));
	else
		return LEAT_NOT_IP;
	return parse_transport(data + (p->link_len & LINK_LEN_MASK), end, p);
}

#endif
