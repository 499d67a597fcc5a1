/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing. libcyaml's own writer cannot leave out what is 0 but not behind a pointer, so this one walks the
 * schema. Texts that any YAML reader could take for something else are quoted.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/file.h"
#include "source/schema.h"
#include "source/source.h"
#include "source/tree.h"

#define DIGITS "0123456789"

/* Words that YAML 1.1 readers take for truths or nothing. */
static bool is_reserved(const char *s)
{
	static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(s, words[i]))
			return true;
	return false;
}

/* A duration, or an IPv4 address with or without prefix length: start with a digit, but are no numbers. */
static bool is_duration_or_ipv4(const char *s)
{
	size_t digits = strspn(s, DIGITS);
	const char *rest = s + digits;
	unsigned int dots;

	if (!strcmp(rest, "ms") || !strcmp(rest, "s") || !strcmp(rest, "m") || !strcmp(rest, "h"))
		return true;
	for (dots = 0; *rest == '.'; dots++) {
		digits = strspn(rest + 1, DIGITS);
		if (!digits)
			return false;
		rest += 1 + digits;
	}
	return dots == 3 &&
	       (!*rest || (*rest == '/' && rest[1] && strspn(rest + 1, DIGITS) == strlen(rest + 1)));
}

static bool is_plain(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/";

	if (*s && strchr(DIGITS, *s))
		return is_duration_or_ipv4(s);
	return *s && strchr(letters, *s) && !is_reserved(s) &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "/._-")] == 0;
}

/* Decodes one character; what is not UTF-8 is taken byte by byte. */
static uint32_t next_character(const unsigned char **s)
{
	unsigned int more = **s >= 0xf0 ? 3 : **s >= 0xe0 ? 2 : **s >= 0xc0 ? 1 : 0, i;
	uint32_t c = more ? **s & (0x3f >> more) : **s;

	for (i = 1; i <= more; i++) {
		if (((*s)[i] & 0xc0) != 0x80)
			return *(*s)++;
		c = c << 6 | ((*s)[i] & 0x3f);
	}
	*s += 1 + more;
	return c;
}

static void add_quoted(struct text *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	text_add(out, "\"");
	while (*s) {
		uint32_t c = next_character(&s);

		if (c == '"' || c == '\\')
			text_add(out, "\\%c", c);
		else if (c >= ' ' && c < 0x7f)
			text_add(out, "%c", c);
		else if (c == '\n')
			text_add(out, "\\n");
		else if (c == '\t')
			text_add(out, "\\t");
		else
			text_add(out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	}
	text_add(out, "\"");
}

static void add_scalar(struct text *out, const struct cyaml_schema_value *value, const void *data)
{
	uint64_t number = value->type == CYAML_STRING ? 0 : tree_number(data, value->data_size);
	uint32_t i;

	switch (value->type) {
	case CYAML_STRING:
		if (is_plain(data))
			text_add(out, "%s", (const char *)data);
		else
			add_quoted(out, data);
		break;
	case CYAML_BOOL:
		text_add(out, number ? "yes" : "no");
		break;
	case CYAML_ENUM:
		for (i = 0; i < value->enumeration.count; i++)
			if ((uint64_t)value->enumeration.strings[i].val == number)
				text_add(out, "%s", value->enumeration.strings[i].str);
		break;
	default:
		text_add(out, "%llu", (unsigned long long)number);
	}
}

static void add_mapping(struct text *out, const struct cyaml_schema_field *fields, const void *object,
			unsigned int indent);

static void add_sequence(struct text *out, const struct cyaml_schema_field *field, const char *entries,
			 uint64_t count, unsigned int indent)
{
	const struct cyaml_schema_value *entry = field->value.sequence.entry;
	uint64_t i;

	text_add(out, "\n");
	for (i = 0; i < count; i++) {
		size_t start;

		text_add(out, "%*s- ", indent + 2, "");
		if (entry->type == CYAML_STRING) {
			add_scalar(out, entry, *(char *const *)(entries + i * field->value.data_size));
			text_add(out, "\n");
			continue;
		}
		start = out->length;
		add_mapping(out, entry->mapping.fields,
			    entries + i * field->value.data_size, indent + 4);
		if (out->length == start)
			text_add(out, "{}\n");
	}
}

/* "80", "8000-8999", of a key whose texts are numbers: another reader may take them for such. */
static bool is_number(const struct schema_rule *rule, const char *text)
{
	return rule && rule->is_port && *text >= '1' && *text <= '9' && strlen(text) <= strlen("65535-65535") &&
	       !text[strspn(text, DIGITS "-")];
}

static void add_value(struct text *out, const struct cyaml_schema_field *fields, const struct cyaml_schema_field *field,
		      const void *value)
{
	text_add(out, " ");
	if (field->value.type == CYAML_STRING && is_number(schema_rule(fields, field->key), value))
		text_add(out, "%s", (const char *)value);
	else
		add_scalar(out, &field->value, value);
	text_add(out, "\n");
}

/* The first line goes on where the text is if that is after a list's dash. */
static void add_mapping(struct text *out, const struct cyaml_schema_field *all, const void *object,
			unsigned int indent)
{
	const struct cyaml_schema_field *fields;

	for (fields = all; fields->key; fields++) {
		const void *value = tree_value(fields, object);
		bool after_dash = out->length > 1 && !strcmp(out->s + out->length - 2, "- ");
		size_t start;

		if (!value)
			continue;
		text_add(out, "%*s%s:", after_dash ? 0 : indent, "", fields->key);
		if (fields->value.type == CYAML_SEQUENCE) {
			add_sequence(out, fields, value, tree_count(fields, object), indent);
		} else if (fields->value.type == CYAML_MAPPING) {
			text_add(out, "\n");
			start = out->length;
			add_mapping(out, fields->value.mapping.fields, value, indent + 2);
			if (out->length == start) {
				out->length--;
				text_add(out, " {}\n");
			}
		} else {
			add_value(out, all, fields, value);
		}
	}
}

char *source_write(const struct doc *doc, size_t *ret_length)
{
	struct text out = {};

	text_add(&out, "%s", "");
	add_mapping(&out, schema_doc.mapping.fields, doc, 0);
	if (ret_length)
		*ret_length = out.length;
	return out.s;
}
