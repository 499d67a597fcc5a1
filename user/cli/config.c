/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat apply, diff, export: the configuration as a whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "cli/actions.h"
#include "cli/client.h"
#include "cli/parse.h"
#include "cli/print.h"

#define INPUT_MAX (64u << 20) /* what the daemon takes */

/* Not by /dev/stdin, which cannot be opened where it is a socket (ssh). */
static int read_input(const struct call *call, char **ret_text, size_t *ret_length)
{
	size_t length = 0, room = 65536, n;
	auto_free char *text = memory_zeroed(room, 1);

	while ((n = fread(text + length, 1, room - length - 1, stdin)) > 0) {
		length += n;
		if (length > INPUT_MAX)
			return print_failure(call, CLI_REFUSED, "standard input: more than 64 MiB");
		if (room - length < 32768) {
			room *= 2;
			text = memory_resized(text, room, 1);
		}
	}
	if (ferror(stdin))
		return print_failure(call, CLI_REFUSED, "standard input: cannot read: %s", strerror(errno));
	text[length] = 0;
	*ret_text = take_pointer(text);
	*ret_length = length;
	return CLI_OK;
}

static int read_config(const struct call *call, const char *path, char **ret_text, size_t *ret_length)
{
	struct err err = {};

	if (!strcmp(path, "-"))
		return read_input(call, ret_text, ret_length);
	if (file_read(path, ret_text, ret_length, &err))
		return print_failure(call, CLI_REFUSED, "%s", err.text);
	return CLI_OK;
}

static char kind_sign(const char *kind)
{
	if (!strcmp(kind, "added"))
		return '+';
	return strcmp(kind, "removed") ? '~' : '-';
}

static void print_diff(const json_t *json)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(json, "changes"), i, row) {
		bool has_detail = json_is_string(json_object_get(row, "detail"));

		printf("%c %s %s%s%s\n", kind_sign(print_text(row, "kind")), print_text(row, "what"),
		       print_text(row, "name"), has_detail ? ": " : "",
		       has_detail ? print_text(row, "detail") : "");
	}
	json_array_foreach(json_object_get(json, "pools"), i, row) {
		json_int_t moved = print_number(row, "moved"), slots = print_number(row, "slots");

		printf("pool %s: moves %lld of %lld slots (%.1f %%)\n", print_text(row, "name"), moved, slots,
		       slots > 0 ? 100.0 * moved / slots : 0.0);
	}
	if (!json_array_size(json_object_get(json, "changes")) &&
	    !json_array_size(json_object_get(json, "pools")))
		puts("no change");
}

static int put_config(struct call *call, const char *file, bool dry_run)
{
	auto_free char *text = NULL, *answer = NULL;
	json_auto_t *json = NULL;
	size_t length;
	int e = read_config(call, file, &text, &length);

	call->input = strcmp(file, "-") ? file : "standard input";
	if (!e)
		e = client_text(call, "PUT", dry_run ? "/v1/config?dry-run=1" : "/v1/config", text, length,
				&answer);
	if (e)
		return e;
	json = json_loads(answer, 0, NULL);
	if (!json_is_object(json))
		return print_failure(call, CLI_REFUSED, "PUT /v1/config: the daemon's answer is not a JSON object");
	if (!print_as_json(call, json))
		print_diff(json);
	return CLI_OK;
}

int config_apply(struct call *call)
{
	bool dry_run = call_option(call, "dry-run");
	int e = put_config(call, call_option(call, "file"), dry_run);

	if (!e && !call->json)
		puts(dry_run ? "dry run: nothing is changed" : "applied");
	return e;
}

int config_diff(struct call *call)
{
	return put_config(call, call->args[0], true);
}

static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

static int write_config(const struct call *call, const char *path, const char *text)
{
	auto_fclose FILE *file = NULL;
	struct err err = {};

	/* It holds the seed: not for everybody. */
	if (!is_special(path))
		return file_replace(path, text, strlen(text), 0640, &err)
			       ? print_failure(call, CLI_REFUSED, "%s", err.text)
			       : CLI_OK;
	/* A device or a pipe must not be replaced by a file. */
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fflush(file))
		return print_failure(call, CLI_REFUSED, "%s: cannot write: %s", path, strerror(errno));
	return CLI_OK;
}

int config_export(struct call *call)
{
	const char *path = call_option(call, "output");
	auto_free char *text = NULL;
	int e;

	if (call->json)
		return parse_complain(call, "the configuration is exported as YAML, not as JSON");
	e = client_text(call, "GET", "/v1/config", NULL, 0, &text);
	if (e)
		return e;
	if (path && strcmp(path, "-"))
		return write_config(call, path, text);
	fputs(text, stdout);
	return CLI_OK;
}
