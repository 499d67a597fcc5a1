/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet as a client would send it, for `leat explain`. */
#ifndef DAEMON_CRAFTED_H
#define DAEMON_CRAFTED_H

#include "model/explain.h"

/* Writes a frame (TCP: a SYN; UDP: 8 bytes of payload) with right checksums; returns its length. room: at least 128. */
unsigned int crafted_packet(const struct explain_question *question, void *frame, unsigned int room);

#endif
