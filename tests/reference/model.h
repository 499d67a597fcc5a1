/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the reference model share. A frame goes from read.c (what is in it) over decide.c and shapes.c (whose it is) to
 * forward.c and reply.c (what leaves); fragments.c says where later fragments go; table.c builds the tables beforehand. What is remembered of flows: change.c
 * (slots), flows.c (pins), schedule.c (where new flows go).
 */
#ifndef REFERENCE_MODEL_H
#define REFERENCE_MODEL_H

#include "reference/branches.h"
#include "reference/reference.h"

/* A membership in a pool, from when it comes until it goes. Who comes back is another. */
struct backend {
	unsigned int name; /* of its pool */
	struct leat_addr addr;
	bool is_there, was_there; /* in the configuration, and in the one before */
	bool lives;
	unsigned int pool, member; /* is_there: where */
	unsigned int flows;        /* pinned to it */
};

/* Backends by their index in reference.backends; 0: nobody. */
struct slot {
	unsigned int current, previous;
	bool is_tracked;
	bool was_settled; /* at the end of the last pass and ever since: previous is current, and not all slots are tracked */
	bool is_astray;   /* the pass under way found a flow that is pinned elsewhere */
	uint32_t since;   /* the clock when it became tracked */
};

/* What is remembered of a pool, by the index that it has in the configuration. */
struct past {
	unsigned int name;
	uint32_t size; /* of the table; 0: there is none */
	struct slot *slots;
	uint32_t turn;
	/* As configured: */
	bool by_client, schedules;
	unsigned int prefix4, prefix6;
	uint32_t sticky_ticks, idle; /* idle: the idle time */
	bool has_settled; /* before a change: every slot was tracked for the idle time */
};

/* A pinned flow: the service's key, and of the source as much as the pool hashes. */
struct flow {
	struct leat_service_key key;
	struct leat_addr source;
	uint16_t source_port;
	uint64_t hash;
	unsigned int backend;
	enum reference_state state;
	uint32_t seen;
	struct flow *next; /* of those that begin their search at one place */
};

/* Where the last packet of a flow went. */
struct connection {
	struct flow *flow; /* whose it is */
	unsigned int backend;
	bool is_open;    /* TCP: sent two packets there since it was opened */
	bool is_closing; /* TCP: sent FIN or RST since */
	uint32_t seen;
	struct connection *next;
};

/* What a source owes at a service, or a service: see struct reference_access. */
struct debt {
	struct leat_service_key key;
	bool is_source;
	struct leat_addr source;
	uint32_t packets, flows;
	struct debt *next;
};

#define FLOW_PLACES 4096

struct datagram; /* fragments.c */

struct reference {
	const struct reference_config *config;
	struct leat_factors factors;
	struct past *pools;
	unsigned int pool_count;
	struct backend *backends;
	unsigned int backend_count; /* nobody included */
	struct flow *flows[FLOW_PLACES];
	unsigned int flow_count;
	struct datagram *datagrams; /* whose first fragment went somewhere */
	struct connection *connections[FLOW_PLACES];
	struct debt *debts[FLOW_PLACES];
	unsigned int broken; /* packets that did not go where their connection is */
	uint32_t idle_least; /* of all idle times so far */
	uint32_t clock;
};

/* By what a packet asks for a service. */
enum asks {
	ASKS_PORT,    /* protocol, address and port */
	ASKS_OTHER,   /* protocol and address: one that has no ports */
	ASKS_ADDRESS, /* the address as a whole: ports are not there, or not known */
	ASKS_NOTHING, /* whatever the address, it is not for a service */
};

enum fragment { WHOLE, FIRST, LATER };

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
	enum fragment fragment;
	uint32_t identification; /* FIRST, LATER: the datagram's */
	bool is_error; /* ICMP's, about a packet of the flow that addresses and ports name */
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

/* All zero; aborts where there is none. */
void *reference_memory(size_t count, size_t size);

/* read.c: TCP, UDP, SCTP. */
bool reference_has_ports(uint8_t protocol);

/*
 * shapes.c: index of the service that has address, protocol and port (0: the protocol has none); REFERENCE_NONE: no such. And
 * whether some service has the address.
 */
