/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference model: what leat must do with a packet, decided from the configuration and the RFCs in the plainest
 * way. Written apart from bpf/ and user/: of the product it shares the wire definitions, the list of verdicts and the
 * hash (include/leat/verdict.h, hash.h), nothing else. Slow where slow is plain: it looks through all services and
 * builds tables by sorting. tests/fuzz holds the loaded program against it.
 *
 * Pure: no clock, no memory between packets but the tables and the list of branches reached.
 */
#ifndef REFERENCE_REFERENCE_H
#define REFERENCE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leat/hash.h"
#include "leat/verdict.h"

enum reference_mode { REFERENCE_L2, REFERENCE_IPIP };

/* How a frame reaches a backend. Addresses as in struct leat_addr, tags and types in host byte order. */
struct reference_way {
	bool is_known;           /* false: no route or no link address, and nothing below means anything */
	bool is_allowed;         /* the interface it leaves by is the one packets come in by, or may be redirected to */
	uint32_t ifindex;        /* of that interface */
	uint8_t to[6], from[6];  /* link addresses */
	unsigned int tag_count;  /* 0, 1 or 2 VLAN tags, outermost first */
	struct {
		uint16_t type;   /* 0x8100 (802.1Q) or 0x88a8 (802.1ad) */
		uint16_t tci;
	} tags[2];
	uint16_t mtu;            /* bytes of IP packet, outer header included */
	struct leat_addr source; /* ipip: of the outer header, host bits 0; of the backend's family */
	uint32_t source_mask;    /* ipip: bits of the source's last 32 that the low bits of the flow's hash fill; host byte order */
};

struct reference_member {
	struct leat_addr addr;
	uint16_t weight;
	bool is_in_table;
	struct reference_way way;
};

struct reference_pool {
	enum reference_mode mode;
	uint32_t table_size; /* a prime */
	struct reference_member *members;
	unsigned int member_count;
};

struct reference_service {
	struct leat_addr addr;
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	uint16_t port;    /* host byte order */
	unsigned int pool; /* index in pools */
};

struct reference_config {
	uint64_t seed;
	uint32_t ingress;      /* the interface that packets come in by */
	unsigned int headroom; /* bytes before a frame that headers may take */
	unsigned int first_buffer; /* bytes of a frame in which headers are looked for; 0: in all of it */
	struct reference_pool *pools;
	unsigned int pool_count;
	struct reference_service *services;
	unsigned int service_count;
};

/* The configuration made ready: tables built. Borrows config, which must outlive it and not change. */
struct reference;
struct reference *reference_new(const struct reference_config *config);
void reference_free(struct reference *reference);

/* Index of the member that owns a slot of a pool's table (docs/tables.md says by what rule), -1 if nobody does. */
int reference_slot_owner(const struct reference *reference, unsigned int pool, uint32_t slot);

#define REFERENCE_FRAME_MAX 12288
#define REFERENCE_NONE      UINT32_MAX

enum reference_action { REFERENCE_PASS, REFERENCE_DROP, REFERENCE_TX, REFERENCE_REDIRECT };

struct reference_answer {
	enum leat_verdict verdict;
	enum reference_action action;
	uint32_t bytes;          /* that the counters rise by: Ethernet header to the end of the IP packet */
	bool counts_for_service; /* some service's (or service address's) counter rises as well */
	uint32_t service;        /* index of the service addressed; REFERENCE_NONE: none, or an address as a whole */
	uint32_t pool, member;   /* whom the packet goes to; REFERENCE_NONE but for FORWARDED */
	uint32_t ifindex;        /* REFERENCE_REDIRECT: to leave by */
	uint32_t length;         /* of what leaves; TX, REDIRECT and PASS */
	uint8_t frame[REFERENCE_FRAME_MAX];
};

/*
 * Decides about a frame of `length` bytes (14 or more, the kernel hands out none shorter) as it begins with its
 * Ethernet header. may_reply: the rate limit has a token for an ICMP error.
 */
void reference_decide(const struct reference *reference, const uint8_t *frame, uint32_t length, bool may_reply,
		      struct reference_answer *ret);

/*
 * The branches of the model, each with a sentence: what the fuzzer must have reached before its word counts. Reached
 * branches are counted from the start of the process.
 */
struct reference_branch {
	const char *name;
	uint64_t reached;
};
const struct reference_branch *reference_branches(unsigned int *ret_count);

#endif
