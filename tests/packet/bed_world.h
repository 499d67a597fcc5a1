/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test bed's maps hold: the services of bed.h. */
#ifndef PACKET_BED_WORLD_H
#define PACKET_BED_WORLD_H

#include "model/world.h"
#include "packet/bed.h"

#define BED_POOLS       (PORT_END - PORT_IPIP)
#define BED_MEMBERS_MAX 5
#define BED_SEED        42
#define BED_ASTRAY      12345 /* an interface that may not be redirected to */
/* Services and backends have numbers below. */
#define BED_NUMBERS_MAX 200
_Static_assert(4 * BED_POOLS + 40 < BED_NUMBERS_MAX && BED_MEMBERS_MAX * BED_POOLS < BED_NUMBERS_MAX, "room for all");

/* Behind a port: a pool of LEAT_TABLE_SIZE_MIN slots whose members weigh 1. */
struct bed_line {
	enum leat_mode mode;
	const char *backend;
	unsigned int members; /* addresses from backend upwards */
	int interface;        /* 0: unresolved; -1: the other one */
	uint16_t mtu;
	uint16_t tags[2];                  /* of two the first is 802.1ad's */
	const char *source, *source_mask; /* NULL: OUTER or OUTER6, whole */
	unsigned int access; /* 1: the list "guarded", 2: "members", 3 and on: one without tokens, by enum leat_rate; 0: none */
};

/* By port, from PORT_IPIP. */
extern const struct bed_line bed_lines[BED_POOLS];

/* Services on prefixes, ranges and other protocols, each with the pool behind a port. */
#define BED_SHAPES 13
struct bed_shape {
	const char *name;
	unsigned int port;
};
extern const struct bed_shape bed_shapes[BED_SHAPES];
#define BED_SERVICES (4 * BED_POOLS + BED_SHAPES)

/* The access list of services that have one, as bed_guard() has it; for bed_fill. */
void bed_rates_set(const uint64_t interval_ns[LEAT_RATES], uint64_t burst_ns, unsigned int prefix4, unsigned int prefix6);
void bed_list_set(const char *allow, const char *deny);
void bed_fill(struct world *world, int other_interface);

#endif
