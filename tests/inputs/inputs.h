/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share. A target is a file with LLVMFuzzerTestOneInput(): it must hold for any bytes,
 * and must do the same each time with the same ones. docs/testing.md has how they are built and run.
 */
#ifndef TESTS_INPUTS_H
#define TESTS_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls these. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A property: whatever the input, it holds. */
#define must(what) ((what) ? (void)0 : inputs_broken(__FILE__, __LINE__, #what))

__attribute__((noreturn)) static inline void inputs_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* Hands out an input's bytes; 0 after the last. */
struct bytes {
	const uint8_t *at, *end;
};

static inline uint8_t bytes_one(struct bytes *bytes)
{
	return bytes->at < bytes->end ? *bytes->at++ : 0;
}

static inline uint16_t bytes_two(struct bytes *bytes)
{
	uint8_t high = bytes_one(bytes);

	return high << 8 | bytes_one(bytes);
}

/* At most n of them; *ret_length says how many there were. */
static inline const uint8_t *bytes_take(struct bytes *bytes, size_t n, size_t *ret_length)
{
	const uint8_t *start = bytes->at;

	*ret_length = (size_t)(bytes->end - start) < n ? (size_t)(bytes->end - start) : n;
	bytes->at += *ret_length;
	return start;
}

/* NUL-terminated, to be freed; a NUL among the bytes ends it. */
static inline char *bytes_text(const uint8_t *bytes, size_t length)
{
	return strndup((const char *)bytes, length);
}

#endif
