/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changes between two configurations, for people: services, pools, backends and interfaces added, changed and
 * removed, and for each pool the share of slots that would move (both tables are built; every member that
 * is enabled counts as up).
 */
#ifndef MODEL_DIFF_H
#define MODEL_DIFF_H

#include "model/config.h"

enum diff_kind { DIFF_ADDED, DIFF_CHANGED, DIFF_REMOVED };

struct diff_line {
	enum diff_kind kind;
	char *what;   /* "service", "pool", "backend", "interface", "setting" */
	char *name;   /* "tcp/192.0.2.10:80", "web", "web/10.0.0.1", "eth0", "icmp-rate" */
	char *detail; /* "weight 1 -> 5"; NULL when added or removed says it all */
};

struct diff_pool {
	char *name;
	uint32_t slots, moved; /* of the new table; one of another size is compared by where a flow lands */
};

struct diff {
	struct diff_line *lines;
	unsigned int line_count;
	struct diff_pool *pools; /* pools present on both sides whose table differs */
	unsigned int pool_count;
};

struct diff *diff_make(const struct config *old, const struct config *new);
void diff_free(struct diff *diff);

#endif
