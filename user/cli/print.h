/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing for people: aligned columns, human numbers, and fields of JSON that may be missing or odd. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/command.h"

/* With --json: prints it, pretty, and returns true. */
bool print_as_json(const struct call *call, const json_t *json);

/*
 * What went wrong, for a person and for a program: "leat: SENTENCE" on standard error and, with --json,
 * {"error": "SENTENCE"} on standard output. Returns e, an enum cli_exit.
 */
__attribute__((format(printf, 3, 4))) int print_failure(const struct call *call, int e, const char *format, ...);

/* The field as text, "-" if it is missing, null or not a text; valid as long as json. */
const char *print_text(const json_t *json, const char *key);
/* The field as a number, 0 if it is none. */
json_int_t print_number(const json_t *json, const char *key);
bool print_flag(const json_t *json, const char *key);

#define PRINT_HUMAN_MAX 32
/* "1.5 MiB" into buf (PRINT_HUMAN_MAX), which is returned. */
const char *print_bytes(json_int_t bytes, char *buf);
/* "33.3%" of part in whole. */
const char *print_share(json_int_t part, json_int_t whole, char *buf);
/* "3d 4h 5m 6s" */
const char *print_seconds(json_int_t seconds, char *buf);

/* "key      value" */
__attribute__((format(printf, 2, 3))) void print_line(const char *key, const char *format, ...);

/*
 * Columns as wide as their widest cell. Start from {}. heads: separated by '|'; a head that starts with '>'
 * is aligned right. Cells fill row after row; unprintable bytes become '?', since some come from the network.
 */
#define COLUMNS_MAX 16
struct columns {
	char **cells;
	size_t cell_count, room;
	unsigned int width; /* columns */
	bool is_right[COLUMNS_MAX];
};
void columns_start(struct columns *columns, const char *heads);
__attribute__((format(printf, 2, 3))) void columns_add(struct columns *columns, const char *format, ...);
/* Prints and frees. A table of only heads prints nothing. */
void columns_print(struct columns *columns);

#endif
