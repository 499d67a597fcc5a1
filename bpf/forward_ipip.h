/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode ipip: IPv4 or IPv6 around IPv4 or IPv6, and nothing between (RFC 2003, 2473, 4213). */
#ifndef BPF_FORWARD_IPIP_H
#define BPF_FORWARD_IPIP_H

#include "tunnel.h"

static __always_inline enum leat_verdict forward_ipip(struct xdp_md *ctx, struct packet *p)
{
	return write_tunnel(ctx, p, inner_protocol(p), 0) ? LEAT_FORWARDED : LEAT_HEADROOM_SHORT;
}

#endif
