/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is there or the process is not: see auto.h. */
#include <stdarg.h>
#include <string.h>

#include "base/auto.h"

static void *present(void *p)
{
	if (!p) {
		fputs("leat: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *memory_zeroed(size_t count, size_t size)
{
	return present(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resized(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		present(NULL);
	return present(realloc(p, bytes > 0 ? bytes : 1));
}

char *string_copy(const char *s)
{
	return s ? present(strdup(s)) : NULL;
}

bool string_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

char *string_format(const char *format, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, format);
	n = vasprintf(&s, format, args);
	va_end(args);
	return n < 0 ? present(NULL) : s;
}
