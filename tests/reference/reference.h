/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference model: what leat must do with a packet, decided from the configuration and the RFCs in the plainest
 * way. Written apart from bpf/ and user/: of the product it shares the wire definitions, the list of verdicts and the
 * hash (include/leat/verdict.h, hash.h), nothing else. Slow where slow is plain: it looks through all services and
 * builds tables by sorting. tests/fuzz holds the loaded program against it.
 *
 * It remembers flows as docs/flows.md says, in the plainest way: a dictionary of all of them, whole keys and no limit of
 * room, and of each slot who owned it before. The clock is told; pins expire in passes, which the caller asks for.
 */
#ifndef REFERENCE_REFERENCE_H
#define REFERENCE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leat/hash.h"
#include "leat/verdict.h"

#define REFERENCE_NONE UINT32_MAX

enum reference_mode {
	REFERENCE_L2,
	REFERENCE_IPIP,
	REFERENCE_GRE,
	REFERENCE_GUE,  /* variant 0 */
	REFERENCE_GUE1, /* variant 1 */
	REFERENCE_FOU,
};

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
	struct leat_addr source; /* tunnels: of the outer header, host bits 0; of the backend's family */
	uint32_t source_mask;    /* tunnels: bits of the source's last 32 that the low bits of the flow's hash fill; host byte order */
};

struct reference_member {
	struct leat_addr addr;
	uint16_t weight;
	bool is_in_table;
	struct reference_way way;
	bool lives;          /* keeps the flows it has; those in the table do */
	uint32_t latency_us; /* of its probes */
	uint32_t number;     /* by which members are listed: lower first */
	uint8_t id[15], id_length; /* server id in QUIC connection ids; 0 octets: none */
};

enum reference_scheduler {
	REFERENCE_MH, /* the slot's owner; sh too */
	REFERENCE_TURN,
	REFERENCE_RANDOM,
	REFERENCE_LEAST,
	REFERENCE_TWO,
	REFERENCE_LATENCY,
};

struct reference_pool {
	enum reference_mode mode;
	uint32_t table_size; /* a prime */
	struct reference_member *members;
	unsigned int member_count;
	unsigned int name; /* one that had it before is the same pool */
	enum reference_scheduler scheduler;
	bool waits;                     /* for all its flows to be pinned: all slots are tracked */
	bool by_client;                 /* a client's flows go together: the first bits of its address are hashed, no port */
	unsigned int prefix4, prefix6;  /* by_client: how many bits */
	uint32_t sticky_ticks;          /* after which pins of flows that do not say where they begin expire */
	uint16_t tunnel_port;           /* gue, gue1, fou: UDP destination; fou: of IPv4, the next is IPv6's */
};

#define REFERENCE_PREFIXES_MAX 24

/* Whom services let in; of prefixes that an address is in the longest decides, and no two are alike. */
struct reference_prefix {
	struct leat_addr addr; /* IPv4 mapped, of which length counts the last 32 bits only */
	unsigned int length;
	bool denies;
};

struct reference_access {
	unsigned int name; /* one that had it before is the same list */
	unsigned int count;
	struct reference_prefix prefixes[REFERENCE_PREFIXES_MAX];
	/*
	 * Token buckets, in units of time that does not go by: a packet, or a SYN, costs so much, and a bucket may owe as much as the
	 * burst. 0: no limit.
	 */
	uint32_t source_packet, source_flow, packet, flow, burst;
	unsigned int source4, source6; /* bits by which sources are told apart */
};

struct reference_service {
	struct leat_addr addr;
	unsigned int host_bits; /* the last bits of the address, which may be any; it has 0 there */
	uint8_t protocol;   /* 0: any */
	uint16_t port;      /* host byte order */
	uint16_t last_port; /* of a range that begins with port; 0: that one alone. Of a protocol without ports: 65535, from 0 on */
	unsigned int pool; /* index in pools */
	bool is_sticky;    /* all but TCP: flows stay where they began */
	uint32_t number;   /* in the maps: what is remembered of fragments names it */
	unsigned int access; /* index in access, from 1; 0: everybody is let in */
	uint8_t quic_length, quic_config; /* UDP: packets go by QUIC connection ids with server ids of so many octets; 0: no */
};

/* What is known of a pinned flow: what is said of it in include/leat/flow.h. */
enum reference_state { REFERENCE_OPENING, REFERENCE_ESTABLISHED, REFERENCE_CLOSING, REFERENCE_STICKY };

