/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the configuration as written to its meaning: see config.h. Here what holds for all; pools, services
 * and checks have files of their own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "model/config_parts.h"

#define ICMP_RATE_DEFAULT  100
#define INTERFACE_NAME_MAX 15 /* IFNAMSIZ with its NUL is 16 */
#define INTERFACES_MAX     1024 /* each is looked at every second, and compared with all before it */

static int seed_compile(const char *text, uint64_t *ret, struct err *err)
{
	char shown[QUOTE_MAX];
	size_t length;

	if (!text)
		return 0;
	length = strlen(text);
	if (!length || length > 16 || strspn(text, "0123456789abcdefABCDEF") != length)
		return err_set(err, -EINVAL, "seed: %s is not 1 to 16 hexadecimal digits",
			       quote(text, shown));
	*ret = strtoull(text, NULL, 16);
	if (!*ret)
		return err_set(err, -EINVAL, "seed: %s is zero; any other number will do",
			       quote(text, shown));
	return 0;
}

/* --- source of tunnels -------------------------------------------------------------------------- */

/* Splits into host bits of the last 32 (as a mask) and the address without them. */
static void prefix_split(const struct leat_addr *addr, unsigned int host_bits, struct config_source *ret)
{
	uint32_t mask = host_bits >= 32 ? UINT32_MAX : (1u << host_bits) - 1;
	unsigned int bit;

	ret->set = true;
	ret->mask = htonl(mask);
	ret->addr = *addr;
	for (bit = 0; bit < host_bits; bit++)
		ret->addr.byte[15 - bit / 8] &= ~(1u << bit % 8);
}

static int source_compile(const char *key, const char *text, bool ipv4, struct config_source *ret,
			  struct err *err)
{
	char shown[QUOTE_MAX], right[ADDR_TEXT_MAX];
	unsigned int length, width = ipv4 ? 32 : 128;
	struct config_source source;
	struct leat_addr addr, last;

	if (!text)
		return 0;
	if (prefix_parse(text, &addr, &length) || addr_is_ipv4(&addr) != ipv4)
		return err_set(err, -EINVAL, "source.%s: %s is not an %s address or prefix, such as %s", key,
			       quote(text, shown), ipv4 ? "IPv4" : "IPv6",
			       ipv4 ? "10.9.0.0/24" : "2001:db8:9::/64");
	prefix_split(&addr, width - length, &source);
	if (!addr_equal(&addr, &source.addr))
		return err_set(err, -EINVAL, "source.%s: %s has bits set after its prefix; it would be %s/%u",
			       key, quote(text, shown), addr_format(&source.addr, right), length);
	last = source.addr;
	last.word[3] |= source.mask;
	if (!addr_is_host(&source.addr) || !addr_is_host(&last))
		return err_set(err, -EINVAL, "source.%s: %s has addresses that no host can have", key,
			       quote(text, shown));
	*ret = source;
	return 0;
}

/* --- interfaces --------------------------------------------------------------------------------- */

static int interface_compile(const struct doc *doc, uint32_t i, struct config_interface *ret, struct err *err)
{
	const char *name = doc->interfaces[i].name;
	char shown[QUOTE_MAX];
	uint32_t j;

	if (!name)
		return err_set(err, -EINVAL, "interfaces[%u].name is missing", i);
	/* dev_valid_name() of the kernel. */
	if (!*name || strlen(name) > INTERFACE_NAME_MAX || name[strcspn(name, "/: \t\n\v\f\r")] ||
	    !strcmp(name, ".") || !strcmp(name, ".."))
		return err_set(
			err, -EINVAL,
			"interfaces[%u].name: %s is not an interface's name: 1 to %u characters without "
			"spaces, / and :",
			i, quote(name, shown), INTERFACE_NAME_MAX);
	for (j = 0; j < i; j++)
		if (!strcmp(doc->interfaces[j].name, name))
			return err_set(err, -EINVAL, "interfaces[%u].name: %s is interfaces[%u] already", i,
				       quote(name, shown), j);
	ret->name = string_copy(name);
	ret->mode = doc->interfaces[i].mode ? doc->interfaces[i].mode : DOC_ATTACH_NATIVE;
	return 0;
}

static int interfaces_compile(const struct doc *doc, struct config *config, struct err *err)
{
	uint32_t i;
	int e = 0;

	if (doc->interface_count > INTERFACES_MAX)
		return err_set(err, -EINVAL, "interfaces: %u interfaces; allowed are %u", doc->interface_count,
			       INTERFACES_MAX);
	config->interface_count = doc->interface_count;
	config->interfaces = memory_zeroed(doc->interface_count, sizeof(*config->interfaces));
	for (i = 0; !e && i < doc->interface_count; i++)
		e = interface_compile(doc, i, &config->interfaces[i], err);
	return e;
}

int config_globals_compile(const struct doc *doc, struct config *config, struct err *err)
{
	int e = seed_compile(doc->seed, &config->seed, err);

	config->icmp_rate = doc->icmp_rate ? *doc->icmp_rate : ICMP_RATE_DEFAULT;
	if (!e && config->icmp_rate > DOC_ICMP_RATE_MAX)
		e = err_set(err, -EINVAL, "icmp-rate: %u is too many; allowed are 0 to %u", config->icmp_rate,
			    DOC_ICMP_RATE_MAX);
	if (!e && doc->source)
		e = source_compile("ipv4", doc->source->ipv4, true, &config->source4, err);
	if (!e && doc->source)
		e = source_compile("ipv6", doc->source->ipv6, false, &config->source6, err);
	return e ? e : interfaces_compile(doc, config, err);
}

/* --- all of it ---------------------------------------------------------------------------------- */

int config_compile(const struct doc *doc, struct config **ret, struct err *err)
{
	struct config *config = memory_zeroed(1, sizeof(*config));
	int e = config_globals_compile(doc, config, err);

	if (!e)
		e = config_fragments_compile(doc, config, err);
	if (!e)
		e = config_flows_compile(doc, config, err);
	if (!e)
		e = config_access_compile(doc, config, err);
	if (!e)
		e = config_pools_compile(doc, config, err);
	if (!e)
		e = config_services_compile(doc, config, err);
	if (!e)
		e = config_checks_compile(doc, config, err);
	if (e) {
		config_free(config);
		return e;
	}
	config_clock_set(config);
	*ret = config;
	return 0;
}

static void pool_free(struct config_pool *pool)
{
	free(pool->name);
	config_check_clear(&pool->check);
	free(pool->members);
}

static void access_free(struct config_access *access)
{
	free(access->name);
	free(access->prefixes);
	access_clear(&access->edges);
}

void config_free(struct config *config)
{
	unsigned int i;

	if (!config)
		return;
	for (i = 0; config->interfaces && i < config->interface_count; i++)
		free(config->interfaces[i].name);
	for (i = 0; config->access && i < config->access_count; i++)
		access_free(&config->access[i]);
	for (i = 0; config->pools && i < config->pool_count; i++)
		pool_free(&config->pools[i]);
	free(config->access);
	free(config->interfaces);
	free(config->pools);
	free(config->services);
	free(config);
}
