/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking things up in the table, and running what was found: see command.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/parse.h"

const char *call_option(const struct call *call, const char *name)
{
	for (unsigned int i = call->given_count; i-- > 0;) {
		if (!strcmp(call->given[i].spec->name, name))
			return call->given[i].value ? call->given[i].value : "";
	}
	return NULL;
}

/* The row's word that follows group (or the first), NULL if the row is of another group. */
static const char *row_word(const struct command *row, const struct command_group *group, size_t *ret_length)
{
	size_t length = strcspn(row->words, " ");

	if (group) {
		if (strlen(group->word) != length || strncmp(row->words, group->word, length) ||
		    !row->words[length])
			return NULL;
		*ret_length = strlen(row->words + length + 1);
		return row->words + length + 1;
	}
	*ret_length = length;
	return row->words;
}

size_t command_words(const struct command_group *group, const char *prefix, struct command_word *ret,
		     size_t max)
{
	size_t count = 0;

	for (const struct command *row = commands; row->words; row++) {
		size_t length;
		const char *text = row_word(row, group, &length);

		if (!text || row->is_hidden || strlen(prefix) > length ||
		    strncmp(text, prefix, strlen(prefix)))
			continue;
		/* Rows of a group stand together, so that a repeated first word follows itself. */
		if (count && count <= max && ret[count - 1].length == length &&
		    !strncmp(ret[count - 1].text, text, length))
			continue;
		if (count < max)
			ret[count] = (struct command_word){text, length};
		count++;
	}
	return count;
}

bool command_arg(const struct command *command, unsigned int n, struct command_arg *ret)
{
	const char *text = command->args;

	for (; *text; text += strcspn(text, " "), text += strspn(text, " ")) {
		if (n--)
			continue;
		*ret = (struct command_arg){.is_optional = *text == '[', .is_new = *text == '+'};
		ret->name = text + strspn(text, "[+");
		ret->length = strcspn(ret->name, " ]");
		return true;
	}
	return false;
}

static int run(struct call *call)
{
	int e;

	if (call->version) {
		printf("leat %s\n", LEAT_VERSION);
		return CLI_OK;
	}
	if (call->help) {
		help_print(stdout, call);
		return CLI_OK;
	}
	if (!call->command && call->json)
		return parse_complain(call, "a command is missing");
	if (!call->command) {
		help_print(stderr, call);
		return CLI_USAGE;
	}
	e = parse_check(call);
	return e ? e : call->command->run(call);
}

/* Looked for first, so that a mistake before it is told in JSON, too. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-j"))
			return true;
	return false;
}

int command_main(int argc, char **argv)
{
	struct call call = {.json = wants_json(argc, argv)};
	int e = parse_call(argc, argv, &call);

	if (!e)
		e = run(&call);
	errno = 0;
	if ((fflush(stdout) || ferror(stdout)) && !e) {
		/* Not in JSON, which would have to go there. */
		fprintf(stderr, "leat: standard output: cannot write%s%s\n", errno ? ": " : "", errno ? strerror(errno) : "");
		e = CLI_REFUSED;
	}
	return e;
}
