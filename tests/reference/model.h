/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the reference model share. A frame goes from read.c (what is in it) over decide.c (whose it is) to
 * forward.c and reply.c (what leaves); table.c builds the tables beforehand.
 */
#ifndef REFERENCE_MODEL_H
#define REFERENCE_MODEL_H

#include "reference/branches.h"
#include "reference/reference.h"

struct reference {
	const struct reference_config *config;
	struct leat_factors factors;
	int **owners; /* of each pool, of each slot: index of a member, or -1 */
};

/* By what a packet asks for a service. */
enum asks {
	ASKS_PORT,    /* protocol, address and port */
	ASKS_ADDRESS, /* the address as a whole: ports are not there, or not known */
	ASKS_NOTHING, /* whatever the address, it is not for a service */
};

struct packet {
	const uint8_t *frame;
	uint32_t length;
	bool is_ipv6;
	unsigned int tag_count;
	uint32_t ip;  /* where the IP header begins; 14, 18 or 22 */
	uint32_t end; /* where the IP packet ends, or the frame if that is earlier */
	uint32_t first_buffer; /* where headers are no longer looked for: at the end of the frame's first buffer */
	struct leat_addr source, destination;
	enum asks asks;
	uint8_t protocol;
	uint32_t transport; /* where its header begins */
	uint16_t source_port, destination_port;
	enum leat_verdict defect; /* the first thing wrong that counts if the packet is for a service; LEAT_NEXT: nothing */
	enum branch road;         /* by which it was found */
	bool has_two_defects;
};

static inline uint32_t packet_ip_length(const struct packet *p)
{
	return p->end - p->ip;
}

/* The service found, the member chosen, the flow's hash. */
struct choice {
	const struct reference_pool *pool;
	const struct reference_member *member;
	uint64_t hash;
};

/* table.c: owners of the slots of a pool; the caller frees. */
int *reference_table_build(const struct reference_pool *pool, uint64_t seed);

/* read.c: NOT_IP, L3_MALFORMED or LEAT_NEXT. ret->frame, length and first_buffer are set by the caller. */
enum leat_verdict reference_read(struct packet *ret);

/* forward.c: the verdict; ret's frame, length, action and ifindex if it is FORWARDED or another that leaves. */
enum leat_verdict reference_forward(const struct reference_config *config, const struct packet *p,
				    const struct choice *choice, bool may_reply, struct reference_answer *ret);

/* reply.c: the frames that go back. */
void reference_reply_echo(const struct packet *p, struct reference_answer *ret);

/* An ICMP error: type and code, and bytes 4 to 7 of its header. False: no headroom. */
bool reference_reply_error(const struct packet *p, unsigned int headroom, uint8_t type, uint8_t code, uint32_t rest,
			   struct reference_answer *ret);

#endif
