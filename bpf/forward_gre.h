/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode gre: the header of RFC 2784 without checksum, and without RFC 2890's key and sequence number; RFC 7676 over IPv6. */
#ifndef BPF_FORWARD_GRE_H
#define BPF_FORWARD_GRE_H

#include "leat/tunnel.h"
#include "tunnel.h"

static __always_inline enum leat_verdict forward_gre(struct xdp_md *ctx, struct packet *p)
{
	struct leat_gre *gre = write_tunnel(ctx, p, IPPROTO_GRE, sizeof(*gre));

	if (!gre)
		return LEAT_HEADROOM_SHORT;
	gre->type = p->type;
	return LEAT_FORWARDED;
}

#endif
