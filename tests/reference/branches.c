/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the branches are counted. */
#include "reference/branches.h"

struct reference_branch reference_branch_list[BRANCH_COUNT] = {
#define X(name, sentence) [BRANCH_##name] = {sentence, false, 0},
	BRANCHES(X)
#undef X
#define X(name, sentence) [BRANCH_##name] = {sentence, true, 0},
	BRANCHES_OF_FLOWS(X)
#undef X
};

const struct reference_branch *reference_branches(unsigned int *ret_count)
{
	*ret_count = BRANCH_COUNT;
	return reference_branch_list;
}
