/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's rule in plain C, for tests without a kernel: who gets a packet, and what that does to the flow table. After
 * docs/flows.md, as bpf/flow.h, schedule.h and pin.h are.
 */
#ifndef UNIT_FLOW_RULE_H
#define UNIT_FLOW_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/world.h"

struct rule_packet {
	unsigned int pool;
	struct leat_service_key key;
	struct leat_addr source;
	__be16 port;
	bool is_tcp, is_syn, is_fin;
};

/* Broken on purpose: looks under the present hash alone, or under it first always. */
static enum rule_breach { RULE_KEPT, RULE_FORGETS, RULE_NEW_FIRST } rule_breach;

static unsigned long rule_evicted;
static uint64_t rule_random_state;

static inline uint32_t rule_random(uint32_t n)
{
	rule_random_state += 0x9e3779b97f4a7c15ull;
	return leat_hash_slot(leat_hash_mix(rule_random_state), n);
}

/* --- pins ----------------------------------------------------------------------------------------------- */

static inline uint64_t *rule_find(const struct world *w, uint64_t key)
{
	uint32_t mask = w->control->flow_mask, i;
	struct leat_flow_set *sets[] = { &w->flows[LEAT_FLOW_SET_FIRST(key, mask)], &w->flows[LEAT_FLOW_SET_SECOND(key, mask)] };

	for (i = 0; i < 2 * LEAT_FLOW_WAYS; i++) {
		__u64 *word = &sets[i / LEAT_FLOW_WAYS]->word[i % LEAT_FLOW_WAYS];

		if (LEAT_FLOW_BACKEND(*word) && LEAT_FLOW_IS(*word, key))
			return (uint64_t *)word;
	}
	return NULL;
}

static inline void rule_replace(const struct world *w, uint64_t *place, uint64_t word)
{
	if (LEAT_FLOW_BACKEND(*place))
		w->loads[LEAT_FLOW_BACKEND(*place)].connections--;
	*place = word;
	w->loads[LEAT_FLOW_BACKEND(word)].connections++;
}

/* Free, expired, then the oldest that only opens, then the oldest: the greater the more gladly given up. */
static inline uint32_t rule_worth(const struct world *w, uint64_t word)
{
	uint32_t state = LEAT_FLOW_STATE(word), age = LEAT_FLOW_AGE(word, w->control->clock);

	if (!LEAT_FLOW_BACKEND(word))
		return 4 * LEAT_FLOW_AGES;
	if (age > w->control->timeout[state])
		return 2 * LEAT_FLOW_AGES + age;
	return age + (state == LEAT_FLOW_OPENING || state == LEAT_FLOW_CLOSING ? LEAT_FLOW_AGES : 0);
}

static inline uint64_t *rule_victim(const struct world *w, uint64_t key)
{
	uint32_t mask = w->control->flow_mask, i;
	struct leat_flow_set *first = &w->flows[LEAT_FLOW_SET_FIRST(key, mask)];
	struct leat_flow_set *second = &w->flows[LEAT_FLOW_SET_SECOND(key, mask)];
	__u64 *best = &first->word[0];

	for (i = 1; i < LEAT_FLOW_WAYS; i++)
		if (rule_worth(w, first->word[i]) > rule_worth(w, *best))
			best = &first->word[i];
	for (i = 0; rule_worth(w, *best) < 2 * LEAT_FLOW_AGES && i < LEAT_FLOW_WAYS; i++)
		if (rule_worth(w, second->word[i]) > rule_worth(w, *best))
			best = &second->word[i];
	rule_evicted += rule_worth(w, *best) < 2 * LEAT_FLOW_AGES;
	return (uint64_t *)best;
}

/* --- schedulers ------------------------------------------------------------------------------------------- */

static inline uint32_t rule_owner(const struct world *w, uint64_t table, uint32_t slot)
{
	return LEAT_SLOT_CURRENT(w->slots[LEAT_TABLE_OFFSET(table) + slot]);
}

static inline bool rule_is_better(const struct world *w, uint32_t a, uint32_t b, bool by_latency)
{
	const struct leat_load *x = &w->loads[a], *y = &w->loads[b];
	uint64_t cost_x = (x->connections + 1ull) * y->weight, cost_y = (y->connections + 1ull) * x->weight;

	return by_latency ? cost_x * x->latency_us < cost_y * y->latency_us : cost_x < cost_y;
}

static inline uint32_t rule_least(const struct world *w, uint64_t table)
{
	const __u32 *members = &w->slots[LEAT_TABLE_OFFSET(table) + LEAT_TABLE_SIZE(table)];
	uint32_t best = 0, i;

	for (i = 0; i < LEAT_TABLE_MEMBERS(table); i++)
		if (!best || rule_is_better(w, members[i], best, false))
			best = members[i];
	return best;
}

static inline uint32_t rule_schedule(const struct world *w, struct leat_pool *pool, uint32_t owner)
{
	uint64_t table = pool->table;
	uint32_t size = LEAT_TABLE_SIZE(table), a = rule_owner(w, table, rule_random(size)), b;

	switch (pool->scheduler) {
	case LEAT_SCHEDULER_TURN:
		return rule_owner(w, table, pool->turn++ % size);
	case LEAT_SCHEDULER_RANDOM:
		return a;
	case LEAT_SCHEDULER_LEAST:
		return rule_least(w, table);
	case LEAT_SCHEDULER_TWO:
	case LEAT_SCHEDULER_LATENCY:
		b = rule_owner(w, table, rule_random(size));
		return rule_is_better(w, b, a, pool->scheduler == LEAT_SCHEDULER_LATENCY) ? b : a;
	}
	return owner;
}

