/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat-bench, which `leat bench` runs: what a packet costs on this machine, beside floors that are measured in the same rounds.
 * Everything is in maps and a network namespace of its own: a leat that runs is not touched.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "bench/report.h"
#include "bench/world.h"

static const char usage[] =
	"Usage: leat-bench [--rounds N] [--packets N] [--only GROUP]... [--json]   (as `leat bench`)\n"
	"\n"
	"What a packet costs: leat's program on made-up packets of many flows, in memory (BPF_PROG_TEST_RUN), beside two floors in\n"
	"the same rounds: a program that sends every packet back, and one that puts a fixed header before it. Then the same\n"
	"over a veth pair. It uses maps and a network namespace of its own: a leat that runs is not touched, nothing is sent\n"
	"to anybody. One CPU is busy for some minutes.\n"
	"\n"
	"  --rounds N     each figure is the median of so many interleaved rounds, 1 to 99; 9 if not said\n"
	"  --packets N    in a round, 1000 to 100000000; 500000 if not said\n"
	"  --only GROUP   flows, pinned, new, mode, size, access, other, link; may be given several times\n"
	"  --json         numbers for programs\n"
	"  --version, --help\n"
	"\n"
	"Needs root. Exit status: 0 success, 1 failure, 2 wrong usage.\n";

#define GROUPS_MAX 16
#define TEST_RUN_INGRESS 1 /* they receive on the loopback */

struct asked {
	unsigned int rounds;
	uint32_t packets;
	const char *only[GROUPS_MAX];
	unsigned int only_count;
	bool json;
};

/* --- measuring ---------------------------------------------------------------------------------------- */

static uint64_t counted(const struct dataplane *d, const struct bench_case *c)
{
	return dataplane_verdict(d, c->is_nobodys ? LEAT_NOT_SERVICE : LEAT_FORWARDED).packets;
}

/* Nanoseconds a packet; every packet must have left by the right verdict. */
static int once(struct dataplane *d, struct measure *m, const struct bench_case *c, enum measured which, uint32_t packets,
		double *ret, struct err *err)
{
	uint64_t before = counted(d, c), after;
	int e;

	if (c->is_new && which == MEASURE_LEAT) /* or the flow table fills, and flows come back */
		memset(dataplane_world(d)->flows, 0, LEAT_FLOW_SETS_DEFAULT * sizeof(struct leat_flow_set));
	e = measure_run(m, which, packets, ret, err);
	if (e || which != MEASURE_LEAT)
		return e;
	after = counted(d, c);
	if (after - before != packets)
		return err_set(err, -EIO, "%s: of %u packets %llu were not handled as they should be", c->name, packets,
			       (unsigned long long)(packets - (after - before)));
	return 0;
}

static bool is_run(const struct bench_case *c, enum measured which)
{
	return which != MEASURE_LRU || c->has_lru;
}

/* Fills caches, and pins the flows where they are pinned: all of them, unless few packets are asked for. */
static int warm(struct dataplane *d, struct measure *m, const struct bench_case *c, uint32_t most, struct err *err)
{
	uint32_t packets = c->is_new ? 1 << 10 : 2 * c->flows;
	enum measured which;
	double ignored;
	int e = 0;

	if (packets > most)
		packets = most;
	for (which = 0; !e && which < MEASURE_COUNT; which++)
		if (is_run(c, which))
			e = once(d, m, c, which, packets, &ignored, err);
	return e;
}

static void traffic_set(struct measure *m, const struct bench_case *c)
{
	struct measure_traffic traffic;

	bench_traffic(c, &traffic);
	measure_traffic_set(m, &traffic);
}

/* Later fragments follow what has come before: of so many packets each flow has one. */
static int warm_fragments(struct dataplane *d, struct measure *m, const struct bench_case *c, struct err *err)
{
	struct bench_case first = *c;
	double ignored;

	if (c->fragment != BENCH_LATER)
		return 0;
	first.fragment = BENCH_FIRST;
	traffic_set(m, &first);
	return once(d, m, &first, MEASURE_LEAT, 64 * c->flows, &ignored, err);
}

static int rounds(struct dataplane *d, struct measure *m, const struct bench_case *c, const struct asked *asked,
		  struct figures *ret, struct err *err)
{
	enum measured which;
	unsigned int i;
	int e = 0;

	for (i = 0; !e && i < asked->rounds; i++)
		for (which = 0; !e && which < MEASURE_COUNT; which++)
			if (is_run(c, which))
				e = once(d, m, c, which, asked->packets, &ret->samples[which][i], err);
	return e;
}

typedef int measuring(struct dataplane *d, struct measure *m, const struct bench_case *c, const struct asked *asked,
		      struct figures *ret, struct err *err);

static int in_memory(struct dataplane *d, struct measure *m, const struct bench_case *c, const struct asked *asked,
		     struct figures *ret, struct err *err)
{
	int e = warm_fragments(d, m, c, err);

	if (e)
		return e;
	traffic_set(m, c);
	e = warm(d, m, c, 8 * asked->packets, err);
	return e ? e : rounds(d, m, c, asked, ret, err);
}

/* On maps of the case's own, whose ways lead out by the interface. */
static int run_case(const struct bench_case *c, uint32_t ifindex, measuring *measure, const struct asked *asked,
		    struct figures *ret, struct err *err)
{
	struct dataplane_options options = {};
	struct dataplane *d = NULL;
	struct measure *m = NULL;
	int e = dataplane_open(&options, &d, err);

