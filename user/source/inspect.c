/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this text YAML, and a single document? Then inspect_node.c compares it with the schema. See inspect.h.
 */
#include <errno.h>
#include <string.h>
#include <yaml.h>

#include "source/inspect.h"
#include "source/inspect_node.h"

#define DEPTH_MAX 32

/* libyaml's reader knows only the byte it stumbled over. */
static void position_of(const char *text, size_t length, size_t offset, size_t *ret_line, size_t *ret_column)
{
	size_t i;

	*ret_line = *ret_column = 1;
	for (i = 0; i < offset && i < length; i++) {
		if (text[i] == '\n') {
			++*ret_line;
			*ret_column = 1;
		} else {
			++*ret_column;
		}
	}
}

/* Does line (from 1) start with white space that has a tab in it, up to column? */
static bool tab_indents(const char *text, size_t length, size_t line, size_t column)
{
	const char *end = text + length;

	while (--line) {
		text = memchr(text, '\n', end - text);
		if (!text)
			return false;
		text++;
	}
	for (; text < end && column--; text++) {
		if (*text == '\t')
			return true;
		if (*text != ' ')
			return false;
	}
	return false;
}

/* What is mostly behind a complaint of libyaml. */
static const char *likely(const char *problem)
{
	static const struct {
		const char *problem, *cause;
	} causes[] = {
		{"mapping values are not allowed", "; is a space missing after a colon, or a line indented too far, or a "
						   "value with ': ' in it not quoted?"},
		{"did not find expected key", "; is the line indented as its neighbours are?"},
		{"did not find expected '-'", "; is the line indented as its neighbours are?"},
		{"found unexpected end of stream", "; is a quote not closed?"},
		{"did not find expected ','", "; is a comma missing, or a bracket or brace not closed?"},
		{"cannot start any token", "; put the value in quotes"},
		{"control characters are not allowed", "; is it compressed, or a program?"},
		{"UTF-8", "; write it in UTF-8"},
	};
	size_t i;

	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strstr(problem, causes[i].problem))
			return causes[i].cause;
	return "";
}

static int not_yaml(const yaml_parser_t *parser, const char *name, const char *text, size_t length,
		    struct err *err)
{
	size_t line = parser->problem_mark.line + 1, column = parser->problem_mark.column + 1;

	if (parser->error == YAML_MEMORY_ERROR)
		return err_set(err, -ENOMEM, "%s: out of memory", name);
	if (parser->error == YAML_READER_ERROR) {
		position_of(text, length, parser->problem_offset, &line, &column);
		return err_set(err, -EINVAL, "%s:%zu:%zu: not a text: %s%s", name, line, column,
			       parser->problem, likely(parser->problem));
	}
	if (tab_indents(text, length, line, column))
		return err_set(err, -EINVAL, "%s:%zu:%zu: a tab in the indentation; YAML allows spaces only",
			       name, line, column);
	if (parser->context && parser->context_mark.index != parser->problem_mark.index)
		return err_set(err, -EINVAL, "%s:%zu:%zu: not YAML: %s from %zu:%zu on, %s%s", name, line,
			       column, parser->context, parser->context_mark.line + 1,
			       parser->context_mark.column + 1, parser->problem, likely(parser->problem));
	return err_set(err, -EINVAL, "%s:%zu:%zu: not YAML: %s%s", name, line, column, parser->problem,
		       likely(parser->problem));
}

/* What follows the document must be nothing. */
static int inspect_end(yaml_parser_t *parser, const char *name, const char *text, size_t length,
		       struct err *err)
{
	yaml_document_t second;
	yaml_node_t *root;
	int e = 0;

	if (!yaml_parser_load(parser, &second))
		return not_yaml(parser, name, text, length, err);
	root = yaml_document_get_root_node(&second);
	if (root)
		e = err_set(err, -EINVAL, "%s:%zu:%zu: a second document starts here; only one is allowed",
			    name, root->start_mark.line + 1, root->start_mark.column + 1);
	yaml_document_delete(&second);
	return e;
}

/*
 * The schema is 5 deep. libyaml's time grows with the square of the depth: 100 KB of brackets would hold up the daemon
 * for a minute. So a first pass looks at the depth alone; what else is wrong, the second one says.
 */
static int inspect_depth(const char *name, const char *text, size_t length, struct err *err)
{
	yaml_parser_t parser;
	yaml_event_t event;
	unsigned int depth = 0;
	bool goes_on = true;
	int e = 0;

	if (!yaml_parser_initialize(&parser))
		return err_set(err, -ENOMEM, "%s: out of memory", name);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	while (goes_on && yaml_parser_parse(&parser, &event)) {
		bool opens = event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT;

		depth += opens;
		depth -= event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
		if (opens && depth > DEPTH_MAX)
			e = err_set(err, -EINVAL, "%s:%zu:%zu: nested more than %u deep; is a bracket or brace not closed?",
				    name, event.start_mark.line + 1, event.start_mark.column + 1, DEPTH_MAX);
		goes_on = !e && event.type != YAML_STREAM_END_EVENT && event.type != YAML_NO_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return e;
}

int inspect_text(const char *name, const char *text, size_t length, const struct cyaml_schema_value *schema,
		 bool *ret_empty, struct err *err)
{
	yaml_document_t document;
	yaml_parser_t parser;
	yaml_node_t *root;
	int e = inspect_depth(name, text, length, err);

	if (e)
		return e;
	if (!yaml_parser_initialize(&parser))
		return err_set(err, -ENOMEM, "%s: out of memory", name);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (!yaml_parser_load(&parser, &document)) {
		e = not_yaml(&parser, name, text, length, err);
		yaml_parser_delete(&parser);
		return e;
	}
	root = yaml_document_get_root_node(&document);
	*ret_empty = !root || inspect_node_is_nothing(root) ||
		     (root->type == YAML_MAPPING_NODE &&
		      root->data.mapping.pairs.start == root->data.mapping.pairs.top);
	if (root)
		e = inspect_end(&parser, name, text, length, err);
	if (!e && !*ret_empty)
		e = inspect_node_root(name, &document, root, schema, err);
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
	return e;
}
