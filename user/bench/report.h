/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of `leat bench`, as a table that grows as they come, or as JSON at the end. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <jansson.h>

#include "bench/cases.h"
#include "dataplane/measure.h"

#define REPORT_ROUNDS_MAX 99

/* Of one case: nanoseconds a packet, or packets a second over a link. 0: not measured. */
struct figures {
	double samples[MEASURE_COUNT][REPORT_ROUNDS_MAX];
	unsigned int rounds;
};

struct report {
	json_t *json; /* NULL: a table */
	json_t *cases, *links;
	bool has_cases, has_links; /* their heads are printed */
};

void report_start(struct report *report, unsigned int rounds, uint32_t packets, bool is_json);
void report_case(struct report *report, const struct bench_case *c, struct figures *figures);
void report_link(struct report *report, const struct bench_case *c, struct figures *figures);
void report_end(struct report *report);

#endif
