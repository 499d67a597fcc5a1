/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside a plan: the index of server ids, built whole and compared with the one in use. It names numbers that hold their ids and
 * pools themselves, so a packet that reads one before the other is changed finds nobody, and goes by the table as it did before
 * or will after.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static bool fill(const struct leat_factors *factors, const struct owned_id *ids, struct leat_bucket *buckets, uint32_t count)
{
	unsigned int i;
	uint64_t hash;

	for (i = 1; i < LEAT_BACKENDS_MAX; i++) {
		if (!ids[i].id.byte[0])
			continue;
		hash = leat_hash_server_id(factors, &ids[i].id, ids[i].pool);
		if (!put(&buckets[leat_hash_slot(hash, count)], LEAT_BUCKET_ENTRY(hash, i)))
			return false;
	}
	return true;
}

/* 0 buckets if nobody has an id. */
static int build(struct making *m)
{
	uint32_t entries = 0, count = BUCKETS_MIN, i;
	struct leat_bucket *buckets;
	struct leat_factors factors;

	leat_factors_from_seed(m->want->seed, &factors);
	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		entries += m->server_ids[i].id.byte[0] != 0;
	while (count < entries && count < LEAT_ID_BUCKETS_MAX)
		count *= 2;
	for (; entries && count <= LEAT_ID_BUCKETS_MAX; count *= 2) {
		buckets = memory_zeroed(count, sizeof(*buckets));
		if (fill(&factors, m->server_ids, buckets, count)) {
			m->plan->id_buckets = buckets;
			m->plan->id_bucket_count = count;
			return 0;
		}
		free(buckets);
	}
	return entries ? err_set(m->err, -ENOSPC, "pools: the index of server ids overflows") : 0;
}

int server_ids_plan(struct making *m)
{
	uint64_t there = m->have->control->server_ids;
	struct plan *plan = m->plan;
	int e = build(m);

	if (e)
		return e;
	plan->ids_changed = (uint32_t)there != plan->id_bucket_count ||
			    (plan->id_bucket_count &&
			     memcmp(&m->have->server_ids[(there >> 32) * LEAT_ID_BUCKETS_MAX], plan->id_buckets,
				    plan->id_bucket_count * sizeof(*plan->id_buckets)));
	plan->server_ids = LEAT_INDEX(!(there >> 32), plan->id_bucket_count);
	return 0;
}
