/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The effective state: configuration + health + ways = what the data path should hold. Pure.
 *
 * Who is in the table of a pool, among members that are enabled and have weight:
 *   those up; those not yet probed if they are in the table now or nobody is up (so that a pool starts whole and a
 *   newcomer waits for its first good probe); if all are down, then with `refuse` nobody, with `fail-open`
 *   those in the table now (so that it stays as it is), and if there are none, all of them.
 */
#ifndef MODEL_WANT_H
#define MODEL_WANT_H

#include <stdbool.h>

#include "model/config.h"
#include "model/dampener.h"
#include "model/world.h"

struct want_member {
	struct leat_addr addr;
	uint16_t weight;
	bool in_table;
	struct leat_way way;
};

struct want_pool {
	const char *name; /* the config's; it must outlive the want */
	uint32_t table_size;
	bool all_down; /* no member is up or unknown: for the log and the status */
	struct want_member *members;
	unsigned int member_count;
};

struct want {
	uint64_t seed;
	uint64_t icmp_interval_ns;
	struct want_pool *pools; /* as in the config */
	unsigned int pool_count;
	const struct config_service *services; /* the config's */
	unsigned int service_count;
};

/* What the rest of the daemon knows of a member. pool, member: indexes in the config. */
struct want_sources {
	enum health (*health)(void *context, unsigned int pool, unsigned int member); /* UP if the pool has no check */
	void (*way)(void *context, unsigned int pool, unsigned int member, struct leat_way *ret); /* ifindex 0: unknown */
	void *context;
};

struct want *want_make(const struct config *config, const struct want_sources *sources, const struct world *have);
void want_free(struct want *want);

#endif
