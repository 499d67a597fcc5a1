/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside user/model: what a plan is made of, and what it is made with. */
#ifndef MODEL_PLAN_PARTS_H
#define MODEL_PLAN_PARTS_H

#include "model/plan.h"
#include "model/shapes.h"
#include "model/table.h"

struct service_set { /* write a record: a new service, or an old one's new pool */
	unsigned int number;
	bool is_new;
	struct leat_service record;
};

struct backend_set {
	unsigned int number;
	bool is_new, way_changed; /* way or server id */
	bool is_only_load; /* no packet's way depends on what changed */
	unsigned int pool;
	struct want_member wanted;
};

struct pool_set { /* what is set beside its table; new, it gets its name, too */
	unsigned int number;
	bool is_new;
	struct want_pool wanted; /* its members are not looked at */
};

struct table_set {
	unsigned int pool;
	const char *pool_name; /* the want's */
	unsigned int round;    /* of writing and switching, from 1 */
	uint32_t offset, size, members, moved;
	uint32_t *slots;       /* size of them, and the members' numbers */
};

/* A whole set of access lists, to be switched to. */
struct guard_set {
	struct leat_guard guards[LEAT_GUARDS_MAX];
	__u32 *edges4;
	struct leat_edge6 *edges6;
	unsigned int count4, count6;
};

struct plan {
	bool starts; /* nothing is there yet: seed and factors are set */
	uint64_t seed;
	bool control_changed;
	uint64_t icmp_interval_ns, pin_interval_ns;
	uint32_t fragment_sets;
	uint16_t timeout[4];
	uint32_t next_backend; /* 0: as it was */
	struct service_set *services;
	struct backend_set *backends;
	struct pool_set *pools;
	struct table_set *tables;
	unsigned int service_count, backend_count, pool_count, table_count, round_count;
	unsigned int *old_services, *old_backends, *old_pools; /* numbers to free */
	unsigned int old_service_count, old_backend_count, old_pool_count;
	unsigned int old_port_count; /* of old_services, those that are no address as a whole */
	unsigned int *old_guards; /* numbers in the set that is in use then */
	unsigned int old_guard_count;
	struct guard_set *guards; /* NULL: the set in use stays */
	bool index_changed;
	uint64_t index;
	struct leat_bucket *buckets; /* of the new index */
	uint32_t bucket_count;
	struct shapes shapes; /* beside the new index */
	bool ids_changed;
	uint64_t server_ids; /* as in struct leat_control */
	struct leat_bucket *id_buckets;
	uint32_t id_bucket_count;
};

/* What the maps hold of a want. */
static inline uint32_t load_weight(const struct want_member *member)
{
	return member->effective_weight ? member->effective_weight : 1;
}

static inline uint32_t load_latency(const struct want_member *member)
{
	return member->latency_us ? member->latency_us : 1;
}

static inline uint8_t pool_flags(const struct want_pool *pool)
{
	return pool->tracks ? LEAT_POOL_TRACKS : 0;
}

/* --- while it is made ----------------------------------------------------------------------------- */

struct named {
	struct leat_addr addr;
	uint64_t extra; /* a backend's pool, or of a service's key all but the address */
	unsigned int number;
	bool is_wanted;
};

struct names {
	struct named *items;
	unsigned int count;
};

struct numbers { /* which numbers are taken, and where to look for the next */
	bool *taken;
	unsigned int max, next, left;
	bool is_started; /* next was given, not found */
};

struct owned_id {
	struct leat_server_id id; /* all zero: none */
	unsigned int pool;
};

struct making {
	const struct world *have;
	const struct want *want;
	struct table_cache *cache;
	struct plan *plan;
	struct names backends, services;
	struct numbers backend_numbers, service_numbers, pool_numbers;
	unsigned int *pool_number; /* by want's index */
	unsigned int guard_number[LEAT_GUARDS_MAX]; /* likewise, from 1, as services name them; [0] is 0 */
	bool *lives;               /* by backend number, after the plan */
	struct owned_id *server_ids; /* likewise */
	struct err *err;
};

/* --- plan_names.c --- */
/* Items are added, then sorted once, then found. */
void name_add(struct names *names, const struct leat_addr *addr, uint64_t extra, unsigned int number);
void names_sort(struct names *names);
struct named *name_find(const struct names *names, const struct leat_addr *addr, uint64_t extra);

/* next: the number after the last one given; 0: not known, then the highest taken counts as that. */
void numbers_open(struct numbers *n, unsigned int max, unsigned int next);
void number_take(struct numbers *n, unsigned int number);
/* The next after the last one given, so that a number rests before it means someone else; 0: none is left. */
unsigned int number_new(struct numbers *n);

/* --- plan_guards.c --- */
/* Before the services, which name access lists by their numbers: 0, or -ENOSPC. */
int guards_plan(struct making *m);
void guards_free(struct plan *plan);

/* --- plan_services.c --- */
int services_plan(struct making *m);

/* What tells services of one address apart. */
static inline uint64_t service_extra(const struct leat_service_key *key)
{
	return (uint64_t)key->host_bits << 40 | (uint64_t)key->last_port << 24 | (uint64_t)key->port << 8 | key->protocol;
}

/* --- plan_ids.c --- */
/* The index of server ids, if it must change: after the pools. */
int server_ids_plan(struct making *m);

/* --- plan_tables.c --- */
/* Its table, if that must change. members: those in the table, by their numbers. */
void table_plan(struct making *m, const struct want_pool *want, unsigned int number, bool is_new,
		const struct table_member *members, unsigned int count);

/* --- plan_rooms.c --- */
/* Sets offset and round of the plan's tables: 0, or -ENOSPC. */
int plan_rooms(const struct world *have, const struct want *want, struct plan *plan, struct err *err);

/* --- index.c, table_cache.c --- */
/*
 * The index of these records (number i is in it if used[i] and it is no shape): 0, or -ENOSPC if even LEAT_BUCKETS_MAX buckets
 * overflow. It has buckets if there is anything in use at all.
 */
int index_build(const struct leat_factors *factors, const struct leat_service *services, const bool *used,
		struct leat_bucket **ret, uint32_t *ret_count);

/* Builds the table, or copies it from the cache if it was the last one built for this pool. */
void table_cache_build(struct table_cache *cache, const char *pool, uint32_t *slots, uint32_t size,
		       const struct table_member *members, unsigned int count, uint64_t seed, bool interleaved);
/* Forgets pools not built since the last call. */
void table_cache_sweep(struct table_cache *cache);

#endif
