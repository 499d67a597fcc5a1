/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of configurations that parse but mean nothing, and the exact sentences they get: one test a row. */
#ifndef UNIT_CONFIG_ROWS_H
#define UNIT_CONFIG_ROWS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "model/config.h"
#include "source/source.h"

struct row {
	const char *name, *text, *sentence;
};

static inline void check(void **state)
{
	const struct row *row = *state;
	struct config *config = NULL;
	struct err err = {"untouched"};
	struct doc *doc = NULL;

	if (source_parse("f", row->text, strlen(row->text), &doc, &err))
		fail_msg("%s", err.text);
	assert_int_equal(config_compile(doc, &config, &err), -EINVAL);
	assert_string_equal(err.text, row->sentence);
	assert_null(config);
	assert_int_equal(config_compile(doc, &config, NULL), -EINVAL);
	source_free(doc);
}

#endif
