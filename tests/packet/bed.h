/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test bed: leat's program, loaded, with services for every kind of way. Port says which way; each has
 * TCP and UDP on VIP and VIP6; services on prefixes and ranges lie beside them (bed_world.h). Filled by user/model, as the
 * daemon does.
 */
#ifndef PACKET_BED_H
#define PACKET_BED_H

#include <stdbool.h>

#include "packet/draw.h"
#include "packet/loaded.h"

#define CLIENT   "198.51.100.7"
#define VIP      "192.0.2.10"
#define CLIENT6  "2001:db8:c::7"
#define VIP6     "2001:db8::10"
#define OUTER    "10.0.0.1" /* source of tunnels */
#define OUTER6   "fd00::1"
#define BACKEND  "10.0.0.2"
#define BACKEND6 "fd00::2"
#define TUNNEL_PORT 0x12ff /* of which IPv6 in fou takes the next: it carries */
#define NEXT_MAC "02:00:00:00:00:aa" /* where ways lead, and where they lead from */
#define OUT_MAC  "02:00:00:00:00:bb"

enum {
	PORT_IPIP = 80, /* to BACKEND; MTU 1500 as all others */
	PORT_IPIP6,     /* to BACKEND6 */
	PORT_L2,
	PORT_EMPTY,      /* no backend */
	PORT_UNRESOLVED, /* link address unknown */
	PORT_REDIRECT,   /* ipip, by another interface */
	PORT_ASTRAY,     /* ipip, by an interface that may not be redirected to */
	PORT_IPIP_TAG,   /* in VLAN 100 */
	PORT_IPIP6_TAGS, /* in VLAN 200 in 300 */
	PORT_L2_TAG,     /* in VLAN 100 */
	PORT_SPREAD,     /* ipip, five backends 10.0.0.101 .. 105, outer source 10.0.0.0/16 */
	PORT_SPREAD6,    /* ipip, five backends fd00::65 .. 69, outer source fd00::/112 */
	PORT_NARROW,     /* ipip to BACKEND, MTU 1280 */
	PORT_JUMBO,      /* ipip to BACKEND, MTU 9000 */
	PORT_GRE,        /* to BACKEND, and so the others; to TUNNEL_PORT where there is UDP */
	PORT_GRE6,       /* to BACKEND6, and so the others */
	PORT_GUE,
	PORT_GUE6,
	PORT_GUE1,
	PORT_GUE16,
	PORT_FOU,
	PORT_FOU6,
	PORT_GRE_TAG,    /* in VLAN 100 */
	PORT_GUE6_TAGS,  /* in VLAN 200 in 300: the longest header */
	PORT_FOU_SPREAD, /* as PORT_SPREAD */
	PORT_L2_TAGS,    /* in VLAN 200 in 300 */
	PORT_GUARDED,    /* l2; its access list, "guarded", denies CLIENT and CLIENT6 */
	PORT_MEMBERS,    /* l2; its access list allows 198.51.100.0/24 and 2001:db8:c::/48, of which the upper halves are denied */
	PORT_LIMITED,    /* l2, and the three after it; no token for: a source's packets, a source's new flows, */
	PORT_LIMITED_SOURCE_FLOWS,
	PORT_LIMITED_PACKETS, /* the service's packets, its new flows */
	PORT_LIMITED_FLOWS,
	PORT_END,
};

extern struct loaded bed;

/* cmocka group setup and teardown. */
int bed_up(void **state);
int bed_up_frags(void **state); /* loaded as xdp.frags */
int bed_up_bond(void **state);  /* loaded for a bond, which PORT_ASTRAY's way leads out of */
int bed_down(void **state);

struct ran {
	int action; /* XDP_... */
	enum leat_verdict
		verdict; /* the one whose counter rose; LEAT_VERDICT_COUNT if not exactly one rose by one */
	struct leat_counter service, backend; /* by how much all services' and all backends' counters rose */
	uint64_t bytes;                       /* counted with the verdict */
	struct frame frame;
};

/* Packets counted so far, over all verdicts and CPUs. */
uint64_t bed_packets(void);
/* Whether this kernel lets a test run set as much headroom as bed.headroom_set says. */
bool bed_headroom_is_possible(void);

/* Runs the program on the frame. */
void bed_run(const struct frame *in, struct ran *ret);

/*
 * The packet leaves by this verdict, counted once, as drawn. out NULL: as it came (PASS), or does not matter
 * (DROP). Both frames are freed.
 */
#define sends(text, in, verdict, out) bed_sends(text, in, verdict, out, __FILE__, __LINE__)
void bed_sends(const char *text, struct frame *in, enum leat_verdict verdict, struct frame *out,
	       const char *file, int line);

/* The action that a verdict means: 'T'X, 'P'ASS, 'D'ROP. */
char bed_action(enum leat_verdict verdict);

/* The flow's hash as user space computes it; ports in host byte order. */
uint64_t bed_hash(uint8_t protocol, const char *from, uint16_t source, const char *to, uint16_t destination);
/* The label that outer IPv6 headers give the flow. */
#define LABEL(protocol, from, source, to, destination)                                                       \
	(bed_hash(protocol, from, source, to, destination) & 0xfffff)

/* Its limits from now on: one a token, ns by enum leat_rate, and all buckets full. */
void bed_rates(const uint64_t interval_ns[LEAT_RATES], uint64_t burst_ns, unsigned int prefix4, unsigned int prefix6);
/* The list "guarded" from now on: prefixes with spaces between them. */
void bed_guard(const char *allow, const char *deny);

/* ICMP errors from now on: one in this time, and a full bucket; 0: none. */
void bed_limit(uint64_t interval_ns);

#endif
