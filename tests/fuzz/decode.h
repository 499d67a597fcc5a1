/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames for people: a line for each layer, as far as it can be read. */
#ifndef FUZZ_DECODE_H
#define FUZZ_DECODE_H

#include <stdio.h>

#include "leat/hash.h"
#include "packet/draw.h"

/* Each line begins with where the layer begins. */
void decode_print(FILE *out, const struct frame *frame);
/* Sixteen bytes a line; those that another frame has not, or not so, are marked. other may be NULL. */
void decode_hex(FILE *out, const struct frame *frame, const struct frame *other);

/* The destination of the IP packet below up to two VLAN tags; all zero if there is none. */
void decode_destination(const struct frame *frame, struct leat_addr *ret);

#endif