struct reference_config {
	uint64_t seed;
	uint32_t ingress;      /* the interface that packets come in by */
	unsigned int headroom; /* bytes before a frame that headers may take */
	unsigned int first_buffer; /* bytes of a frame in which headers are looked for; 0: in all of it */
	struct reference_access *access;
	unsigned int access_count;
	struct reference_pool *pools;
	unsigned int pool_count;
	struct reference_service *services;
	unsigned int service_count;
	uint32_t timeout[3]; /* ticks, by the first of enum reference_state */
	bool forwards_fragments;
	bool limits_pins;    /* the budget of new pins is spent */
	/*
	 * Where several answers are permitted, because a scheduler draws: the index of the member that the program chose for
	 * the flow of this hash. The model goes on from there, if it is one of those permitted.
	 */
	uint32_t (*chosen)(void *context, unsigned int pool, uint64_t hash);
	void *context;
};

/*
 * The configuration made ready: tables built, no slot changed, no flow known, the clock at 0. Borrows config, which must outlive it or the
 * next change and not be changed meanwhile.
 */
struct reference;
struct reference *reference_new(const struct reference_config *config);
void reference_free(struct reference *reference);

/* Another configuration, of the same seed. What is in the one before is not looked at any more. */
void reference_change(struct reference *reference, const struct reference_config *config);
/* The clock of flows, in ticks; it never goes back. */
void reference_clock(struct reference *reference, uint32_t now);
/* Forgets all flows, turns and tokens; slots stay as they are. */
void reference_forget(struct reference *reference);
/* A whole pass of the sweeper, at one moment. */
void reference_pass(struct reference *reference, uint32_t idle);

/*
 * How many packets of open TCP connections, and of sticky flows, did not go where the flow was, though that backend lives and nothing that
 * docs/flows.md excepts has happened. It must stay 0 whatever else is right.
 */
unsigned int reference_broken(const struct reference *reference);

/* Members by their index, REFERENCE_NONE: nobody. */
struct reference_slot {
	uint32_t current, previous;
	bool is_tracked;
};
/* Slots of a pool's table; 0: it has none. */
uint32_t reference_slots(const struct reference *reference, unsigned int pool);
struct reference_slot reference_slot(const struct reference *reference, unsigned int pool, uint32_t slot);

struct reference_flow {
	uint64_t hash;
	uint32_t pool, member; /* that it is pinned to; REFERENCE_NONE: one that is no longer configured */
	enum reference_state state;
	uint32_t seen; /* the clock then */
};
unsigned int reference_flow_count(const struct reference *reference);
/* All pinned flows, in no order; ret has room for them. */
unsigned int reference_flows(const struct reference *reference, struct reference_flow *ret);

/* Index of the member that owns a slot of a pool's table (docs/tables.md says by what rule), -1 if nobody does. */
int reference_slot_owner(const struct reference *reference, unsigned int pool, uint32_t slot);

#define REFERENCE_FRAME_MAX 12288

/* What a packet did to the memory of flows; the names are those of the program's counters. */
enum reference_event { REFERENCE_NO_EVENT, REFERENCE_HIT, REFERENCE_PINNED, REFERENCE_REPINNED, REFERENCE_UNPINNED };

enum reference_action { REFERENCE_PASS, REFERENCE_DROP, REFERENCE_TX, REFERENCE_REDIRECT };

struct reference_answer {
	enum leat_verdict verdict;
	enum reference_action action;
	uint32_t bytes;          /* that the counters rise by: Ethernet header to the end of the IP packet */
	bool counts_for_service; /* some service's (or service address's) counter rises as well */
	uint32_t service;        /* index of the service addressed; REFERENCE_NONE: none, or an address as a whole */
	uint32_t pool, member;   /* whom the packet goes to; REFERENCE_NONE but for FORWARDED */
	enum reference_event event;
	uint32_t ifindex;        /* REFERENCE_REDIRECT: to leave by */
	uint32_t length;         /* of what leaves; TX, REDIRECT and PASS */
	uint8_t frame[REFERENCE_FRAME_MAX];
};

/*
 * Decides about a frame of `length` bytes (14 or more, the kernel hands out none shorter) as it begins with its
 * Ethernet header. may_reply: the rate limit has a token for an ICMP error.
 */
void reference_decide(struct reference *reference, const uint8_t *frame, uint32_t length, bool may_reply,
		      struct reference_answer *ret);

/*
 * The branches of the model, each with a sentence: what the fuzzer must have reached before its word counts. Reached
 * branches are counted from the start of the process.
 */
struct reference_branch {
	const char *name;
	bool is_of_flows; /* reached only after other packets and changes, or where services look for QUIC connection ids */
	uint64_t reached;
};
const struct reference_branch *reference_branches(unsigned int *ret_count);

#endif
