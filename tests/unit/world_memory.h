/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration maps as plain memory, for tests of the model. */
#ifndef UNIT_WORLD_MEMORY_H
#define UNIT_WORLD_MEMORY_H

#include "base/auto.h"
#include "model/world.h"

static inline struct world world_new(void)
{
	struct world world = {
		.control = memory_zeroed(1, sizeof(struct leat_control)),
		.buckets = memory_zeroed(2 * LEAT_BUCKETS_MAX, sizeof(struct leat_bucket)),
		.server_ids = memory_zeroed(2 * LEAT_ID_BUCKETS_MAX, sizeof(struct leat_bucket)),
		.spans = memory_zeroed(2 * LEAT_SPANS_MAX, sizeof(struct leat_span)),
		.port_spans = memory_zeroed(2 * LEAT_PORT_SPANS_MAX, sizeof(struct leat_port_span)),
		.services = memory_zeroed(LEAT_SERVICES_MAX, sizeof(struct leat_service)),
		.pools = memory_zeroed(LEAT_POOLS_MAX, sizeof(struct leat_pool)),
		.slots = memory_zeroed(LEAT_SLOTS_MAX, sizeof(__u32)),
		.backends = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(struct leat_backend)),
		.loads = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(struct leat_load)),
		.flows = memory_zeroed(LEAT_FLOW_SETS_MIN, sizeof(struct leat_flow_set)),
		.service_tokens = memory_zeroed(LEAT_SERVICES_MAX, sizeof(struct leat_tokens)),
		.source_tokens = memory_zeroed(LEAT_SOURCE_SETS, sizeof(struct leat_source_set)),
		.guards = memory_zeroed(2 * LEAT_GUARDS_MAX, sizeof(struct leat_guard)),
		.edges4 = memory_zeroed(2 * LEAT_EDGES_MAX, sizeof(__u32)),
		.edges6 = memory_zeroed(2 * LEAT_EDGES_MAX, sizeof(struct leat_edge6)),
	};

	world.control->flow_mask = LEAT_FLOW_SETS_MIN - 1;
	return world;
}

static inline void world_end(struct world *world)
{
	free(world->control);
	free(world->buckets);
	free(world->server_ids);
	free(world->spans);
	free(world->port_spans);
	free(world->services);
	free(world->pools);
	free(world->slots);
	free(world->backends);
	free(world->loads);
	free(world->flows);
	free(world->guards);
	free(world->service_tokens);
	free(world->source_tokens);
	free(world->edges4);
	free(world->edges6);
}

#endif
