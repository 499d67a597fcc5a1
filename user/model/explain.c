/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables say of a packet: see explain.h. The same shared header as the program's answers. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

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

/* A flow in a tracked slot. */
struct tracked {
	const struct world *world;
	const struct leat_service_key *key;
	const struct explain_question *q;
	unsigned int pool, previous, current;
	unsigned int pin; /* the backend of the last one found */
};

static bool says_if_it_begins(const struct tracked *t, uint32_t grain)
{
	return t->q->protocol == IPPROTO_TCP && !LEAT_GRAIN_IS_CLIENT(grain);
}

/* The backend of the flow's pin under this grain, if the pin decides about the packet; 0: none does. */
static unsigned int pin_of(struct tracked *t, uint32_t grain, bool begins)
{
	uint64_t hash = leat_hash_grain(&t->world->control->factors, t->key, &t->q->source, addr_is_ipv4(&t->q->source),
					htons(t->q->source_port), grain);
	uint64_t pin = world_find_flow(t->world, LEAT_FLOW_KEY(hash, grain));
	const struct leat_backend *backend = &t->world->backends[LEAT_FLOW_BACKEND(pin)];

	if (!pin)
		return 0;
	t->pin = LEAT_FLOW_BACKEND(pin);
	if (begins && says_if_it_begins(t, grain) && LEAT_FLOW_STATE(pin) == LEAT_FLOW_CLOSING)
		return 0;
	return backend->lives && backend->pool == t->pool ? t->pin : 0;
}

static unsigned int pinned_at(struct tracked *t, bool begins)
{
	uint64_t hashed = t->world->pools[t->pool].hashed;
	uint32_t now = LEAT_HASHED_NOW(hashed), before = LEAT_HASHED_BEFORE(hashed);
	unsigned int backend;

	if (!LEAT_HASHED_LOOKS_BACK(hashed))
		return pin_of(t, now, begins);
	if (leat_grain_is_finer(before, now, addr_is_ipv4(&t->q->source))) {
		backend = pin_of(t, before, begins);
		return backend ? backend : pin_of(t, now, begins);
	}
	backend = pin_of(t, now, begins);
	return backend || (begins && says_if_it_begins(t, now)) ? backend : pin_of(t, before, begins);
}

/* Who gets a packet of the flow, its first one or another; 0: nobody, or whom the scheduler picks. As in bpf/flow.h. */
static unsigned int who_gets(struct tracked *t, bool begins, bool *ret_is_scheduled)
{
	const struct leat_pool *pool = &t->world->pools[t->pool];
	unsigned int backend = pinned_at(t, begins);
	bool is_new = says_if_it_begins(t, LEAT_HASHED_NOW(pool->hashed)) ? begins : t->previous == t->current;

	*ret_is_scheduled = !backend && is_new && pool->scheduler != LEAT_SCHEDULER_MH;
	if (backend || *ret_is_scheduled)
		return backend;
	return !is_new && t->previous ? t->previous : t->current;
}

static void explain_flow(const struct world *world, const struct leat_service_key *key, const struct explain_question *q,
			 struct explain_answer *a)
{
	uint32_t slot = world->slots[LEAT_TABLE_OFFSET(world->pools[a->pool].table) + a->slot];
	bool is_sticky = world->services[a->service].flags & LEAT_SERVICE_STICKY, is_scheduled;
	struct tracked t = { world, key, q, a->pool, LEAT_SLOT_PREVIOUS(slot), LEAT_SLOT_CURRENT(slot) };

	a->backend = a->first = a->later = LEAT_SLOT_CURRENT(slot);
	a->tracked = LEAT_SLOT_TRACKED(slot);
	if (!a->tracked || (q->protocol != IPPROTO_TCP && !is_sticky))
		return;
	a->previous = t.previous;
	a->first = who_gets(&t, true, &a->is_scheduled);
	t.pin = 0;
	a->later = who_gets(&t, false, &is_scheduled);
	a->pin = t.pin;
}

/* As bpf/quic.h reads it of a packet. */
static void explain_id(const struct world *world, const struct explain_question *q, struct explain_answer *a)
{
	if (!q->id_length)
		return;
	a->quic = LEAT_SERVICE_QUIC(world->services[a->service].flags);
	if (!a->quic || q->connection_id[0] >> 5 != LEAT_QUIC_CONFIG(a->quic))
		return;
	memcpy(&a->server_id, q->connection_id, sizeof(a->server_id));
	leat_server_id_cut(&a->server_id, LEAT_QUIC_LENGTH(a->quic));
	a->by_id = world_find_server_id(world, a->pool, &a->server_id);
}

void explain_tables(const struct world *world, const struct explain_question *question, struct explain_answer *ret)
{
	struct leat_service_key key = question_key(question);
	struct explain_answer a = { .service = world_find_addressed(world, &key) };
	uint64_t hash;

	if (a.service) {
		a.pool = world->services[a.service].pool;
		a.guard = LEAT_SERVICE_GUARD(world->services[a.service].flags);
		a.is_denied = a.guard && access_denies(world, a.guard, &question->source);
		a.slots = LEAT_TABLE_SIZE(world->pools[a.pool].table);
		hash = world_hash_flow(world, a.pool, &key, &question->source, htons(question->source_port));
		a.slot = leat_hash_slot(hash, a.slots);
		if (a.slots)
			explain_flow(world, &key, question, &a);
		if (a.backend)
			a.runner_up = runner_up(world, &a);
		explain_id(world, question, &a);
	}
	*ret = a;
}
