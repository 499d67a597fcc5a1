/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet and up to two VLAN tags. Part of parse. */
#ifndef BPF_PARSE_LINK_H
#define BPF_PARSE_LINK_H

#include "packet.h"

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

#endif
