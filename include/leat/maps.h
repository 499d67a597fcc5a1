/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records in the BPF maps: what the daemon writes and the program reads. All maps are memory-mapped
 * arrays; the daemon is the only writer of all but counters and limiters.
 *
 * How a change stays whole (design promise 3): what many words describe is written beside what is in
 * use, and one aligned store switches: `leat_pool.table`, `leat_control.index`, `server_ids` and `guards`, `leat_backend.active`.
 * What was in use is reused only after every packet that may have seen it has left (an RCU grace period).
 */
#ifndef LEAT_MAPS_H
#define LEAT_MAPS_H

#include "flow.h"
#include "fragment.h"
#include "guard.h"
#include "hash.h"
#include "quic.h"
#include "shape.h"
#include "verdict.h"

#define LEAT_SERVICES_MAX 32768 /* records, service addresses as a whole included; number 0 is nobody */
#define LEAT_POOLS_MAX 4096
#define LEAT_BACKENDS_MAX 32768 /* memberships; a slot holds a number in 15 bits; number 0 is nobody */
#define LEAT_SLOTS_MAX (64u * LEAT_TABLE_SIZE_DEFAULT) /* slots of all tables together: 63 default tables and room to replace one */

#define LEAT_TABLE_SIZE_MIN 251
#define LEAT_TABLE_SIZE_MAX 131071
#define LEAT_TABLE_SIZE_DEFAULT 65537

/* --- service index ------------------------------------------------------------------------------ */
/*
 * Entry: fingerprint:16 | service number:16; 0 is free; entries fill a bucket from the front.
 * A service's bucket is leat_hash_slot(hash, buckets), its fingerprint the low 16 bits of the hash.
 */
#define LEAT_BUCKET_ENTRIES 16
#define LEAT_BUCKETS_MAX 32768 /* of one index; the map holds two, one in use */

struct leat_bucket {
	__u32 entry[LEAT_BUCKET_ENTRIES];
};
_Static_assert(sizeof(struct leat_bucket) == 64, "one cache line");

#define LEAT_BUCKET_ENTRY(hash, service) ((__u32)(hash) << 16 | (service))

enum { LEAT_SERVICE_PORT = 1, LEAT_SERVICE_ADDRESS = 2 };

/*
 * Flags:  guard:8 | quic:7 | sticky:1.  Sticky, UDP: flows stay where they began; without it the table alone decides. quic: LEAT_QUIC() of
 * what connection ids are looked for; 0: none. guard: number of the access list; 0: none.
 */
enum { LEAT_SERVICE_STICKY = 1 };
#define LEAT_SERVICE_QUIC(flags) (((flags) >> 1) & 0x7f)
#define LEAT_SERVICE_GUARD(flags) (((flags) >> 8) & 0xff)
#define LEAT_SERVICE_FLAGS(sticky, quic, guard) ((guard) << 8 | (quic) << 1 | ((sticky) ? LEAT_SERVICE_STICKY : 0))

/* Immutable while its number is in the index, except `pool` and `flags`. */
struct leat_service {
	struct leat_service_key key;
	__u32 pool;
	__u16 kind;  /* LEAT_SERVICE_PORT; LEAT_SERVICE_ADDRESS: an address some service has; 0: free */
	__u16 flags; /* LEAT_SERVICE_FLAGS */
};
_Static_assert(sizeof(struct leat_service) == 32, "two to a cache line");

/* --- shapes ------------------------------------------------------------------------------------- */
/*
 * Services on more than one address, port or protocol, made flat: of services that overlap the daemon has decided already
 * (shape.h says how). Looked at where the index finds nothing, and only if there are any.
 */
#define LEAT_SPANS_MAX      16384 /* of one index; the map holds two, of which one is in use with the index */
#define LEAT_PORT_SPANS_MAX 65536 /* likewise */

/* Addresses, as numbers (leat_addr_number()): by `first`, none overlap. */
struct leat_span {
	__u64 first[2], last[2];
	__u32 ports, port_count; /* its port spans: the first one's place in the half, how many */
	__u32 service;           /* the record of the prefix as a whole */
	__u32 zero;
};
_Static_assert(sizeof(struct leat_span) == 48, "no holes");

/* Protocol and port, as numbers: by `first`, of one span none overlap. */
struct leat_port_span {
	__u32 first, last; /* LEAT_PORT_NUMBER() */
	__u32 service;
	__u32 zero;
};
_Static_assert(sizeof(struct leat_port_span) == 16, "four to a cache line");

