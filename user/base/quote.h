/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody typed, shown in a sentence: quoted, cut, and compared with what they may have meant. */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include <stddef.h>

#define QUOTE_MAX 72

/* 'text' in single quotes into buf (QUOTE_MAX bytes), cut after about 60 bytes, control characters as '?'.
 * Returns buf. */
const char *quote(const char *text, char *buf);

/* Letters to insert, delete or change to get from a to b; for long texts their difference in length. */
unsigned int quote_distance(const char *a, const char *b);

/* The one of count names that text probably means, or NULL. The names are char pointers, the first at
 * `names`, one every stride bytes. */
const char *quote_nearest(const char *text, const void *names, size_t count, size_t stride);

#endif
