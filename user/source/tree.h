/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of a doc as the schema describes them: set or not, freed, copied, laid over one another. */
#ifndef SOURCE_TREE_H
#define SOURCE_TREE_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stdint.h>

/* A number of the schema's size. */
uint64_t tree_number(const void *data, uint32_t size);
/* Where the field's value is: behind the pointer, if it is one. NULL: not set. */
const void *tree_value(const struct cyaml_schema_field *field, const void *object);
/* Entries of a list. */
uint64_t tree_count(const struct cyaml_schema_field *field, const void *object);

/* Frees what the object's keys hold, and unsets them. */
void tree_clear(const struct cyaml_schema_field *fields, void *object);
/* to holds nothing yet (all zero). */
void tree_copy(const struct cyaml_schema_field *fields, void *to, const void *from);
/* Keys set in from replace those in to, keys of mappings one by one; an empty text unsets. */
void tree_merge(const struct cyaml_schema_field *fields, void *to, const void *from);

#endif
