/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typed texts in sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/quote.h"

#define TEN "0123456789"

static void quotes(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{"", "''"},
		{"web", "'web'"},
		{"a\nb\x1b[1m\x7f", "'a?b?[1m?'"},
		{"\u00e9", "'\u00e9'"},
		{TEN TEN TEN TEN TEN TEN, "'" TEN TEN TEN TEN TEN TEN "'"},
		{TEN TEN TEN TEN TEN TEN "x", "'" TEN TEN TEN TEN TEN TEN "...'"},
		{TEN TEN TEN TEN TEN "012345678\u00e9x",
		 "'" TEN TEN TEN TEN TEN "012345678...'"}, /* a whole character */
	};
	char shown[QUOTE_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(quote(rows[i].text, shown), rows[i].shown);
}

static void distances(void **state)
{
	assert_int_equal(quote_distance("", ""), 0);
	assert_int_equal(quote_distance("", "abc"), 3);
	assert_int_equal(quote_distance("abc", ""), 3);
	assert_int_equal(quote_distance("web", "web"), 0);
	assert_int_equal(quote_distance("kitten", "sitting"), 3);
	assert_int_equal(quote_distance("wieght", "weight"), 2);
	assert_int_equal(quote_distance(TEN TEN TEN TEN, "a"), 39); /* not letter by letter */
}

static void nearest(void **state)
{
	static const struct {
		const char *name;
		int other;
	} names[] = {{"weight"}, {"address"}, {"x"}};

	assert_string_equal(quote_nearest("adress", names, 3, sizeof(*names)), "address");
	assert_string_equal(quote_nearest("weights", names, 3, sizeof(*names)), "weight");
	assert_null(quote_nearest("height of it", names, 3, sizeof(*names)));
	assert_null(quote_nearest("y", names, 3, sizeof(*names))); /* nothing in common with x */
	assert_null(quote_nearest("", names, 3, sizeof(*names)));
	assert_null(quote_nearest("weight", names, 0, sizeof(*names)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(distances),
		cmocka_unit_test(nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
