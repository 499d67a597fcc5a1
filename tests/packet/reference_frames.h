/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drawn frames for the bed that reach every branch of the reference model. */
#ifndef PACKET_REFERENCE_FRAMES_H
#define PACKET_REFERENCE_FRAMES_H

#include "packet/draw.h"

#define REFERENCE_FRAMES_MAX 800

/* Returns how many; the caller frees each. */
unsigned int reference_frames(struct frame **ret);
/* The same for a program that takes frames in several buffers: longer ones. */
unsigned int reference_frames_large(struct frame **ret);

#endif