	if (!e)
		e = bench_world_fill(dataplane_world(d), c, ifindex, err);
	if (!e)
		e = measure_open(d, c->has_lru ? c->flows : 0, &m, err);
	if (!e)
		e = measure(d, m, c, asked, ret, err);
	measure_close(m);
	dataplane_close(d);
	return e;
}

/* --- over a veth pair ------------------------------------------------------------------------------------ */

static const struct bench_case link_cases[] = {
	{ "link", "IPv4, 1k flows", 1 << 10, 1, 100, LEAT_MODE_IPIP, LEAT_SCHEDULER_MH },
	{ "link", "IPv4, 128k flows", 1 << 17, 1, 100, LEAT_MODE_IPIP, LEAT_SCHEDULER_MH },
	{ "link", "IPv6, 1k flows", 1 << 10, 1, 100, LEAT_MODE_IPIP, LEAT_SCHEDULER_MH, .is_ipv6 = true },
	{ "link", "pinned, 128k flows", 1 << 17, 1, 100, LEAT_MODE_IPIP, LEAT_SCHEDULER_TURN },
};

static int over_link(struct dataplane *d, struct measure *m, const struct bench_case *c, const struct asked *asked,
		     struct figures *ret, struct err *err)
{
	enum measured which;
	double ignored;
	unsigned int i;
	int e;

	traffic_set(m, c);
	e = measure_link(m, MEASURE_LEAT, asked->packets, &ignored, err);
	for (i = 0; !e && i < asked->rounds; i++)
		for (which = 0; !e && which < MEASURE_COUNT; which++)
			if (which != MEASURE_LRU)
				e = measure_link(m, which, asked->packets, &ret->samples[which][i], err);
	return e;
}

/* --- the whole -------------------------------------------------------------------------------------------- */

static bool is_asked(const struct asked *asked, const char *group)
{
	unsigned int i;

	for (i = 0; i < asked->only_count; i++)
		if (!strcmp(asked->only[i], group))
			return true;
	return !asked->only_count;
}

static int run_cases(const struct asked *asked, struct report *report, struct err *err)
{
	struct figures figures;
	unsigned int i;
	int e;

	for (i = 0; i < bench_case_count; i++) {
		const struct bench_case *c = &bench_cases[i];

		if (!is_asked(asked, c->group))
			continue;
		figures = (struct figures){ .rounds = asked->rounds };
		e = run_case(c, TEST_RUN_INGRESS, in_memory, asked, &figures, err);
		if (e)
			return e;
		report_case(report, c, &figures);
	}
	return 0;
}

static int run_links(const struct asked *asked, struct report *report, struct err *err)
{
	struct figures figures;
	unsigned int i;
	int far, e;

	if (!is_asked(asked, "link"))
		return 0;
	if (unshare(CLONE_NEWNET))
		return err_set(err, -errno, "no network namespace can be made: %s", strerror(errno));
	e = measure_link_up(&far, err);
	for (i = 0; !e && i < ARRAY_SIZE(link_cases); i++) {
		figures = (struct figures){ .rounds = asked->rounds };
		e = run_case(&link_cases[i], far, over_link, asked, &figures, err);
		if (!e)
			report_link(report, &link_cases[i], &figures);
	}
	return e;
}

/* On one CPU: what another one has in its caches is none of the program's doing. */
static void stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* --- command line ------------------------------------------------------------------------------------------ */

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "leat bench: %s%s; `leat bench --help` shows what there is\n", what, value);
	return 2;
}

/* False: not a number in the range. */
static bool number(const char *text, unsigned long least, unsigned long most, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *ret >= least && *ret <= most;
}

/* Exit status, or -1 to go on. */
static int options_read(int argc, char **argv, struct asked *ret)
{
	static const struct option options[] = { { "rounds", required_argument, NULL, 'r' },
						 { "packets", required_argument, NULL, 'p' },
						 { "only", required_argument, NULL, 'o' },
						 { "json", no_argument, NULL, 'j' },
						 { "version", no_argument, NULL, 'v' },
						 { "help", no_argument, NULL, 'h' },
						 {} };
	unsigned long n;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'r':
			if (!number(optarg, 1, REPORT_ROUNDS_MAX, &n))
				return wrong("--rounds takes a number from 1 to 99, not ", optarg);
			ret->rounds = n;
			break;
		case 'p':
			if (!number(optarg, 1000, 100000000, &n))
				return wrong("--packets takes a number from 1000 to 100000000, not ", optarg);
			ret->packets = n;
			break;
		case 'o':
			if (!bench_is_group(optarg) || ret->only_count == GROUPS_MAX)
				return wrong("--only takes flows, pinned, new, mode, size, access, other or link, not ", optarg);
			ret->only[ret->only_count++] = optarg;
			break;
		case 'j':
			ret->json = true;
			break;
		case 'v':
			puts("leat-bench " LEAT_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return wrong("unknown option, or one without its value: ", argv[optind - 1]);
		}
	return optind < argc ? wrong("nothing else is expected: ", argv[optind]) : -1;
}

int main(int argc, char **argv)
{
	struct asked asked = { .rounds = 9, .packets = 500000 };
	int e = options_read(argc, argv, &asked);
	struct report report;
	struct err err;

	if (e >= 0)
		return e;
	if (geteuid()) {
		fprintf(stderr, "leat bench: needs root, to load programs and make a network namespace: sudo leat bench\n");
		return 1;
	}
	stay_here();
	report_start(&report, asked.rounds, asked.packets, asked.json);
	e = run_cases(&asked, &report, &err);
	if (!e)
		e = run_links(&asked, &report, &err);
	if (e)
		fprintf(stderr, "leat bench: %s\n", err.text);
	report_end(&report);
	return e ? 1 : 0;
}
