/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences for people: see err.h. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"

int err_set_args(struct err *err, int code, const char *format, va_list args)
{
	if (err)
		vsnprintf(err->text, sizeof(err->text), format, args);
	return code;
}

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	err_set_args(err, code, format, args);
	va_end(args);
	return code;
}

int err_prefix(struct err *err, int code, const char *format, ...)
{
	char old[sizeof(err->text)];
	va_list args;
	size_t used;
	int n;

	if (!err)
		return code;
	memcpy(old, err->text, sizeof(old));
	va_start(args, format);
	n = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = n < 0 ? 0 : strnlen(err->text, sizeof(err->text) - 1);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", old);
	return code;
}
