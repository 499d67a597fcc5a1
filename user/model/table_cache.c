/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last table built for each pool, so that a change of one pool does not build the others again. */
#include <string.h>

#include "base/auto.h"
#include "model/plan_parts.h"

struct cached {
	char *pool;
	struct table_member *members;
	unsigned int count;
	uint64_t seed;
	uint32_t size, *slots;
	bool interleaved, is_used;
};

struct table_cache {
	struct cached *entries;
	unsigned int count;
};

struct table_cache *table_cache_new(void)
{
	return memory_zeroed(1, sizeof(struct table_cache));
}

static void entry_clear(struct cached *entry)
{
	free(entry->pool);
	free(entry->members);
	free(entry->slots);
}

void table_cache_free(struct table_cache *cache)
{
	unsigned int i;

	if (!cache)
		return;
	for (i = 0; i < cache->count; i++)
		entry_clear(&cache->entries[i]);
	free(cache->entries);
	free(cache);
}

static struct cached *entry_of(struct table_cache *cache, const char *pool)
{
	unsigned int i;

	for (i = 0; i < cache->count; i++)
		if (!strcmp(cache->entries[i].pool, pool))
			return &cache->entries[i];
	cache->entries = memory_resized(cache->entries, cache->count + 1, sizeof(*cache->entries));
	cache->entries[cache->count] = (struct cached){ .pool = string_copy(pool) };
	return &cache->entries[cache->count++];
}

static bool is_same(const struct cached *e, uint32_t size, const struct table_member *members, unsigned int count,
		    uint64_t seed)
{
	unsigned int i;

	if (e->size != size || e->count != count || e->seed != seed)
		return false;
	for (i = 0; i < count; i++)
		if (memcmp(&e->members[i].addr, &members[i].addr, sizeof(members[i].addr)) ||
		    e->members[i].weight != members[i].weight || e->members[i].number != members[i].number)
			return false;
	return true;
}

void table_cache_build(struct table_cache *cache, const char *pool, uint32_t *slots, uint32_t size,
		       const struct table_member *members, unsigned int count, uint64_t seed, bool interleaved)
{
	struct cached *e = entry_of(cache, pool);

	if (!e->slots || e->interleaved != interleaved || !is_same(e, size, members, count, seed)) {
		e->slots = memory_resized(e->slots, size, sizeof(*slots));
		e->members = memory_resized(e->members, count, sizeof(*members));
		memcpy(e->members, members, count * sizeof(*members));
		e->size = size;
		e->count = count;
		e->seed = seed;
		e->interleaved = interleaved;
		if (interleaved)
			table_interleave(e->slots, size, members, count);
		else
			table_build(e->slots, size, members, count, seed);
	}
	e->is_used = true;
	memcpy(slots, e->slots, size * sizeof(*slots));
}

void table_cache_sweep(struct table_cache *cache)
{
	unsigned int i = 0;

	while (i < cache->count) {
		if (cache->entries[i].is_used) {
			cache->entries[i++].is_used = false;
			continue;
		}
		entry_clear(&cache->entries[i]);
		cache->entries[i] = cache->entries[--cache->count];
	}
}
