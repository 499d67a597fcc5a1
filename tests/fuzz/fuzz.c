/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run: configurations one after another, each by a change from the one before, and packets to each.
 * Program and model are asked about every packet; the first difference is made small and told.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "fuzz/minimise.h"
#include "fuzz/plant.h"
#include "fuzz/report.h"

#define WHOLE 100000 /* packets from which on everything must have been reached */

struct run {
	const struct fuzz_options *options;
	struct trial *trial;
	struct settings settings;
	struct history history; /* since the last seed */
	struct answers answers;
	struct frame frame; /* of length 0: a change or a pass is looked at */
	struct progress progress;
	uint64_t packets, configurations, verdicts[LEAT_VERDICT_COUNT + 1];
	unsigned int differences, failures;
};

/* --- a difference ------------------------------------------------------------------------------------------
 */

static void save(const struct run *r, uint64_t packet, const struct fuzz_case *c)
{
	auto_free char *path =
		string_format("%s/difference-%ju-%ju%s.case", r->options->directory,
			      (uintmax_t)r->options->seed, (uintmax_t)packet, c->frags ? "-frags" : "");
	auto_fclose FILE *file = fopen(path, "w");

	if (!file) {
		printf("%s cannot be written: %s\n", path, strerror(errno));
		return;
	}
	fprintf(file, "# seed %ju, packet %ju\n", (uintmax_t)r->options->seed, (uintmax_t)packet);
	case_write(file, c);
	printf("saved: fuzz --replay %s runs it again\n\n", path);
}

/* All flows are forgotten: what comes next has no past. */
static void begin_again(struct run *r)
{
	struct err err;

	history_clear(&r->history);
	history_configuration(&r->history, &r->settings);
	if (trial_start(r->trial, &err) || trial_configure(r->trial, &r->settings, &err))
		printf("and the maps cannot be brought back: %s\n", err.text);
	trial_settled(r->trial);
}

/* Tells of what was run last, the history's last event. */
static void tell(struct run *r, uint64_t packet)
{
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c));
	auto_free struct answers *small = memory_zeroed(1, sizeof(*small));

	r->differences++;
	*c = (struct fuzz_case){r->options->frags, {}, r->settings, r->frame};
	history_without(&r->history, r->history.count - !!r->frame.length, 1, &c->before);
	printf("FAIL seed %ju, packet %ju, configuration %ju\n", (uintmax_t)r->options->seed,
	       (uintmax_t)packet, (uintmax_t)r->configurations);
	if (minimise(r->trial, c, &r->answers, small)) {
		report_print(stdout, c, small);
		save(r, packet, c);
	} else {
		printf("not again from the same seed's empty maps: fuzz --seed %ju --packets %ju\n",
		       (uintmax_t)r->options->seed, (uintmax_t)packet + 1);
		case_clear(c);
		report_print(stdout, c, &r->answers);
	}
	case_clear(c);
	begin_again(r);
	fflush(stdout);
}

/* --- packets -----------------------------------------------------------------------------------------------
 */

static bool is_over(const struct run *r)
{
	return r->failures || r->differences >= r->options->differences;
}

/* Whether the two remember the same, after packet `number`. */
static void look(struct run *r, uint64_t number)
{
	r->frame.length = 0;
	r->answers.difference = trial_remembers(r->trial, r->answers.memory) ? SAME : MEMORY;
	if (r->answers.difference)
		tell(r, number);
}

/* Now and then time goes by, and the sweeper. */
static void time_passes(struct run *r, uint64_t number)
{
	static const uint32_t ticks[] = {1, 1, 1, 2, 2, 3, 5, 10, 41};
	struct random random = random_start(r->options->seed, 't', number);

	if (random_one_in(&random, 30)) {
		uint32_t some = random_pick(&random, ticks);

		history_ticks(&r->history, some);
		trial_ticks(r->trial, some);
	}
	if (!random_one_in(&random, 50))
		return;
	history_pass(&r->history);
	trial_pass(r->trial);
	look(r, number);
}

static void packet(struct run *r, uint64_t number)
{
	unsigned int most = r->options->frags ? GRAMMAR_FRAGS_MAX : LOADED_LINEAR_MAX;

	time_passes(r, number);
	if (is_over(r))
		return;
	grammar_draw(&r->settings, r->options->seed, number, most, &r->frame);
	history_packet(&r->history, &r->frame);
	trial_run(r->trial, &r->frame, &r->answers);
	r->verdicts[r->answers.verdict]++;
	if (r->answers.difference)
		tell(r, number);
}

static void packets(struct run *r, uint64_t first, uint64_t last)
{
	uint64_t i;

	for (i = first; i < last && !is_over(r); i++) {
		packet(r, i);
		r->packets = i + 1;
	}
}