#define LEAT_PORT_NUMBER(protocol, port) ((__u32)(protocol) << 16 | (port)) /* port in host byte order; 0: the protocol has none */

/* --- pools and tables --------------------------------------------------------------------------- */
/*
 * A slot:  tracked:1 | 0 | previous backend:15 | current backend:15   (current in the lowest bits)
 *
 * Untracked (previous is 0): every flow of the slot is at `current`; no flow memory is looked at. Tracked: flow.h says who
 * is. docs/flows.md has the argument.
 */
#define LEAT_SLOT(current, previous, tracked) ((__u32)(tracked) << 31 | (__u32)(previous) << 15 | (current))
#define LEAT_SLOT_CURRENT(slot) ((slot) & 0x7fff)
#define LEAT_SLOT_PREVIOUS(slot) (((slot) >> 15) & 0x7fff)
#define LEAT_SLOT_TRACKED(slot) ((slot) >> 31)

/* Slots lie one after another; the map holds them by the cache line, because the kernel rounds elements up to 8 bytes. */
#define LEAT_LINE_SLOTS 16

struct leat_slot_line {
	__u32 slot[LEAT_LINE_SLOTS];
};
_Static_assert(sizeof(struct leat_slot_line) == 64, "one cache line");

/*
 * Where a pool's table is:  offset in the slots map:24 | members:20 | slots:20.  0 slots: nobody. Behind the slots lie the
 * numbers of the backends that own slots, each once, for the schedulers that look at all of them; 0 members: not listed.
 */
#define LEAT_TABLE(offset, size, members) ((__u64)(offset) << 40 | (__u64)(members) << 20 | (size))
#define LEAT_TABLE_OFFSET(table) ((__u32)((table) >> 40))
#define LEAT_TABLE_MEMBERS(table) ((__u32)((table) >> 20) & 0xfffff)
#define LEAT_TABLE_SIZE(table) ((__u32)(table) & 0xfffff)

/* How the first packet of a flow finds its backend. The numbers are in pinned maps: only ever add. */
enum leat_scheduler {
	LEAT_SCHEDULER_MH,     /* the slot's; also sh, which differs in what is hashed */
	LEAT_SCHEDULER_TURN,   /* rr, wrr: the next slot of the table, which is interleaved */
	LEAT_SCHEDULER_RANDOM, /* any slot's */
	LEAT_SCHEDULER_LEAST,  /* lc, wlc: the fewest connections for its weight, of all members */
	LEAT_SCHEDULER_TWO,    /* p2c: likewise, of two slots drawn */
	LEAT_SCHEDULER_LATENCY, /* lrt: the least (connections + 1) * latency / weight, of two slots drawn */
};

enum { LEAT_POOL_TRACKS = 1 }; /* all its slots stay tracked */

#define LEAT_SCAN_MAX 512 /* members that LEAST looks at; with more of them as many, from a place that is drawn */

/*
 * What a pool hashes, its grain (hash.h), in one word, so that no packet sees half a change:  looks_back:1 | before:31 | now:32.
 * While the pool looks back, `before` is the grain before the last change, of the other generation; else 0. docs/flows.md.
 */
#define LEAT_HASHED(now) ((__u64)(now))
#define LEAT_HASHED_SINCE(now, before) (1ull << 63 | (__u64)(before) << 32 | (now))
#define LEAT_HASHED_NOW(hashed) ((__u32)(hashed))
#define LEAT_HASHED_BEFORE(hashed) ((__u32)((hashed) >> 32) & 0x7fffffff)
#define LEAT_HASHED_LOOKS_BACK(hashed) ((hashed) >> 63)

struct leat_pool {
	__u64 table;
	__u64 hashed;
	__u32 sticky_ticks; /* pins in state STICKY expire after this many ticks of the clock */
	__u8 scheduler;     /* enum leat_scheduler */
	__u8 flags;         /* LEAT_POOL_TRACKS */
	__u16 zero;
	__u64 zero2[5];
	/* second cache line */
	__u32 turn; /* LEAT_SCHEDULER_TURN: the program counts up */
	__u32 zero3;
	char name[56]; /* NUL-terminated; empty: free */
};
_Static_assert(sizeof(struct leat_pool) == 128, "two cache lines, the second seldom read");

