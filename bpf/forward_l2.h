/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode l2: the packet as it is, in a frame to the backend's link address (direct server return). */
#ifndef BPF_FORWARD_L2_H
#define BPF_FORWARD_L2_H

#include "frame.h"

static __always_inline enum leat_verdict forward_l2(struct xdp_md *ctx, struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__be16 *type = data + ((p->way->link_len - sizeof(*type)) & 31);

	barrier_var(type); /* one pointer, or what is checked of one copy helps no other */
	if (!write_link(data, end, p->way) || !lower_ttl(type + 1, end, p))
		return LEAT_HEADROOM_SHORT; /* cannot be: the frame held an IP header before */
	*type = p->type;
	return LEAT_FORWARDED;
}

#endif
