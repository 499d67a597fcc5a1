/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services: their addresses, their pools, and that none is there twice. See config_parts.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/quote.h"
#include "model/config_parts.h"

#define NAMES_SHOWN 8 /* of the pools that exist, when one does not */

/* --- which pool --------------------------------------------------------------------------------- */

static int pool_compare(const void *a, const void *b)
{
	return strcmp((*(const struct config_pool *const *)a)->name,
		      (*(const struct config_pool *const *)b)->name);
}

static const struct config_pool **pools_by_name(const struct config *config)
{
	const struct config_pool **pools = memory_zeroed(config->pool_count, sizeof(*pools));
	unsigned int i;

	for (i = 0; i < config->pool_count; i++)
		pools[i] = &config->pools[i];
	qsort(pools, config->pool_count, sizeof(*pools), pool_compare);
	return pools;
}

static int unknown_pool(const struct config *config, const char *name, uint32_t i, struct err *err)
{
	const char *nearest = config->pool_count ? quote_nearest(name, &config->pools->name,
								 config->pool_count, sizeof(*config->pools))
						 : NULL;
	struct text names = {};
	char shown[QUOTE_MAX];
	unsigned int p;

	quote(name, shown);
	if (nearest)
		return err_set(err, -EINVAL, "services[%u].pool: there is no pool %s; did you mean '%s'?", i,
			       shown, nearest);
	if (!config->pool_count)
		return err_set(err, -EINVAL, "services[%u].pool: there is no pool %s, nor any other", i,
			       shown);
	for (p = 0; p < config->pool_count && p < NAMES_SHOWN; p++)
		text_add(&names, "%s%s", p ? ", " : "", config->pools[p].name);
	err_set(err, -EINVAL, "services[%u].pool: there is no pool %s; there %s %s%s", i, shown,
		config->pool_count == 1 ? "is" : "are", names.s,
		config->pool_count > NAMES_SHOWN ? " and others" : "");
	free(names.s);
	return -EINVAL;
}

static int pool_resolve(const struct config *config, const struct config_pool *const *by_name,
			const char *name, uint32_t i, unsigned int *ret, struct err *err)
{
	const struct config_pool wanted = {.name = (char *)name}, *key = &wanted, *const * found;

	if (!name)
		return err_set(err, -EINVAL, "services[%u].pool is missing; it is the name of a pool", i);
	found = bsearch(&key, by_name, config->pool_count, sizeof(*by_name), pool_compare);
	if (!found)
		return unknown_pool(config, name, i, err);
	*ret = *found - config->pools;
	return 0;
}

/* --- one service -------------------------------------------------------------------------------- */

static int key_compile(const struct doc_service *service, uint32_t i, struct leat_service_key *ret,
		       struct err *err)
{
	char shown[QUOTE_MAX];

	if (!service->protocol)
		return err_set(err, -EINVAL, "services[%u].protocol is missing; allowed are tcp, udp", i);
	if (!service->address)
		return err_set(err, -EINVAL, "services[%u].address is missing", i);
	if (addr_parse(service->address, &ret->addr))
		return err_set(err, -EINVAL, "services[%u].address: %s is not an IPv4 or IPv6 address%s", i,
			       quote(service->address, shown), addr_fault(service->address));
	if (!addr_is_host(&ret->addr))
		return err_set(err, -EINVAL,
			       "services[%u].address: %s is not an address that a host can have", i,
			       quote(service->address, shown));
	if (!service->port)
		return err_set(err, -EINVAL, "services[%u].port is missing; allowed are 1 to 65535", i);
	ret->port = htons(service->port);
	ret->protocol = service->protocol == DOC_PROTOCOL_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	return 0;
}

static int sticky_compile(const struct doc_service *service, uint32_t i, uint32_t *ret, struct err *err)
{
	if (service->sticky && service->protocol == DOC_PROTOCOL_TCP)
		return err_set(err, -EINVAL,
			       "services[%u].sticky: flows of tcp stay with their backends anyway; it is for udp",
			       i);
	return config_duration(service->sticky, CONFIG_TIMEOUT_MIN_MS, CONFIG_TIMEOUT_MAX_MS, ret, err,
			       "services[%u].sticky", i);
}

