/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Echo requests to a service's address are answered in place: the frame's addresses are swapped, and it goes back where it
 * came from. Part of the ICMP room (quoted.h). Reads no map.
 */
#ifndef BPF_ECHO_H
#define BPF_ECHO_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "icmp.h"
#include "packet.h"
#include "sum.h"

#define ECHO_TTL 64

static __always_inline void swap_link(struct ethhdr *eth)
{
	__u16 *half = (__u16 *)eth, kept; /* destination: 3 halves; source: 3 halves */
	int i;

#pragma unroll
	for (i = 0; i < 3; i++) {
		kept = half[i];
		half[i] = half[i + 3];
		half[i + 3] = kept;
	}
}

static __always_inline void turn_ipv4(struct iphdr *ip)
{
	__u16 *ttl_protocol = (__u16 *)&ip->ttl, old = *ttl_protocol;
	__be32 source = ip->saddr;

	/* Swapping words leaves a sum as it is. */
	ip->saddr = ip->daddr;
	ip->daddr = source;
	ip->ttl = ECHO_TTL;
	ip->check = sum_update(ip->check, old, *ttl_protocol);
}

static __always_inline void turn_ipv6(struct ipv6hdr *ip)
{
	struct in6_addr source = ip->saddr;

	ip->saddr = ip->daddr;
	ip->daddr = source;
	ip->hop_limit = ECHO_TTL;
}

static __always_inline void turn_icmp(struct icmp_echo *icmp, __u8 type)
{
	__u16 old = icmp->type_code;

	*(__u8 *)icmp = type;
	icmp->checksum = sum_update(icmp->checksum, old, icmp->type_code);
	/*
	 * Of the two zeros of ones' complement equation 3 finds the positive one. Where all words of a
	 * message are 0, as in an IPv4 reply with an empty or blank body, only the negative one is right.
	 */
	if (!icmp->checksum && !icmp->type_code && !icmp->identifier && !icmp->sequence)
		icmp->checksum = 0xffff;
}

/* LEAT_NEXT: not an echo request. */
ROOM enum leat_verdict answer_echo(struct xdp_md *ctx, struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct icmp_echo *icmp;
	struct cursor c, after;
	bool is_ipv4;
	void *ip;

	ROOM_ENTER(p);
	is_ipv4 = packet_is_ipv4(p);
	c = (struct cursor){data + (p->link_len & LINK_LEN_MASK), end};
	after = (struct cursor){c.at + (p->ip_headers & IP_HEADERS_MASK), end};
	ip = take(&c, is_ipv4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	icmp = take(&after, sizeof(*icmp));
	if (!ip || !icmp || data + sizeof(struct ethhdr) > end)
		return LEAT_ICMP_PASSED; /* cannot be: parse has seen them */
	if (*(__u8 *)icmp != (is_ipv4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST))
		return LEAT_NEXT;
	swap_link(data);
	if (is_ipv4)
		turn_ipv4(ip);
	else
		turn_ipv6(ip);
	turn_icmp(icmp, is_ipv4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY);
	return LEAT_ECHO_REPLIED;
}

#endif
