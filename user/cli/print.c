/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people: see print.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/print.h"

bool print_as_json(const struct call *call, const json_t *json)
{
	if (!call->json)
		return false;
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	return true;
}

const char *print_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "-";
}

json_int_t print_number(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

bool print_flag(const json_t *json, const char *key)
{
	return json_is_true(json_object_get(json, key));
}

const char *print_bytes(json_int_t bytes, char *buf)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = bytes;
	size_t unit = 0;

	/* 1023.95 would be shown as 1024.0 */
	while (value >= 1023.95 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, PRINT_HUMAN_MAX, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return buf;
}

const char *print_share(json_int_t part, json_int_t whole, char *buf)
{
	snprintf(buf, PRINT_HUMAN_MAX, "%.1f%%", whole > 0 ? 100.0 * part / whole : 0.0);
	return buf;
}

const char *print_seconds(json_int_t seconds, char *buf)
{
	json_int_t days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;

	if (days)
		snprintf(buf, PRINT_HUMAN_MAX, "%lldd %lldh", days, hours);
	else if (hours)
		snprintf(buf, PRINT_HUMAN_MAX, "%lldh %lldm", hours, minutes);
	else if (minutes)
		snprintf(buf, PRINT_HUMAN_MAX, "%lldm %llds", minutes, seconds % 60);
	else
		snprintf(buf, PRINT_HUMAN_MAX, "%llds", seconds);
	return buf;
}

/* In place; UTF-8 passes, what could move a terminal's cursor does not. */
static void printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

static char *format_printable(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text = string_copy("?");
	printable(text);
	return text;
}

int print_failure(const struct call *call, int e, const char *format, ...)
{
	auto_free char *text = NULL;
	json_auto_t *json = json_object();
	json_t *sentence;
	va_list args;

	va_start(args, format);
	text = format_printable(format, args);
	va_end(args);
	fflush(stdout);
	fprintf(stderr, "leat: %s\n", text);
	sentence = json_string(text);
	json_object_set_new(json, "error", sentence ? sentence : json_string("what was typed is not UTF-8"));
	if (call->json)
		print_as_json(call, json);
	return e;
}

void print_line(const char *key, const char *format, ...)
{
	auto_free char *text = NULL;
	va_list args;

	va_start(args, format);
	text = format_printable(format, args);
	va_end(args);
	printf("%-14s %s\n", key, text);
}

static void cell_add(struct columns *columns, char *text)
{
	if (columns->cell_count == columns->room) {
		columns->room = columns->room ? columns->room * 2 : 64;
		columns->cells = memory_resized(columns->cells, columns->room, sizeof(*columns->cells));
	}
	columns->cells[columns->cell_count++] = text;
}

void columns_start(struct columns *columns, const char *heads)
{
	for (columns->width = 0; *heads && columns->width < COLUMNS_MAX; heads += *heads == '|') {
		size_t length;

		columns->is_right[columns->width] = *heads == '>';
		heads += *heads == '>';
		length = strcspn(heads, "|");
		cell_add(columns, string_format("%.*s", (int)length, heads));
		heads += length;
		columns->width++;
	}
}

void columns_add(struct columns *columns, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cell_add(columns, format_printable(format, args));
	va_end(args);
}

static void row_print(const struct columns *columns, size_t row, const size_t *widths)
{
	for (unsigned int i = 0; i < columns->width && row + i < columns->cell_count; i++) {
		const char *cell = columns->cells[row + i];
		bool is_last = i + 1 == columns->width;

		if (columns->is_right[i])
			printf("%*s", (int)widths[i], cell);
		else
			printf("%-*s", is_last ? 0 : (int)widths[i], cell);
		fputs(is_last ? "\n" : "  ", stdout);
	}
}

void columns_print(struct columns *columns)
{
	size_t widths[COLUMNS_MAX] = {};

	for (size_t i = 0; i < columns->cell_count; i++) {
		size_t length = strlen(columns->cells[i]);

		if (length > widths[i % columns->width])
			widths[i % columns->width] = length;
	}
	if (columns->cell_count > columns->width) {
		for (size_t row = 0; row < columns->cell_count; row += columns->width)
			row_print(columns, row, widths);
	}
	for (size_t i = 0; i < columns->cell_count; i++)
		free(columns->cells[i]);
	free(columns->cells);
	*columns = (struct columns){};
}
