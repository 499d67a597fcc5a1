/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first room: reads the headers into struct packet. Touches no map and changes no byte.
 *
 * Most packets of a host are none of leat's business, so nothing is refused here: what is wrong with a packet
 * is noted as its defect, and counts once the packet turns out to be for a service. Only what cannot be for
 * one (no IP, no usable IP header, a protocol that is not balanced) leaves here, to the kernel.
 *
 * Headers are looked for in the frame's first buffer only. Drivers put at least 256 bytes there.
 */
#ifndef BPF_PARSE_H
#define BPF_PARSE_H

#include "parse_link.h"
#include "parse_network.h"
#include "parse_transport.h"

static __always_inline enum leat_verdict parse_headers(struct xdp_md *ctx, struct cursor *c, struct packet *p)
{
	TRY(parse_link(c, p));
	return parse_network(ctx, c, p);
}

/* Not a function of its own: where returns are guarded (srso, retpolines), a call costs as much as the rest of parsing. */
static __always_inline enum leat_verdict parse(struct xdp_md *ctx, struct packet *p)
{
	/* Once, into pointers, before any call: the verifier refuses to see them spilled as the 32 bits they
	 * look. */
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct cursor c = {data, end};
	enum leat_verdict verdict = parse_headers(ctx, &c, p);

	if (unlikely(verdict != LEAT_NEXT)) {
		if (!p->bytes) /* there is no IP packet whose end could count */
			p->bytes = frags ? bpf_xdp_get_buff_len(ctx) : end - data;
		return verdict;
	}
	return parse_transport(data + (p->link_len & LINK_LEN_MASK), end, p);
}

#endif