/* One configuration and its packets. */
static void configuration(struct run *r)
{
	uint64_t first = r->packets, left = r->options->packets - first, each = r->options->packets_each;
	uint64_t last = first + (left < each ? left : each);
	uint64_t seed = r->settings.seed;
	struct err err;

	settings_change(&r->settings, r->options->seed, r->configurations);
	if (r->settings.seed != seed)
		history_clear(&r->history);
	history_configuration(&r->history, &r->settings);
	if (trial_configure(r->trial, &r->settings, &err)) {
		printf("FAIL seed %ju, configuration %ju: %s\n", (uintmax_t)r->options->seed,
		       (uintmax_t)r->configurations, err.text);
		r->failures++;
		return;
	}
	look(r, first);
	packets(r, first, last);
	if (!is_over(r) && !trial_settled(r->trial)) {
		r->trial->is_careful = true;
		packets(r, first, last);
		r->trial->is_careful = false;
		if (!r->differences) {
			printf("FAIL seed %ju, configuration %ju: a counter rose that no packet should count "
			       "for\n",
			       (uintmax_t)r->options->seed, (uintmax_t)r->configurations);
			r->failures++;
		}
	}
	r->configurations++;
}

/* --- the whole ---------------------------------------------------------------------------------------------
 */

/* Returns how many lines say FAIL. */
static unsigned int ends(const struct run *r)
{
	double seconds = progress_seconds(&r->progress);
	bool is_whole = !r->differences && !r->failures && r->packets >= WHOLE;
	unsigned int missing = 0;

	progress_end(&r->progress);
	if (!r->options->is_quiet)
		missing = coverage_report(r->verdicts, is_whole, r->options->frags);
	if (!r->failures)
		printf("ok %ju configurations, each reached by a change, leave nothing to do\n",
		       (uintmax_t)r->configurations);
	printf("%s %ju packets of seed %ju%s: %u differences (%.0f packets a second, %.1f s)\n",
	       r->differences ? "FAIL" : "ok", (uintmax_t)r->packets, (uintmax_t)r->options->seed,
	       r->options->frags ? ", xdp.frags" : "", r->differences, r->packets / seconds, seconds);
	return missing + r->differences + r->failures;
}

static struct trial *open_trial(const struct fuzz_options *options)
{
	struct err err;
	struct trial *trial = trial_open(options->frags, &err);

	if (!trial)
		fprintf(stderr, "fuzz: %s\n", err.text);
	else if (options->plant >= 0)
		trial->plant = plant_ttl(options->plant);
	return trial;
}

int fuzz_run(const struct fuzz_options *options)
{
	auto_free struct run *r = memory_zeroed(1, sizeof(*r));
	unsigned int failures;

	r->options = options;
	r->trial = open_trial(options);
	if (!r->trial)
		return 2;
	settings_start(&r->trial->loaded, &r->settings);
	printf("seed %ju, %ju packets%s\n", (uintmax_t)options->seed, (uintmax_t)options->packets,
	       options->frags ? ", program loaded as xdp.frags" : "");
	fflush(stdout);
	progress_start(&r->progress, options->is_quiet);
	while (r->packets < options->packets && !is_over(r)) {
		configuration(r);
		progress_show(&r->progress, r->packets, options->packets, r->differences);
	}
	failures = ends(r);
	history_clear(&r->history);
	trial_close(r->trial);
	return failures != 0;
}

static int read_case(const char *path, struct fuzz_case *c)
{
	auto_fclose FILE *file = fopen(path, "r");
	struct err err;
	int e = file ? case_read(file, c, &err) : err_set(&err, -errno, "%s", strerror(errno));

	if (e)
		fprintf(stderr, "fuzz: %s: %s\n", path, err.text);
	return e;
}

int fuzz_replay(const struct fuzz_options *options)
{
	auto_free struct run *r = memory_zeroed(1, sizeof(*r));
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c)), *again = memory_zeroed(1, sizeof(*c));
	struct fuzz_options loaded = *options;
	struct err err;
	bool differ;

	/* Once to learn how to load the program, once with the interfaces that are there then. */
	if (read_case(options->replay, c))
		return 2;
	loaded.frags = c->frags;
	r->trial = open_trial(&loaded);
	if (!r->trial)
		return 2;
	settings_start(&r->trial->loaded, &again->settings);
	if (read_case(options->replay, again))
		return 2;
	if (case_reach(again, r->trial, &r->answers, &err)) {
		printf("FAIL %s\n", err.text);
		return 1;
	}
	case_look(&again->frame, r->trial, &r->answers);
	report_print(stdout, again, &r->answers);
	differ = r->answers.difference != SAME;
	printf("%s\n", differ ? "FAIL they differ" : "ok they agree");
	case_clear(c);
	case_clear(again);
	trial_close(r->trial);
	return differ;
}
