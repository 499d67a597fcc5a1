/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a case: see case.h. */
#include "fuzz/case.h"

/* What came before is not looked at for counters that nobody should count for: that takes long. */
int case_reach(const struct fuzz_case *c, struct trial *trial, struct answers *scratch, struct err *err)
{
	int e;

	trial->is_careful = false;
	e = history_run(&c->before, trial, scratch, err);
	if (!e && case_changes_at_last(c))
		e = trial_configure(trial, &c->settings, err);
	trial_settled(trial);
	trial->is_careful = true;
	return e;
}

void case_look(const struct frame *frame, struct trial *trial, struct answers *ret)
{
	ret->difference = SAME;
	if (frame->length)
		trial_run(trial, frame, ret);
	if (!ret->difference && !trial_remembers(trial, ret->memory))
		ret->difference = MEMORY;
}
