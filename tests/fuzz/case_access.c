/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists in cases: a list, and its prefixes after it. See case.h. */
#include "base/addr.h"
#include "fuzz/case.h"

void case_access_write(FILE *out, const struct settings *s)
{
	char addr[ADDR_TEXT_MAX];
	unsigned int i, j;

	for (i = 0; i < s->access_count; i++) {
		fprintf(out, "access a%u prices %u %u %u %u burst %u sources %u %u\n", s->access[i].name, s->access[i].source_packet,
			s->access[i].source_flow, s->access[i].packet, s->access[i].flow, s->access[i].burst,
			s->access[i].source4, s->access[i].source6);
		for (j = 0; j < s->access[i].count; j++)
			fprintf(out, "%s %s/%u\n", s->access[i].prefixes[j].denies ? "deny" : "allow",
				addr_format(&s->access[i].prefixes[j].addr, addr), s->access[i].prefixes[j].length);
	}
}

bool case_access_read(struct settings *s, const char *line)
{
	struct reference_access *a = &s->access[s->access_count];

	return s->access_count++ < SETTINGS_ACCESS_MAX &&
	       sscanf(line, "access a%u prices %u %u %u %u burst %u sources %u %u", &a->name, &a->source_packet, &a->source_flow,
		      &a->packet, &a->flow, &a->burst, &a->source4, &a->source6) == 8 &&
	       a->source4 <= 32 && a->source6 <= 128;
}

bool case_prefix_read(struct settings *s, const char *line)
{
	struct reference_access *access = s->access_count ? &s->access[s->access_count - 1] : NULL;
	struct reference_prefix *prefix;
	char text[ADDR_TEXT_MAX];

	if (!access || access->count == REFERENCE_PREFIXES_MAX || sscanf(line, "%*s %63s", text) != 1)
		return false;
	prefix = &access->prefixes[access->count++];
	prefix->denies = line[0] == 'd';
	return !prefix_parse(text, &prefix->addr, &prefix->length);
}
