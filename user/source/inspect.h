/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares a YAML text with the schema before libcyaml loads it, to say exactly where and what is wrong:
 * libcyaml gives no position for text that is not YAML and that of the neighbour for an unknown key, and
 * knows no ranges.
 */
#ifndef SOURCE_INSPECT_H
#define SOURCE_INSPECT_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * 0: libcyaml will load the text, or ret_empty: it has no keys at all. -EINVAL: "NAME:LINE:COLUMN: sentence".
 * Keys that a mapping requires must be there, except in the outermost one (the API has them in the path).
 */
int inspect_text(const char *name, const char *text, size_t length, const struct cyaml_schema_value *schema,
		 bool *ret_empty, struct err *err);

#endif
