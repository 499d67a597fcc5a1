/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a run has come: one line rewritten on a terminal, a line every ten seconds elsewhere. On stderr. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define EVERY_TERMINAL 0.5
#define EVERY_LOG      10

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void progress_start(struct progress *p, bool is_quiet)
{
	double started = now();

	*p = (struct progress){started, started, isatty(STDERR_FILENO), is_quiet};
}

double progress_seconds(const struct progress *p)
{
	return now() - p->started;
}

void progress_show(struct progress *p, uint64_t done, uint64_t all, unsigned int differences)
{
	double time = now(), rate = done / (time - p->started);

	if (p->is_quiet || time - p->shown < (p->is_terminal ? EVERY_TERMINAL : EVERY_LOG))
		return;
	p->shown = time;
	fprintf(stderr, "%s%ju of %ju packets, %.0f a second, %.0f s left, %u differences%s",
		p->is_terminal ? "\r" : "", (uintmax_t)done, (uintmax_t)all, rate, (all - done) / rate,
		differences, p->is_terminal ? "   " : "\n");
}

void progress_end(const struct progress *p)
{
	if (!p->is_quiet && p->is_terminal)
		fprintf(stderr, "\r%70s\r", "");
}
