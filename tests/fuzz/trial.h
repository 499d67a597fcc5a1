/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet through the program and through the model, and whether they agree: verdict, XDP action, all
 * counters, the frame that leaves.
 */
#ifndef FUZZ_TRIAL_H
#define FUZZ_TRIAL_H

#include "fuzz/fill.h"

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
};

/* What the two made of a packet. */
struct answers {
	enum difference difference;
	enum leat_verdict verdict; /* the program's; LEAT_VERDICT_COUNT: not exactly one */
	uint64_t bytes;
	int action;                           /* XDP_... */
	struct leat_counter service, backend; /* by how much those rose that the model names */
	struct frame frame;
	struct reference_answer model;
};

struct trial {
	struct loaded loaded;
	bool has_frags;
	struct filler filler;
	struct settings settings; /* in the maps now */
	struct filled filled;
	struct reference_config config;
	struct reference *reference;
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

/* Goes from the settings in the maps to these. 0, or -errno with its sentence. */
int trial_configure(struct trial *trial, const struct settings *settings, struct err *err);

void trial_run(struct trial *trial, const struct frame *frame, struct answers *ret);

/* Whether no counter rose but those looked at; false: look again with is_careful. */
bool trial_settled(struct trial *trial);

const char *verdict_name(enum leat_verdict verdict);

#endif
