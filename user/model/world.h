/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration maps as memory: in the daemon the mapped BPF maps, in tests plain memory. Readers here
 * answer the questions that the program asks, with the same shared header.
 */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include <stdbool.h>

#include "leat/maps.h"

struct world {
	struct leat_control *control;
	struct leat_bucket *buckets;
	struct leat_service *services;
	struct leat_pool *pools;
	__u32 *slots;
	struct leat_backend *backends;
	struct leat_load *loads;
	struct leat_flow_set *flows; /* control->flow_mask + 1 */
	struct leat_bucket *server_ids;
	struct leat_span *spans;
	struct leat_port_span *port_spans;
	struct leat_guard *guards;   /* access.h */
	struct leat_tokens *service_tokens;
	struct leat_source_set *source_tokens;
	__u32 *edges4;
	struct leat_edge6 *edges6;
};

/* Number of the service with this key, which packets find now if it is no shape; 0: none. */
unsigned int world_find_service(const struct world *world, const struct leat_service_key *key);
/* Number of the service that a packet with this key is for; 0: none. */
unsigned int world_find_addressed(const struct world *world, const struct leat_service_key *key);
/* Number of the pool of this name; 0: none. */
unsigned int world_find_pool(const struct world *world, const char *name);
/* Number of the backend that packets with this server id find now in pool, living or not; 0: none. */
unsigned int world_find_server_id(const struct world *world, unsigned int pool, const struct leat_server_id *id);
/* Number of the membership of addr in pool; 0: none. */
unsigned int world_find_backend(const struct world *world, unsigned int pool, const struct leat_addr *addr);
/* The flow's hash, as the pool tells flows apart now. */
__u64 world_hash_flow(const struct world *world, unsigned int pool, const struct leat_service_key *key,
		      const struct leat_addr *source, __be16 source_port);
/* The pin with this key; 0: none. */
__u64 world_find_flow(const struct world *world, __u64 key);
/* Whether the pool's table names the backend. */
bool world_table_names(const struct world *world, unsigned int pool, unsigned int backend);

#endif
