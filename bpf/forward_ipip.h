/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mode ipip: IPv4 or IPv6 around IPv4 or IPv6 (RFC 2003, 2473, 4213). The outer header is the way's; the
 * program fills in length, inner protocol, traffic class, and the bits that vary by flow so that the
 * backend's receive queues spread.
 */
#ifndef BPF_FORWARD_IPIP_H
#define BPF_FORWARD_IPIP_H

#include "frame.h"
#include "sum.h"

static __always_inline __u8 inner_protocol(const struct packet *p)
{
	return packet_is_ipv4(p) ? IPPROTO_IPIP : IPPROTO_IPV6;
}

static __always_inline void write_outer_ipv4(struct iphdr *outer, const struct leat_way *way,
					     const void *prepared, const struct packet *p)
{
	__u32 bits = (__u32)p->hash & way->source_mask, sum;
	__be16 length = bpf_htons(p->ip_len + sizeof(*outer));

	copy_words(outer, prepared, sizeof(*outer) / 4);
	outer->tos = p->tos; /* with ECN: RFC 6040 4.1, normal mode */
	outer->tot_len = length;
	outer->protocol = inner_protocol(p);
	outer->saddr |= bits;
	/* `partial` has all the rest; each of these is 0 as prepared. tos and protocol are the second byte of
	 * a word. */
	sum = way->partial + bpf_htons(p->tos) + length + bpf_htons(inner_protocol(p)) + (bits & 0xffff) +
	      (bits >> 16);
	outer->check = ~sum_fold(sum);
}

static __always_inline void write_outer_ipv6(struct ipv6hdr *outer, const struct leat_way *way,
					     const void *prepared, const struct packet *p)
{
	copy_words(outer, prepared, sizeof(*outer) / 4);
	/* version:4 | traffic class:8 | flow label:20, the label by flow: RFC 6438. */
	*(__be32 *)outer = bpf_htonl(6u << 28 | (__u32)p->tos << 20 | ((__u32)p->hash & 0xfffff));
	outer->payload_len = bpf_htons(p->ip_len);
	outer->nexthdr = inner_protocol(p);
	outer->saddr.s6_addr32[3] |= (__u32)p->hash & way->source_mask;
}

static __always_inline enum leat_verdict forward_ipip(struct xdp_md *ctx, struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const struct leat_way *way = p->way;
	const void *prepared = way->header + WAY_LINK_LEN(way);
	void *outer = data + WAY_LINK_LEN(way);

	barrier_var(outer); /* one pointer, or what is checked of one copy helps no other */
	if (!write_link(data, end, way))
		return LEAT_HEADROOM_SHORT; /* cannot be, nor below: the head has just moved by all this */
	if (way->outer_len == sizeof(struct iphdr)) {
		if (!lower_ttl(outer + sizeof(struct iphdr), end, p))
			return LEAT_HEADROOM_SHORT;
		write_outer_ipv4(outer, way, prepared, p);
	} else {
		if (!lower_ttl(outer + sizeof(struct ipv6hdr), end, p))
			return LEAT_HEADROOM_SHORT;
		write_outer_ipv6(outer, way, prepared, p);
	}
	return LEAT_FORWARDED;
}

#endif