/* --- all services ------------------------------------------------------------------------------- */

/* By address first, so that those of one address are neighbours. */
static int service_compare(const void *a, const void *b)
{
	const struct config_service *x = *(const struct config_service *const *)a;
	const struct config_service *y = *(const struct config_service *const *)b;
	int order = memcmp(&x->key, &y->key, sizeof(x->key));

	return order ? order : x < y ? -1 : 1;
}

static int duplicate(const struct config *config, const struct config_service *first,
		     const struct config_service *second, struct err *err)
{
	char endpoint[ADDR_TEXT_MAX];

	return err_set(err, -EINVAL, "services[%td]: %s/%s is services[%td] already",
		       second - config->services, second->key.protocol == IPPROTO_TCP ? "tcp" : "udp",
		       endpoint_format(&second->key.addr, ntohs(second->key.port), endpoint),
		       first - config->services);
}

static int address_compare(const void *addr, const void *service)
{
	return addr_compare(addr, &(*(const struct config_service *const *)service)->key.addr);
}

/* Packets to such a backend would come back to the balancer. */
static int backends_check(const struct config *config, const struct config_service *const *sorted,
			  struct err *err)
{
	const struct config_service *const *found;
	char address[ADDR_TEXT_MAX];
	unsigned int p, m;

	for (p = 0; p < config->pool_count; p++) {
		const struct config_pool *pool = &config->pools[p];

		for (m = 0; m < pool->member_count; m++) {
			found = bsearch(&pool->members[m].addr, sorted, config->service_count,
					sizeof(*sorted), address_compare);
			if (found)
				return err_set(err, -EINVAL,
					       "pools[%s].backends[%u].address: %s is the address of "
					       "services[%td]; a "
					       "backend is reached by an address of its own",
					       pool->name, m, addr_format(&pool->members[m].addr, address),
					       *found - config->services);
		}
	}
	return 0;
}

static int services_check(const struct config *config, struct err *err)
{
	auto_free const struct config_service **sorted =
		memory_zeroed(config->service_count, sizeof(*sorted));
	unsigned int i, addresses = config->service_count > 0;

	for (i = 0; i < config->service_count; i++)
		sorted[i] = &config->services[i];
	qsort(sorted, config->service_count, sizeof(*sorted), service_compare);
	for (i = 1; i < config->service_count; i++) {
		if (!memcmp(&sorted[i]->key, &sorted[i - 1]->key, sizeof(sorted[i]->key)))
			return duplicate(config, sorted[i - 1], sorted[i], err);
		addresses += !addr_equal(&sorted[i]->key.addr, &sorted[i - 1]->key.addr);
	}
	/* Each address has a record of its own, for echo; number 0 is nobody. */
	if (config->service_count + addresses > LEAT_SERVICES_MAX - 1)
		return err_set(err, -EINVAL,
			       "services: %u services and their %u addresses; allowed are %u together",
			       config->service_count, addresses, LEAT_SERVICES_MAX - 1);
	return backends_check(config, sorted, err);
}

int config_services_compile(const struct doc *doc, struct config *config, struct err *err)
{
	auto_free const struct config_pool **by_name = pools_by_name(config);
	uint32_t i;
	int e = 0;

	config->service_count = doc->service_count;
	config->services = memory_zeroed(doc->service_count, sizeof(*config->services));
	for (i = 0; !e && i < doc->service_count; i++) {
		struct config_service *service = &config->services[i];

		e = key_compile(&doc->services[i], i, &service->key, err);
		if (!e)
			e = pool_resolve(config, by_name, doc->services[i].pool, i, &service->pool, err);
		if (!e)
			e = sticky_compile(&doc->services[i], i, &service->sticky_ms, err);
		if (!e)
			e = config_quic_compile(&doc->services[i], i, &service->quic, err);
	}
	if (!e)
		e = config_id_lengths_check(config, err);
	return e ? e : services_check(config, err);
}
