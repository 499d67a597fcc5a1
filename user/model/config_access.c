/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists: their prefixes, and that no two contradict each other. See config_parts.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "model/config_parts.h"

static void bits_clear_after(struct leat_addr *addr, unsigned int host_bits)
{
	unsigned int bit;

	for (bit = 0; bit < host_bits; bit++)
		addr->byte[15 - bit / 8] &= ~(1u << bit % 8);
}

/* access[NAME].KEY[i] */
static int prefix_compile(const char *name, const char *key, uint32_t i, const char *text, struct access_prefix *ret,
			  struct err *err)
{
	char shown[QUOTE_MAX], right[ADDR_TEXT_MAX];
	struct leat_addr addr;
	unsigned int length;

	if (prefix_parse(text, &addr, &length))
		return err_set(err, -EINVAL,
			       "access[%s].%s[%u]: %s is not an IPv4 or IPv6 prefix, such as 192.0.2.0/24 or "
			       "2001:db8::/32%s",
			       name, key, i, quote(text, shown), strchr(text, '/') ? "" : addr_fault(text));
	ret->addr = addr;
	ret->length = length;
	bits_clear_after(&ret->addr, (addr_is_ipv4(&addr) ? 32 : 128) - length);
	if (!addr_equal(&addr, &ret->addr))
		return err_set(err, -EINVAL, "access[%s].%s[%u]: %s has bits set after its prefix; it would be %s/%u", name,
			       key, i, quote(text, shown), addr_format(&ret->addr, right), length);
	return 0;
}

static int prefixes_compile(const struct doc_access *doc, struct config_access *ret, struct err *err)
{
	uint32_t i;
	int e = 0;

	ret->prefixes = memory_zeroed((size_t)doc->allow_count + doc->deny_count, sizeof(*ret->prefixes));
	for (i = 0; !e && i < doc->allow_count; i++)
		e = prefix_compile(doc->name, "allow", i, doc->allow[i], &ret->prefixes[ret->prefix_count++], err);
	for (i = 0; !e && i < doc->deny_count; i++) {
		ret->prefixes[ret->prefix_count].denies = true;
		e = prefix_compile(doc->name, "deny", i, doc->deny[i], &ret->prefixes[ret->prefix_count++], err);
	}
	return e;
}

/* Of sorted prefixes: the same one twice is left out, unless it says two things. */
static int prefixes_merge(struct config_access *ret, struct err *err)
{
	unsigned int i, kept = 0;
	char addr[ADDR_TEXT_MAX];

	for (i = 0; i < ret->prefix_count; i++) {
		const struct access_prefix *prefix = &ret->prefixes[i], *last = kept ? &ret->prefixes[kept - 1] : NULL;

		if (last && !access_compare(prefix, last)) {
			if (prefix->denies == last->denies)
				continue;
			return err_set(err, -EINVAL, "access[%s]: %s/%u is in allow and in deny; it can be in one of them",
				       ret->name, addr_format(&prefix->addr, addr), prefix->length);
		}
		*(prefix->denies ? &ret->deny_count : &ret->allow_count) += 1;
		ret->prefixes[kept++] = *prefix;
	}
	ret->prefix_count = kept;
	return 0;
}

static int list_compile(const struct doc_access *doc, struct config_access *ret, struct err *err)
{
	int e;

	ret->name = string_copy(doc->name);
	e = prefixes_compile(doc, ret, err);
	if (e)
		return e;
	access_resolve(ret->prefixes, ret->prefix_count, doc->allow_count, &ret->edges);
	e = prefixes_merge(ret, err);
	if (!e)
		e = config_limits_compile(doc, &ret->limits, err);
	access_limit(&ret->limits, &ret->guard);
	return e;
}

/* What the maps hold, all lists together. */
static int room_check(const struct config *config, struct err *err)
{
	unsigned long count4 = 0, count6 = 0;
	unsigned int i;

	for (i = 0; i < config->access_count; i++) {
		count4 += config->access[i].edges.count4;
		count6 += config->access[i].edges.count6;
	}
	if (count4 <= LEAT_EDGES_MAX && count6 <= LEAT_EDGES_MAX)
		return 0;
	return err_set(err, -EINVAL,
		       "access: the lists together have %lu borders between what is allowed and what is denied in %s; allowed are "
		       "%u, which is enough for %u prefixes that do not touch",
		       count4 > LEAT_EDGES_MAX ? count4 : count6, count4 > LEAT_EDGES_MAX ? "IPv4" : "IPv6", LEAT_EDGES_MAX,
		       LEAT_EDGES_MAX / 2);
}

int config_access_compile(const struct doc *doc, struct config *config, struct err *err)
{
	uint32_t i;
	int e;

	if (doc->access_count > CONFIG_ACCESS_MAX)
		return err_set(err, -EINVAL, "access: %u lists; allowed are %u", doc->access_count, CONFIG_ACCESS_MAX);
	e = config_names_check("access", doc->access ? &doc->access->name : NULL, doc->access_count, sizeof(*doc->access),
			       err);
	config->access_count = doc->access_count;
	config->access = memory_zeroed(doc->access_count, sizeof(*config->access));
	for (i = 0; !e && i < doc->access_count; i++)
		e = list_compile(&doc->access[i], &config->access[i], err);
	return e ? e : room_check(config, err);
}
