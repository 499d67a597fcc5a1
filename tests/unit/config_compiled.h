/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text that must be right, as a doc and as its meaning. */
#ifndef TESTS_CONFIG_COMPILED_H
#define TESTS_CONFIG_COMPILED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/config.h"
#include "source/source.h"

static inline struct doc *parsed(const char *text)
{
	struct doc *doc = NULL;
	struct err err;

	if (source_parse("f", text, strlen(text), &doc, &err))
		fail_msg("%s", err.text);
	return doc;
}

static inline struct config *compiled(const char *text)
{
	struct doc *doc = parsed(text);
	struct config *config = NULL;
	struct err err;

	if (config_compile(doc, &config, &err))
		fail_msg("%s", err.text);
	source_free(doc); /* the config keeps nothing of it */
	return config;
}

#endif
