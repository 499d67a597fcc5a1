/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What moves when members change: prints the figures that docs/tables.md shows, each line beginning with "figure: ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "unit/table_members.h"

static struct table_member others[MEMBERS_MAX];

/* Slots that moved although neither the old nor the new owner is the one that changed. */
static uint32_t count_needless(uint32_t size, unsigned int changed)
{
	uint32_t needless = 0, i;

	for (i = 0; i < size; i++)
		needless += slots[0][i] != slots[1][i] && slots[0][i] != changed && slots[1][i] != changed;
	return needless;
}

/* To a weight change belongs also: that the changed one both gains and loses. */
static uint32_t count_needless_of_weight(uint32_t size, unsigned int changed)
{
	uint32_t gained = 0, lost = 0, i;

	for (i = 0; i < size; i++) {
		gained += slots[0][i] != changed && slots[1][i] == changed;
		lost += slots[0][i] == changed && slots[1][i] != changed;
	}
	return count_needless(size, changed) + (gained < lost ? gained : lost);
}

struct disruption {
	uint32_t removal, addition, heavier, lighter;
};

static void keep_worst(uint32_t *worst, uint32_t value)
{
	if (value > *worst)
		*worst = value;
}

static void measure(uint32_t size, unsigned int count, unsigned int changed, struct disruption *worst)
{
	table_build(slots[0], size, members, count, SEED);
	memcpy(others, members, count * sizeof(*members));
	others[changed] = members[count - 1];
	table_build(slots[1], size, others, count - 1, SEED);
	keep_worst(&worst->removal, count_needless(size, members[changed].number));

	memcpy(others, members, count * sizeof(*members));
	others[count] = member(count + 5000, members[changed].weight);
	table_build(slots[1], size, others, count + 1, SEED);
	keep_worst(&worst->addition, count_needless(size, others[count].number));

	others[changed].weight = members[changed].weight < 32768 ? members[changed].weight * 2 : 65535;
	table_build(slots[1], size, others, count, SEED);
	keep_worst(&worst->heavier, count_needless_of_weight(size, members[changed].number));

	others[changed].weight = (members[changed].weight + 1) / 2;
	table_build(slots[1], size, others, count, SEED);
	keep_worst(&worst->lighter, count_needless_of_weight(size, members[changed].number));
}

static void changes_move_little_else(void **state)
{
	static const struct {
		uint32_t size;
		unsigned int count;
		double allowed; /* percent; the smaller a table, the more depends on single slots */
	} rows[] = { { 1009, 10, 4 },	  { 10007, 100, 1.5 }, { 20011, 200, 1 },  { 65537, 10, 1 },   { 65537, 100, 1 },
		     { 65537, 600, 1 },	  { 131071, 10, 1 },   { 131071, 100, 1 }, { 131071, 600, 1 },
		     { 131071, 1300, 1 } };
	unsigned int r, w, trial;

	for (r = 0; r < ARRAY_SIZE(rows); r++)
		for (w = EQUAL; w < WEIGHTS_COUNT; w++) {
			struct disruption worst = {};
			double percent = 100.0 / rows[r].size;

			fill(rows[r].count, w);
			for (trial = 0; trial < 5; trial++)
				measure(rows[r].size, rows[r].count, random_below(rows[r].count), &worst);
			printf("figure: disruption size %6u  backends %4u  weights %-11s  moved needlessly, worst of 5: "
			       "removal %.2f %%  addition %.2f %%  weight doubled %.2f %%  halved %.2f %%\n",
			       rows[r].size, rows[r].count, weights_name[w], worst.removal * percent,
			       worst.addition * percent, worst.heavier * percent, worst.lighter * percent);
			assert_true(worst.removal * percent <= rows[r].allowed);
			assert_true(worst.addition * percent <= rows[r].allowed);
			assert_true(worst.heavier * percent <= rows[r].allowed);
			assert_true(worst.lighter * percent <= rows[r].allowed);
		}
}

static void many_removals_add_up(void **state)
{
	unsigned int i, gone = 10;
	uint32_t needless = 0;

	fill(100, EQUAL);
	table_build(slots[0], 65537, members, 100, SEED);
	table_build(slots[1], 65537, members, 100 - gone, SEED);
	for (i = 0; i < 65537; i++)
		needless += slots[0][i] <= 100 - gone && slots[0][i] != slots[1][i];
	printf("figure: disruption size  65537  backends  100  10 of them removed at once: moved needlessly %.2f %%\n",
	       needless * 100.0 / 65537);
	assert_true(needless <= 65537 / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_move_little_else),
		cmocka_unit_test(many_removals_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
