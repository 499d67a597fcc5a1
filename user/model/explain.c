/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables say of a packet: see explain.h. The same shared header as the program's answers. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/explain.h"
#include "model/table.h"

static struct leat_service_key question_key(const struct explain_question *q)
{
	return (struct leat_service_key){ .addr = q->destination, .port = htons(q->destination_port), .protocol = q->protocol };
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
			ret[count++] = (struct table_member){ world->backends[i].addr, world->loads[i].weight, i };
	return count;
}

static unsigned int runner_up(const struct world *world, const struct explain_answer *a)
{
	auto_free struct table_member *members = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*members));
	auto_free uint32_t *slots = memory_zeroed(a->slots, sizeof(*slots));
	unsigned int count = members_without(world, a->pool, a->backend, members);

	if (world->pools[a->pool].scheduler == LEAT_SCHEDULER_TURN)
		table_interleave(slots, a->slots, members, count);
	else
		table_build(slots, a->slots, members, count, world->control->seed);
	return slots[a->slot];
}

/* Who gets a packet of a flow in a tracked slot: the same rule as in bpf/flow.h. */
static void explain_tracked(const struct world *world, uint64_t hash, bool is_tcp, struct explain_answer *a)
{
	const struct leat_pool *pool = &world->pools[a->pool];
	bool says_it_begins = is_tcp && pool->port_mask, is_scheduled = pool->scheduler != LEAT_SCHEDULER_MH;
	uint64_t pin = world_find_flow(world, hash);
	bool decides;

	a->pin = LEAT_FLOW_BACKEND(pin);
	decides = world->backends[a->pin].lives && world->backends[a->pin].pool == a->pool;
	if (!says_it_begins) {
		a->is_scheduled = !decides && is_scheduled && a->previous == a->backend;
		a->later = decides ? a->pin : a->is_scheduled ? 0 : a->previous;
		a->first = a->later;
		return;
	}
	a->later = decides ? a->pin : a->previous ? a->previous : a->backend;
	decides &= LEAT_FLOW_STATE(pin) != LEAT_FLOW_CLOSING;
	a->is_scheduled = !decides && is_scheduled;
	a->first = decides ? a->pin : a->is_scheduled ? 0 : a->backend;
}

static void explain_flow(const struct world *world, uint64_t hash, bool is_tcp, struct explain_answer *a)
{
	uint32_t slot = world->slots[LEAT_TABLE_OFFSET(world->pools[a->pool].table) + a->slot];
	bool is_sticky = world->services[a->service].flags & LEAT_SERVICE_STICKY;

	a->backend = a->first = a->later = LEAT_SLOT_CURRENT(slot);
	a->tracked = LEAT_SLOT_TRACKED(slot);
	if (!a->tracked || (!is_tcp && !is_sticky))
		return;
	a->previous = LEAT_SLOT_PREVIOUS(slot);
	explain_tracked(world, hash, is_tcp, a);
}

void explain_tables(const struct world *world, const struct explain_question *question, struct explain_answer *ret)
{
	struct leat_service_key key = question_key(question);
	struct explain_answer a = { .service = world_find_service(world, &key) };
	uint64_t hash;

	if (a.service) {
		a.pool = world->services[a.service].pool;
		a.slots = LEAT_TABLE_SIZE(world->pools[a.pool].table);
		hash = world_hash_flow(world, a.pool, &key, &question->source, htons(question->source_port));
		a.slot = leat_hash_slot(hash, a.slots);
		if (a.slots)
			explain_flow(world, hash, question->protocol == IPPROTO_TCP, &a);
		if (a.backend)
			a.runner_up = runner_up(world, &a);
	}
	*ret = a;
}
