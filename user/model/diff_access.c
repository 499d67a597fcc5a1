/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes in access lists: how many prefixes, not which; there may be a hundred thousand. See diff.h. */
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "model/diff_parts.h"

static const struct config_access *access_of(const struct config *config, const char *name)
{
	unsigned int i;

	for (i = 0; i < config->access_count; i++)
		if (!strcmp(config->access[i].name, name))
			return &config->access[i];
	return NULL;
}

static char *access_text(const struct config_access *access)
{
	return string_format("allow %u, deny %u", access->allow_count, access->deny_count);
}

static bool access_is_same(const struct config_access *a, const struct config_access *b)
{
	unsigned int i;

	for (i = 0; i < a->prefix_count && i < b->prefix_count; i++)
		if (access_compare(&a->prefixes[i], &b->prefixes[i]) || a->prefixes[i].denies != b->prefixes[i].denies)
			return false;
	return a->prefix_count == b->prefix_count;
}

static void prefixes_add(struct text *text, const struct config_access *old, const struct config_access *new)
{
	auto_free char *before = access_text(old), *after = access_text(new);

	if (strcmp(before, after))
		text_add(text, "%s -> %s", before, after);
	else
		text_add(text, "%s, other prefixes", after);
}

static void limits_add(struct text *text, const struct config_limits *old, const struct config_limits *new)
{
	char before[ADDR_TEXT_MAX], after[ADDR_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < LEAT_RATES; i++)
		if (old->rates[i] != new->rates[i])
			text_add(text, "%slimits.%s %u -> %u", text->length ? ", " : "", config_rate_name(i), old->rates[i],
				 new->rates[i]);
	if (old->burst_ms != new->burst_ms)
		text_add(text, "%slimits.burst %s -> %s", text->length ? ", " : "", duration_format(old->burst_ms, before),
			 duration_format(new->burst_ms, after));
	if (old->prefix4 != new->prefix4)
		text_add(text, "%slimits.source-prefix-ipv4 %u -> %u", text->length ? ", " : "", old->prefix4, new->prefix4);
	if (old->prefix6 != new->prefix6)
		text_add(text, "%slimits.source-prefix-ipv6 %u -> %u", text->length ? ", " : "", old->prefix6, new->prefix6);
}

void diff_access(struct diff *d, const struct config *old, const struct config *new)
{
	unsigned int i;

	for (i = 0; i < new->access_count; i++) {
		const struct config_access *access = &new->access[i], *other = access_of(old, access->name);
		struct text text = {};

		if (!other) {
			diff_line(d, DIFF_ADDED, "access list", string_copy(access->name), access_text(access));
			continue;
		}
		if (!access_is_same(access, other))
			prefixes_add(&text, other, access);
		limits_add(&text, &other->limits, &access->limits);
		if (text.length)
			diff_line(d, DIFF_CHANGED, "access list", string_copy(access->name), text.s);
	}
	for (i = 0; i < old->access_count; i++)
		if (!access_of(new, old->access[i].name))
			diff_line(d, DIFF_REMOVED, "access list", string_copy(old->access[i].name), NULL);
}
