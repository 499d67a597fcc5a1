/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of one pool or backend, in place; services and interfaces are in edit_service.c. They find, copy and
 * merge; whether the result means anything is for config_compile() to say. See source.h.
 */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "source/edit.h"
#include "source/schema.h"
#include "source/source.h"
#include "source/tree.h"

void *edit_append(const struct cyaml_schema_value *schema, void *array, uint32_t *count, const void *with)
{
	void **entries = array;
	char *entry;

	*entries = memory_resized(*entries, *count + 1, schema->data_size);
	entry = (char *)*entries + (size_t)*count * schema->data_size;
	++*count;
	memset(entry, 0, schema->data_size);
	tree_merge(schema->mapping.fields, entry, with);
	return entry;
}

void edit_remove(const struct cyaml_schema_value *schema, void *array, uint32_t *count, void *entry)
{
	void **entries = array;
	char *end = (char *)*entries + (size_t)*count * schema->data_size,
	     *next = (char *)entry + schema->data_size;

	tree_clear(schema->mapping.fields, entry);
	memmove(entry, next, end - next);
	--*count;
}

void edit_name(char **name, const char *given)
{
	if (!*name)
		*name = string_copy(given);
}

int edit_same_name(const char *what, const char *given, const char *inside, struct err *err)
{
	char shown[QUOTE_MAX], other[QUOTE_MAX];

	if (!inside || !strcmp(given, inside))
		return 0;
	return err_set(err, -EINVAL, "%s %s cannot be called %s: a name stays", what, quote(given, shown),
		       quote(inside, other));
}

static struct doc_pool *find_pool(struct doc *doc, const char *name)
{
	uint32_t i;

	for (i = 0; i < doc->pool_count; i++)
		if (doc->pools[i].name && !strcmp(doc->pools[i].name, name))
			return &doc->pools[i];
	return NULL;
}

static int no_pool(const struct doc *doc, const char *name, struct err *err)
{
	const char *nearest =
		doc->pool_count ? quote_nearest(name, &doc->pools->name, doc->pool_count, sizeof(*doc->pools))
				: NULL;
	char shown[QUOTE_MAX], other[QUOTE_MAX];

	if (nearest)
		return err_set(err, -ENOENT, "there is no pool %s; did you mean %s?", quote(name, shown),
			       quote(nearest, other));
	return err_set(err, -ENOENT, "there is no pool %s", quote(name, shown));
}

int source_pool_add(struct doc *doc, const char *name, const struct doc_pool *with, struct err *err)
{
	char shown[QUOTE_MAX];
	struct doc_pool *pool;

	if (edit_same_name("pool", name, with->name, err))
		return -EINVAL;
	if (find_pool(doc, name))
		return err_set(err, -EEXIST, "pool %s exists already", quote(name, shown));
	pool = edit_append(&schema_pool, &doc->pools, &doc->pool_count, with);
	edit_name(&pool->name, name);
	return 0;
}

int source_pool_set(struct doc *doc, const char *name, const struct doc_pool *with, struct err *err)
{
	struct doc_pool *pool = find_pool(doc, name);

	if (!pool)
		return no_pool(doc, name, err);
	if (edit_same_name("pool", name, with->name, err))
		return -EINVAL;
	tree_merge(schema_pool.mapping.fields, pool, with);
	return 0;
}

int source_pool_delete(struct doc *doc, const char *name, struct err *err)
{
	struct doc_pool *pool = find_pool(doc, name);
	char shown[QUOTE_MAX];
	uint32_t i, users = 0;

	if (!pool)
		return no_pool(doc, name, err);
	for (i = 0; i < doc->service_count; i++)
		users += doc->services[i].pool && !strcmp(doc->services[i].pool, name);
	if (users)
		return err_set(err, -EBUSY, "pool %s has %u %s; delete %s or set another pool first",
			       quote(name, shown), users, users == 1 ? "service" : "services",
			       users == 1 ? "it" : "them");
	edit_remove(&schema_pool, &doc->pools, &doc->pool_count, pool);
	return 0;
}

/* --- backends ----------------------------------------------------------------------------------- */

bool edit_same_address(const char *a, const char *b)
{
	struct leat_addr addr, other;

	if (!a || !b)
		return false;
	if (!addr_parse(a, &addr) && !addr_parse(b, &other))
		return addr_equal(&addr, &other);
	return !strcmp(a, b);
}

static struct doc_backend *find_backend(const struct doc_pool *pool, const char *address)
{
	uint32_t i;

	for (i = 0; i < pool->backend_count; i++)
		if (edit_same_address(pool->backends[i].address, address))
			return &pool->backends[i];
	return NULL;
}

/* The pool and, if it is there, the backend. */
static int find_both(struct doc *doc, const char *name, const char *address, struct doc_pool **ret_pool,
		     struct doc_backend **ret, struct err *err)
{
	struct doc_pool *pool = find_pool(doc, name);
	struct leat_addr addr;
	char shown[QUOTE_MAX];

	if (!pool)
		return no_pool(doc, name, err);
	*ret_pool = pool;
	*ret = find_backend(pool, address);
	if (!*ret && addr_parse(address, &addr))
		return err_set(err, -EINVAL, "backend %s is not an IPv4 or IPv6 address%s",
			       quote(address, shown), addr_fault(address));
	return 0;
}

static int no_backend(const char *pool, const char *address, struct err *err)
{
	char shown[QUOTE_MAX], other[QUOTE_MAX];

	return err_set(err, -ENOENT, "there is no backend %s in pool %s", quote(address, shown),
		       quote(pool, other));
}

int source_backend_add(struct doc *doc, const char *pool, const char *address, const struct doc_backend *with,
		       struct err *err)
{
	char shown[QUOTE_MAX], other[QUOTE_MAX];
	struct doc_backend *backend;
	struct doc_pool *p;
	int e = find_both(doc, pool, address, &p, &backend, err);

	if (e)
		return e;
	if (backend)
		return err_set(err, -EEXIST, "backend %s is in pool %s already", quote(address, shown),
			       quote(pool, other));
	if (with->address && !edit_same_address(address, with->address))
		return edit_same_name("backend", address, with->address, err);
	backend = edit_append(&schema_backend, &p->backends, &p->backend_count, with);
	edit_name(&backend->address, address);
	return 0;
}

int source_backend_set(struct doc *doc, const char *pool, const char *address, const struct doc_backend *with,
		       struct err *err)
{
	struct doc_backend *backend;
	struct doc_pool *p;
	int e = find_both(doc, pool, address, &p, &backend, err);

	if (e)
		return e;
	if (!backend)
		return no_backend(pool, address, err);
	if (with->address && !edit_same_address(address, with->address))
		return edit_same_name("backend", address, with->address, err);
	tree_merge(schema_backend.mapping.fields, backend, with);
	return 0;
}

int source_backend_delete(struct doc *doc, const char *pool, const char *address, struct err *err)
{
	struct doc_backend *backend;
	struct doc_pool *p;
	int e = find_both(doc, pool, address, &p, &backend, err);

	if (e)
		return e;
	if (!backend)
		return no_backend(pool, address, err);
	edit_remove(&schema_backend, &p->backends, &p->backend_count, backend);
	return 0;
}
