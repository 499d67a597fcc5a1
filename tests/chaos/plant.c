/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults for the chaos test's oracle to find, put into leatd by LD_PRELOAD; $LEAT_PLANT says which, with commas:
 *   unsaved       every second change is acknowledged without being saved
 *   descriptors   each reading of the configuration file leaves a descriptor open
 *   memory        each save leaves 4 KiB behind
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_planted(const char *fault)
{
	const char *planted = getenv("LEAT_PLANT");

	return planted && strstr(planted, fault);
}

static bool ends_in(const char *path, const char *end)
{
	size_t length = strlen(path), of_end = strlen(end);

	return length >= of_end && !strcmp(path + length - of_end, end);
}

int rename(const char *from, const char *to)
{
	static int (*real)(const char *, const char *);
	static unsigned int saves;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "rename");
	if (ends_in(to, "running.yaml")) {
		if (is_planted("memory"))
			memset(malloc(4096), 1, 4096);
		if (is_planted("unsaved") && ++saves % 2 == 0)
			return unlink(from);
	}
	return real(from, to);
}

int open(const char *path, int flags, ...)
{
	static int (*real)(const char *, int, ...);
	va_list args;
	int mode, fd;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "open");
	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	fd = real(path, flags, mode);
	if (fd >= 0 && ends_in(path, "/leat.yaml") && is_planted("descriptors") && dup(fd) < 0)
		perror("plant");
	return fd;
}
