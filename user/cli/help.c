/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help at every level: see help.h. */
#include <string.h>

#include "base/auto.h"
#include "cli/actions.h"
#include "cli/help.h"
#include "cli/parse.h"

static void print_options(FILE *to, const struct option_spec *option)
{
	for (; option && option->name; option++) {
		auto_free char *text = string_format("--%s%s%s", option->name, option->value ? " " : "",
						     option->value ? option->value : "");

		if (option->letter)
			fprintf(to, "  -%c, ", option->letter);
		else
			fputs("      ", to);
		fprintf(to, "%-*s  %s%s\n", 30, text, option->help, option->is_required ? " (required)" : "");
	}
}

static const char *shown_arg(const char *arg)
{
	/* NEW only tells completion that there is nothing to complete. */
	return strncmp(arg, "NEW", 3) ? arg : arg + 3;
}

static char *synopsis(const struct command *row)
{
	struct call none = { .command = row };
	auto_free char *args = string_copy("");
	size_t length;
	bool is_optional;
	const char *arg;

	for (none.arg_count = 0; (arg = command_arg(row, none.arg_count, &length, &is_optional)); none.arg_count++) {
		size_t skip = shown_arg(arg) - arg;
		char *longer = string_format("%s %s%.*s%s", args, is_optional ? "[" : "", (int)(length - skip),
					     arg + skip, is_optional ? "]" : "");

		free(args);
		args = longer;
	}
	return string_format("%s%s", row->words, args);
}

static void print_commands(FILE *to, const struct command_group *group)
{
	for (const struct command *row = commands; row->words; row++) {
		auto_free char *text = synopsis(row);

		if (row->is_hidden)
			continue;
		if (group && (strncmp(row->words, group->word, strlen(group->word)) ||
			      row->words[strlen(group->word)] != ' '))
			continue;
		fprintf(to, "  leat %-42s %s\n", text, row->help);
	}
}

static void print_command(FILE *to, const struct command *row)
{
	auto_free char *text = synopsis(row);

	fprintf(to, "leat %s%s: %s\n", text, row->options ? " [OPTION...]" : "", row->help);
	if (row->options) {
		fputs("\nOptions:\n", to);
		print_options(to, row->options);
	}
}

void help_print(FILE *to, const struct call *call)
{
	if (call->command) {
		print_command(to, call->command);
	} else if (call->group) {
		fprintf(to, "leat %s: %s\n\nCommands:\n", call->group->word, call->group->help);
		print_commands(to, call->group);
	} else {
		fputs("leat: layer-4 load balancer in XDP. Words may be shortened: leat b l.\n\nCommands:\n", to);
		print_commands(to, NULL);
	}
	fputs("\nEverywhere:\n", to);
	print_options(to, global_options);
	fputs("\nSee leat(8).\n", to);
}

int help_words(struct call *call)
{
	struct call wanted = {};
	int e = parse_call(call->rest_count, call->rest, &wanted);

	if (!e)
		help_print(stdout, &wanted);
	return e;
}
