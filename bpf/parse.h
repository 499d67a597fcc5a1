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

ROOM enum leat_verdict parse(struct xdp_md *ctx, struct packet *p)
{
	/* Once, into pointers, before any call: the verifier refuses to see them spilled as the 32 bits they
	 * look. */
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct cursor c = {data, end};

	ROOM_ENTER(p);
	p->bytes = end - data;
	TRY(parse_link(&c, p));
	TRY(parse_network(ctx, &c, p));
	return parse_transport(data + (p->link_len & LINK_LEN_MASK), end, p);
}

#endif
