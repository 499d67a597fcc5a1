/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether it is clear whose each address and port is: services may overlap as long as one is narrower than the other
 * (include/leat/shape.h). And that backends are not among what services are on. See config_parts.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/shape.h"
#include "model/config_parts.h"

/* By prefix, so that those of one are neighbours; of one prefix and protocol by first port, the wider range first. */
static int service_compare(const void *a, const void *b)
{
	const struct config_service *x = *(const struct config_service *const *)a;
	const struct config_service *y = *(const struct config_service *const *)b;
	int order = addr_compare(&x->key.addr, &y->key.addr);

	if (!order)
		order = x->key.host_bits - y->key.host_bits;
	if (!order)
		order = x->key.protocol - y->key.protocol;
	if (!order)
		order = ntohs(x->key.port) - ntohs(y->key.port);
	if (!order)
		order = (int)leat_key_last_port(&y->key) - (int)leat_key_last_port(&x->key);
	return order ? order : x < y ? -1 : 1;
}

static bool is_of_prefix(const struct leat_service_key *a, const struct leat_service_key *b)
{
	return addr_equal(&a->addr, &b->addr) && a->host_bits == b->host_bits;
}

static int duplicate(const struct config *config, const struct config_service *first,
		     const struct config_service *second, struct err *err)
{
	char name[SHAPE_NAME_MAX];

	return err_set(err, -EINVAL, "services[%td]: %s is services[%td] already", second - config->services,
		       shape_name_format(&second->key, name), first - config->services);
}

static int overlap(const struct config *config, const struct config_service *a, const struct config_service *b,
		   struct err *err)
{
	const struct config_service *first = a < b ? a : b, *second = a < b ? b : a;
	char one[SHAPE_NAME_MAX], other[SHAPE_NAME_MAX];

	return err_set(err, -EINVAL,
		       "services[%td]: %s shares ports with services[%td], %s, and neither is within the other: nobody can say "
		       "whose they are",
		       second - config->services, shape_name_format(&second->key, other), first - config->services,
		       shape_name_format(&first->key, one));
}

/*
 * sorted[0 .. at) are of one order with sorted[at]. Ranges that hold the ports before it are open; the last of them that is not
 * over holds its first port, and must hold its last.
 */
static int ranges_check(const struct config *config, const struct config_service *const *sorted, unsigned int count,
			struct err *err)
{
	auto_free const struct config_service **open = memory_zeroed(count, sizeof(*open));
	unsigned int depth = 0, i;

	for (i = 0; i < count; i++) {
		const struct leat_service_key *key = &sorted[i]->key;

		if (i && (!is_of_prefix(key, &sorted[i - 1]->key) || key->protocol != sorted[i - 1]->key.protocol))
			depth = 0;
		while (depth && leat_key_last_port(&open[depth - 1]->key) < ntohs(key->port))
			depth--;
		if (depth && !memcmp(&open[depth - 1]->key, key, sizeof(*key)))
			return duplicate(config, open[depth - 1], sorted[i], err);
		if (depth && leat_key_last_port(&open[depth - 1]->key) < leat_key_last_port(key))
			return overlap(config, open[depth - 1], sorted[i], err);
		open[depth++] = sorted[i];
	}
	return 0;
}

/* --- backends ------------------------------------------------------------------------------------- */

static int address_compare(const void *addr, const void *service)
{
	return addr_compare(addr, &(*(const struct config_service *const *)service)->key.addr);
}

/* Of services on prefixes and others; NULL: none. */
static const struct config_service *service_at(const struct config_service *const *sorted, unsigned int count,
					       const struct config_service *const *prefixes, unsigned int prefix_count,
					       const struct leat_addr *addr)
{
	const struct config_service *const *found = bsearch(addr, sorted, count, sizeof(*sorted), address_compare), *first;
	unsigned int i;

	while (found && found > sorted && addr_equal(&found[-1]->key.addr, addr))
		found--;
	for (first = found ? *found : NULL; found && found < sorted + count && addr_equal(&(*found)->key.addr, addr); found++)
		first = *found < first ? *found : first;
	if (first)
		return first;
	for (i = 0; i < prefix_count; i++) {
		struct leat_service_key whole = { .addr = prefixes[i]->key.addr, .host_bits = prefixes[i]->key.host_bits };

		if (leat_shape_has(&whole, &(struct leat_service_key){ .addr = *addr }))
			return prefixes[i];
	}
	return NULL;
}

/* Packets to such a backend would come back to the balancer. */
static int backends_check(const struct config *config, const struct config_service *const *sorted,
			  struct err *err)
{
	auto_free const struct config_service **prefixes = memory_zeroed(config->service_count, sizeof(*prefixes));
	unsigned int p, m, count = 0, i;
	const struct config_service *found;
	char address[ADDR_TEXT_MAX];

	for (i = 0; i < config->service_count; i++)
		if (sorted[i]->key.host_bits && (!count || !is_of_prefix(&sorted[i]->key, &prefixes[count - 1]->key)))
			prefixes[count++] = sorted[i];
	for (p = 0; p < config->pool_count; p++) {
		const struct config_pool *pool = &config->pools[p];

		for (m = 0; m < pool->member_count; m++) {
			found = service_at(sorted, config->service_count, prefixes, count, &pool->members[m].addr);
			if (found)
				return err_set(err, -EINVAL,
					       "pools[%s].backends[%u].address: %s is %s address of services[%td]; a backend "
					       "is reached by an address of its own",
					       pool->name, m, addr_format(&pool->members[m].addr, address),
					       found->key.host_bits ? "an" : "the", found - config->services);
		}
	}
	return 0;
}

/* --- the whole ------------------------------------------------------------------------------------ */

int config_shapes_check(const struct config *config, struct err *err)
{
	auto_free const struct config_service **sorted =
		memory_zeroed(config->service_count, sizeof(*sorted));
	unsigned int i, addresses = config->service_count > 0;
	int e;

	for (i = 0; i < config->service_count; i++)
		sorted[i] = &config->services[i];
	qsort(sorted, config->service_count, sizeof(*sorted), service_compare);
	e = ranges_check(config, sorted, config->service_count, err);
	if (e)
		return e;
	for (i = 1; i < config->service_count; i++)
		addresses += !is_of_prefix(&sorted[i]->key, &sorted[i - 1]->key);
	/* Each address and prefix has a record of its own, for echo; number 0 is nobody. */
	if (config->service_count + addresses > LEAT_SERVICES_MAX - 1)
		return err_set(err, -EINVAL,
			       "services: %u services and their %u addresses; allowed are %u together",
			       config->service_count, addresses, LEAT_SERVICES_MAX - 1);
	return backends_check(config, sorted, err);
}
