/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typed texts in sentences: see quote.h. */
#include <string.h>

#include "base/quote.h"

#define CUT          60
#define DISTANCE_MAX 32 /* longer texts are not compared letter by letter */

const char *quote(const char *text, char *buf)
{
	size_t length = strlen(text), n = length, i;

	if (length > CUT)
		for (n = CUT; n > CUT - 4 && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n--; /* not in the middle of a UTF-8 character */
	buf[0] = '\'';
	for (i = 0; i < n; i++)
		buf[i + 1] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
	strcpy(buf + n + 1, n < length ? "...'" : "'");
	return buf;
}

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

unsigned int quote_distance(const char *a, const char *b)
{
	unsigned int row[DISTANCE_MAX + 1];
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > DISTANCE_MAX || lb > DISTANCE_MAX)
		return la > lb ? la - lb : lb - la;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		unsigned int corner = row[0]; /* distance of the two prefixes one shorter */

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			unsigned int above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[lb];
}

const char *quote_nearest(const char *text, const void *names, size_t count, size_t stride)
{
	const char *nearest = NULL;
	unsigned int best = 3; /* three letters wrong is another word */
	size_t i;

	for (i = 0; i < count; i++) {
		const char *name = *(const char *const *)((const char *)names + i * stride);
		unsigned int distance = strlen(text) > DISTANCE_MAX ? best : quote_distance(text, name);

		if (distance < best && distance < strlen(name) && distance < strlen(text)) {
			best = distance;
			nearest = name;
		}
	}
	return nearest;
}
