/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modes gue, gue1 and fou: UDP to the pool's port, from one that the flow's hash draws of those that nobody owns (RFC 6335
 * 6), so that receive queues and paths spread as RFC 7510 3 has it. No checksum: the packet has its own, and RFC 6935 and
 * 6936 let a tunnel do without over IPv6, too.
 */
#ifndef BPF_FORWARD_UDP_H
#define BPF_FORWARD_UDP_H

#include <linux/udp.h>

#include "leat/tunnel.h"
#include "tunnel.h"

/* UDP and so many bytes of GUE. */
static __always_inline struct udphdr *write_udp(struct xdp_md *ctx, const struct packet *p, __u32 gue)
{
	struct udphdr *udp = write_tunnel(ctx, p, IPPROTO_UDP, sizeof(*udp) + gue);

	if (!udp)
		return NULL;
	udp->source = bpf_htons(LEAT_TUNNEL_SOURCE_PORT(p->hash));
	udp->len = bpf_htons(p->ip_len + sizeof(*udp) + gue);
	return udp;
}

static __always_inline enum leat_verdict forward_gue(struct xdp_md *ctx, struct packet *p)
{
	struct udphdr *udp = write_udp(ctx, p, sizeof(struct leat_gue));

	if (!udp)
		return LEAT_HEADROOM_SHORT;
	((struct leat_gue *)(udp + 1))->protocol = inner_protocol(p);
	return LEAT_FORWARDED;
}

/* Variant 1 of GUE begins with the packet, whose version says what it is; of fou the port says it. */
static __always_inline enum leat_verdict forward_bare(struct xdp_md *ctx, struct packet *p)
{
	struct udphdr *udp = write_udp(ctx, p, 0);

	if (!udp)
		return LEAT_HEADROOM_SHORT;
	if (p->way->mode == LEAT_MODE_FOU && !packet_is_ipv4(p))
		udp->dest = bpf_htons(bpf_ntohs(udp->dest) + 1);
	return LEAT_FORWARDED;
}

#endif
