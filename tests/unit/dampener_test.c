/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health from outcomes, drawn: one line of outcomes, under it what each changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/auto.h"
#include "model/dampener.h"

/* o success, x failure; ^ up, v down, . no change; f: the next probe comes after the fast interval. */
struct history {
	unsigned int rise, fall;
	const char *outcomes, *changes, *fast;
};

static void draw(const struct history *h, char *changes, char *fast)
{
	struct dampener d = {};
	size_t i;

	for (i = 0; h->outcomes[i]; i++) {
		bool changed = dampener_step(&d, h->outcomes[i] == 'o', h->rise, h->fall);

		changes[i] = !changed ? '.' : d.health == HEALTH_UP ? '^' : 'v';
		fast[i] = dampener_is_changing(&d) ? 'f' : '.';
	}
	changes[i] = fast[i] = 0;
}

static void histories(void **state)
{
	static const struct history rows[] = {
		/* the first outcome decides */
		{ 2, 3, "o",
			"^",
			"." },
		{ 2, 3, "x",
			"v",
			"." },
		/* fall failures in a row, rise successes in a row */
		{ 2, 3, "ooxxxoxoo",
			"^...v...^",
			"..ff.f.f." },
		/* a run that is broken starts again */
		{ 2, 3, "oxxoxxoxxxo",
			"^........v.",
			".ff.ff.ff.f" },
		{ 3, 1, "xooxoooxooo",
			"v.....^v..^",
			".ff.ff..ff." },
		/* at once both ways */
		{ 1, 1, "oxoxxo",
			"^v^v.^",
			"......" },
		{ 255, 2, "xoooooooxx",
			"v.........",
			".fffffff.." },
		/* flapping at every probe is damped to what it was */
		{ 2, 2, "oxoxoxoxoxo",
			"^..........",
			".f.f.f.f.f." },
	};
	char changes[64], fast[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		draw(&rows[i], changes, fast);
		assert_string_equal(changes, rows[i].changes);
		assert_string_equal(fast, rows[i].fast);
	}
}

/* x failure, c failure while this host was cut off; d: down and doubtful, D: down, . neither; s: told that it is sure now. */
static void doubts(void **state)
{
	static const struct history rows[] = {
		{ 2, 3, "oxxxo",
			"...DD",
			"....." },
		/* one of the failures that led there is enough, and fall others make it sure */
		{ 2, 3, "oxcxxxxx",
			"...dddDD",
			"......s." },
		{ 2, 3, "occcccxxcxxx",
			"...ddddddddD",
			"...........s" },
		/* a run that is broken starts again */
		{ 2, 3, "ocoxxx",
			".....D",
			"......" },
		/* what is sure stays so, until it comes up */
		{ 2, 3, "oxxxcccooccc",
			"...DDDDD...d",
			"............" },
		/* and what is not, too */
		{ 2, 3, "ccoocxxxxx",
			"ddd...dddD",
			".........s" },
		/* the first outcome of all is one failure, not a run of them */
		{ 2, 3, "xxxx",
			"dddD",
			"...s" },
		{ 2, 3, "xxoxxx",
			"dddddD",
			".....s" },
		{ 2, 1, "cox",
			"ddD",
			"..s" },
	};
	char shown[64], sure[64];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct history *h = &rows[i];
		struct dampener d = {};

		for (j = 0; h->outcomes[j]; j++) {
			bool success = h->outcomes[j] == 'o';

			sure[j] = dampener_doubt(&d, success, h->outcomes[j] == 'c', h->fall) ? 's' : '.';
			dampener_step(&d, success, h->rise, h->fall);
			shown[j] = d.health != HEALTH_DOWN ? '.' : d.doubtful ? 'd' : 'D';
		}
		shown[j] = sure[j] = 0;
		assert_string_equal(shown, h->changes);
		assert_string_equal(sure, h->fast);
	}
}

static void states_have_names(void **state)
{
	struct dampener d = {};

	assert_false(dampener_is_changing(&d));
	assert_string_equal(health_name(d.health), "unknown");
	dampener_step(&d, true, 1, 1);
	assert_string_equal(health_name(d.health), "up");
	dampener_step(&d, false, 1, 1);
	assert_string_equal(health_name(d.health), "down");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(histories), cmocka_unit_test(doubts),
					    cmocka_unit_test(states_have_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
