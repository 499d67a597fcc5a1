/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills a data path's maps for a case of `leat bench`, as the daemon would, and draws its packets. */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include "bench/cases.h"
#include "dataplane/measure.h"

/* One pool with all backends, one service at each address; ways lead out by the interface. 0 or -errno. */
int bench_world_fill(struct world *world, const struct bench_case *c, uint32_t ifindex, struct err *err);

void bench_traffic(const struct bench_case *c, struct measure_traffic *ret);

#endif
