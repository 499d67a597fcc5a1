/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fault put into the model's answers, to see the fuzzer find it, make it small and tell it. */
#ifndef FUZZ_PLANT_H
#define FUZZ_PLANT_H

#include "packet/draw.h"
#include "reference/reference.h"

/* Packets with this TTL or hop limit that go to a backend: the model says they are for no service. */
void (*plant_ttl(uint8_t ttl))(const struct frame *, struct reference_answer *);

/* A packet that a pin decides about: the model says that none did. That takes a packet before. */
void plant_pins(const struct frame *frame, struct reference_answer *answer);

/* A packet that a QUIC connection id decides about: the model says that nobody gets it. */
void plant_server_ids(const struct frame *frame, struct reference_answer *answer);

#endif
