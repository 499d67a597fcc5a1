/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk over schema and document together. It stops at the first difference. Stricter than libcyaml: no
 * values that are nothing, decimal numbers in their range, six words for yes and no.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/shape.h"
#include "source/inspect_node.h"
#include "source/schema.h"

#define FIELDS_MAX 32         /* of one mapping */
#define VISITS_MAX (1u << 20) /* nodes: twice what all limits allow; aliases of aliases could be more than memory holds */

#define PORT_ALLOWED "it must be a whole number from 1 to 65535, a range such as 8000-8999, or any"

struct inspection {
	const char *name;
	yaml_document_t *document;
	struct err *err;
	unsigned int visits;
};

static const char *const truths[] = {"yes", "no", "true", "false", "on", "off"};

static int inspect_mapping(struct inspection *in, const yaml_node_t *node,
			   const struct cyaml_schema_field *fields, const char *path);

bool inspect_node_is_nothing(const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*text || !strcmp(text, "~") || !strcasecmp(text, "null"));
}

static const char *text_of(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

__attribute__((format(printf, 3, 4))) static int bad(struct inspection *in, const yaml_node_t *node,
						     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	err_set_args(in->err, -EINVAL, format, args);
	va_end(args);
	return err_prefix(in->err, -EINVAL, "%s:%zu:%zu", in->name, node->start_mark.line + 1,
			  node->start_mark.column + 1);
}

static void add_keys(struct text *text, const struct cyaml_schema_field *fields)
{
	const struct cyaml_schema_field *field;

	for (field = fields; field->key; field++)
		text_add(text, "%s%s", field == fields ? "" : ", ", field->key);
}

/* What would be right, to be freed. */
static char *allowed(const struct cyaml_schema_field *fields, const char *key,
		     const struct cyaml_schema_value *value)
{
	const struct schema_rule *rule = key ? schema_rule(fields, key) : NULL;
	struct text text = {};
	size_t i;

	switch (value->type) {
	case CYAML_ENUM:
		text_add(&text, value->enumeration.count == 1 ? "allowed is " : "allowed are ");
		for (i = 0; i < value->enumeration.count; i++)
			text_add(&text, "%s%s", i ? ", " : "", value->enumeration.strings[i].str);
		break;
	case CYAML_BOOL:
		text_add(&text, "allowed are ");
		for (i = 0; i < ARRAY_SIZE(truths); i++)
			text_add(&text, "%s%s", i ? ", " : "", truths[i]);
		break;
	case CYAML_UINT:
		text_add(&text, "it must be a whole number from %u to %u", rule->min, rule->max);
		break;
	case CYAML_MAPPING:
		text_add(&text, "it must be a mapping of these keys: ");
		add_keys(&text, value->mapping.fields);
		break;
	case CYAML_SEQUENCE:
		text_add(&text, "it must be a list, each entry after a dash");
		break;
	default:
		text_add(&text, rule && rule->is_port ? PORT_ALLOWED : "it must be a text");
	}
	return text.s;
}

static const char *article(const char *noun)
{
	return strchr("aeiou", *noun) ? "an" : "a";
}

static int inspect_number(struct inspection *in, const yaml_node_t *node,
			  const struct cyaml_schema_field *fields, const struct cyaml_schema_field *field)
{
	const struct schema_rule *rule = schema_rule(fields, field->key);
	const char *text = text_of(node);
	size_t length = strlen(text);
	char shown[QUOTE_MAX];
	unsigned long long n;

	/* A leading 0 would be octal to libcyaml. */
	if (length && length <= 10 && strspn(text, "0123456789") == length &&
	    (text[0] != '0' || length == 1)) {
		n = strtoull(text, NULL, 10);
		if (n >= rule->min && n <= rule->max)
			return 0;
	}
	return bad(in, node, "%s is not allowed for %s; it must be a whole number from %u to %u",
		   quote(text, shown), field->key, rule->min, rule->max);
}

static int inspect_choice(struct inspection *in, const yaml_node_t *node,
			  const struct cyaml_schema_field *field)
{
	const struct cyaml_schema_value *value = &field->value;
	auto_free char *expected = NULL;
	char shown[QUOTE_MAX];
	uint32_t i;

	for (i = 0; i < value->enumeration.count; i++)
		if (!strcmp(value->enumeration.strings[i].str, text_of(node)))
			return 0;
	expected = allowed(NULL, field->key, value);
	quote(text_of(node), shown);
	if (strchr(field->key, '-'))
		return bad(in, node, "%s is not allowed for %s; %s", shown, field->key, expected);
	return bad(in, node, "%s is not %s %s; %s", shown, article(field->key), field->key, expected);
}

static int inspect_truth(struct inspection *in, const yaml_node_t *node,
			 const struct cyaml_schema_field *field)
{
	auto_free char *expected = NULL;
	char shown[QUOTE_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(truths); i++)
		if (!strcmp(truths[i], text_of(node)))
			return 0;
	expected = allowed(NULL, field->key, &field->value);
	return bad(in, node, "%s is not allowed for %s; %s", quote(text_of(node), shown), field->key,
		   expected);
}

static int inspect_text_of(struct inspection *in, const yaml_node_t *node, const struct cyaml_schema_field *fields,
			   const struct cyaml_schema_field *field)
{
	const struct schema_rule *rule = schema_rule(fields, field->key);
	struct leat_service_key key;
	char shown[QUOTE_MAX];

	if (strlen(text_of(node)) != node->data.scalar.length)
		return bad(in, node, "%s holds a NUL character; no text may", field->key);
	if (rule && rule->is_port && shape_port_parse(text_of(node), &key))
		return bad(in, node, "%s is not allowed for %s; " PORT_ALLOWED, quote(text_of(node), shown), field->key);
	return 0;
}

static int inspect_scalar(struct inspection *in, const yaml_node_t *node,
			  const struct cyaml_schema_field *fields, const struct cyaml_schema_field *field)
{
	switch (field->value.type) {
	case CYAML_UINT:
		return inspect_number(in, node, fields, field);
	case CYAML_ENUM:
		return inspect_choice(in, node, field);
	case CYAML_BOOL:
		return inspect_truth(in, node, field);
	default:
		return inspect_text_of(in, node, fields, field);
	}
}

static yaml_node_type_t node_type(const struct cyaml_schema_value *value)
{
	return value->type == CYAML_MAPPING    ? YAML_MAPPING_NODE
	       : value->type == CYAML_SEQUENCE ? YAML_SEQUENCE_NODE
					       : YAML_SCALAR_NODE;
}

static const char *what(const yaml_node_t *node)
{
	return node->type == YAML_MAPPING_NODE    ? "a mapping of keys"
	       : node->type == YAML_SEQUENCE_NODE ? "a list"
						  : "a single value";
}

static int wrong_kind(struct inspection *in, const yaml_node_t *node, const char *path, const char *expected)
{
	if (inspect_node_is_nothing(node))
		return bad(in, node, "%s has no value; %s", path, expected);
	return bad(in, node, "%s is %s; %s", path, what(node), expected);
}

static int too_many(struct inspection *in, const yaml_node_t *node)
{
	return bad(in, node, "more than %u values, with those that aliases stand for; no configuration needs so many", VISITS_MAX);
}

static int inspect_text_entry(struct inspection *in, const yaml_node_t *node, const char *path)
{
	if (++in->visits > VISITS_MAX)
		return too_many(in, node);
	if (strlen(text_of(node)) != node->data.scalar.length)
		return bad(in, node, "%s holds a NUL character; no text may", path);
	return 0;
}

static int inspect_sequence(struct inspection *in, const yaml_node_t *node,
			    const struct cyaml_schema_value *entry, const char *path)
{
	const yaml_node_item_t *item;
	int e;

	for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
		const yaml_node_t *child = yaml_document_get_node(in->document, *item);
		auto_free char *inner =
			string_format("%s[%zu]", path, (size_t)(item - node->data.sequence.items.start));

		if (child->type != node_type(entry) || inspect_node_is_nothing(child)) {
			auto_free char *expected = allowed(NULL, NULL, entry);

			return wrong_kind(in, child, inner, expected);
		}
		e = entry->type == CYAML_STRING ? inspect_text_entry(in, child, inner)
						: inspect_mapping(in, child, entry->mapping.fields, inner);
		if (e)
			return e;
	}
	return 0;
}

