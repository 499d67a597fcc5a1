/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files, read and replaced so that a power cut leaves the old or the new, and text that grows. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/err.h"

/* The whole file, NUL-terminated after ret_length bytes, to be freed. -errno; files over 64 MiB are refused with -EFBIG. */
int file_read(const char *path, char **ret_text, size_t *ret_length, struct err *err);

/* Writes path.new, fsync, rename over path, fsync of the directory. On failure path is as it was. mode as in chmod(2). */
int file_replace(const char *path, const char *text, size_t length, unsigned int mode, struct err *err);

/* Makes the directory that path lies in, if its parent is there. A failure shows when path is used. */
void file_make_directory(const char *path);

/* Text that grows; start from {}; free(text.s). s is NUL-terminated once anything was added. */
struct text {
	char *s;
	size_t length;
	size_t room;
};
__attribute__((format(printf, 2, 3))) void text_add(struct text *text, const char *format, ...);

#endif