/* --- backends ----------------------------------------------------------------------------------- */
enum leat_mode {
	LEAT_MODE_L2 = 1,   /* rewrite the link addresses (direct server return) */
	/* IPv4 or IPv6 header around the packet, and between the two: */
	LEAT_MODE_IPIP = 2, /* nothing (RFC 2003, 2473, 4213) */
	LEAT_MODE_GRE = 3,  /* 4 bytes of GRE, neither key nor checksum (RFC 2784, 7676) */
	LEAT_MODE_GUE = 4,  /* UDP and 4 bytes of GUE, variant 0 (draft-ietf-intarea-gue-09) */
	LEAT_MODE_GUE1 = 5, /* UDP: GUE, variant 1 */
	LEAT_MODE_FOU = 6,  /* UDP: Linux' foo over UDP, in which the port says what is inside */
};

#define LEAT_HEADER_MAX 80 /* Ethernet 14, two VLAN tags 8, IPv6 40, UDP 8, GUE 4, and 6 to spare */

/*
 * The way to a backend: the whole outer header, ready to copy. header[0 .. link_len) is Ethernet and VLAN
 * tags with the EtherType last; for l2 the program sets the EtherType to the packet's own. For tunnels
 * header[link_len .. link_len + outer_len) is the outer IP header and what lies between it and the packet. Its constant
 * fields are set. 0 are: in IPv4 tos, total length, protocol and checksum; in IPv6 traffic class, flow label, payload
 * length and next header; in GRE and GUE the protocol; in UDP source port, length and checksum.
 */
struct leat_way {
	__u8 header[LEAT_HEADER_MAX];
	__u32 ifindex;      /* the interface to leave by; 0: way unknown (no route, no link address) */
	__be32 source_mask; /* bits of the outer source's last 32 that the flow's hash fills; 0: none */
	__u16 mtu;          /* of the outgoing interface or route, bytes of IP packet, outer header included */
	__u16 partial;      /* IPv4 outer: ones' complement sum of the IP header as prepared, folded, not inverted */
	__u8 mode;          /* enum leat_mode */
	__u8 link_len;      /* 14, 18 or 22 */
	__u8 outer_len;     /* 0 (l2); 20 or 40, and 4 (gre), 8 (gue1, fou) or 12 (gue) */
	__u8 zero;
};
_Static_assert(sizeof(struct leat_way) == 96, "two ways and the head fill four cache lines");

struct leat_backend {
	__u32 active; /* ways[active & 1] and server_ids[active & 1] are in use */
	__u32 pool;
	struct leat_addr addr; /* all zero: number free */
	__u16 weight;          /* as configured, 0 .. 65535 */
	__u16 lives;           /* 1: gets the packets of its flows (up or draining); 0: they go to others */
	__u32 zero2;
	struct leat_server_id server_ids[2]; /* in its pool; all zero: none */
	struct leat_way ways[2];
};
_Static_assert(sizeof(struct leat_backend) == 256, "four cache lines");

/*
 * Index of server ids: like that of services, of backend numbers; the backend's record holds pool and id. A bucket is
 * leat_hash_slot(leat_hash_server_id(), buckets).
 */
#define LEAT_ID_BUCKETS_MAX 16384 /* of one index; the map holds two, one in use */

/* --- one record: what holds for all ------------------------------------------------------------- */
struct leat_control {
	__u64 index; /* which index is in use:  spans:31 | half (0 or 1):1 | buckets:32.  0 buckets: no service */
	__u64 seed;
	struct leat_factors factors; /* of the seed */
	__u64 icmp_interval_ns;      /* one ICMP error per CPU in this time, bursts of LEAT_ICMP_BURST; 0: none sent */
	__u64 version;               /* LEAT_MAPS_VERSION */
	__u64 pin_interval_ns;       /* the flow guard: one new pin per CPU in this time, bursts of LEAT_PIN_BURST; 0: no limit */
	__u32 flow_mask;             /* sets of the flow table - 1; a power of two - 1 */
	__u32 clock;                 /* of flows, in ticks: the daemon counts up; it stands still while there is none */
	__u16 timeout[4];            /* ticks by enum leat_flow_state; STICKY: the longest of all pools; under LEAT_FLOW_AGES / 2 */
	__u32 next_backend;          /* where the daemon looks for the next free number, so that a number rests long; 0: nowhere yet */
	__u32 moves;                 /* of pins to sets with lower numbers: the program counts up */
	__u64 server_ids; /* which index of server ids is in use: as `index` */
	__u32 guards;        /* which set of access lists is in use: 0 or 1 */
	__u32 fragment_sets; /* of `fragments` in use: a power of two, or 0: none, and no fragment is forwarded */
};
_Static_assert(sizeof(struct leat_control) == 128, "two cache lines");