static int inspect_value(struct inspection *in, const yaml_node_t *node,
			 const struct cyaml_schema_field *fields, const struct cyaml_schema_field *field,
			 const char *path)
{
	auto_free char *expected = NULL;

	if (++in->visits > VISITS_MAX)
		return too_many(in, node);
	if (node->type != node_type(&field->value) || inspect_node_is_nothing(node)) {
		expected = allowed(fields, field->key, &field->value);
		return wrong_kind(in, node, path, expected);
	}
	if (node->type == YAML_MAPPING_NODE)
		return inspect_mapping(in, node, field->value.mapping.fields, path);
	if (node->type == YAML_SEQUENCE_NODE)
		return inspect_sequence(in, node, field->value.sequence.entry, path);
	return inspect_scalar(in, node, fields, field);
}

static int unknown_key(struct inspection *in, const yaml_node_t *key, const struct cyaml_schema_field *fields,
		       const char *path)
{
	const char *nearest;
	struct text keys = {};
	char shown[QUOTE_MAX];
	size_t count = 0;
	int e;

	while (fields[count].key)
		count++;
	nearest = quote_nearest(text_of(key), &fields->key, count, sizeof(*fields));
	add_keys(&keys, fields);
	e = bad(in, key, "unknown key %s%s%s%s%s%s; allowed are %s", quote(text_of(key), shown),
		*path ? " in " : "", path, nearest ? " (did you mean '" : "", nearest ? nearest : "",
		nearest ? "'?)" : "", keys.s);
	free(keys.s);
	return e;
}

