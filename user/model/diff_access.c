/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes in access lists: how many prefixes, not which; there may be a hundred thousand. See diff.h. */
#include <string.h>

#include "base/auto.h"
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

void diff_access(struct diff *d, const struct config *old, const struct config *new)
{
	unsigned int i;

	for (i = 0; i < new->access_count; i++) {
		const struct config_access *access = &new->access[i], *other = access_of(old, access->name);
		auto_free char *before = other ? access_text(other) : NULL, *after = access_text(access);

		if (!other)
			diff_line(d, DIFF_ADDED, "access list", string_copy(access->name), take_pointer(after));
		else if (!access_is_same(access, other))
			diff_line(d, DIFF_CHANGED, "access list", string_copy(access->name),
				 strcmp(before, after) ? string_format("%s -> %s", before, after)
						       : string_format("%s, other prefixes", after));
	}
	for (i = 0; i < old->access_count; i++)
		if (!access_of(new, old->access[i].name))
			diff_line(d, DIFF_REMOVED, "access list", string_copy(old->access[i].name), NULL);
}
