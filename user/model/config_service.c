/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services: what they are on, and their pools. See config_parts.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/shape.h"
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

/* --- which access list ---------------------------------------------------------------------------- */

static int access_resolve_name(const struct config *config, const char *name, uint32_t i, unsigned int *ret,
			       struct err *err)
{
	const char *nearest;
	char shown[QUOTE_MAX];
	unsigned int a;

	for (a = 0; name && a < config->access_count; a++)
		if (!strcmp(config->access[a].name, name)) {
			*ret = a + 1;
			return 0;
		}
	if (!name)
		return 0;
	nearest = config->access_count ? quote_nearest(name, &config->access->name, config->access_count,
						       sizeof(*config->access))
				       : NULL;
	return err_set(err, -EINVAL, "services[%u].access: there is no access list %s%s%s%s", i, quote(name, shown),
		       nearest ? "; did you mean '" : config->access_count ? "" : ", nor any other", nearest ? nearest : "",
		       nearest ? "'?" : "");
}

/* --- one service -------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint8_t number;
} protocols[] = {
#define X(name, word, number) [DOC_PROTOCOL_##name] = {word, number},
	SHAPE_PROTOCOLS(X)
#undef X
};

const char *config_protocol_name(enum doc_protocol protocol)
{
	return protocols[protocol].word;
}

int config_service_key(const struct doc_service *service, struct leat_service_key *ret)
{
	struct leat_service_key key = {.protocol = protocols[service->protocol].number};
	bool has_ports = shape_has_ports(key.protocol);

	if (!service->protocol || shape_address_parse(service->address, &key) ||
	    shape_port_parse(service->port || has_ports ? service->port : "any", &key))
		return -EINVAL;
	if (!has_ports && (key.port || !key.last_port))
		return -EINVAL;
	*ret = key;
	return 0;
}

/* Why there is no key. */
static int key_fault(const struct doc_service *service, uint32_t i, struct err *err)
{
	struct leat_service_key key;
	char shown[QUOTE_MAX];

	if (!service->protocol)
		return err_set(err, -EINVAL, "services[%u].protocol is missing; allowed are " SHAPE_PROTOCOL_WORDS, i);
	if (!service->address)
		return err_set(err, -EINVAL, "services[%u].address is missing", i);
	if (shape_address_parse(service->address, &key))
		return err_set(err, -EINVAL, "services[%u].address: %s is not an IPv4 or IPv6 address or prefix%s", i,
			       quote(service->address, shown), shape_address_fault(service->address));
	if (!service->port)
		return err_set(err, -EINVAL, "services[%u].port is missing; allowed are " SHAPE_PORT_WORDS, i);
	if (!shape_port_parse(service->port, &key))
		return err_set(err, -EINVAL, "services[%u].port: protocol %s has no ports; leave it out, or set any", i,
			       config_protocol_name(service->protocol));
	return err_set(err, -EINVAL, "services[%u].port: %s is not a port; allowed are " SHAPE_PORT_WORDS, i,
		       quote(service->port, shown));
}

static struct leat_addr last_of(const struct leat_service_key *key)
{
	struct leat_addr last = key->addr;
	unsigned int bit;

	for (bit = 0; bit < key->host_bits; bit++)
		last.byte[15 - bit / 8] |= 1u << bit % 8;
	return last;
}

static int key_compile(const struct doc_service *service, uint32_t i, struct leat_service_key *ret,
		       struct err *err)
{
	struct leat_addr last;
	char shown[QUOTE_MAX];

	if (config_service_key(service, ret))
		return key_fault(service, i, err);
	last = last_of(ret);
	if (addr_is_host(&ret->addr) && addr_is_host(&last))
		return 0;
	return err_set(err, -EINVAL, "services[%u].address: %s %s", i, quote(service->address, shown),
		       ret->host_bits ? "has addresses that no host can have" : "is not an address that a host can have");
}

static int sticky_compile(const struct doc_service *service, uint32_t i, uint32_t *ret, struct err *err)
{
	if (service->sticky && service->protocol == DOC_PROTOCOL_TCP)
		return err_set(err, -EINVAL,
			       "services[%u].sticky: flows of tcp stay with their backends anyway; it is for all other "
			       "protocols",
			       i);
	return config_duration(service->sticky, CONFIG_TIMEOUT_MIN_MS, CONFIG_TIMEOUT_MAX_MS, ret, err,
			       "services[%u].sticky", i);
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
		if (!e)
			e = access_resolve_name(config, doc->services[i].access, i, &service->access, err);
	}
	if (!e)
		e = config_id_lengths_check(config, err);
	return e ? e : config_shapes_check(config, err);
}
