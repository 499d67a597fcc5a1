/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsing the command line: see parse.h. getopt is not used: the table has what it would need twice. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/file.h"
#include "base/quote.h"
#include "cli/parse.h"
#include "cli/print.h"

#define SOCKET_DEFAULT    "/run/leat/leatd.sock"
#define NUMBER_DIGITS_MAX 18 /* fits JSON's 64-bit integer */

int parse_complain(const struct call *call, const char *format, ...)
{
	const char *words = call->command ? call->command->words : call->group ? call->group->word : "";
	struct err sentence;
	va_list args;

	if (call->is_lenient)
		return CLI_OK;
	va_start(args, format);
	err_set_args(&sentence, -EINVAL, format, args);
	va_end(args);
	return print_failure(call, CLI_USAGE, "%s; try: leat %s%s--help", sentence.text, words, *words ? " " : "");
}

/* --- words of the command ----------------------------------------------------------------------- */

static const struct command *command_find(const struct command_group *group, const char *word, size_t length)
{
	for (const struct command *row = commands; row->words; row++) {
		const char *text = row->words;

		if (group) {
			size_t n = strlen(group->word);

			if (strncmp(text, group->word, n) || text[n] != ' ')
				continue;
			text += n + 1;
		}
		if (strlen(text) == length && !strncmp(text, word, length))
			return row;
	}
	return NULL;
}

static const struct command_group *group_find(const char *word, size_t length)
{
	for (const struct command_group *group = command_groups; group->word; group++) {
		if (strlen(group->word) == length && !strncmp(group->word, word, length))
			return group;
	}
	return NULL;
}

/* The word that was probably meant, into buf (QUOTE_MAX); "" if none resembles it. */
static const char *nearest_word(const char *word, const struct command_word *found, size_t count, char *buf)
{
	buf[0] = 0;
	for (size_t i = 0; i < count; i++) {
		auto_free char *name = string_format("%.*s", (int)found[i].length, found[i].text);
		const char *names[] = {*buf ? buf : name, name};

		if (quote_nearest(word, names, ARRAY_SIZE(names), sizeof(*names)) == name)
			snprintf(buf, QUOTE_MAX, "%s", name);
	}
	return buf;
}

static int complain_words(const struct call *call, const char *word, const struct command_word *found,
			  size_t count)
{
	char list[512] = "", near[QUOTE_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(list);

		snprintf(list + used, sizeof(list) - used, "%s%.*s", i ? ", " : "", (int)found[i].length,
			 found[i].text);
	}
	if (*word && command_words(call->group, word, NULL, 0))
		return parse_complain(call, "'%s' is ambiguous: %s", word, list);
	nearest_word(word, found, count, near);
	return parse_complain(call, "'%s' is not a command%s%s%s%s%s; there are %s", word, call->group ? " of " : "",
			      call->group ? call->group->word : "", *near ? " (did you mean '" : "", near,
			      *near ? "'?)" : "", list);
}

/* One more word of the command's name. */
static int parse_word(struct call *call, const char *word)
{
	struct command_word found[32];
	size_t count = command_words(call->group, word, found, ARRAY_SIZE(found)), length = strlen(word);

	call->command = command_find(call->group, word, length); /* whole, perhaps hidden */
	if (call->command || (!call->group && (call->group = group_find(word, length))))
		return CLI_OK;
	if (count != 1 || !*word) {
		if (!count)
			count = command_words(call->group, "", found, ARRAY_SIZE(found));
		return complain_words(call, word, found,
				      count < ARRAY_SIZE(found) ? count : ARRAY_SIZE(found));
	}
	call->command = command_find(call->group, found[0].text, found[0].length);
	if (!call->command)
		call->group = group_find(found[0].text, found[0].length);
	return CLI_OK;
}

/* "PROTOCOL ADDRESS:PORT and --pool POOL": what the command must have, to be freed. */
static char *takes(const struct command *command)
{
	const struct option_spec *option = command->options;
	const char *args = command->args;
	struct text wanted = {};

	text_add(&wanted, "%s", *args ? "" : "no argument");
	for (; *args; args++)
		if (*args != '+')
			text_add(&wanted, "%c", *args);
	for (; option && option->name; option++)
		if (option->is_required)
			text_add(&wanted, " %s --%s %s", *command->args ? "and" : "but", option->name, option->value);
	return wanted.s;
}

