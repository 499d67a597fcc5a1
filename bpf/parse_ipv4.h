/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4, options included. Part of parse. */
#ifndef BPF_PARSE_IPV4_H
#define BPF_PARSE_IPV4_H

#include <linux/ip.h>

#include "parse_ip.h"

#define IPV4_DF     0x4000
#define IPV4_MF     0x2000
#define IPV4_OFFSET 0x1fff

static __always_inline void ipv4_mapped(struct leat_addr *ret, __be32 addr)
{
	ret->half[0] = 0;
	ret->word[2] = bpf_htonl(0xffff);
	ret->word[3] = addr;
}

/* RFC 1812 5.3.7: "this network", loopback, multicast, reserved and broadcast. */
static __always_inline bool ipv4_is_bad_source(__be32 addr)
{
	__u8 first = bpf_ntohl(addr) >> 24;

	return first == 0 || first == 127 || first >= 224;
}

static __always_inline enum fragment ipv4_fragment(const struct iphdr *ip)
{
	if (ip->frag_off & bpf_htons(IPV4_OFFSET))
		return FRAGMENT_LATER;
	return ip->frag_off & bpf_htons(IPV4_MF) ? FRAGMENT_FIRST : FRAGMENT_NONE;
}

static __always_inline enum leat_verdict parse_ipv4(struct xdp_md *ctx, struct cursor *c, struct packet *p)
{
	__u32 left = c->end - c->at, headers, length;
	const struct iphdr *ip = take(c, sizeof(*ip));

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return LEAT_L3_MALFORMED;
	headers = ip->ihl * 4;
	length = bpf_ntohs(ip->tot_len);
	if (length < headers || (headers > sizeof(*ip) && !take(c, headers - sizeof(*ip))))
		return LEAT_L3_MALFORMED;
	ipv4_mapped(&p->source, ip->saddr);
	ipv4_mapped(&p->key.addr, ip->daddr);
	p->tos = ip->tos;
	p->ttl = ip->ttl;
	p->may_fragment = !(ip->frag_off & bpf_htons(IPV4_DF));
	if (ipv4_is_bad_source(ip->saddr))
		packet_defect(p, LEAT_BAD_SOURCE);
	if (ip->saddr == ip->daddr)
		packet_defect(p, LEAT_LAND);
	parse_length(ctx, p, length, left);
	p->protocol = ip->protocol;
	p->ip_headers = headers;
	p->fragment = ipv4_fragment(ip);
	p->identification = ip->id;
	return LEAT_NEXT;
}

#endif
