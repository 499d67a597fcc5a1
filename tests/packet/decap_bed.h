/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat-decap's program, loaded beside the test bed: it strips what is to BACKEND or BACKEND6, UDP on three ports. */
#ifndef PACKET_DECAP_BED_H
#define PACKET_DECAP_BED_H

#include <stdbool.h>

#include "leat/decap.h"
#include "packet/draw.h"

#define DECAP_GUE_PORT 6080 /* the others: TUNNEL_PORT and the next */

/* cmocka group setup and teardown; the bed's, too. */
int decap_up(void **state);
int decap_down(void **state);

/* Whether the address is one to strip for, from now on. */
void decap_strip_for(const char *address, bool strips);

/* Runs the program: the outcome, which was counted once, nothing else was, and fits the XDP action. */
enum leat_decap_outcome decap_run(const char *text, const struct frame *in, struct frame *out);

/* in leaves counted as outcome, as drawn, and as it came if it is another's. Frees both frames. */
void strips(const char *text, struct frame *in, enum leat_decap_outcome outcome, struct frame *out);

#endif
