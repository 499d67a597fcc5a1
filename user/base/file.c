/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files read and replaced whole: see file.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"

#define FILE_MAX (64u << 20)

static int read_all(int fd, char **ret_text, size_t *ret_length)
{
	auto_free char *text = NULL;
	size_t length = 0, room = 0;
	ssize_t n;

	do {
		if (room - length < 4096) {
			room = room ? room * 2 : 16384;
			text = memory_resized(text, room, 1);
		}
		n = read(fd, text + length, room - length - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		length += n > 0 ? n : 0;
		if (length > FILE_MAX)
			return -EFBIG;
	} while (n);
	text[length] = 0;
	*ret_text = take_pointer(text);
	*ret_length = length;
	return 0;
}

int file_read(const char *path, char **ret_text, size_t *ret_length, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	int e = fd < 0 ? -errno : read_all(fd, ret_text, ret_length);

	return e ? err_set(err, e, "%.300s%s: cannot read: %s", path, strlen(path) > 300 ? "..." : "",
			   e == -EFBIG ? "more than 64 MiB" : strerror(-e)) : 0;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			length -= n;
		}
	}
	return fsync(fd) ? -errno : 0;
}

static int directory_sync(const char *path)
{
	auto_free char *copy = string_copy(path);
	auto_close int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) ? -errno : 0;
}

static int replace(const char *path, const char *temporary, const char *text, size_t length, unsigned int mode)
{
	auto_close int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int e;

	if (fd < 0 || fchmod(fd, mode))
		return -errno;
	e = write_all(fd, text, length);
	if (e)
		return e;
	return rename(temporary, path) ? -errno : 0;
}

int file_replace(const char *path, const char *text, size_t length, unsigned int mode, struct err *err)
{
	auto_free char *temporary = string_format("%s.new", path);
	int e = replace(path, temporary, text, length, mode);

	if (e)
		unlink(temporary);
	else
		e = directory_sync(path);
	return e ? err_set(err, e, "%s: cannot write: %s", path, strerror(-e)) : 0;
}

void file_make_directory(const char *path)
{
	auto_free char *copy = string_copy(path);

	mkdir(dirname(copy), 0755);
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return;
	if (text->length + n + 1 > text->room) {
		text->room = (text->length + n + 1) * 2;
		text->s = memory_resized(text->s, text->room, 1);
	}
	va_start(args, format);
	vsnprintf(text->s + text->length, n + 1, format, args);
	va_end(args);
	text->length += n;
}