/* --- pins under two hashes ------------------------------------------------------------------------------------ */

/* The pin's key, which names the slot, too. */
static inline uint64_t rule_key(const struct world *w, const struct rule_packet *p, uint32_t grain)
{
	return LEAT_FLOW_KEY(leat_hash_grain(&w->control->factors, &p->key, &p->source, true, p->port, grain), grain);
}

static inline bool rule_says_if_it_begins(const struct rule_packet *p, uint32_t grain)
{
	return p->is_tcp && !LEAT_GRAIN_IS_CLIENT(grain);
}

static inline bool rule_is_opening(const struct rule_packet *p, uint32_t grain)
{
	return rule_says_if_it_begins(p, grain) && p->is_syn;
}

static inline uint32_t rule_state(const struct rule_packet *p, uint32_t grain, uint32_t before)
{
	if (!rule_says_if_it_begins(p, grain))
		return LEAT_FLOW_STICKY;
	if (p->is_fin)
		return LEAT_FLOW_CLOSING;
	if (p->is_syn)
		return before == LEAT_FLOW_ESTABLISHED ? before : LEAT_FLOW_OPENING;
	return before == LEAT_FLOW_CLOSING ? before : LEAT_FLOW_ESTABLISHED;
}

/* A new connection with the ports of one that is closing. */
static inline bool rule_is_next(const struct rule_packet *p, uint32_t grain, uint64_t pin)
{
	return rule_is_opening(p, grain) && LEAT_FLOW_STATE(pin) == LEAT_FLOW_CLOSING;
}

/* The backend of the pin that decides under this grain; 0: none does. */
static inline uint32_t rule_ask(const struct world *w, const struct rule_packet *p, uint32_t grain, bool refresh)
{
	uint64_t key = rule_key(w, p, grain), *pin = rule_find(w, key);
	uint32_t backend = pin ? LEAT_FLOW_BACKEND(*pin) : 0;

	if (!backend || rule_is_next(p, grain, *pin) || !w->backends[backend].lives || w->backends[backend].pool != p->pool)
		return 0;
	if (refresh)
		*pin = LEAT_FLOW_WORD(key, backend, rule_state(p, grain, LEAT_FLOW_STATE(*pin)), w->control->clock);
	return backend;
}

/* Of the grain before, where that was finer: its pin is the flow's own. */
static inline uint32_t rule_ask_finer(const struct world *w, const struct rule_packet *p, uint32_t grain)
{
	uint32_t backend = rule_ask(w, p, grain, true);
	uint64_t *pin = rule_find(w, rule_key(w, p, grain));

	if (pin && rule_is_next(p, grain, *pin)) {
		w->loads[LEAT_FLOW_BACKEND(*pin)].connections--;
		*pin = 0;
	}
	return backend;
}

/* --- a packet --------------------------------------------------------------------------------------------- */

static inline uint32_t rule_unpinned(const struct world *w, const struct rule_packet *p, uint32_t grain, uint32_t slot)
{
	bool is_new = rule_says_if_it_begins(p, grain) ? p->is_syn : LEAT_SLOT_PREVIOUS(slot) == LEAT_SLOT_CURRENT(slot);
	uint32_t backend = is_new ? rule_schedule(w, &w->pools[p->pool], LEAT_SLOT_CURRENT(slot)) : LEAT_SLOT_PREVIOUS(slot);

	return backend ? backend : LEAT_SLOT_CURRENT(slot);
}

static inline uint32_t rule_tracked(const struct world *w, const struct rule_packet *p, uint64_t hashed, uint32_t slot)
{
	uint32_t now = LEAT_HASHED_NOW(hashed), before = LEAT_HASHED_BEFORE(hashed), backend = 0;
	bool looks_back = LEAT_HASHED_LOOKS_BACK(hashed) && rule_breach != RULE_FORGETS;
	bool finer = looks_back && leat_grain_is_finer(before, now, true) && rule_breach != RULE_NEW_FIRST;
	uint64_t key = rule_key(w, p, now), *pin;

	if (finer)
		backend = rule_ask_finer(w, p, before);
	if (!backend)
		backend = rule_ask(w, p, now, true);
	if (backend)
		return backend;
	if (looks_back && !finer && !rule_is_opening(p, now))
		backend = rule_ask(w, p, before, false);
	backend = backend ? backend : rule_unpinned(w, p, now, slot);
	pin = rule_find(w, key);
	if (backend)
		rule_replace(w, pin ? pin : rule_victim(w, key),
			     LEAT_FLOW_WORD(key, backend, rule_state(p, now, LEAT_FLOW_OPENING), w->control->clock));
	return backend;
}

/* The backend that gets the packet; 0: nobody. */
static inline uint32_t rule_send(const struct world *w, const struct rule_packet *p)
{
	const struct leat_pool *pool = &w->pools[p->pool];
	uint32_t size = LEAT_TABLE_SIZE(pool->table), slot;

	if (!size)
		return 0;
	slot = w->slots[LEAT_TABLE_OFFSET(pool->table) + leat_hash_slot(rule_key(w, p, LEAT_HASHED_NOW(pool->hashed)), size)];
	return LEAT_SLOT_TRACKED(slot) ? rule_tracked(w, p, pool->hashed, slot) : LEAT_SLOT_CURRENT(slot);
}

#endif
