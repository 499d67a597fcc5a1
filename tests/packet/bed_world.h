/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test bed's maps hold: the services of bed.h. */
#ifndef PACKET_BED_WORLD_H
#define PACKET_BED_WORLD_H

#include "model/world.h"

void bed_fill(struct world *world, int other_interface);

#endif
