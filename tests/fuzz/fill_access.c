/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists for a want: see fill.h. */
#include <stdio.h>

#include "base/auto.h"
#include "fuzz/fill.h"

#define UNIT (1ull << 42) /* ns: time goes by, but not so much */

/* Half a unit more, so that nothing depends on the time that a run takes. */
static void fill_limits(const struct reference_access *from, struct leat_guard *ret)
{
	ret->interval_ns[LEAT_RATE_SOURCE_PACKETS] = from->source_packet * UNIT;
	ret->interval_ns[LEAT_RATE_SOURCE_FLOWS] = from->source_flow * UNIT;
	ret->interval_ns[LEAT_RATE_SERVICE_PACKETS] = from->packet * UNIT;
	ret->interval_ns[LEAT_RATE_SERVICE_FLOWS] = from->flow * UNIT;
	ret->burst_ns = from->burst * UNIT + UNIT / 2;
	ret->limits = from->source_packet || from->source_flow || from->packet || from->flow;
	ret->cut4 = 32 - from->source4;
	ret->cut6 = 128 - from->source6;
}

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
		fill_limits(from, &to->guard);
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
