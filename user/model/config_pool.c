/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools and their members: see config_parts.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "model/config_parts.h"

#define WEIGHT_DEFAULT 1
#define NAME_MAX_      ((unsigned int)sizeof(((struct leat_pool *)0)->name) - 1)
_Static_assert(sizeof(((struct leat_guard *)0)->name) == NAME_MAX_ + 1, "names of access lists are as long");

/* A text and where it is, to find what is there twice by sorting. */
struct named {
	const char *name;
	uint32_t index;
};

static int named_compare(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->index < y->index ? -1 : 1;
}

static int name_check(const char *list, const char *name, uint32_t i, struct err *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	char shown[QUOTE_MAX];

	if (!name)
		return err_set(err, -EINVAL, "%s[%u].name is missing", list, i);
	if (!*name || strlen(name) > NAME_MAX_ || name[strspn(name, letters)])
		return err_set(err, -EINVAL,
			       "%s[%u].name: %s is not a name: 1 to %u letters, digits, dots, dashes and "
			       "underscores",
			       list, i, quote(name, shown), NAME_MAX_);
	return 0;
}

int config_names_check(const char *list, const void *first, uint32_t count, size_t stride, struct err *err)
{
	auto_free struct named *names = memory_zeroed(count, sizeof(*names));
	uint32_t i;
	int e;

	for (i = 0; i < count; i++) {
		names[i] = (struct named){*(char *const *)((const char *)first + i * stride), i};
		e = name_check(list, names[i].name, i, err);
		if (e)
			return e;
	}
	qsort(names, count, sizeof(*names), named_compare);
	for (i = 1; i < count; i++)
		if (!strcmp(names[i].name, names[i - 1].name))
			return err_set(err, -EINVAL, "%s[%u].name: '%s' is the name of %s[%u] already", list,
				       names[i].index, names[i].name, list, names[i - 1].index);
	return 0;
}

/* --- tables ------------------------------------------------------------------------------------- */

