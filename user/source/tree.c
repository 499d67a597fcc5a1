/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks over objects of a doc by the schema: see tree.h. Texts, lists and mappings are always behind
 * pointers, and so are the texts of a list of them; numbers, choices and truths are where 0 is a value of its own, otherwise 0 is "not set".
 */
#include <string.h>

#include "base/auto.h"
#include "source/tree.h"

static void *at(const struct cyaml_schema_field *field, void *object)
{
	return (char *)object + field->data_offset;
}

uint64_t tree_number(const void *data, uint32_t size)
{
	uint64_t n = 0;

	memcpy(&n, data, size); /* little endian */
	return n;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tree_number");

uint64_t tree_count(const struct cyaml_schema_field *field, const void *object)
{
	return tree_number((const char *)object + field->count_offset, field->count_size);
}

const void *tree_value(const struct cyaml_schema_field *field, const void *object)
{
	const void *data = (const char *)object + field->data_offset;

	if (field->value.type == CYAML_SEQUENCE && !tree_count(field, object))
		return NULL;
	if (field->value.flags & CYAML_FLAG_POINTER)
		return *(const void *const *)data;
	return tree_number(data, field->value.data_size) ? data : NULL;
}

static void entry_clear(const struct cyaml_schema_value *entry, void *data)
{
	if (entry->type == CYAML_STRING)
		free(*(char **)data);
	else
		tree_clear(entry->mapping.fields, data);
}

static void field_clear(const struct cyaml_schema_field *field, void *object)
{
	const struct cyaml_schema_value *value = &field->value;
	void **pointer = at(field, object);
	uint64_t i;

	if (!(value->flags & CYAML_FLAG_POINTER)) {
		memset(pointer, 0, value->data_size);
		return;
	}
	if (value->type == CYAML_SEQUENCE) {
		for (i = 0; *pointer && i < tree_count(field, object); i++)
			entry_clear(value->sequence.entry, (char *)*pointer + i * value->data_size);
		memset((char *)object + field->count_offset, 0, field->count_size);
	} else if (value->type == CYAML_MAPPING && *pointer) {
		tree_clear(value->mapping.fields, *pointer);
	}
	free(*pointer);
	*pointer = NULL;
}

void tree_clear(const struct cyaml_schema_field *fields, void *object)
{
	for (; fields->key; fields++)
		field_clear(fields, object);
}

static void entry_copy(const struct cyaml_schema_value *entry, void *to, const void *from)
{
	if (entry->type == CYAML_STRING)
		*(char **)to = string_copy(*(char *const *)from);
	else
		tree_copy(entry->mapping.fields, to, from);
}

static void *sequence_copy(const struct cyaml_schema_value *value, const void *from, uint64_t count)
{
	char *entries = memory_zeroed(count, value->data_size);
	uint64_t i;

	for (i = 0; i < count; i++)
		entry_copy(value->sequence.entry, entries + i * value->data_size,
			   (const char *)from + i * value->data_size);
	return entries;
}

/* The object's field is clear, from's is set. */
static void field_copy(const struct cyaml_schema_field *field, void *to, const void *from)
{
	const struct cyaml_schema_value *value = &field->value;
	const void *source = tree_value(field, from);
	void **pointer = at(field, to);

	if (!(value->flags & CYAML_FLAG_POINTER)) {
		memcpy(pointer, source, value->data_size);
		return;
	}
	switch (value->type) {
	case CYAML_STRING:
		*pointer = string_copy(source);
		break;
	case CYAML_SEQUENCE:
		*pointer = sequence_copy(value, source, tree_count(field, from));
		memcpy((char *)to + field->count_offset, (const char *)from + field->count_offset,
		       field->count_size);
		break;
	case CYAML_MAPPING:
		*pointer = memory_zeroed(1, value->data_size);
		tree_copy(value->mapping.fields, *pointer, source);
		break;
	default:
		*pointer = memory_zeroed(1, value->data_size);
		memcpy(*pointer, source, value->data_size);
	}
}

void tree_copy(const struct cyaml_schema_field *fields, void *to, const void *from)
{
	for (; fields->key; fields++)
		if (tree_value(fields, from))
			field_copy(fields, to, from);
}

/* "", or a list of that alone: the text, or the list, is to be unset. */
static bool is_blank(const struct cyaml_schema_field *field, const void *object)
{
	const void *value = tree_value(field, object);

	if (field->value.type == CYAML_SEQUENCE)
		return field->value.sequence.entry->type == CYAML_STRING && tree_count(field, object) == 1 &&
		       !**(char *const *)value;
	return field->value.type == CYAML_STRING && !*(const char *)value;
}

void tree_merge(const struct cyaml_schema_field *fields, void *to, const void *from)
{
	for (; fields->key; fields++) {
		const void *source = tree_value(fields, from);

		if (!source)
			continue;
		if (fields->value.type == CYAML_MAPPING && tree_value(fields, to)) {
			tree_merge(fields->value.mapping.fields, *(void **)at(fields, to), source);
			continue;
		}
		field_clear(fields, to);
		if (!is_blank(fields, from))
			field_copy(fields, to, from);
	}
}
