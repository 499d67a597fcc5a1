/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a slot, as in the table of docs/flows.md: drawn rows, and sequences of changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "model/slot.h"

/* A backend is a letter, '.' nobody; a slot is "A" untracked, or "A<B": current A, previous B. */
static unsigned int backend(char letter)
{
	return letter == '.' ? 0 : letter - 'A' + 1;
}

static char letter(unsigned int number)
{
	return number ? 'A' + number - 1 : '.';
}

static __u32 slot(const char *text)
{
	return text[1] ? LEAT_SLOT(backend(text[0]), backend(text[2]), 1) : LEAT_SLOT(backend(text[0]), 0, 0);
}

static const char *drawn(__u32 word)
{
	static char text[4];

	snprintf(text, sizeof(text), LEAT_SLOT_TRACKED(word) ? "%c<%c" : "%c", letter(LEAT_SLOT_CURRENT(word)),
		 letter(LEAT_SLOT_PREVIOUS(word)));
	return text;
}

static void lives_set(bool *lives, const char *living)
{
	memset(lives, 0, 8);
	for (; *living; living++)
		lives[backend(*living)] = true;
}

static void rows(void **state)
{
	static const struct {
		const char *what, *old, *next, *living;
		bool tracks;
		const char *expected;
	} rows[] = {
		{ "nothing changes", "A", "A", "A", false, "A" },
		{ "a new owner", "A", "B", "AB", false, "B<A" },
		{ "a new owner for one that died", "A", "B", "B", false, "B<B" },
		{ "tracked: previous stays", "B<A", "C", "ABC", false, "C<A" },
		{ "tracked: the same owner", "B<A", "B", "AB", false, "B<A" },
		{ "tracked: back to previous", "B<A", "A", "AB", false, "A<A" },
		{ "tracked: previous died", "B<A", "B", "B", false, "B<B" },
		{ "tracked: previous died, and a new owner", "B<A", "C", "BC", false, "C<C" },
		{ "tracked: current died", "B<A", "C", "AC", false, "C<A" },
		{ "tracked: settled, and a new owner", "B<B", "C", "BC", false, "C<B" },
		{ "never had an owner", ".", "A", "A", false, "A" },
		{ "never had an owner, tracks", ".", "A", "A", true, "A<A" },
		{ "begins to track", "A", "A", "A", true, "A<A" },
		{ "begins to track, with a new owner", "A", "B", "AB", true, "B<A" },
		{ "begins to track, with a new owner for one that died", "A", "B", "B", true, "B<B" },
		{ "tracks: as any tracked", "B<A", "C", "ABC", true, "C<A" },
		{ "the last owner drains: nobody begins there", "A", ".", "A", false, ".<A" },
		{ "the last owner dies", "A", ".", "", false, ".<." },
		{ "who drains dies", ".<A", ".", "", false, ".<." },
		{ "drained by one, owned by another", ".<A", "B", "AB", false, "B<A" },
		{ "owned again after a death", ".<.", "B", "B", false, "B<B" },
		{ "owned again, settled", ".", "B", "AB", false, "B" },
	};
	bool lives[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		__u32 merged;

		lives_set(lives, rows[i].living);
		merged = slot_merge(slot(rows[i].old), backend(*rows[i].next), lives, rows[i].tracks);
		if (strcmp(drawn(merged), rows[i].expected))
			fail_msg("%s: got %s", rows[i].what, drawn(merged));
		/* What was merged is not merged again. */
		if (slot_merge(merged, backend(*rows[i].next), lives, rows[i].tracks) != merged)
			fail_msg("%s: twice is not once", rows[i].what);
	}
}

/* From an untracked slot of A. A step: the next owner, and a slash, and who lives. */
static void sequences(void **state)
{
	static const struct {
		const char *what, *steps, *expected;
	} rows[] = {
		{ "two overlapping changes", "B/ABC C/ABC", "C<A" },
		{ "three", "B/ABCD C/ABCD D/ABCD", "D<A" },
		{ "a backend returns", "B/B A/AB", "A<B" },
		{ "another returns", "B/AB C/AC B/ABC", "B<A" },
		{ "there and back", "B/AB A/AB", "A<A" },
		{ "there and back and there", "B/AB A/AB B/AB", "B<A" },
		{ "previous dies", "B/AB B/B", "B<B" },
		{ "previous dies with a third change", "B/AB C/BC", "C<C" },
		{ "previous dies and returns", "B/AB B/B A/AB", "A<B" },
		{ "all die in turn", "B/B C/C D/D", "D<D" },
		{ "drained, then deleted", "B/AB B/B", "B<B" },
		{ "drained, and taken back", "B/AB A/AB", "A<A" },
		{ "deleted and added again under another number", "B/B C/BC", "C<B" },
		{ "all drain, one comes", "./A ./A B/AB", "B<A" },
	};
	bool lives[8];
	char next, living[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *at = rows[i].steps;
		__u32 word = slot("A");
		int length;

		for (; sscanf(at, " %c/%7[A-Z]%n", &next, living, &length) == 2; at += length) {
			lives_set(lives, living);
			word = slot_merge(word, backend(next), lives, false);
		}
		assert_int_equal(*at, 0);
		if (strcmp(drawn(word), rows[i].expected))
			fail_msg("%s: got %s", rows[i].what, drawn(word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows), cmocka_unit_test(sequences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
