/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run has reached: every verdict and every branch of the model, or agreement means little. */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "fuzz/fuzz.h"
#include "fuzz/trial.h"

/* Branches that only frames of several buffers reach: all others lie in their first buffer whole. */
static const char *const only_frags[] = {
	"IPv6: for a service, an extension header that runs past the frame's first buffer",
	"TCP or UDP: for a service, ports past the frame's first buffer",
};

static bool is_exception(const char *name, bool frags)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(only_frags); i++)
		if (!frags && !strcmp(only_frags[i], name))
			return true;
	return false;
}

static unsigned int verdicts_report(const uint64_t *verdicts)
{
	unsigned int missing = 0, i;

	printf("packets by verdict:\n");
	for (i = 0; i < LEAT_VERDICT_COUNT; i++) {
		missing += !verdicts[i];
		printf("  %12ju  %s%s\n", (uintmax_t)verdicts[i], verdict_name(i),
		       verdicts[i] ? "" : "  NEVER");
	}
	return missing;
}

static unsigned int branches_report(const struct reference_branch *branches, unsigned int count, bool frags)
{
	unsigned int missing = 0, i;

	printf("packets by branch of the model:\n");
	for (i = 0; i < count; i++) {
		bool is_missing = !branches[i].reached && !is_exception(branches[i].name, frags);

		missing += is_missing;
		printf("  %12ju  %s%s\n", (uintmax_t)branches[i].reached, branches[i].name,
		       is_missing ? "  NEVER" : "");
	}
	return missing;
}

unsigned int coverage_report(const uint64_t *verdicts, bool must_be_whole, bool frags)
{
	unsigned int count, missing_verdicts, missing_branches;
	const struct reference_branch *branches = reference_branches(&count);

	missing_verdicts = verdicts_report(verdicts);
	missing_branches = branches_report(branches, count, frags);
	if (!must_be_whole)
		return 0;
	printf("%s %u of %u verdicts reached\n", missing_verdicts ? "FAIL" : "ok",
	       LEAT_VERDICT_COUNT - missing_verdicts, LEAT_VERDICT_COUNT);
	printf("%s of the model's %u branches %u were not reached\n", missing_branches ? "FAIL" : "ok", count,
	       missing_branches);
	return !!missing_verdicts + !!missing_branches;
}