/* The field a key names; seen remembers where each was before. */
static int find_field(struct inspection *in, const yaml_node_t *key, const struct cyaml_schema_field *fields,
		      const char *path, const yaml_node_t **seen, const struct cyaml_schema_field **ret)
{
	const struct cyaml_schema_field *field = fields;

	if (key->type != YAML_SCALAR_NODE)
		return bad(in, key, "a key is %s; it must be a single word", what(key));
	while (field->key && strcmp(field->key, text_of(key)))
		field++;
	if (!field->key || strlen(text_of(key)) != key->data.scalar.length)
		return unknown_key(in, key, fields, path);
	if (seen[field - fields])
		return bad(in, key, "key '%s' appears twice%s%s; it is in line %zu already", field->key,
			   *path ? " in " : "", path, seen[field - fields]->start_mark.line + 1);
	seen[field - fields] = key;
	*ret = field;
	return 0;
}

static int inspect_mapping(struct inspection *in, const yaml_node_t *node,
			   const struct cyaml_schema_field *fields, const char *path)
{
	const yaml_node_t *seen[FIELDS_MAX] = {};
	const struct cyaml_schema_field *field = NULL;
	const yaml_node_pair_t *pair;
	int e;

	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		auto_free char *inner = NULL;

		e = find_field(in, yaml_document_get_node(in->document, pair->key), fields, path, seen,
			       &field);
		if (e)
			return e;
		inner = string_format("%s%s%s", path, *path ? "." : "", field->key);
		e = inspect_value(in, yaml_document_get_node(in->document, pair->value), fields, field,
				  inner);
		if (e)
			return e;
	}
	for (field = fields; field->key && *path; field++) {
		const struct schema_rule *rule =
			seen[field - fields] ? NULL : schema_rule(fields, field->key);

		if (rule && rule->required)
			return bad(in, node, "%s lacks the key '%s'", path, field->key);
	}
	return 0;
}

int inspect_node_root(const char *name, yaml_document_t *document, const yaml_node_t *root,
		      const struct cyaml_schema_value *schema, struct err *err)
{
	struct inspection in = {.name = name, .document = document, .err = err};
	auto_free char *expected = NULL;

	if (root->type == YAML_MAPPING_NODE)
		return inspect_mapping(&in, root, schema->mapping.fields, "");
	expected = allowed(NULL, NULL, schema);
	return wrong_kind(&in, root, "the document", expected);
}
