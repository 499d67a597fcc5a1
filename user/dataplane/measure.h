/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running leat's program, and the floors it is measured against, on packets of many flows: for `leat bench`. */
#ifndef DATAPLANE_MEASURE_H
#define DATAPLANE_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "dataplane/dataplane.h"
#include "leat/bench.h"

enum measured {
	MEASURE_BOUNCE, /* sends the packet back as it is: with it what makes the packets is measured */
	MEASURE_FIXED,  /* puts a fixed IPv4 header before it */
	MEASURE_LRU,    /* likewise, and looks the flow up in an LRU hash map by its whole key */
	MEASURE_LEAT,
	MEASURE_COUNT,
};

struct measure_traffic {
	uint8_t frame[LEAT_BENCH_FRAME]; /* of which the source's last bits, and the destination's last 16, are made for each flow */
	bool is_ipv6;
	uint32_t flows;    /* a power of two, 1 to 2^24 */
	uint32_t services; /* destinations: so many from the frame's on */
};

struct measure;

/* A program of leat's as it would be attached, on the maps of the dataplane. lru_flows: room for so many; 0: none. */
int measure_open(struct dataplane *dataplane, uint32_t lru_flows, struct measure **ret, struct err *err);
void measure_close(struct measure *measure);
void measure_traffic_set(struct measure *measure, const struct measure_traffic *traffic);

/* Nanoseconds a packet, the making of it included: BPF_PROG_TEST_RUN. */
int measure_run(struct measure *measure, enum measured which, uint32_t packets, double *ret, struct err *err);

/* --- frames that leave ---------------------------------------------------------------------------- */

#define MEASURE_NEAR "leat-near"
#define MEASURE_FAR  "leat-far"

/*
 * A veth pair in the network namespace of the caller, who has made it for this alone. Frames are sent into the far end,
 * where the program runs that is measured, and counted when they come back. Linux 5.18 or later.
 */
int measure_link_up(int *ret_far, struct err *err);
/* Packets a second that came back. Not of MEASURE_LRU. */
int measure_link(struct measure *measure, enum measured which, uint32_t packets, double *ret, struct err *err);

#endif
