/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bench of per-connection consistency: scenes, and the tables that are printed. See pcc.h. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "bench/pcc.h"

static const char usage[] =
	"Usage: pcc [OPTION]...\n"
	"Counts connections broken by changes of backends: leat's loaded program, and three other policies on the same trace.\n"
	"Needs root. Without options: about a quarter of an hour.\n"
	"\n"
	"  --flows N     open at the same time (1000000)\n"
	"  --seconds N   of traced time for each scene (120; with one change a minute three times as long)\n"
	"  --seed N      of the trace (1)\n"
	"  --scene B,C   one scene only: B backends, C changes a second\n"
	"  --curve       instead: what happens when the flow table is too small\n"
	"  --flood       instead: a flood of ten million SYNs, each from another source, during changes\n"
	"  --plot DIR    write the figures to DIR/pcc.tsv or DIR/pcc-full.tsv as well, for scripts/plot\n"
	"  --help        print this\n";

struct asked {
	uint32_t flows;
	unsigned int seconds, backends;
	uint64_t seed;
	double changes;
	bool curve, flood;
	const char *plot;
};

static const char *now_playing;

static void progress(double share)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s: %.0f %%", now_playing, share * 100);
}

#define FLOOD 10000000u

static void play(const struct asked *asked, unsigned int backends, double changes, uint32_t words, struct pcc_result *ret)
{
	struct pcc_scene scene = {
		.backends = backends, .changes_per_s = changes, .flows = asked->flows, .flow_words = words, .seed = asked->seed,
		.flood = asked->flood ? FLOOD : 0,
		.seconds = changes < 0.05 ? 3 * asked->seconds : asked->seconds,
		.policies = { &pcc_leat, &pcc_table, &pcc_lru, &pcc_jet }, .policy_count = PCC_POLICIES,
	};
	auto_free char *name = string_format("%u backends, %g changes a second, %u words", backends, changes, words);

	now_playing = name;
	pcc_play(&scene, ret, progress);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

static double per_million(const struct pcc_result *r, unsigned int policy)
{
	return r->judged[policy] ? r->broken[policy] * 1e6 / r->judged[policy] : 0;
}

static FILE *plot_open(const struct asked *asked, const char *name)
{
	auto_free char *path = asked->plot ? string_format("%s/%s", asked->plot, name) : NULL;
	FILE *f = path ? fopen(path, "w") : NULL;

	if (path && !f)
		fprintf(stderr, "pcc: %s: cannot write: %s\n", path, strerror(errno));
	return f;
}

/* --- scenes --------------------------------------------------------------------------------------------------- */

static uint64_t scene_print(const struct asked *asked, unsigned int backends, double changes, FILE *plot)
{
	struct pcc_result r;
	unsigned int i;

	play(asked, backends, changes, LEAT_FLOW_SETS_DEFAULT * LEAT_FLOW_WAYS, &r);
	printf("%8u %9.3g %7.2f %8.1f %7llu", backends, changes, r.flows / 1e6, r.packets / 1e6, (unsigned long long)r.changes);
	for (i = 0; i < PCC_POLICIES; i++)
		printf(" %9.1f", per_million(&r, i));
	printf(" %9llu %7.1f %8.1f %7llu\n", (unsigned long long)r.leat.pins_most, r.leat.tracked_share * 100,
	       100.0 * r.leat.looked / r.leat.packets, (unsigned long long)r.leat.evicted);
	fflush(stdout);
	if (plot)
		fprintf(plot, "%u\t%g\t%g\t%g\t%g\t%g\n", backends, changes, per_million(&r, 0), per_million(&r, 1),
			per_million(&r, 2), per_million(&r, 3));
	return r.broken[0];
}

static int scenes(const struct asked *asked)
{
	static const unsigned int backends[] = { 10, 100, 1000 };
	static const double changes[] = { 1.0 / 60, 0.2, 1, 10 };
	FILE *plot = plot_open(asked, "pcc.tsv");
	uint64_t broken = 0;
	size_t i, j;

	printf("Connections to living backends that were broken, per million; %u open at the same time, seed %llu.\n\n", asked->flows,
	       (unsigned long long)asked->seed);
	printf("%8s %9s %7s %8s %7s %9s %9s %9s %9s %9s %7s %8s %7s\n", "backends", "changes/s", "flows/M", "packets/M", "changes",
	       "leat", "table", "lru", "jet", "pins", "tracked", "looked", "evicted");
	if (asked->backends) {
		broken = scene_print(asked, asked->backends, asked->changes, plot);
	} else {
		for (i = 0; i < ARRAY_SIZE(backends); i++)
			for (j = 0; j < ARRAY_SIZE(changes); j++)
				broken += scene_print(asked, backends[i], changes[j], plot);
	}
	if (plot)
		fclose(plot);
	printf("\npins: most at one time; tracked: slots, per cent of the time; looked: packets that asked the flow table, per cent.\n");
	printf("%s\n", broken ? "leat BROKE connections." : "leat broke none.");
	return broken > 0;
}

/* --- the curve ---------------------------------------------------------------------------------------------------- */

static int curve(const struct asked *asked)
{
	FILE *plot = plot_open(asked, "pcc-full.tsv");
	struct pcc_result r;
	uint32_t words;

	printf("A flow table too small: 100 backends, one change a second, %u connections open at the same time.\n\n", asked->flows);
	printf("%10s %8s %9s %9s %9s %9s\n", "words", "KiB", "pins", "evicted", "leat", "lru");
	for (words = LEAT_FLOW_SETS_DEFAULT * LEAT_FLOW_WAYS; words >= 1 << 14; words /= 2) {
		play(asked, 100, 1, words, &r);
		printf("%10u %8u %9llu %9llu %9.1f %9.1f\n", words, words / 128, (unsigned long long)r.leat.pins_most,
		       (unsigned long long)r.leat.evicted, per_million(&r, 0), per_million(&r, 2));
		fflush(stdout);
		if (plot)
			fprintf(plot, "%u\t%g\t%g\t%g\n", words, per_million(&r, 0), per_million(&r, 2), per_million(&r, 1));
	}
	if (plot)
		fclose(plot);
	return 0;
}

/* --- the flood ---------------------------------------------------------------------------------------------------- */

static int flood(const struct asked *asked)
{
	struct pcc_result r;
	unsigned int i;

	play(asked, 100, 1, LEAT_FLOW_SETS_DEFAULT * LEAT_FLOW_WAYS, &r);
	printf("A flood of %llu SYNs, each from another source, among %.1f million packets of %u connections open at the same time;\n"
	       "100 backends, %llu changes. Connections to living backends that were broken, per million:\n\n",
	       (unsigned long long)r.flooded, r.packets / 1e6, asked->flows, (unsigned long long)r.changes);
	for (i = 0; i < PCC_POLICIES; i++)
		printf("%8s %9.1f\n", (const char *[]){ "leat", "table", "lru", "jet" }[i], per_million(&r, i));
	printf("\nleat: at most %llu pins of %u words, %u KiB as always; %llu given up before they expired.\n",
	       (unsigned long long)r.leat.pins_most, LEAT_FLOW_SETS_DEFAULT * LEAT_FLOW_WAYS, LEAT_FLOW_SETS_DEFAULT / 16,
	       (unsigned long long)r.leat.evicted);
	return r.broken[0] > 0;
}

/* --- command line ------------------------------------------------------------------------------------------------- */

static int options_read(int argc, char **argv, struct asked *ret)
{
	enum { FLOWS = 1, SECONDS, SEED, SCENE, CURVE, FLOODED, PLOT, HELP };
	static const struct option options[] = {
		{ "flows", required_argument, NULL, FLOWS }, { "seconds", required_argument, NULL, SECONDS },
		{ "seed", required_argument, NULL, SEED },   { "scene", required_argument, NULL, SCENE },
		{ "curve", no_argument, NULL, CURVE },	     { "flood", no_argument, NULL, FLOODED },
		{ "plot", required_argument, NULL, PLOT },   { "help", no_argument, NULL, HELP },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case FLOWS: ret->flows = strtoul(optarg, NULL, 10); break;
		case SECONDS: ret->seconds = strtoul(optarg, NULL, 10); break;
		case SEED: ret->seed = strtoull(optarg, NULL, 10); break;
		case CURVE: ret->curve = true; break;
		case FLOODED: ret->flood = true; break;
		case PLOT: ret->plot = optarg; break;
		case SCENE:
			if (sscanf(optarg, "%u,%lf", &ret->backends, &ret->changes) == 2 && ret->backends &&
			    ret->backends < PCC_MEMBERS_MAX)
				break;
			fprintf(stderr, "pcc: --scene: found '%s', wanted BACKENDS,CHANGES such as 100,0.2\n", optarg);
			return 2;
		case HELP:
			fputs(usage, stdout);
			exit(0);
		default:
			return 2;
		}
	}
	if (optind < argc || !ret->flows || !ret->seconds) {
		fprintf(stderr, "pcc: see pcc --help\n");
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct asked asked = { .flows = 1000000, .seconds = 120, .seed = 1 };
	int e = options_read(argc, argv, &asked);

	if (e)
		return e;
	if (asked.flood)
		return flood(&asked);
	return asked.curve ? curve(&asked) : scenes(&asked);
}