#define LEAT_MAPS_VERSION 4
#define LEAT_INDEX(half, buckets) ((__u64)(half) << 32 | (buckets))
#define LEAT_INDEX_WITH_SPANS(half, buckets, spans) ((__u64)(spans) << 33 | LEAT_INDEX(half, buckets))
#define LEAT_INDEX_HALF(index) ((__u32)((index) >> 32) & 1)
#define LEAT_INDEX_BUCKETS(index) ((__u32)(index))
#define LEAT_INDEX_SPANS(index) ((__u32)((index) >> 33))
#define LEAT_ICMP_BURST 10
#define LEAT_PIN_BURST 10000

/* --- load --------------------------------------------------------------------------------------- */
/* Of a backend, by its number. */
struct leat_load {
	__u32 connections; /* pins that name it: both worlds add and subtract atomically as pins come and go; outlasts its backend */
	__u32 weight;      /* effective, at least 1; in one unit for a pool */
	__u32 latency_us;  /* the probes' smoothed response time, at least 1 */
	__u32 zero;
};
_Static_assert(sizeof(struct leat_load) == 16, "four to a cache line");

/* --- counters ----------------------------------------------------------------------------------- */
/*
 * Arrays of `CPUs * LEAT_..._MAX` counters, those of one CPU together, so that no two CPUs write one
 * cache line. Bytes: frame as received, from the Ethernet header to the end of the IP packet.
 */
struct leat_counter {
	__u64 packets;
	__u64 bytes;
};

#define LEAT_VERDICTS_MAX 64 /* counters a CPU has for verdicts: a multiple of a cache line's four */
_Static_assert((int)LEAT_VERDICT_COUNT <= LEAT_VERDICTS_MAX, "room for every verdict");

/* Token buckets of a CPU, a cache line: when each is full again, CLOCK_MONOTONIC. */
struct leat_limiter {
	__u64 full_at_ns; /* ICMP errors */
	__u64 pins_full_at_ns;
	__u64 zero[6];
};

/*
 * Names of the maps in the object and under the pin directory: X(map, element type, elements; per CPU where 1). `flows` has
 * control.flow_mask + 1 elements, by default as many as stand here.
 */
#define LEAT_MAPS(X) \
	X(control, struct leat_control, 1, 0) \
	X(buckets, struct leat_bucket, 2 * LEAT_BUCKETS_MAX, 0) \
	X(services, struct leat_service, LEAT_SERVICES_MAX, 0) \
	X(spans, struct leat_span, 2 * LEAT_SPANS_MAX, 0) \
	X(port_spans, struct leat_port_span, 2 * LEAT_PORT_SPANS_MAX, 0) \
	X(pools, struct leat_pool, LEAT_POOLS_MAX, 0) \
	X(slots, struct leat_slot_line, LEAT_SLOTS_MAX / LEAT_LINE_SLOTS, 0) \
	X(backends, struct leat_backend, LEAT_BACKENDS_MAX, 0) \
	X(server_ids, struct leat_bucket, 2 * LEAT_ID_BUCKETS_MAX, 0) \
	X(loads, struct leat_load, LEAT_BACKENDS_MAX, 0) \
	X(flows, struct leat_flow_set, LEAT_FLOW_SETS_DEFAULT, 0) \
	X(guards, struct leat_guard, 2 * LEAT_GUARDS_MAX, 0) \
	X(edges4, struct leat_edge_line, 2 * LEAT_EDGES_MAX / LEAT_LINE_EDGES, 0) \
	X(edges6, struct leat_edge6, 2 * LEAT_EDGES_MAX, 0) \
	X(service_tokens, struct leat_tokens, LEAT_SERVICES_MAX, 0) \
	X(source_tokens, struct leat_source_set, LEAT_SOURCE_SETS, 0) \
	X(flow_counters, __u64, LEAT_FLOW_EVENTS_MAX, 1) \
	X(verdict_counters, struct leat_counter, LEAT_VERDICTS_MAX, 1) \
	X(service_counters, struct leat_counter, LEAT_SERVICES_MAX, 1) \
	X(backend_counters, struct leat_counter, LEAT_BACKENDS_MAX, 1)

#endif
