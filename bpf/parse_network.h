/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 or IPv6, as the EtherType says. Part of parse. */
#ifndef BPF_PARSE_NETWORK_H
#define BPF_PARSE_NETWORK_H

#include "parse_ipv4.h"
#include "parse_ipv6.h"

static __always_inline enum leat_verdict parse_network(struct xdp_md *ctx, struct cursor *c, struct packet *p)
{
	if (p->type == bpf_htons(ETH_P_IP))
		return parse_ipv4(ctx, c, p);
	if (p->type == bpf_htons(ETH_P_IPV6))
		return parse_ipv6(ctx, c, p);
	return LEAT_NOT_IP;
}

#endif
