/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of the fuzzer: see fuzz_main.c for what it is asked for. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

struct fuzz_options {
	uint64_t packets, seed;
	unsigned int packets_each; /* of a configuration */
	unsigned int differences;  /* after so many the run ends */
	bool frags, is_quiet;
	const char *replay;    /* a file with one case; NULL: none */
	const char *directory; /* where cases are saved */
	int plant;             /* the model is made wrong about packets with this TTL; -1: it is not */
};

/* Prints what was found, in lines that begin with "ok" or "FAIL". The program's exit status. */
int fuzz_run(const struct fuzz_options *options);
int fuzz_replay(const struct fuzz_options *options);

/* fuzz_progress.c: what a terminal or a log sees while the run goes on; fuzz_ends.c: what it says at its end.
 */
struct progress {
	double started, shown;
	bool is_terminal, is_quiet;
};
void progress_start(struct progress *p, bool is_quiet);
void progress_show(struct progress *p, uint64_t done, uint64_t all, unsigned int differences);
void progress_end(const struct progress *p);
double progress_seconds(const struct progress *p);

/*
 * fuzz_coverage.c: counts by verdict and by the model's branch. must_be_whole: what was never reached is a
 * failure. Returns how many lines said FAIL.
 */
unsigned int coverage_report(const uint64_t *verdicts, bool must_be_whole, bool frags);

#endif
