/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares a document of libyaml with the schema. */
#ifndef SOURCE_INSPECT_NODE_H
#define SOURCE_INSPECT_NODE_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <yaml.h>

#include "base/err.h"

/* As inspect_text. */
int inspect_node_root(const char *name, yaml_document_t *document, const yaml_node_t *root,
		      const struct cyaml_schema_value *schema, struct err *err);

/* "", ~ or null, unquoted. */
bool inspect_node_is_nothing(const yaml_node_t *node);

#endif
