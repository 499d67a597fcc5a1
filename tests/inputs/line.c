/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of leat, finished or not: an input's lines are its words. What is understood, typed anew
 * in one plain form (the whole words, options with "=" in front, "--", arguments), is understood the same. A
 * line that is completed is never complained about.
 */
#include "inputs/inputs.h"

#include "base/auto.h"
#include "base/file.h"
#include "cli/parse.h"

#define WORDS_MAX 64

struct words {
	char *word[WORDS_MAX + 1];
	int count;
};

static void words_free(struct words *words)
{
	while (words->count)
		free(words->word[--words->count]);
}

static void words_add(struct words *words, char *word)
{
	must(words->count < WORDS_MAX);
	words->word[words->count++] = word;
}

static void words_split(struct words *words, const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *next;

	for (; data < end && words->count < WORDS_MAX / 2; data = next + 1) {
		next = memchr(data, '\n', end - data);
		next = next ? next : end;
		words_add(words, bytes_text(data, next - data));
	}
}

/* The line of which nothing could be put shorter or otherwise. */
static void words_plain(struct words *words, const struct call *call)
{
	size_t length = strcspn(call->command->words, " ");
	const char *second = call->command->words + length;
	unsigned int i;

	words_add(words, string_format("%.*s", (int)length, call->command->words));
	if (*second)
		words_add(words, string_copy(second + 1));
	for (i = 0; i < call->given_count; i++)
		words_add(words, call->given[i].value ? string_format("--%s=%s", call->given[i].spec->name,
								      call->given[i].value)
						      : string_format("--%s", call->given[i].spec->name));
	if (!call->rest)
		words_add(words, string_copy("--"));
	for (i = 0; i < call->arg_count; i++)
		words_add(words, string_copy(call->args[i]));
}

static void check_same(const struct call *a, const struct call *b)
{
	unsigned int i;

	must(a->command == b->command && a->arg_count == b->arg_count && a->given_count == b->given_count);
	for (i = 0; i < a->arg_count; i++)
		must(!strcmp(a->args[i], b->args[i]));
	for (i = 0; i < a->given_count; i++)
		must(a->given[i].spec == b->given[i].spec &&
		     string_equal(a->given[i].value, b->given[i].value));
}

static void check_call(const struct call *call)
{
	struct words plain = {};
	struct call again = {};
	unsigned int i;

	must(call->arg_count <= COMMAND_ARGS_MAX && call->given_count <= COMMAND_OPTIONS_MAX);
	must(*call->socket);
	for (i = 0; i < call->given_count; i++)
		must(!call->given[i].value == (call->given[i].spec->kind == OPTION_FLAG));
	if (!call->command)
		return;
	must(parse_check(call) == CLI_OK || !call->is_lenient);
	words_plain(&plain, call);
	must(parse_call(plain.count, plain.word, &again) == CLI_OK);
	check_same(call, &again);
	words_free(&plain);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	unsetenv("LEAT_SOCKET");
	stderr = fopen("/dev/null", "w"); /* libFuzzer has kept the other */
	return !stderr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = {}, unfinished = {.is_lenient = true};
	struct words words = {};
	int e;

	words_split(&words, data, size);
	e = parse_call(words.count, words.word, &call);
	must(e == CLI_OK || e == CLI_USAGE);
	if (e == CLI_OK)
		check_call(&call);
	must(parse_call(words.count, words.word, &unfinished) == CLI_OK);
	words_free(&words);
	return 0;
}