static bool is_prime(uint32_t n)
{
	uint32_t d;

	for (d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n > 1;
}

/* Both bounds are primes, so that every number between has one on either side. */
static int table_size_check(const struct doc_pool *pool, struct err *err)
{
	uint32_t size = pool->table_size, below = size, above = size;

	if (size < LEAT_TABLE_SIZE_MIN || size > LEAT_TABLE_SIZE_MAX)
		return err_set(err, -EINVAL,
			       "pools[%s].table-size: %u is out of range; allowed are primes from %u to %u",
			       pool->name, size, LEAT_TABLE_SIZE_MIN, LEAT_TABLE_SIZE_MAX);
	if (is_prime(size))
		return 0;
	while (!is_prime(below))
		below--;
	while (!is_prime(above))
		above++;
	return err_set(err, -EINVAL, "pools[%s].table-size: %u is not a prime; the nearest are %u and %u",
		       pool->name, size, below, above);
}

/* --- members ------------------------------------------------------------------------------------ */

static int member_compile(const struct doc_pool *pool, uint32_t i, struct config_member *ret, struct err *err)
{
	const struct doc_backend *backend = &pool->backends[i];
	char shown[QUOTE_MAX];

	if (!backend->address)
		return err_set(err, -EINVAL, "pools[%s].backends[%u].address is missing", pool->name, i);
	if (addr_parse(backend->address, &ret->addr))
		return err_set(err, -EINVAL,
			       "pools[%s].backends[%u].address: %s is not an IPv4 or IPv6 address%s",
			       pool->name, i, quote(backend->address, shown), addr_fault(backend->address));
	if (!addr_is_host(&ret->addr))
		return err_set(err, -EINVAL,
			       "pools[%s].backends[%u].address: %s is not an address that a host can have",
			       pool->name, i, quote(backend->address, shown));
	ret->weight = backend->weight ? *backend->weight : WEIGHT_DEFAULT;
	ret->state = backend->state ? backend->state : DOC_STATE_ENABLED;
	return config_server_id_compile(pool->name, i, backend->server_id, &ret->server_id, err) ?:
	       config_duration(backend->drain_deadline, CONFIG_TIMEOUT_MIN_MS, CONFIG_TIMEOUT_MAX_MS,
			       &ret->drain_deadline_ms, err, "pools[%s].backends[%u].drain-deadline",
			       pool->name, i);
}

static int member_compare(const void *a, const void *b)
{
	const struct config_member *const *x = a, *const *y = b;
	int order = addr_compare(&(*x)->addr, &(*y)->addr);

	return order ? order : *x < *y ? -1 : 1;
}

static int members_check(const struct config_pool *pool, struct err *err)
{
	auto_free const struct config_member **sorted = memory_zeroed(pool->member_count, sizeof(*sorted));
	char address[ADDR_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < pool->member_count; i++)
		sorted[i] = &pool->members[i];
	qsort(sorted, pool->member_count, sizeof(*sorted), member_compare);
	for (i = 1; i < pool->member_count; i++)
		if (addr_equal(&sorted[i]->addr, &sorted[i - 1]->addr))
			return err_set(err, -EINVAL,
				       "pools[%s].backends[%td].address: %s is backends[%td] already",
				       pool->name, sorted[i] - pool->members,
				       addr_format(&sorted[i]->addr, address), sorted[i - 1] - pool->members);
	return 0;
}

static int pool_compile(const struct doc_pool *doc, struct config_pool *pool, struct err *err)
{
	uint32_t i;
	int e = doc->table_size ? table_size_check(doc, err) : 0;

	pool->name = string_copy(doc->name);
	pool->table_size = doc->table_size ? doc->table_size : LEAT_TABLE_SIZE_DEFAULT;
	pool->all_down = doc->all_down ? doc->all_down : DOC_ALL_DOWN_FAIL_OPEN;
	if (!e)
		e = config_mode_compile(doc, pool, err);
	if (!e)
		e = config_scheduler_compile(doc, pool, err);
	pool->member_count = doc->backend_count;
	pool->members = memory_zeroed(doc->backend_count, sizeof(*pool->members));
	for (i = 0; !e && i < doc->backend_count; i++)
		e = member_compile(doc, i, &pool->members[i], err);
	if (!e)
		e = config_server_ids_check(pool, err);
	return e ? e : members_check(pool, err);
}

/* --- what the maps hold ------------------------------------------------------------------------- */

static int room_check(const struct config *config, struct err *err)
{
	unsigned long long backends = 0, slots = 0;
	uint32_t largest = 0;
	unsigned int i;

	for (i = 0; i < config->pool_count; i++) {
		backends += config->pools[i].member_count;
		slots += config->pools[i].table_size;
		if (config->pools[i].table_size > largest)
			largest = config->pools[i].table_size;
	}
	if (backends > LEAT_BACKENDS_MAX - 1)
		return err_set(err, -EINVAL, "pools: %llu backends in all; allowed are %u", backends,
			       LEAT_BACKENDS_MAX - 1);
	/* A table is replaced by one beside it. */
	if (slots + largest > LEAT_SLOTS_MAX)
		return err_set(err, -EINVAL,
			       "pools: the tables have %llu slots, and replacing the largest takes %u more; "
			       "allowed are "
			       "%u in all: use a smaller table-size or fewer pools",
			       slots, largest, LEAT_SLOTS_MAX);
	return 0;
}

int config_pools_compile(const struct doc *doc, struct config *config, struct err *err)
{
	uint32_t i;
	int e;

	/* Number 0 is nobody's. */
	if (doc->pool_count > LEAT_POOLS_MAX - 1)
		return err_set(err, -EINVAL, "pools: %u pools; allowed are %u", doc->pool_count,
			       LEAT_POOLS_MAX - 1);
	e = config_names_check("pools", doc->pools ? &doc->pools->name : NULL, doc->pool_count, sizeof(*doc->pools), err);
	config->pool_count = doc->pool_count;
	config->pools = memory_zeroed(doc->pool_count, sizeof(*config->pools));
	for (i = 0; !e && i < doc->pool_count; i++)
		e = pool_compile(&doc->pools[i], &config->pools[i], err);
	return e ? e : room_check(config, err);
}
