/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records in the BPF maps: what the daemon writes and the program reads. All maps are memory-mapped
 * arrays; the daemon is the only writer of all but counters and limiters.
 *
 * How a change stays whole (design promise 3): what many words describe is written beside what is in
 * use, and one aligned store switches: `leat_pool.table`, `leat_control.index`, `leat_backend.active`.
 * What was in use is reused only after every packet that may have seen it has left (an RCU grace period).
 */
#ifndef LEAT_MAPS_H
#define LEAT_MAPS_H

#include "hash.h"
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

/* Immutable while its number is in the index, except `pool`. */
struct leat_service {
	struct leat_service_key key;
	__u32 pool;
	__u32 kind; /* LEAT_SERVICE_PORT; LEAT_SERVICE_ADDRESS: an address some service has; 0: free */
};
_Static_assert(sizeof(struct leat_service) == 32, "two to a cache line");

/* --- pools and tables --------------------------------------------------------------------------- */
/*
 * A slot:  current backend:15 | previous backend:15 | tracked:1   (bit 0 the lowest of `current`)
 * `previous` and `tracked` are 0 until flow consistency uses them.
 */
#define LEAT_SLOT_CURRENT(slot) ((slot) & 0x7fff)

/* Slots lie one after another; the map holds them by the cache line, because the kernel rounds elements up to 8 bytes. */
#define LEAT_LINE_SLOTS 16

struct leat_slot_line {
	__u32 slot[LEAT_LINE_SLOTS];
};
_Static_assert(sizeof(struct leat_slot_line) == 64, "one cache line");

/* table: where the pool's slots are. Offset in the slots map << 32 | number of slots; 0 slots: nobody. */
#define LEAT_TABLE(offset, size) ((__u64)(offset) << 32 | (size))
#define LEAT_TABLE_OFFSET(table) ((__u32)((table) >> 32))
#define LEAT_TABLE_SIZE(table) ((__u32)(table))

struct leat_pool {
	__u64 table;
	char name[56]; /* NUL-terminated; empty: free */
};
_Static_assert(sizeof(struct leat_pool) == 64, "one cache line");

/* --- backends ----------------------------------------------------------------------------------- */
enum leat_mode {
	LEAT_MODE_L2 = 1,   /* rewrite the link addresses (direct server return) */
	LEAT_MODE_IPIP = 2, /* IPv4 or IPv6 header around the packet (RFC 2003, 2473, 4213) */
};

#define LEAT_HEADER_MAX 72 /* Ethernet 14, two VLAN tags 8, IPv6 40, and 10 to spare */

/*
 * The way to a backend: the whole outer header, ready to copy. header[0 .. link_len) is Ethernet and VLAN
 * tags with the EtherType last; for l2 the program sets the EtherType to the packet's own. For ipip
 * header[link_len .. link_len + outer_len) is the outer IP header with constant fields set and, in IPv4,
 * tos, total length, protocol and checksum 0; in IPv6, traffic class, flow label, payload length and
 * next header 0.
 */
struct leat_way {
	__u8 header[LEAT_HEADER_MAX];
	__u32 ifindex;      /* the interface to leave by; 0: way unknown (no route, no link address) */
	__be32 source_mask; /* bits of the outer source's last 32 that the flow's hash fills; 0: none */
	__u16 mtu;          /* of the outgoing interface or route, bytes of IP packet, outer header included */
	__u16 partial;      /* IPv4 outer: ones' complement sum of the header as prepared, folded, not inverted */
	__u8 mode;          /* enum leat_mode */
	__u8 link_len;      /* 14, 18 or 22 */
	__u8 outer_len;     /* 0 (l2), 20 or 40 */
	__u8 zero;
	__u64 zero2;
};
_Static_assert(sizeof(struct leat_way) == 96, "two ways and the head fill four cache lines");

struct leat_backend {
	__u32 active; /* ways[active & 1] is in use */
	__u32 pool;
	struct leat_addr addr; /* all zero: number free */
	__u16 weight;          /* as configured, 0 .. 65535 */
	__u16 zero;
	__u32 zero2;
	__u64 zero3[4];
	struct leat_way ways[2];
};
_Static_assert(sizeof(struct leat_backend) == 256, "four cache lines");

/* --- one record: what holds for all ------------------------------------------------------------- */
struct leat_control {
	__u64 index; /* which index is in use: half (0 or 1) << 32 | number of buckets; 0 buckets: no service */
	__u64 seed;
	struct leat_factors factors; /* of the seed */
	__u64 icmp_interval_ns;      /* one ICMP error per CPU in this time, bursts of LEAT_ICMP_BURST; 0: none sent */
	__u64 version;               /* LEAT_MAPS_VERSION */
	__u64 zero[6];
};
_Static_assert(sizeof(struct leat_control) == 128, "two cache lines");

#define LEAT_MAPS_VERSION 1
#define LEAT_INDEX(half, buckets) ((__u64)(half) << 32 | (buckets))
#define LEAT_ICMP_BURST 10

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

/* Token bucket of the ICMP errors, one a CPU, a cache line each. */
struct leat_limiter {
	__u64 full_at_ns; /* when the bucket is full again, CLOCK_MONOTONIC */
	__u64 zero[7];
};

/* Names of the maps in the object and under the pin directory: X(map, element type, elements; per CPU where 1) */
#define LEAT_MAPS(X) \
	X(control, struct leat_control, 1, 0) \
	X(buckets, struct leat_bucket, 2 * LEAT_BUCKETS_MAX, 0) \
	X(services, struct leat_service, LEAT_SERVICES_MAX, 0) \
	X(pools, struct leat_pool, LEAT_POOLS_MAX, 0) \
	X(slots, struct leat_slot_line, LEAT_SLOTS_MAX / LEAT_LINE_SLOTS, 0) \
	X(backends, struct leat_backend, LEAT_BACKENDS_MAX, 0) \
	X(verdict_counters, struct leat_counter, LEAT_VERDICTS_MAX, 1) \
	X(service_counters, struct leat_counter, LEAT_SERVICES_MAX, 1) \
	X(backend_counters, struct leat_counter, LEAT_BACKENDS_MAX, 1)

#endif
