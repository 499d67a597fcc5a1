/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes of interfaces and settings: see diff.h. */
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/diff_parts.h"

static const struct config_interface *interface_find(const struct config *config, const char *name)
{
	unsigned int i;

	for (i = 0; i < config->interface_count; i++)
		if (!strcmp(config->interfaces[i].name, name))
			return &config->interfaces[i];
	return NULL;
}

void diff_interfaces(struct diff *d, const struct config *old, const struct config *new)
{
	const struct config_interface *other;
	unsigned int i;

	for (i = 0; i < new->interface_count; i++) {
		other = interface_find(old, new->interfaces[i].name);
		if (!other)
			diff_line(d, DIFF_ADDED, "interface", string_copy(new->interfaces[i].name), NULL);
		else if (other->mode != new->interfaces[i].mode)
			diff_line(d, DIFF_CHANGED, "interface", string_copy(other->name),
				 string_format("mode -> %s", new->interfaces[i].mode == DOC_ATTACH_GENERIC ? "generic" : "native"));
	}
	for (i = 0; i < old->interface_count; i++)
		if (!interface_find(new, old->interfaces[i].name))
			diff_line(d, DIFF_REMOVED, "interface", string_copy(old->interfaces[i].name), NULL);
}

/* "192.0.2.0/28", or "of the route" where nothing is set. */
static char *source_text(const struct config_source *source)
{
	char buf[ADDR_TEXT_MAX];
	int bits = addr_is_ipv4(&source->addr) ? 32 : 128;

	return source->set ? string_format("%s/%d", addr_format(&source->addr, buf), bits - __builtin_popcount(source->mask)) :
			     string_copy("of the route");
}

static void diff_source(struct diff *d, const char *name, const struct config_source *old,
			const struct config_source *new)
{
	auto_free char *before = source_text(old), *after = source_text(new);

	if (strcmp(before, after))
		diff_line(d, DIFF_CHANGED, "setting", string_copy(name), string_format("%s -> %s", before, after));
}

static void diff_number(struct diff *d, const char *name, uint32_t old, uint32_t new, const char *note)
{
	if (old != new)
		diff_line(d, DIFF_CHANGED, "setting", string_copy(name), string_format("%u -> %u%s", old, new, note));
}

static void diff_time(struct diff *d, const char *name, uint32_t old, uint32_t new)
{
	char before[ADDR_TEXT_MAX], after[ADDR_TEXT_MAX];

	if (old != new)
		diff_line(d, DIFF_CHANGED, "setting", string_copy(name),
			 string_format("%s -> %s", diff_time_text(old, before), diff_time_text(new, after)));
}

static void diff_flows(struct diff *d, const struct config_flows *old, const struct config_flows *new)
{
	diff_number(d, "flows.size", old->size, new->size, ", when the maps are made anew");
	diff_time(d, "flows.idle-timeout", old->idle_ms, new->idle_ms);
	diff_time(d, "flows.opening-timeout", old->opening_ms, new->opening_ms);
	diff_time(d, "flows.closing-timeout", old->closing_ms, new->closing_ms);
	diff_number(d, "flows.pin-rate", old->pin_rate, new->pin_rate, "");
}

void diff_settings(struct diff *d, const struct config *old, const struct config *new)
{
	if (old->seed != new->seed)
		diff_line(d, DIFF_CHANGED, "setting", string_copy("seed"),
			 string_format("%016llx -> %016llx", (unsigned long long)old->seed, (unsigned long long)new->seed));
	diff_number(d, "icmp-rate", old->icmp_rate, new->icmp_rate, "");
	diff_number(d, "fragments", old->fragment_sets * LEAT_FRAGMENT_WAYS, new->fragment_sets * LEAT_FRAGMENT_WAYS, "");
	diff_flows(d, &old->flows, &new->flows);
	diff_source(d, "source.ipv4", &old->source4, &new->source4);
	diff_source(d, "source.ipv6", &old->source6, &new->source6);
}
