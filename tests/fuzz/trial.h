/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet through the program and through the model, and whether they agree: verdict, XDP action, all
 * counters, the frame that leaves. And what both remember after packets, changes and passes of the sweeper: slots, pins,
 * connections.
 */
#ifndef FUZZ_TRIAL_H
#define FUZZ_TRIAL_H

#include "fuzz/fill.h"
#include "model/sweep.h"

enum difference {
	SAME,
	REFUSED, /* by the kernel: the packet was never run */
	VERDICT, /* or not exactly one counter rose by one */
	ACTION,
	BYTES,
	SERVICE_COUNTER,
	BACKEND_COUNTER,
	OTHER_COUNTER, /* of a service or backend that the packet has nothing to do with */
	FRAME_LENGTH,
	FRAME_BYTES,
	EVENT,  /* another counter of flows rose, or not by one */
	BROKEN, /* both agree, and a flow was taken from a living backend: reference_broken() */
	MEMORY, /* slots, pins or connections */
};

#define MEMORY_TEXT_MAX 200

/* What the two made of a packet. */
struct answers {
	enum difference difference;
	enum leat_verdict verdict; /* the program's; LEAT_VERDICT_COUNT: not exactly one */
	uint64_t bytes;
	int action;                           /* XDP_... */
	struct leat_counter service, backend; /* by how much those rose that the model names */
	enum reference_event event;           /* the program's; EVENT_SEVERAL: not one or none */
	struct frame frame;
	struct reference_answer model;
	char memory[MEMORY_TEXT_MAX]; /* MEMORY: what differs */
};
#define EVENT_SEVERAL (REFERENCE_UNPINNED + 1)

struct trial {
	struct loaded loaded;
	bool has_frags;
	struct filler filler;
	struct settings settings; /* in the maps now */
	struct filled filled;
	struct reference_config config;
	struct reference *reference; /* NULL: nothing is configured */
	struct sweep *sweep;
	uint64_t events[LEAT_FLOW_EVENTS_MAX]; /* counters of flows, likewise */
	unsigned int broken; /* reference_broken() until now */
	uint32_t clock_passed; /* the clock at the last pass */
	/* Counters as they should stand, summed over the CPUs. */
	struct leat_counter verdicts[LEAT_VERDICTS_MAX], services[LEAT_SERVICES_MAX],
		backends[LEAT_BACKENDS_MAX];
	bool is_careful; /* look at all counters after every packet; else only trial_settled() does */
	/* For tests of the fuzzer itself: makes the model's answer wrong. NULL: nothing does. */
	void (*plant)(const struct frame *frame, struct reference_answer *answer);
};

/* The caller frees with trial_close. NULL: err says why. */
struct trial *trial_open(bool frags, struct err *err);
void trial_close(struct trial *trial);

/* Nothing configured, nothing remembered. 0, or -errno with its sentence. */
int trial_start(struct trial *trial, struct err *err);
/* Goes from the settings in the maps to these; starts, if their seed is another. 0, or -errno with its sentence. */
int trial_configure(struct trial *trial, const struct settings *settings, struct err *err);
/* Forgets all flows and turns; slots stay as they are. */
void trial_forget(struct trial *trial);

/* Time goes by. */
void trial_ticks(struct trial *trial, uint32_t ticks);
/* A whole pass of the sweeper. */
void trial_pass(struct trial *trial);
/* Whether the two remember the same; false: ret (MEMORY_TEXT_MAX) says what they do not. memory.c */
bool trial_remembers(const struct trial *trial, char *ret);

void trial_run(struct trial *trial, const struct frame *frame, struct answers *ret);

/* Whether no counter rose but those looked at; false: look again with is_careful. */
bool trial_settled(struct trial *trial);

#endif
