/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How hard the running kernel's verifier works on leat's program, in each of the ways it is loaded:
 *
 *   verifier BOUND      prints a line a way; fails if one is refused, or takes more than BOUND instructions to verify
 *
 * The time is the verifier's own, and means something only on a real machine.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "leat/verdict.h"

#include "leat.skel.h"

#define LOG_SIZE (16 << 20) /* a refusal prints all that the verifier looked at */
#define LOG_STATISTICS 4

struct way {
	const char *name;
	bool frags, explaining, bond;
};

static const struct way ways[] = {
	{ "plain", false, false },
	{ "frags", true, false },
	{ "bond", false, false, true },
	{ "explain", false, true },
	{ "explain with frags", true, true },
};

struct work {
	unsigned long processed, states, stack, usec;
};

static bool read_work(const char *log, struct work *ret_work)
{
	const char *processed = strstr(log, "processed "), *states = strstr(log, "total_states ");
	const char *time = strstr(log, "verification time "), *stack = strstr(log, "stack depth ");

	if (!processed || !states || !time || !stack)
		return false;
	*ret_work = (struct work){
		.processed = strtoul(processed + strlen("processed "), NULL, 10),
		.states = strtoul(states + strlen("total_states "), NULL, 10),
		.stack = strtoul(stack + strlen("stack depth "), NULL, 10),
		.usec = strtoul(time + strlen("verification time "), NULL, 10),
	};
	return true;
}

static void print_tail(const char *log)
{
	size_t length = strlen(log);

	fprintf(stderr, "%s\n", length > 6000 ? log + length - 6000 : log);
}

static bool try_way(const struct way *way, unsigned long bound, const char *kernel, char *log)
{
	struct leat_bpf *skel = leat_bpf__open();
	struct work work;
	bool good;
	int r;

	if (!skel) {
		printf("FAIL %s %s: cannot open the object: %s\n", kernel, way->name, strerror(errno));
		return false;
	}
	skel->rodata->frags = way->frags;
	skel->rodata->explaining = way->explaining;
	skel->rodata->bond = way->bond ? 2 : 0;
	if (way->frags)
		bpf_program__set_flags(skel->progs.leat, BPF_F_XDP_HAS_FRAGS);
	bpf_map__set_max_entries(skel->maps.limiters, (unsigned)libbpf_num_possible_cpus());
	bpf_program__set_log_buf(skel->progs.leat, log, LOG_SIZE);
	bpf_program__set_log_level(skel->progs.leat, LOG_STATISTICS);
	log[0] = '\0';
	r = leat_bpf__load(skel);
	if (r < 0 || !read_work(log, &work)) {
		printf("FAIL %s %s: %s\n", kernel, way->name, r < 0 ? strerror(-r) : "no statistics in the verifier's log");
		print_tail(log);
		leat_bpf__destroy(skel);
		return false;
	}
	good = work.processed <= bound;
	printf("%s %s %s: %zu instructions, verified in %lu (bound %lu), %lu states, stack %lu, %lu.%03lu ms\n",
	       good ? "ok" : "FAIL", kernel, way->name, bpf_program__insn_cnt(skel->progs.leat), work.processed, bound,
	       work.states, work.stack, work.usec / 1000, work.usec % 1000);
	leat_bpf__destroy(skel);
	return good;
}

int main(int argc, char **argv)
{
	char *log = malloc(LOG_SIZE);
	struct utsname kernel;
	int failed = 0;

	if (argc != 2 || !log || uname(&kernel) < 0) {
		fprintf(stderr, "usage: verifier BOUND\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		failed |= !try_way(&ways[i], strtoul(argv[1], NULL, 10), kernel.release, log);
	free(log);
	return failed;
}
