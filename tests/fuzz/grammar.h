/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random packets. First one whose headers are right and go together, mostly to a configured service; then,
 * often, something is done to it (mutate.c). Every choice is from the packet's own random numbers and the
 * settings.
 */
#ifndef FUZZ_GRAMMAR_H
#define FUZZ_GRAMMAR_H

#include "fuzz/settings.h"

#define GRAMMAR_BORDERS_MAX 32
#define GRAMMAR_FRAGS_MAX   9600 /* bytes of a frame that lies in several buffers */

enum drawn_fragment { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER };

/* A packet being drawn, and where its parts lie. */
struct drawing {
	struct random *random;
	const struct settings *settings;
	unsigned int most; /* bytes of the frame */
	struct frame *frame;
	unsigned int borders[GRAMMAR_BORDERS_MAX], border_count; /* where headers begin and end */
	/* What the packet is to be: */
	bool is_flow; /* of one that comes again */
	bool is_ipv4;
	struct leat_addr from, to;
	uint16_t source_port, port;
	uint8_t protocol;
	/* What an ICMP error quotes: a packet of the service to this client. */
	struct leat_addr quoted_to;
	uint8_t quoted_protocol;
	enum drawn_fragment fragment; /* of a datagram whose fragments come more than once */
	uint32_t identification;
	/* Where: 0, not there */
	unsigned int ip_at, ip_next_at; /* ip_next_at: the byte that names the transport header */
	unsigned int transport_at;
};

/* The frame of number `number`. */
void grammar_draw(const struct settings *s, uint64_t seed, uint64_t number, unsigned int most,
		  struct frame *ret);

/* --- the parts, in their order: grammar_flow.c, grammar_ip.c, grammar_transport.c, grammar_quic.c, grammar_icmp.c, mutate.c --- */
/* A flow's addresses, ports and protocol, one of those that sent before or will again: grammar_flow.c. */
bool grammar_flow(struct drawing *d, uint64_t seed, uint64_t packet);
/* That of the number. */
bool grammar_flow_of(struct drawing *d, uint64_t seed, uint64_t number);
/* grammar_fragment.c: makes it a fragment; IPv4's flags and offset; IPv6's header of 8 bytes; what IPv6 says is in it. */
bool grammar_fragment(struct drawing *d, uint64_t seed, uint64_t packet);
uint16_t grammar_fragment4(struct drawing *d);
void grammar_fragment6(struct drawing *d, uint8_t *header);
uint8_t grammar_fragment_kind(struct drawing *d);
void grammar_ip(struct drawing *d);
void grammar_transport(struct drawing *d);
/* The packet becomes ICMP that tells about a packet of the flow that it was to be of. */
void grammar_error(struct drawing *d);
void grammar_icmp(struct drawing *d);
/* What a service that looks for QUIC connection ids may get; false: the packet is for none, or drawn to be something else. */
bool grammar_quic(struct drawing *d);
/* Sets lengths and checksums of IP, and the transport header's, as the frame is now. */
void grammar_finish(struct drawing *d);
void mutate(struct drawing *d);

/* Appends bytes, as many as fit; NULL: zeros. Returns where they begin. */
unsigned int grammar_put(struct drawing *d, const void *bytes, unsigned int length);
/* Here something begins or ends. */
void grammar_border(struct drawing *d);

static inline void grammar_store16(struct frame *frame, unsigned int at, uint16_t value)
{
	if (at + 2 > frame->length)
		return;
	frame->bytes[at] = value >> 8;
	frame->bytes[at + 1] = value;
}

#endif
