/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help at every level: see help.h. */
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
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

/* "backend add POOL ADDRESS", "apply --file FILE": what must be typed, and what may be in brackets. */
static char *synopsis(const struct command *row)
{
	const struct option_spec *option = row->options;
	struct text text = {};
	struct command_arg arg;

	text_add(&text, "%s", row->words);
	for (unsigned int i = 0; command_arg(row, i, &arg); i++)
		text_add(&text, " %s%.*s%s", arg.is_optional ? "[" : "", (int)arg.length, arg.name,
			 arg.is_optional ? "]" : "");
	for (; option && option->name; option++) {
		if (option->is_required && option->letter)
			text_add(&text, " -%c %s", option->letter, option->value);
		else if (option->is_required)
			text_add(&text, " --%s %s", option->name, option->value);
	}
	return text.s;
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
		fprintf(to, "  leat %-53s %s\n", text, row->help);
	}
}

static bool has_choice(const struct command *row)
{
	const struct option_spec *option = row->options;

	while (option && option->name && option->is_required)
		option++;
	return option && option->name;
}

static void print_command(FILE *to, const struct command *row)
{
	auto_free char *text = synopsis(row);

	fprintf(to, "leat %s%s: %s\n", text, has_choice(row) ? " [OPTION...]" : "", row->help);
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
		fputs("leat: layer-4 load balancer in XDP. Words may be shortened: leat b l.\n\nCommands:\n",
		      to);
		print_commands(to, NULL);
	}
	fputs("\nEverywhere:\n", to);
	print_options(to, global_options);
	fputs("\nSee leat(8).\n", to);
}

int help_words(struct call *call)
{
	struct call wanted = {.json = call->json};
	int e = parse_call(call->rest_count, call->rest, &wanted);

	if (!e)
		help_print(stdout, &wanted);
	return e;
}
