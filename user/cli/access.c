/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat access ...: lists of prefixes, given as words or read from files with a prefix a line. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "cli/actions.h"
#include "cli/client.h"
#include "cli/parse.h"
#include "cli/print.h"

static char *access_path(const struct call *call)
{
	auto_free char *name = client_escape(call->args[0]);

	return string_format("/v1/access/%s", name);
}

int access_list(struct call *call)
{
	struct columns columns = {};
	json_auto_t *json = NULL;
	const json_t *row;
	size_t i;
	int e = client_get(call, "/v1/access", &json);

	if (e || print_as_json(call, json))
		return e;
	columns_start(&columns, "Access list|>Allow|>Deny|Rest|>Services");
	json_array_foreach(json_object_get(json, "access"), i, row) {
		columns_add(&columns, "%s", print_text(row, "name"));
		columns_add(&columns, "%lld", print_number(row, "allowed-prefixes"));
		columns_add(&columns, "%lld", print_number(row, "denied-prefixes"));
		columns_add(&columns, "%s", print_text(row, "rest"));
		columns_add(&columns, "%zu", json_array_size(json_object_get(row, "services")));
	}
	columns_print(&columns);
	return CLI_OK;
}

static void print_texts(const char *key, const json_t *texts)
{
	const json_t *text;
	size_t i;

	json_array_foreach(texts, i, text)
		print_line(key, "%s", json_is_string(text) ? json_string_value(text) : "-");
}

static void print_limits(const json_t *limits)
{
	static const char *const rates[] = {"packets-per-second", "flows-per-second", "source-packets-per-second",
					    "source-flows-per-second"};
	bool has_any = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		if (!json_is_integer(json_object_get(limits, rates[i])))
			continue;
		print_line("limit", "%lld %s", print_number(limits, rates[i]), rates[i]);
		has_any = true;
	}
	if (has_any)
		print_line("", "of sources by /%lld and IPv6 /%lld, in bursts of %s", print_number(limits, "source-prefix-ipv4"),
			   print_number(limits, "source-prefix-ipv6"), print_text(limits, "burst"));
}

int access_show(struct call *call)
{
	auto_free char *path = access_path(call);
	json_auto_t *json = NULL;
	int e = client_get(call, path, &json);

	if (e || print_as_json(call, json))
		return e;
	print_line("access list", "%s", print_text(json, "name"));
	print_texts("service", json_object_get(json, "services"));
	print_texts("allow", json_object_get(json, "allow"));
	print_texts("deny", json_object_get(json, "deny"));
	print_line("rest", "%s", print_text(json, "rest"));
	print_limits(json_object_get(json, "limits"));
	return CLI_OK;
}

/* --- from a file ------------------------------------------------------------------------------------ */

/* Puts the line's prefix into the list: the first word; what follows #, and lines without words, are for people. */
static int line_take(const struct call *call, const char *path, size_t number, char *line, json_t *list)
{
	char *end;

	line[strcspn(line, "#\r")] = 0;
	while (isspace((unsigned char)*line))
		line++;
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		*--end = 0;
	if (!*line)
		return CLI_OK;
	if (line[strcspn(line, " \t,")] || json_array_append_new(list, json_string(line)))
		return print_failure(call, CLI_REFUSED, "%s:%zu: '%.60s' is not one prefix, such as 192.0.2.0/24", path, number,
				     line);
	return CLI_OK;
}

static int file_take(const struct call *call, const char *path, json_t *list)
{
	auto_free char *text = NULL;
	struct err err = {};
	size_t length, number = 0;
	char *line, *next;
	int e = CLI_OK;

	if (file_read(path, &text, &length, &err))
		return print_failure(call, CLI_REFUSED, "%s", err.text);
	for (line = text; !e && line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		e = line_take(call, path, ++number, line, list);
	}
	/* Cut off or not yet written, likelier than meant; and an empty list of what is allowed would let all in. */
	if (!e && !json_array_size(list))
		e = print_failure(call, CLI_REFUSED, "%s: there is no prefix in it", path);
	return e;
}

/* Of --allow and --allow-file one may be given. */
static int key_take(const struct call *call, const char *key, json_t *body)
{
	auto_free char *option = string_format("%s-file", key);
	const char *path = call_option(call, option);
	json_t *list;

	if (!path)
		return CLI_OK;
	if (call_option(call, key))
		return parse_complain(call, "--%s and --%s are both given: give one of them", key, option);
	list = json_array();
	json_object_set_new(body, key, list);
	return file_take(call, path, list);
}

static int access_change(const struct call *call, const char *method)
{
	auto_free char *path = access_path(call), *options = client_body(call), *text = NULL;
	json_auto_t *body = json_loads(options, 0, NULL), *answer = NULL;
	int e = key_take(call, "allow", body);

	if (!e)
		e = key_take(call, "deny", body);
	if (e)
		return e;
	text = json_dumps(body, JSON_COMPACT);
	e = client_json(call, method, path, text, &answer);
	if (!e)
		print_as_json(call, answer);
	return e;
}

int access_add(struct call *call)
{
	return access_change(call, "POST");
}

int access_set(struct call *call)
{
	if (!call->given_count)
		return parse_complain(call, "nothing to set: give at least one option");
	return access_change(call, "PATCH");
}

int access_del(struct call *call)
{
	auto_free char *path = access_path(call);
	json_auto_t *json = NULL;
	int e = client_json(call, "DELETE", path, NULL, &json);

	if (!e)
		print_as_json(call, json);
	return e;
}
