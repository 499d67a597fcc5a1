/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies between an outer IP header and a packet, read: nothing, GRE, or UDP to one of udp_ports and, if it
 * begins so, GUE. Only in the forms that leat sends: GRE with options or a checksum, UDP with a checksum, GUE with
 * flags are for whoever checks them, the kernel. Part of decap.
 */
#ifndef BPF_BETWEEN_H
#define BPF_BETWEEN_H

#include <linux/udp.h>

#include "leat/decap.h"
#include "leat/tunnel.h"
#include "packet.h"

const volatile __be16 udp_ports[LEAT_DECAP_PORTS_MAX];

/* Bound that the verifier can see: UDP and GUE are 12 bytes. */
#define BETWEEN_MASK 15

struct inside {
	__u32 at;   /* bytes from the end of the outer IP header to the packet */
	__u32 room; /* from there to the end of what the outer headers count */
	bool is_ipv4;
};

static __always_inline bool is_our_port(__be16 port)
{
	int i;

#pragma unroll
	for (i = 0; i < LEAT_DECAP_PORTS_MAX && udp_ports[i]; i++)
		if (udp_ports[i] == port)
			return true;
	return false;
}

static __always_inline bool read_protocol(__u8 protocol, struct inside *ret)
{
	ret->is_ipv4 = protocol == IPPROTO_IPIP;
	return protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6;
}

static __always_inline bool read_gre(struct cursor *c, struct inside *ret)
{
	const struct leat_gre *gre = take(c, sizeof(*gre));

	if (!gre || gre->flags || ret->room < sizeof(*gre))
		return false;
	ret->at = sizeof(*gre);
	ret->room -= sizeof(*gre);
	ret->is_ipv4 = gre->type == bpf_htons(ETH_P_IP);
	return ret->is_ipv4 || gre->type == bpf_htons(ETH_P_IPV6);
}

/* Variant 1 of GUE is an IP packet, as fou's: the first four bits say which. */
static __always_inline bool read_gue(struct cursor *c, struct inside *ret)
{
	const struct leat_gue *gue = take(c, sizeof(*gue));

	if (!gue)
		return false;
	if (LEAT_GUE_VARIANT(gue->first) == 1) {
		ret->is_ipv4 = gue->first >> 4 == 4;
		return true;
	}
	if (gue->first || gue->flags || ret->room < sizeof(*gue))
		return false;
	ret->at += sizeof(*gue);
	ret->room -= sizeof(*gue);
	return read_protocol(gue->protocol, ret);
}

static __always_inline bool read_udp(struct cursor *c, struct inside *ret)
{
	const struct udphdr *udp = take(c, sizeof(*udp));
	__u32 length;

	if (!udp || !is_our_port(udp->dest) || udp->check)
		return false;
	length = bpf_ntohs(udp->len);
	if (length < sizeof(*udp) || length > ret->room)
		return false;
	ret->at = sizeof(*udp);
	ret->room = length - sizeof(*udp);
	return read_gue(c, ret);
}

/* False: it is no packet of leat's. ret is zero before. Says nothing of the packet inside. */
static __always_inline bool find_inside(struct xdp_md *ctx, const struct packet *p, struct inside *ret)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct cursor c = {data + (p->link_len & LINK_LEN_MASK) + (p->ip_headers & IP_HEADERS_MASK), end};

	if (p->ip_len < p->ip_headers)
		return false;
	barrier_var(c.at); /* one pointer, or what is checked of one copy helps no other */
	ret->room = p->ip_len - p->ip_headers;
	if (p->protocol == IPPROTO_GRE)
		return read_gre(&c, ret);
	if (p->protocol == IPPROTO_UDP)
		return read_udp(&c, ret);
	return read_protocol(p->protocol, ret);
}

#endif
