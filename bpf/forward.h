/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fifth room: makes the frame that the backend gets. Checks what a router checks (TTL, MTU), moves the
 * frame's head once by what the new headers need more or less than the old, and fills in the way's prepared
 * header. Each mode has a file of its own. Reads the way; changes the frame; no pointer into it lives longer
 * than a function.
 */
#ifndef BPF_FORWARD_H
#define BPF_FORWARD_H

#include "forward_gre.h"
#include "forward_ipip.h"
#include "forward_l2.h"
#include "forward_udp.h"
#include "icmp_error.h"

static __always_inline enum leat_verdict forward(struct xdp_md *ctx, struct packet *p)
{
	const struct leat_way *way = p->way;
	int grows = way->link_len + way->outer_len - p->link_len;

	if (unlikely(p->ttl <= 1))
		return ttl_exceeded(ctx, p);
	if (unlikely(p->ip_len + way->outer_len > way->mtu))
		return too_big(ctx, p);
	if (grows && bpf_xdp_adjust_head(ctx, -grows))
		return LEAT_HEADROOM_SHORT;
	switch (way->mode) {
	case LEAT_MODE_L2:
		return forward_l2(ctx, p);
	case LEAT_MODE_IPIP:
		return forward_ipip(ctx, p);
	case LEAT_MODE_GRE:
		return forward_gre(ctx, p);
	case LEAT_MODE_GUE:
		return forward_gue(ctx, p);
	case LEAT_MODE_GUE1:
	case LEAT_MODE_FOU:
		return forward_bare(ctx, p);
	}
	return LEAT_BACKEND_UNRESOLVED;
}

#endif
