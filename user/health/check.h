/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One check: a backend in a pool, probed again and again. */
#ifndef HEALTH_CHECK_H
#define HEALTH_CHECK_H

#include "health/health.h"
#include "health/target.h"
#include "health/through.h"

/* What all checks share. */
struct check_env {
	struct probe_loop loop;
	health_changed changed;
	health_is_cut_off is_cut_off; /* NULL: never */
	void *context;
	uint64_t draws; /* feeds the spread of times, which need not be secret */
};

struct check {
	struct check_env *env;
	char *pool;
	struct probe_target target;
	const struct probe_kind *kind;
	struct dampener dampener;
	struct event *timer;
	void *probe; /* running; NULL: waiting for the timer */
	struct through *through; /* asks instead of kind; NULL: the backend itself is asked */
	uint64_t began_us;
	bool began_cut_off;
	uint32_t latency_us; /* smoothed; 0: no success yet */
	enum probe_result result;
	char text[PROBE_TEXT_MAX]; /* empty: no outcome yet */
};

/* NULL if the settings ask for no check. It does not run yet. */
struct check *check_make(struct check_env *env, const char *pool, const struct leat_addr *addr,
			 const struct config_check *settings);
/* The first probe comes soon, within a spread. */
void check_run(struct check *check);
void check_free(struct check *check);

/* By pool, then address. */
int check_compare(const struct check *a, const struct check *b);

#endif
