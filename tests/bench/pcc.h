/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Per-connection consistency, measured: a trace of flows that begin, send and end while backends change, played to several
 * policies at once; an oracle knows each flow's first backend under each policy. docs/flows.md has the figures.
 *
 *   pcc_trace.c    flows and changes, drawn from a seed; the oracle
 *   pcc_leat.c     leat: the loaded program, fed by user/model's plans and sweeps
 *   pcc_others.c   the table alone; every flow in an LRU; JET
 *   pcc.c          the scenes, the tables that are printed
 */
#ifndef BENCH_PCC_H
#define BENCH_PCC_H

#include <stdbool.h>
#include <stdint.h>

#include "leat/maps.h"

#define PCC_MEMBERS_MAX 4096 /* members ever: a removed one does not come back under its index */
#define PCC_TABLE       LEAT_TABLE_SIZE_DEFAULT
#define PCC_STEP_MS     10
#define PCC_GAP_MS      20000 /* a flow's packets are at most so far apart */
#define PCC_IDLE_MS     60000 /* leat's idle time */
#define PCC_TICK_MS     125
#define PCC_POLICIES    4

enum pcc_state { PCC_ABSENT, PCC_UP, PCC_DOWN, PCC_DRAINING };

struct pcc_member {
	enum pcc_state state;
	uint16_t weight;
	uint64_t died_ms; /* last time that it ceased to live; 0: never */
};

struct pcc_world {
	uint64_t now_ms;
	struct pcc_member members[PCC_MEMBERS_MAX]; /* 1 .. member_count */
	unsigned int member_count;
};

static inline bool pcc_lives(const struct pcc_member *m)
{
	return m->state == PCC_UP || m->state == PCC_DRAINING;
}

struct leat_addr pcc_member_addr(unsigned int member);

struct pcc_packet {
	uint32_t tuple; /* names the flow's 5-tuple, never used twice */
	bool is_first, is_last;
	uint64_t hash; /* leat_hash_flow of it */
};

struct pcc_policy {
	const char *name;
	void (*open)(const struct pcc_world *world, uint32_t flow_words);
	void (*change)(const struct pcc_world *world); /* members have changed */
	void (*step)(const struct pcc_world *world);   /* PCC_STEP_MS have passed */
	unsigned int (*send)(const struct pcc_world *world, const struct pcc_packet *packet); /* the member that gets it */
	void (*close)(void);
};
extern const struct pcc_policy pcc_leat, pcc_table, pcc_lru, pcc_jet;

/* The 5-tuple's hash, as the program computes it. */
uint64_t pcc_hash(uint32_t tuple);
void pcc_tuple(uint32_t tuple, __be32 *ret_source, uint16_t *ret_port);
extern struct leat_factors pcc_factors;
#define PCC_SEED 0x1ea7

/* What leat held, beside what it did. */
struct pcc_leat_figures {
	uint64_t pins_most;
	double tracked_share; /* of slots, mean over the scene */
	uint64_t packets, looked; /* forwarded; of which asked the flow table */
	uint64_t evicted;
};
struct pcc_leat_figures pcc_leat_figures(void);
struct loaded *pcc_leat_loaded(void);

struct pcc_scene {
	unsigned int backends;
	double changes_per_s;
	unsigned int seconds;
	uint32_t flows;      /* at the same time, always */
	uint32_t flow_words; /* of leat's table; the LRU gets as many bytes */
	uint32_t flood;      /* SYNs from as many sources, evenly over the scene, that nothing follows */
	uint64_t seed;
	const struct pcc_policy *policies[PCC_POLICIES];
	unsigned int policy_count;
};

struct pcc_result {
	uint64_t flows, packets, changes, flooded;
	uint64_t broken[PCC_POLICIES]; /* flows that left a living backend, by policy */
	uint64_t judged[PCC_POLICIES]; /* flows whose backend lived to their end or until they were broken */
	struct pcc_leat_figures leat;
};
void pcc_play(const struct pcc_scene *scene, struct pcc_result *ret, void (*progress)(double share));

#endif
