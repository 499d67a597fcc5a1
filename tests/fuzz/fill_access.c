/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists for a want: see fill.h. */
#include <stdio.h>

#include "base/auto.h"
#include "fuzz/fill.h"

void fill_access(const struct settings *s, struct config_access *ret, char names[][16])
{
	unsigned int i, j;

	for (i = 0; i < s->access_count; i++) {
		const struct reference_access *from = &s->access[i];
		struct config_access *to = &ret[i];

		snprintf(names[i], sizeof(names[i]), "a%u", from->name);
		to->name = names[i];
		to->prefixes = memory_zeroed(from->count, sizeof(*to->prefixes));
		for (j = 0; j < from->count; j++) {
			const struct reference_prefix *p = &from->prefixes[j];

			to->prefixes[j] = (struct access_prefix){p->addr, p->length, p->denies};
			to->allow_count += !p->denies;
		}
		access_resolve(to->prefixes, from->count, to->allow_count, &to->edges);
	}
}

void fill_access_clear(struct config_access *access, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		free(access[i].prefixes);
		access_clear(&access[i].edges);
	}
}
