/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The effective state: configuration + health + ways = what the data path should hold. Pure.
 *
 * Who is in the table of a pool, among members that are enabled and have weight:
 *   those up; those not yet probed if they are in the table now or nobody is up (so that a pool starts whole and a
 *   newcomer waits for its first good probe); if all are down, then with `refuse` nobody, with `fail-open`
 *   those in the table now (so that it stays as it is), and if there are none, all of them.
 * Who lives, and so keeps the flows it has: those in the table, and all that are neither disabled (nor their draining's
 *   deadline over) nor down beyond doubt; those not yet probed count as up.
 * What waits until all flows of a pool are pinned, and while it looks back: docs/flows.md, "Changes that wait".
 */
#ifndef MODEL_WANT_H
#define MODEL_WANT_H

#include <stdbool.h>

#include "model/config.h"
#include "model/dampener.h"
#include "model/world.h"

struct want_member {
	struct leat_addr addr;
	uint16_t weight;           /* as configured */
	uint16_t effective_weight; /* in the table, in a unit of the pool's: less while it starts slowly; 0 only if weight is */
	bool in_table;
	bool lives;                /* keeps the flows it has */
	uint32_t latency_us;       /* smoothed response time of its probes; 1 if unknown */
	struct leat_server_id server_id; /* all zero: none */
	struct leat_way way;
};

struct want_pool {
	const char *name; /* the config's; it must outlive the want */
	uint32_t table_size; /* of the table in use until that may be replaced by one of another size */
	enum leat_scheduler scheduler;
	bool ignores_weights; /* rr, lc */
	bool tracks;          /* all slots stay tracked: not scheduled by hash, something waits for that, or it looks back */
	bool lists_members;   /* behind the slots */
	uint64_t hashed;      /* as in struct leat_pool */
	uint32_t sticky_ticks; /* of pins in state STICKY: the longest of affinity and of its services' sticky */
	bool waits;    /* for all its flows to be pinned, or for old pins to go, before it gets what is configured */
	bool all_down; /* no member is up or unknown: for the log and the status */
	struct want_member *members;
	unsigned int member_count;
};

struct want {
	uint64_t seed;
	uint64_t icmp_interval_ns, pin_interval_ns;
	uint32_t fragment_sets;
	uint16_t timeout[4]; /* ticks, by enum leat_flow_state */
	struct want_pool *pools; /* as in the config */
	unsigned int pool_count;
	const struct config_access *access; /* the config's, as the services */
	unsigned int access_count;
	const struct config_service *services; /* the config's */
	unsigned int service_count;
};

/* What the rest of the daemon knows of a member. pool, member: indexes in the config. */
struct want_sources {
	enum health (*health)(void *context, unsigned int pool, unsigned int member); /* UP if the pool has no check */
	bool (*is_doubtful)(void *context, unsigned int pool, unsigned int member); /* of one that is DOWN: dampener.h */
	/* Per mille of its weight that a member has while it starts slowly, 1 .. 1000. */
	unsigned int (*ramp)(void *context, unsigned int pool, unsigned int member);
	/* Whether the deadline of a draining member is over. */
	bool (*is_overdue)(void *context, unsigned int pool, unsigned int member);
	uint32_t (*latency_us)(void *context, unsigned int pool, unsigned int member); /* 0: unknown */
	/* Whether all flows of a pool, by its number in the world, are pinned: sweep_is_settled(). */
	bool (*is_settled)(void *context, unsigned int pool_number);
	/* Whether a pool that looks back has no pin left from before: sweep_is_renewed(). */
	bool (*is_renewed)(void *context, unsigned int pool_number);
	void (*way)(void *context, unsigned int pool, unsigned int member, struct leat_way *ret); /* ifindex 0: unknown */
	void *context;
};

/* How finely the pool is configured to tell flows apart: hash.h; generation 0. */
static inline uint32_t want_grain(const struct config_pool *pool)
{
	return pool->by_client ? LEAT_GRAIN_CLIENT(pool->prefix4, pool->prefix6) : 0;
}

struct want *want_make(const struct config *config, const struct want_sources *sources, const struct world *have);
void want_free(struct want *want);

/* Of all tables, lists of members included; and of the largest. */
uint64_t want_slots(const struct want *want, uint32_t *ret_largest);

#endif
