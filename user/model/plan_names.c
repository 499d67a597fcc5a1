/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside a plan: from names to numbers, and numbers for the new. See plan_parts.h. */
#include <stdlib.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/plan_parts.h"

static int named_compare(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = addr_compare(&x->addr, &y->addr);

	return order ? order : x->extra < y->extra ? -1 : x->extra > y->extra;
}

struct named *name_find(const struct names *names, const struct leat_addr *addr, uint64_t extra)
{
	struct named key = { .addr = *addr, .extra = extra };

	return names->count ? bsearch(&key, names->items, names->count, sizeof(key), named_compare) : NULL;
}

void numbers_open(struct numbers *n, unsigned int max, unsigned int next)
{
	*n = (struct numbers){ .taken = memory_zeroed(max, sizeof(bool)), .max = max, .next = next ? next : 1,
			       .left = max - 1, .is_started = next != 0 };
}

void number_take(struct numbers *n, unsigned int number)
{
	n->taken[number] = true;
	n->left--;
	if (!n->is_started && number >= n->next)
		n->next = number + 1;
}

unsigned int number_new(struct numbers *n)
{
	unsigned int number = n->next;

	if (!n->left)
		return 0;
	while (number >= n->max || n->taken[number])
		number = number >= n->max ? 1 : number + 1;
	n->taken[number] = true;
	n->left--;
	n->next = number + 1;
	return number;
}

void name_add(struct names *names, const struct leat_addr *addr, uint64_t extra, unsigned int number)
{
	if (!(names->count & (names->count - 1)))
		names->items = memory_resized(names->items, names->count ? names->count * 2 : 1, sizeof(*names->items));
	names->items[names->count++] = (struct named){ .addr = *addr, .extra = extra, .number = number };
}

void names_sort(struct names *names)
{
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), named_compare);
}
