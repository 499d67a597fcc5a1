/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service index, built whole: see include/leat/maps.h for its form. */
#include <errno.h>

#include "base/auto.h"
#include "model/plan_parts.h"

#define BUCKETS_MIN 16

static bool put(struct leat_bucket *bucket, uint32_t entry)
{
	unsigned int i;

	for (i = 0; i < LEAT_BUCKET_ENTRIES; i++) {
		if (bucket->entry[i])
			continue;
		bucket->entry[i] = entry;
		return true;
	}
	return false;
}

static bool fill(const struct leat_factors *factors, const struct leat_service *services, const bool *used,
		 struct leat_bucket *buckets, uint32_t count)
{
	unsigned int i;

	for (i = 1; i < LEAT_SERVICES_MAX; i++) {
		uint64_t hash;

		if (!used[i] || leat_key_is_shape(&services[i].key))
			continue;
		hash = leat_hash_service(factors, &services[i].key);
		if (!put(&buckets[leat_hash_slot(hash, count)], LEAT_BUCKET_ENTRY(hash, i)))
			return false;
	}
	return true;
}

int index_build(const struct leat_factors *factors, const struct leat_service *services, const bool *used,
		struct leat_bucket **ret, uint32_t *ret_count)
{
	uint32_t entries = 0, count = BUCKETS_MIN, i;
	struct leat_bucket *buckets;

	for (i = 1; i < LEAT_SERVICES_MAX; i++)
		entries += used[i];
	/* One entry a bucket on average: a packet for nobody mostly meets an empty first entry. */
	while (count < entries)
		count *= 2;
	for (; count <= LEAT_BUCKETS_MAX; count *= 2) {
		buckets = memory_zeroed(count, sizeof(*buckets));
		if (fill(factors, services, used, buckets, count)) {
			*ret = buckets;
			*ret_count = entries ? count : 0;
			return 0;
		}
		free(buckets);
	}
	return -ENOSPC;
}
