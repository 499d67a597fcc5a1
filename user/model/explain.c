/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables say of a packet: see explain.h. The same shared header as the program's answers. */
#include <arpa/inet.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/explain.h"
#include "model/table.h"

static uint64_t question_hash(const struct world *world, const struct explain_question *q,
			      struct leat_service_key *ret_key)
{
	*ret_key = (struct leat_service_key){ .addr = q->destination, .port = htons(q->destination_port),
					      .protocol = q->protocol };
	return leat_hash_flow(&world->control->factors, ret_key, &q->source, htons(q->source_port));
}

/* The members that own slots, less one. */
static unsigned int members_without(const struct world *world, unsigned int pool, unsigned int left_out,
				    struct table_member *ret)
{
	auto_free bool *owns = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(bool));
	uint64_t table = world->pools[pool].table;
	unsigned int i, count = 0;

	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		owns[LEAT_SLOT_CURRENT(world->slots[LEAT_TABLE_OFFSET(table) + i])] = true;
	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		if (owns[i] && i != left_out)
			ret[count++] = (struct table_member){ world->backends[i].addr, world->backends[i].weight, i };
	return count;
}

static unsigned int runner_up(const struct world *world, const struct explain_answer *a)
{
	auto_free struct table_member *members = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*members));
	auto_free uint32_t *slots = memory_zeroed(a->slots, sizeof(*slots));
	unsigned int count = members_without(world, a->pool, a->backend, members);

	if (!table_build(slots, a->slots, members, count, world->control->seed))
		return 0;
	return LEAT_SLOT_CURRENT(slots[a->slot]);
}

void explain_tables(const struct world *world, const struct explain_question *question, struct explain_answer *ret)
{
	struct explain_answer a = {};
	struct leat_service_key key;
	uint64_t hash = question_hash(world, question, &key), table;

	a.service = world_find_service(world, &key);
	if (a.service) {
		a.pool = world->services[a.service].pool;
		table = world->pools[a.pool].table;
		a.slots = LEAT_TABLE_SIZE(table);
		a.slot = leat_hash_slot(hash, a.slots);
		if (a.slots)
			a.backend = LEAT_SLOT_CURRENT(world->slots[LEAT_TABLE_OFFSET(table) + a.slot]);
		if (a.backend)
			a.runner_up = runner_up(world, &a);
	}
	*ret = a;
}
