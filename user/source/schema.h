/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one description of the keys: libcyaml's tables, and what libcyaml has no place for. Reading, checking,
 * writing, copying and merging all walk it; a new key is a line here and a member in model/doc.h.
 */
#ifndef SOURCE_SCHEMA_H
#define SOURCE_SCHEMA_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stdint.h>

/* Mappings, to be loaded as pointers to struct doc, doc_pool, ... All keys are optional to libcyaml. */
extern const struct cyaml_schema_value schema_doc, schema_pool, schema_backend, schema_service,
	schema_access, schema_interface;

struct schema_rule {
	const struct cyaml_schema_field *fields; /* the mapping's */
	const char *key;
	bool required;
	bool is_port;      /* a text: a port, a range of them or any; written as the number that it mostly is */
	uint32_t min, max; /* of a number */
};

/* Every number has a rule; others only if required. NULL: none. */
const struct schema_rule *schema_rule(const struct cyaml_schema_field *fields, const char *key);

#endif
