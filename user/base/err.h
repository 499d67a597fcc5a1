/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sentence for the person who must act. Functions that can fail so take a last `struct err *` and
 * return 0 or -errno; the sentence names the place, what was found and what would be right, starts
 * with the place or a small letter and ends without a full stop. A function logs or returns an error,
 * never both.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

struct err {
	char text[1024];
};

/* Writes the sentence (err may be NULL) and returns code, so that `return err_set(err, -EINVAL, ...)` reads well. */
__attribute__((format(printf, 3, 4))) int err_set(struct err *err, int code, const char *format, ...);

__attribute__((format(printf, 3, 0))) int err_set_args(struct err *err, int code, const char *format, va_list args);

/* Puts "prefix: " before the sentence and returns code. */
__attribute__((format(printf, 3, 4))) int err_prefix(struct err *err, int code, const char *format, ...);

#endif
