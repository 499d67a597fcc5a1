/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Medians and their table: see report.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench/report.h"

struct spread {
	double median, least, most;
};

static int double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct spread spread_of(double *samples, unsigned int count)
{
	qsort(samples, count, sizeof(*samples), double_compare);
	return (struct spread){ samples[count / 2], samples[0], samples[count - 1] };
}

/* What each round's sample is above the floor's of the same round. */
static struct spread spread_above(const double *samples, const double *floor, unsigned int count)
{
	double above[REPORT_ROUNDS_MAX];
	unsigned int i;

	for (i = 0; i < count; i++)
		above[i] = samples[i] - floor[i];
	return spread_of(above, count);
}

static json_t *spread_json(struct spread s)
{
	return json_pack("{s:f, s:f, s:f}", "median", s.median, "min", s.least, "max", s.most);
}

/* --- in memory -------------------------------------------------------------------------------------------- */

static void case_json(json_t *list, const struct bench_case *c, struct spread fixed, struct spread leat, const struct spread *lru)
{
	json_t *row = json_pack("{s:s, s:s, s:i, s:i, s:i, s:o, s:o, s:f}", "group", c->group, "name", c->name, "flows", c->flows,
				"services", c->services, "backends", c->backends, "fixed-header-ns", spread_json(fixed), "leat-ns",
				spread_json(leat), "ratio", leat.median / fixed.median);

	if (lru)
		json_object_set_new(row, "lru-ns", spread_json(*lru));
	json_array_append_new(list, row);
}

void report_case(struct report *report, const struct bench_case *c, struct figures *f)
{
	const double *floor = f->samples[MEASURE_BOUNCE];
	struct spread fixed = spread_above(f->samples[MEASURE_FIXED], floor, f->rounds);
	struct spread leat = spread_above(f->samples[MEASURE_LEAT], floor, f->rounds);
	struct spread lru = spread_above(f->samples[MEASURE_LRU], floor, f->rounds);

	if (report->json) {
		case_json(report->cases, c, fixed, leat, c->has_lru ? &lru : NULL);
		return;
	}
	if (!report->has_cases)
		printf("Nanoseconds a packet above a program that sends it back.\n\n%-34s%13s%8s  %-11s%8s%9s\n", "", "fixed header",
		       "leat", "(min-max)", "times", "LRU hash");
	report->has_cases = true;
	printf("%-34s%13.0f%8.0f  (%.0f-%.0f)%*s%8.1f", c->name, fixed.median, leat.median, leat.least, leat.most,
	       (int)(9 - snprintf(NULL, 0, "%.0f-%.0f", leat.least, leat.most)), "", leat.median / fixed.median);
	if (c->has_lru)
		printf("%9.0f", lru.median);
	putchar('\n');
	fflush(stdout);
}

/* --- over a link ------------------------------------------------------------------------------------------- */

void report_link(struct report *report, const struct bench_case *c, struct figures *f)
{
	struct spread bounce = spread_of(f->samples[MEASURE_BOUNCE], f->rounds);
	struct spread fixed = spread_of(f->samples[MEASURE_FIXED], f->rounds);
	struct spread leat = spread_of(f->samples[MEASURE_LEAT], f->rounds);

	if (report->json) {
		json_array_append_new(report->links,
				      json_pack("{s:s, s:i, s:o, s:o, s:o, s:f}", "name", c->name, "flows", c->flows, "bounce-pps",
						spread_json(bounce), "fixed-header-pps", spread_json(fixed), "leat-pps",
						spread_json(leat), "share", leat.median / fixed.median));
		return;
	}
	if (!report->has_links)
		printf("%sMillion packets a second over a veth pair and back, all on one CPU.\n\n%-34s%8s%14s%8s  %-11s%8s\n",
		       report->has_cases ? "\n" : "", "", "bounce", "fixed header", "leat", "(min-max)", "share");
	report->has_links = true;
	printf("%-34s%8.2f%14.2f%8.2f  (%.2f-%.2f)%8.2f\n", c->name, bounce.median / 1e6, fixed.median / 1e6, leat.median / 1e6,
	       leat.least / 1e6, leat.most / 1e6, leat.median / fixed.median);
	fflush(stdout);
}

/* --- around them -------------------------------------------------------------------------------------------- */

void report_start(struct report *report, unsigned int rounds, uint32_t packets, bool is_json)
{
	struct utsname machine;

	*report = (struct report){};
	uname(&machine);
	if (!is_json) {
		printf("Linux %s, %ld CPUs; medians of %u interleaved rounds of %u packets.\n", machine.release,
		       sysconf(_SC_NPROCESSORS_ONLN), rounds, packets);
		return;
	}
	report->cases = json_array();
	report->links = json_array();
	report->json = json_pack("{s:s, s:i, s:i, s:i, s:o, s:o}", "kernel", machine.release, "cpus",
				 (int)sysconf(_SC_NPROCESSORS_ONLN), "rounds", rounds, "packets", packets, "cases", report->cases, "links",
				 report->links);
}

void report_end(struct report *report)
{
	if (!report->json)
		return;
	json_dumpf(report->json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(report->json);
}
