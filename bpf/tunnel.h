/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all tunnels write: link header, outer IP header and what lies between it and the packet, as the way has them
 * prepared. Filled in here are length, protocol, traffic class, and the bits that vary by flow so that the
 * backend's receive queues spread; what is between, each mode's file fills in. Part of forward.
 */
#ifndef BPF_TUNNEL_H
#define BPF_TUNNEL_H

#include "frame.h"
#include "sum.h"

static __always_inline __u8 inner_protocol(const struct packet *p)
{
	return packet_is_ipv4(p) ? IPPROTO_IPIP : IPPROTO_IPV6;
}

static __always_inline void write_outer_ipv4(struct iphdr *outer, const void *prepared, const struct packet *p,
					     __u8 protocol, __u32 between)
{
	__u32 bits = (__u32)p->hash & p->way->source_mask, sum;
	__be16 length = bpf_htons(p->ip_len + sizeof(*outer) + between);

	copy_words(outer, prepared, (sizeof(*outer) + between) / 4);
	outer->tos = p->tos; /* with ECN: RFC 6040 4.1, normal mode */
	outer->tot_len = length;
	outer->protocol = protocol;
	outer->saddr |= bits;
	/* `partial` has all the rest; each of these is 0 as prepared. tos and protocol are the second byte of
	 * a word. */
	sum = p->way->partial + bpf_htons(p->tos) + length + bpf_htons(protocol) + (bits & 0xffff) + (bits >> 16);
	outer->check = ~sum_fold(sum);
}

static __always_inline void write_outer_ipv6(struct ipv6hdr *outer, const void *prepared, const struct packet *p,
					     __u8 protocol, __u32 between)
{
	copy_words(outer, prepared, (sizeof(*outer) + between) / 4);
	/* version:4 | traffic class:8 | flow label:20, the label by flow: RFC 6438. */
	*(__be32 *)outer = bpf_htonl(6u << 28 | (__u32)p->tos << 20 | ((__u32)p->hash & 0xfffff));
	outer->payload_len = bpf_htons(p->ip_len + between);
	outer->nexthdr = protocol;
	outer->saddr.s6_addr32[3] |= (__u32)p->hash & p->way->source_mask;
}

/*
 * protocol: of what follows the outer IP header; between: bytes from there to the packet, a constant. Returns where they
 * are; NULL if the frame is too short, which cannot be: its head has just moved by all this.
 */
static __always_inline void *write_tunnel(struct xdp_md *ctx, const struct packet *p, __u8 protocol, __u32 between)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const struct leat_way *way = p->way;
	const void *prepared = way->header + WAY_LINK_LEN(way);
	void *outer = data + WAY_LINK_LEN(way);

	barrier_var(outer); /* one pointer, or what is checked of one copy helps no other */
	if (!write_link(data, end, way))
		return NULL;
	if (way->outer_len == sizeof(struct iphdr) + between) {
		if (!lower_ttl(outer + sizeof(struct iphdr) + between, end, p))
			return NULL;
		write_outer_ipv4(outer, prepared, p, protocol, between);
		return outer + sizeof(struct iphdr);
	}
	if (!lower_ttl(outer + sizeof(struct ipv6hdr) + between, end, p))
		return NULL;
	write_outer_ipv6(outer, prepared, p, protocol, between);
	return outer + sizeof(struct ipv6hdr);
}

#endif
