/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat complete WORD...: what can be typed in place of the last word, one a line, for
 * scripts/completion.bash. It parses the words before the last as any command line, then asks the table what
 * may follow; names come from the daemon. It is silent when it knows nothing or the daemon does not answer.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/actions.h"
#include "cli/client.h"
#include "cli/parse.h"
#include "cli/print.h"

static void offer(const char *text, size_t length, const char *prefix)
{
	if (length >= strlen(prefix) && !strncmp(text, prefix, strlen(prefix)))
		printf("%.*s\n", (int)length, text);
}

static void offer_choices(const char *choices, const char *prefix)
{
	while (*choices) {
		size_t length = strcspn(choices, "|");

		offer(choices, length, prefix);
		choices += length;
		choices += *choices == '|';
	}
}

/* The named field of each row of the list that the daemon has at path. */
static void offer_fields(const struct call *call, const char *path, const char *list, const char *field,
			 const char *prefix)
{
	json_auto_t *json = NULL;
	const json_t *row;
	size_t i;

	if (client_get(call, path, &json))
		return;
	json_array_foreach(json_object_get(json, list), i, row) {
		const char *text = json_string_value(json_object_get(row, field));

		if (text)
			offer(text, strlen(text), prefix);
	}
}

static void offer_backends(const struct call *call, const char *prefix)
{
	auto_free char *pool = client_escape(call->args[0]);
	auto_free char *path = string_format("/v1/pools/%s/backends", pool);

	offer_fields(call, path, "backends", "address", prefix);
}

/* Services are named protocol/address:port; typed are two words. */
static void offer_services(const struct call *call, const char *prefix)
{
	auto_free char *start = string_format("%s/", call->args[0]);
	json_auto_t *json = NULL;
	const json_t *row;
	size_t i;

	if (client_get(call, "/v1/services", &json))
		return;
	json_array_foreach(json_object_get(json, "services"), i, row) {
		const char *name = print_text(row, "name");

		if (!strncmp(name, start, strlen(start)))
			offer(name + strlen(start), strlen(name) - strlen(start), prefix);
	}
}

static void offer_links(const char *prefix)
{
	DIR *directory = opendir("/sys/class/net");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] != '.')
			offer(entry->d_name, strlen(entry->d_name), prefix);
	}
	if (directory)
		closedir(directory);
}

/* By the name that the table gives an argument. */
static void offer_arg(const struct call *call, const char *prefix)
{
	auto_free char *name = NULL;
	struct command_arg arg;

	if (!command_arg(call->command, call->arg_count, &arg))
		return;
	name = string_format("%.*s", (int)arg.length, arg.name);
	if (!strcmp(name, "PROTOCOL"))
		offer_choices(!strcmp(call->command->words, "explain") ? "tcp|udp|sctp|gre|esp" : "tcp|udp|sctp|gre|esp|any", prefix);
	else if (!strcmp(name, "IFACE") && arg.is_new)
		offer_links(prefix);
	else if (arg.is_new)
		return; /* only its owner knows */
	else if (!strcmp(name, "POOL"))
		offer_fields(call, "/v1/pools", "pools", "name", prefix);
	else if (!strcmp(name, "LIST"))
		offer_fields(call, "/v1/access", "access", "name", prefix);
	else if (!strcmp(name, "ADDRESS"))
		offer_backends(call, prefix);
	else if (!strcmp(name, "ADDRESS:PORT"))
		offer_services(call, prefix);
	else if (!strcmp(name, "IFACE"))
		offer_fields(call, "/v1/interfaces", "interfaces", "name", prefix);
}

static void offer_value(const struct call *call, const char *prefix)
{
	const struct option_spec *spec = call->pending;

	if (spec->kind == OPTION_CHOICE || spec->kind == OPTION_YES_NO)
		offer_choices(spec->value, prefix);
	else if (!strcmp(spec->value, "POOL"))
		offer_fields(call, "/v1/pools", "pools", "name", prefix);
	else if (!strcmp(spec->value, "LIST") && !strcmp(spec->name, "access"))
		offer_fields(call, "/v1/access", "access", "name", prefix);
}

static void offer_options(const struct option_spec *option, const char *prefix)
{
	for (; option && option->name; option++) {
		auto_free char *text = string_format("--%s", option->name);

		offer(text, strlen(text), prefix);
	}
}

static void offer_words(const struct call *call, const char *prefix)
{
	struct command_word words[32];
	size_t count = command_words(call->group, prefix, words, ARRAY_SIZE(words));

	for (size_t i = 0; i < count && i < ARRAY_SIZE(words); i++)
		printf("%.*s\n", (int)words[i].length, words[i].text);
}

/* "--mode=l": offers what may stand after the sign, which bash takes for a word of its own. */
static void offer_after_sign(struct call *call, struct call *line, const char *word)
{
	auto_free char *name = string_format("%.*s", (int)strcspn(word, "="), word);

	call->rest[call->rest_count - 1] = name;
	parse_call(call->rest_count, call->rest, line);
	if (line->pending)
		offer_value(line, strchr(word, '=') + 1);
}

static void offer_next(struct call *call, struct call *line, const char *prefix)
{
	parse_call(call->rest_count ? call->rest_count - 1 : 0, call->rest, line);
	if (line->pending) {
		offer_value(line, prefix);
	} else if (prefix[0] == '-') {
		offer_options(line->command ? line->command->options : NULL, prefix);
		offer_options(global_options, prefix);
	} else if (line->command) {
		offer_arg(line, prefix);
	} else {
		offer_words(line, prefix);
	}
}

int complete_words(struct call *call)
{
	struct call line = {.is_lenient = true};
	const char *prefix = call->rest_count ? call->rest[call->rest_count - 1] : "";

	/* Complaints about the daemon would land in the middle of what is being typed. */
	if (!freopen("/dev/null", "w", stderr))
		return CLI_REFUSED;
	if (!strncmp(prefix, "--", 2) && strchr(prefix, '='))
		offer_after_sign(call, &line, prefix);
	else
		offer_next(call, &line, prefix);
	return CLI_OK;
}
