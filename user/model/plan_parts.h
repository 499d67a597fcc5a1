/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside user/model: what a plan is made of. */
#ifndef MODEL_PLAN_PARTS_H
#define MODEL_PLAN_PARTS_H

#include "model/plan.h"
#include "model/table.h"

struct service_set { /* write a record: a new service, or an old one's new pool */
	unsigned int number;
	bool is_new;
	struct leat_service record;
};

struct backend_set {
	unsigned int number;
	bool is_new, way_changed;
	struct leat_addr addr;
	unsigned int pool;
	uint16_t weight;
	struct leat_way way;
};

struct table_set {
	unsigned int pool;
	const char *name; /* of a new pool; NULL: the pool is there */
	uint32_t offset, size, moved;
	uint32_t *slots;
};

struct plan {
	bool starts; /* nothing is there yet: seed and factors are set */
	uint64_t seed;
	bool icmp_changed;
	uint64_t icmp_interval_ns;
	struct service_set *services;
	struct backend_set *backends;
	struct table_set *tables;
	unsigned int service_count, backend_count, table_count;
	unsigned int *old_services, *old_backends, *old_pools; /* numbers to free */
	unsigned int old_service_count, old_backend_count, old_pool_count;
	bool index_changed;
	uint64_t index;
	struct leat_bucket *buckets; /* of the new index */
	uint32_t bucket_count;
};

/*
 * The index of these records (number i is in it if used[i]): 0, or -ENOSPC if even LEAT_BUCKETS_MAX buckets overflow.
 */
int index_build(const struct leat_factors *factors, const struct leat_service *services, const bool *used,
		struct leat_bucket **ret, uint32_t *ret_count);

/* Builds the table, or copies it from the cache if it was the last one built for this pool. */
void table_cache_build(struct table_cache *cache, const char *pool, uint32_t *slots, uint32_t size,
		       const struct table_member *members, unsigned int count, uint64_t seed);
/* Forgets pools not built since the last call. */
void table_cache_sweep(struct table_cache *cache);

#endif
