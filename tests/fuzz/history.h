/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened since empty maps, in its order: configurations, packets, time, passes of the sweeper. A difference may depend on
 * all of it, since flows are remembered.
 */
#ifndef FUZZ_HISTORY_H
#define FUZZ_HISTORY_H

#include "fuzz/trial.h"

enum event_kind { EVENT_CONFIGURATION, EVENT_PACKET, EVENT_TICKS, EVENT_PASS };

struct event {
	enum event_kind kind;
	struct settings *settings; /* EVENT_CONFIGURATION */
	struct frame *frame;       /* EVENT_PACKET: with room for its own bytes only */
	uint32_t ticks;            /* EVENT_TICKS */
};

/* All zero: nothing happened. */
struct history {
	struct event *events;
	unsigned int count, room;
};

void history_clear(struct history *h); /* frees */
void history_configuration(struct history *h, const struct settings *settings);
void history_packet(struct history *h, const struct frame *frame);
void history_ticks(struct history *h, uint32_t ticks);
void history_pass(struct history *h);

/* ret, which is empty, without the events first .. first + count - 1. */
void history_without(const struct history *h, unsigned int first, unsigned int count, struct history *ret);
/* The last configuration; NULL: none. */
const struct settings *history_settings(const struct history *h);

/* Makes it happen, from empty maps; what the two make of its packets is not looked at. 0, or -errno with its sentence. */
int history_run(const struct history *h, struct trial *trial, struct answers *scratch, struct err *err);

#endif