uint32_t reference_service_of(const struct reference_config *config, const struct leat_addr *addr, uint8_t protocol, uint16_t port);
bool reference_has_address(const struct reference_config *config, const struct leat_addr *addr);

/* table.c: owners of the slots of a pool, by index of the member, -1: nobody; the caller frees. */
int *reference_table_build(const struct reference_pool *pool, uint64_t seed);

/* quoted.c: an ICMP error becomes a packet of the flow that it quotes; false: it is none, or no flow's can be seen in it. */
bool reference_read_quoted(struct packet *p);

/* read.c: how many bytes of headers can be read from `at` on. */
uint32_t reference_readable(const struct packet *p, uint32_t at);

/* access.c */
bool reference_lets_in(const struct reference_config *config, const struct packet *p, const struct reference_service *service);

/* limits.c: LEAT_NEXT, or which limit the packet meets; what is owed is forgotten, or that of services that are gone. */
enum leat_verdict reference_limit(struct reference *r, const struct packet *p, const struct reference_service *service);
void reference_limits_forget(struct reference *r, bool all);

/* flows.c: the backend for a packet, by the pool's table and what is remembered; sets hash and ret->event. 0: nobody. */
unsigned int reference_backend(struct reference *r, const struct packet *p, const struct reference_service *service,
			       uint64_t *ret_hash, struct reference_answer *ret);
void reference_flows_forget(struct reference *r);

/* fragments.c: what becomes of a fragment for a service or its address. LEAT_NEXT: a first one goes on, a later one to *ret_backend. */
enum leat_verdict reference_fragment(const struct reference *r, const struct packet *p, struct reference_answer *ret,
				     unsigned int *ret_backend);
/* service: its index. */
void reference_fragment_remember(struct reference *r, const struct packet *p, uint32_t service, unsigned int backend);
/* What stands for the flow's hash in outer headers. */
uint64_t reference_fragment_hash(const struct reference *r, const struct packet *p);
void reference_fragments_forget(struct reference *r);

/* quic.c: the living backend that the packet's connection id names; 0: none. Of a service that looks for them. */
unsigned int reference_quic(const struct reference *r, const struct packet *p, const struct reference_service *service);

/* Whether the two are one: by their whole keys. */
bool reference_flow_is(const struct flow *a, const struct flow *b);

/*
 * promise.c: what a flow may expect; after each packet of TCP or sticky UDP, and after each change. flags: TCP's. backend 0:
 * it went nowhere.
 */
void reference_promise(struct reference *r, const struct flow *flow, bool tells_age, uint8_t flags, unsigned int backend);
/* old: the pools before, NULL: all is forgotten. */
void reference_promise_change(struct reference *r, const struct past *old, unsigned int count);

/* schedule.c: the backend for a flow that begins, in a slot of this owner. 0: nobody. */
unsigned int reference_schedule(struct reference *r, unsigned int pool, uint64_t hash, unsigned int owner);

/* read.c: NOT_IP, L3_MALFORMED or LEAT_NEXT. ret->frame, length and first_buffer are set by the caller. */
enum leat_verdict reference_read(struct packet *ret);

/* tunnel.c: bytes before the packet, 0: l2; whether the outermost IP header is IPv4's; the headers written. */
uint32_t tunnel_length(const struct choice *c);
bool tunnel_is_ipv4(const struct choice *c);
void tunnel_write(const struct packet *p, const struct choice *c, uint8_t *at);

/* forward.c: the verdict; ret's frame, length, action and ifindex if it is FORWARDED or another that leaves. */
enum leat_verdict reference_forward(const struct reference_config *config, const struct packet *p,
				    const struct choice *choice, bool may_reply, struct reference_answer *ret);

/* reply.c: the frames that go back. */
void reference_reply_echo(const struct packet *p, struct reference_answer *ret);

/* An ICMP error: type and code, and bytes 4 to 7 of its header. False: no headroom. */
bool reference_reply_error(const struct packet *p, unsigned int headroom, uint8_t type, uint8_t code, uint32_t rest,
			   struct reference_answer *ret);

#endif