static int complain_too_much(const struct call *call, const char *word)
{
	auto_free char *wanted = takes(call->command);
	char shown[QUOTE_MAX];

	return parse_complain(call, "%s is too much: leat %s takes %s", quote(word, shown), call->command->words,
			      wanted);
}

static int parse_arg(struct call *call, const char *word)
{
	struct command_arg arg;

	if (!command_arg(call->command, call->arg_count, &arg) || call->arg_count == COMMAND_ARGS_MAX)
		return complain_too_much(call, word);
	call->args[call->arg_count++] = word;
	return CLI_OK;
}

/* --- options ------------------------------------------------------------------------------------ */

static const struct option_spec *option_find(const struct option_spec *options, const char *text,
					     size_t length)
{
	for (; options && options->name; options++) {
		if (text[1] == '-' ? strlen(options->name) == length - 2 &&
					     !strncmp(options->name, text + 2, length - 2)
				   : options->letter == text[1])
			return options;
	}
	return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t length = strlen(value);

	for (const char *c = choices; *c; c += *c == '|') {
		size_t n = strcspn(c, "|");

		if (n == length && !strncmp(c, value, n))
			return true;
		c += n;
	}
	return false;
}

static int complain_choice(const struct call *call, const struct option_spec *spec, const char *shown)
{
	struct text list = {};
	int e;

	for (const char *c = spec->value; *c; c += *c == '|') {
		size_t n = strcspn(c, "|");

		text_add(&list, "%s%.*s", list.length ? ", " : "", (int)n, c);
		c += n;
	}
	e = parse_complain(call, "--%s: %s is not allowed; allowed %s %s", spec->name, shown,
			   strchr(spec->value, '|') ? "are" : "is", list.s);
	free(list.s);
	return e;
}

/* What is not cannot be said in JSON. */
static bool is_utf8(const char *text)
{
	json_auto_t *json = json_string(text);

	return json;
}

static int value_check(const struct call *call, const struct option_spec *spec, const char *value)
{
	char shown[QUOTE_MAX];

	quote(value, shown);
	if (spec->kind == OPTION_NUMBER && (!*value || value[strspn(value, "0123456789")]))
		return parse_complain(call, "--%s: %s is not a whole number", spec->name, shown);
	if (spec->kind == OPTION_NUMBER && value[0] == '0' && value[1])
		return parse_complain(call, "--%s: %s starts with 0; write the number without", spec->name, shown);
	if (spec->kind == OPTION_NUMBER && strlen(value) > NUMBER_DIGITS_MAX)
		return parse_complain(call, "--%s: %s is too large", spec->name, shown);
	if ((spec->kind == OPTION_CHOICE || spec->kind == OPTION_YES_NO) && !is_choice(spec->value, value))
		return complain_choice(call, spec, shown);
	if (spec->kind == OPTION_TEXT && !spec->key && !*value)
		return parse_complain(call, "--%s is empty; it needs a value: %s", spec->name, spec->value);
	if (spec->key && !is_utf8(value))
		return parse_complain(call, "--%s: %s is not UTF-8", spec->name, shown);
	return CLI_OK;
}

/* Which of two values is meant, nobody can say; the same flag twice means the flag. */
static bool is_given(const struct call *call, const struct option_spec *spec)
{
	if (spec == option_find(global_options, "-s", 2))
		return call->socket;
	for (unsigned int i = 0; i < call->given_count; i++)
		if (call->given[i].spec == spec)
			return true;
	return false;
}

static int option_store(struct call *call, const struct option_spec *spec, const char *value)
{
	int e = value ? value_check(call, spec, value) : CLI_OK;

	if (e)
		return e;
	if (value && is_given(call, spec))
		return parse_complain(call, "--%s is given twice", spec->name);
	if (spec == option_find(global_options, "-j", 2))
		call->json = true;
	else if (spec == option_find(global_options, "-s", 2))
		call->socket = value;
	else if (spec == option_find(global_options, "-h", 2))
		call->help = true;
	else if (spec == option_find(global_options, "-V", 2))
		call->version = true;
	else if (call->given_count == COMMAND_OPTIONS_MAX)
		return parse_complain(call, "more than %d options", COMMAND_OPTIONS_MAX);
	else {
		call->given[call->given_count].spec = spec;
		call->given[call->given_count++].value = value;
	}
	return CLI_OK;
}

