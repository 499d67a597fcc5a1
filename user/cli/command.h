/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of commands: help, dispatch, prefix matching, checks of what was typed, the API's bodies and
 * completion all read it. A new command is a row in commands.c and a function.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* What main returns. */
enum cli_exit {
	CLI_OK = 0,
	CLI_REFUSED = 1,     /* the daemon refused, or something failed; a sentence is on standard error */
	CLI_USAGE = 2,       /* what was typed is not a command */
	CLI_UNREACHABLE = 3, /* no daemon answers */
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_CHOICE, OPTION_NUMBER, OPTION_YES_NO,
		   OPTION_LIST /* of texts with commas between them; "": one that is empty, which unsets the list */ };

struct option_spec {
	const char *name; /* "check-port", typed --check-port; NULL ends a list */
	char letter;      /* typed -f; 0: none */
	enum option_kind kind;
	const char *value; /* how help shows the value: "N"; of a choice all that is allowed: "l2|ipip" */
	const char *key; /* its place in the API's body: "table-size", "check.port"; NULL: not in the body */
	const char *help;
	bool is_required;
};

struct call;

struct command {
	const char *words; /* "backend list"; NULL ends the table */
	const char *args;  /* "POOL ADDRESS", "[POOL]"; "+POOL": a new one; "...": takes the rest as it is */
	const char *help;
	int (*run)(struct call *call);     /* returns an enum cli_exit */
	const struct option_spec *options; /* NULL: none */
	bool is_hidden;
};

struct command_group {
	const char *word, *help;
};

extern const struct command commands[];
extern const struct command_group command_groups[];
extern const struct option_spec global_options[];

#define COMMAND_ARGS_MAX    4
#define COMMAND_OPTIONS_MAX 64

/* A command line as understood. Strings point into argv. */
struct call {
	const struct command *command;     /* NULL: none or only a group was typed */
	const struct command_group *group; /* of a two-word command, once its first word is known */
	const char *args[COMMAND_ARGS_MAX];
	unsigned int arg_count;
	struct {
		const struct option_spec *spec;
		const char *value; /* NULL for a flag */
	} given[COMMAND_OPTIONS_MAX];
	unsigned int given_count;
	char **rest; /* of a "..." command */
	int rest_count;
	bool json, help, version;
	const char *socket;
	const char *input;                 /* the file whose text is sent: sentences about it name it */
	const char *without;               /* what can be done without a daemon, for the sentence that there is none */
	bool is_lenient;                   /* for completion: no complaints, the line is not finished */
	const struct option_spec *pending; /* lenient: the option whose value comes next */
};

/* The option's value ("" for a flag); NULL if not given. */
const char *call_option(const struct call *call, const char *name);

/*
 * The words a person may type next: first words for group NULL, else the group's second words; those that
 * start with prefix. Writes at most max pointers into the table's own text and their lengths; returns how
 * many there are.
 */
struct command_word {
	const char *text;
	size_t length;
};
size_t command_words(const struct command_group *group, const char *prefix, struct command_word *ret,
		     size_t max);

/* The n-th argument that a command takes; false: it takes fewer. The name tells completion what may stand
 * there. */
struct command_arg {
	const char *name; /* not NUL-terminated */
	size_t length;
	bool is_optional, is_new;
};
bool command_arg(const struct command *command, unsigned int n, struct command_arg *ret);

/* Runs a command line (argv without the program's name); returns an enum cli_exit. */
int command_main(int argc, char **argv);

#endif
