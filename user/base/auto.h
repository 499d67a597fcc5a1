/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cleanup when a variable leaves its scope, and a few words the compiler should have had. */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void auto_free_(void *p)
{
	free(*(void **)p);
}

static inline void auto_close_(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void auto_fclose_(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define auto_free __attribute__((cleanup(auto_free_)))
#define auto_close __attribute__((cleanup(auto_close_)))
#define auto_fclose __attribute__((cleanup(auto_fclose_)))

/* Takes what an auto_ variable holds out of it, so that the scope's end leaves it alone. */
#define take_pointer(p) ({ __typeof__(p) taken_ = (p); (p) = NULL; taken_; })

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Out of memory cannot be mended by the caller: say so and stop; the data path goes on forwarding. */
void *memory_zeroed(size_t count, size_t size);
void *memory_resized(void *p, size_t count, size_t size);
char *string_copy(const char *s); /* NULL for NULL */
bool string_equal(const char *a, const char *b); /* NULL equals only NULL */
__attribute__((format(printf, 1, 2))) char *string_format(const char *format, ...);

#endif
