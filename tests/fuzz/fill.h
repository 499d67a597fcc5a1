/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts settings into the program's maps as the daemon does: a want, a plan from what is there, its stores. A
 * plan made once more must find nothing to do.
 */
#ifndef FUZZ_FILL_H
#define FUZZ_FILL_H

#include "fuzz/settings.h"
#include "model/plan.h"

/* The numbers by which the maps know what is configured; 0: none. */
struct filled {
	unsigned int services[SETTINGS_SERVICES_MAX];
	unsigned int pools[SETTINGS_POOLS_MAX];
	unsigned int members[SETTINGS_POOLS_MAX][SETTINGS_MEMBERS_MAX];
};

struct filler {
	struct loaded *loaded;
	struct table_cache *cache;
	struct plan_sink sink; /* whose forget the user may set */
};

void filler_open(struct loaded *loaded, struct filler *ret);
void filler_close(struct filler *filler);

/* Nothing configured, no flow known. 0, or -errno with its sentence. */
int filler_empty(struct filler *filler, struct err *err);

/* The daemon's memory of flows, as if it had just come up: without pins. */
void filler_forget(struct filler *filler);

/*
 * The seed is the one before, or nothing is configured. 0, or -errno with its sentence: a plan that cannot be made, or that leaves something
 * to do.
 */
int fill(struct filler *filler, const struct settings *s, struct filled *ret, struct err *err);

/* fill_access.c: lists of a want, with room for all; to be cleared. */
void fill_access(const struct settings *s, struct config_access *ret, char names[][16]);
void fill_access_clear(struct config_access *access, unsigned int count);

#endif
