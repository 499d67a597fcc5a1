/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat's program, loaded onto maps of its own in a network namespace of its own, and run on one frame at a
 * time. What the maps hold is the caller's: the test bed's services (bed.h) or those that the fuzzer draws.
 */
#ifndef PACKET_LOADED_H
#define PACKET_LOADED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/world.h" /* before the skeleton, which names the verdicts' enum */
#include "leat.skel.h"
#include "packet/draw.h"

/* Test runs receive on the loopback. */
#define LOADED_INGRESS 1
/* Bytes before a frame that the kernel leaves free; of them, what is filled is taken. */
#define LOADED_HEADROOM         216
#define LOADED_HEADROOM_SET     64
#define LOADED_HEADROOM_SET_OLD 32 /* the most that Linux < 6.3 takes */
/* The longest frame for a program without frags; the first buffer of longer ones holds as much. */
#define LOADED_LINEAR_MAX 3520

struct loaded {
	struct leat_bpf *skeleton;
	unsigned int cpus;
	int other_interface; /* the end of a veth pair, which may be redirected to */
	int peer_interface;  /* the other end, which may not */
	struct world world;
	struct leat_counter *verdicts, *services, *backends;
	uint64_t *flow_counters;
	struct leat_fragment_set *fragments; /* LEAT_FRAGMENT_SETS_MAX */
	/* Bytes before the frame that are 0xff and taken: what is left is for new headers. */
	unsigned int headroom_set;
};

/* bond: the interface that the program takes for its bond; 0: none. 0, or -errno with its sentence. */
int loaded_up(bool frags, uint32_t bond, struct loaded *ret, struct err *err);
void loaded_down(struct loaded *loaded);

/* Whether packets may be redirected to an interface. 0 or -errno. */
int loaded_allow(const struct loaded *loaded, uint32_t interface, bool allowed);
/* A full bucket of ICMP errors for every CPU. 0 or -errno. */
int loaded_limiters_fill(const struct loaded *loaded);
/* The budget of new pins spent on every CPU, for centuries, and that of ICMP errors full. 0 or -errno. */
int loaded_pins_spend(const struct loaded *loaded);

/* No datagram is under way in fragments any more. */
void loaded_fragments_forget(const struct loaded *loaded);

/* Runs the program on the frame: 0, or -errno if the kernel refuses the frame. out may be in. */
int loaded_run(const struct loaded *loaded, const struct frame *in, struct frame *out, int *ret_action);

/* A counter summed over the CPUs; of: counters that a CPU has. */
struct leat_counter loaded_count(const struct loaded *loaded, const struct leat_counter *counters,
				 unsigned int of, unsigned int number);

const char *verdict_name(enum leat_verdict verdict);

#endif
