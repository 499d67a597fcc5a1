/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What edits of all kinds of objects share. */
#ifndef SOURCE_EDIT_H
#define SOURCE_EDIT_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* array: the address of a list's pointer. The new last entry is a copy of with, empty texts unset. */
void *edit_append(const struct cyaml_schema_value *schema, void *array, uint32_t *count, const void *with);
void edit_remove(const struct cyaml_schema_value *schema, void *array, uint32_t *count, void *entry);

/* Sets a name that is not set. */
void edit_name(char **name, const char *given);
/* -EINVAL: the name inside the object (NULL: none) is another than the one given. */
int edit_same_name(const char *what, const char *given, const char *inside, struct err *err);
/* However they are written. NULL is nobody's. */
bool edit_same_address(const char *a, const char *b);

#endif
