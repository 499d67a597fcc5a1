/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random packets over random configurations, through leat's program and through the reference model: see
 * docs/testing.md. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"

static const char usage[] =
	"usage: fuzz [options]\n"
	"\n"
	"Runs random packets over random configurations through leat's program and through the reference "
	"model,\n"
	"and tells where they differ. Needs root; works in a network namespace of its own.\n"
	"\n"
	"  --packets N      so many packets (100000)\n"
	"  --seed S         what all is drawn from (1)\n"
	"  --frags          the program loaded as xdp.frags, and frames of several buffers\n"
	"  --each N         packets to each configuration (200)\n"
	"  --differences N  end after so many differences (1)\n"
	"  --directory DIR  where differences are saved (the current one)\n"
	"  --replay FILE    run one saved case\n"
	"  --plant TTL      make the model wrong about packets with this TTL: a test of the fuzzer\n"
	"  --quiet          no progress and no counts\n"
	"  --help           this text\n";

enum { PACKETS, SEED, FRAGS, EACH, DIFFERENCES, DIRECTORY, REPLAY, PLANT, QUIET, HELP };

static const struct option longs[] = {
	{"packets", required_argument, NULL, PACKETS},
	{"seed", required_argument, NULL, SEED},
	{"frags", no_argument, NULL, FRAGS},
	{"each", required_argument, NULL, EACH},
	{"differences", required_argument, NULL, DIFFERENCES},
	{"directory", required_argument, NULL, DIRECTORY},
	{"replay", required_argument, NULL, REPLAY},
	{"plant", required_argument, NULL, PLANT},
	{"quiet", no_argument, NULL, QUIET},
	{"help", no_argument, NULL, HELP},
	{},
};

static uint64_t number(const char *option, uint64_t least)
{
	char *end;
	uint64_t value = strtoull(optarg, &end, 0);

	if (*end || end == optarg || *optarg == '-' || value < least) {
		fprintf(stderr, "fuzz: --%s: found '%s', wanted is a number from %ju on\n", option, optarg,
			(uintmax_t)least);
		exit(2);
	}
	return value;
}

static void take(struct fuzz_options *o, int option)
{
	switch (option) {
	case PACKETS:
		o->packets = number("packets", 1);
		break;
	case SEED:
		o->seed = number("seed", 0);
		break;
	case FRAGS:
		o->frags = true;
		break;
	case EACH:
		o->packets_each = number("each", 1);
		break;
	case DIFFERENCES:
		o->differences = number("differences", 1);
		break;
	case DIRECTORY:
		o->directory = optarg;
		break;
	case REPLAY:
		o->replay = optarg;
		break;
	case PLANT:
		o->plant = number("plant", 2) & 0xff;
		break;
	case QUIET:
		o->is_quiet = true;
		break;
	case HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct fuzz_options options = {.packets = 100000,
				       .seed = 1,
				       .packets_each = 200,
				       .differences = 1,
				       .directory = ".",
				       .plant = -1};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		take(&options, option);
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	return options.replay ? fuzz_replay(&options) : fuzz_run(&options);
}