static const char *nearest_option(const struct option_spec *options, const char *name)
{
	size_t count = 0;

	while (options && options[count].name)
		count++;
	return count ? quote_nearest(name, &options->name, count, sizeof(*options)) : NULL;
}

static int complain_option(const struct call *call, const char *text, size_t length)
{
	auto_free char *name = string_format("%.*s", (int)length, text);
	const char *words = call->command ? call->command->words : call->group ? call->group->word : NULL;
	/* "-weight" is a letter with a value to the parser, and a long option to whom typed it. */
	const char *long_name = text[1] == '-' ? name + 2 : text[2] ? text + 1 : NULL, *nearest = NULL;
	char shown[QUOTE_MAX];

	if (long_name && call->command)
		nearest = nearest_option(call->command->options, long_name);
	if (long_name && !nearest)
		nearest = nearest_option(global_options, long_name);
	return parse_complain(call, "leat%s%s has no option %s%s%s%s", words ? " " : "", words ? words : "",
			      quote(name, shown), nearest ? " (did you mean --" : "", nearest ? nearest : "",
			      nearest ? "?)" : "");
}

/* --name VALUE, --name=VALUE, -x VALUE, -xVALUE. Moves *i to the last word it took. */
static int parse_option(struct call *call, int argc, char **argv, int *i)
{
	const char *text = argv[*i], *value = NULL;
	size_t length = text[1] == '-' ? strcspn(text, "=") : 2;
	const struct option_spec *spec = NULL;

	if (call->command)
		spec = option_find(call->command->options, text, length);
	if (!spec)
		spec = option_find(global_options, text, length);
	if (!spec)
		return complain_option(call, text, length);
	if (text[length])
		value = text + length + (text[length] == '=');
	if (spec->kind == OPTION_FLAG)
		return value ? parse_complain(call, "%.*s takes no value", (int)length, text)
			     : option_store(call, spec, NULL);
	if (!value && *i + 1 < argc)
		value = argv[++*i];
	if (!value) {
		call->pending = spec;
		return parse_complain(call, "%s needs a value: %s", text, spec->value);
	}
	return option_store(call, spec, value);
}

int parse_call(int argc, char **argv, struct call *ret)
{
	bool only_words = false;

	for (int i = 0; i < argc; i++) {
		int e = CLI_OK;

		if (ret->command && !strcmp(ret->command->args, "...")) {
			ret->rest = argv + i;
			ret->rest_count = argc - i;
			break;
		}
		if (!only_words && !strcmp(argv[i], "--"))
			only_words = true;
		else if (!only_words && argv[i][0] == '-' && argv[i][1])
			e = parse_option(ret, argc, argv, &i);
		else if (ret->command)
			e = parse_arg(ret, argv[i]);
		else
			e = parse_word(ret, argv[i]);
		if (e)
			return e;
	}
	if (!ret->socket)
		ret->socket = getenv("LEAT_SOCKET");
	if (!ret->socket || !*ret->socket)
		ret->socket = SOCKET_DEFAULT;
	return CLI_OK;
}

int parse_check(const struct call *call)
{
	const struct option_spec *option = call->command->options;
	auto_free char *wanted = takes(call->command);
	struct command_arg arg;

	if (command_arg(call->command, call->arg_count, &arg) && !arg.is_optional &&
	    strcmp(call->command->args, "..."))
		return parse_complain(call, "leat %s lacks %.*s; it takes %s", call->command->words, (int)arg.length,
				      arg.name, wanted);
	for (unsigned int i = 0; i < call->arg_count; i++) {
		if (!*call->args[i] && command_arg(call->command, i, &arg))
			return parse_complain(call, "%.*s is empty", (int)arg.length, arg.name);
	}
	for (; option && option->name; option++) {
		if (option->is_required && !call_option(call, option->name))
			return parse_complain(call, "leat %s lacks --%s %s", call->command->words,
					      option->name, option->value);
	}
	return CLI_OK;
}
