/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which backend a packet goes to, and what is remembered of its flow: docs/flows.md, "The idea". The dictionary has every
 * flow that is pinned, by its whole key; it never overflows.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "reference/model.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* A packet as its pool sees it. */
struct seen {
	const struct reference_service *service;
	unsigned int pool;
	bool tells_age; /* TCP in a pool that hashes ports: a SYN begins a flow, nothing else does */
	uint8_t flags;  /* TCP's */
	struct flow flow; /* key, source, port and hash */
};

/* --- the key ---------------------------------------------------------------------------------------- */

static struct leat_addr first_bits(const struct leat_addr *addr, unsigned int bits)
{
	struct leat_addr first = {};
	unsigned int i;

	for (i = 0; i < bits; i++)
		first.byte[i / 8] |= addr->byte[i / 8] & 0x80 >> i % 8;
	return first;
}

static struct seen see(const struct reference *r, const struct packet *p, const struct reference_service *service)
{
	const struct reference_pool *pool = &r->config->pools[service->pool];
	struct seen s = {.service = service, .pool = service->pool};

	s.flow.key = (struct leat_service_key){
		.addr = p->destination, .port = htons(p->destination_port), .protocol = p->protocol};
	s.flow.source = p->source;
	s.flow.source_port = p->source_port;
	if (pool->by_client) {
		s.flow.source = first_bits(&p->source, p->is_ipv6 ? pool->prefix6 : 96 + pool->prefix4);
		s.flow.source_port = 0;
	}
	s.flow.hash = leat_hash_flow(&r->factors, &s.flow.key, &s.flow.source, htons(s.flow.source_port));
	s.tells_age = p->protocol == IPPROTO_TCP && !pool->by_client;
	if (p->protocol == IPPROTO_TCP && !p->is_error)
		s.flags = p->frame[p->transport + 13];
	return s;
}

bool reference_flow_is(const struct flow *a, const struct flow *b)
{
	return !memcmp(&a->key, &b->key, sizeof(a->key)) && a->source_port == b->source_port &&
	       !memcmp(&a->source, &b->source, sizeof(a->source));
}

static struct flow *find(const struct reference *r, const struct flow *wanted)
{
	struct flow *f = r->flows[wanted->hash % FLOW_PLACES];

	while (f && !reference_flow_is(f, wanted))
		f = f->next;
	return f;
}

/* --- states ------------------------------------------------------------------------------------------ */

static bool begins(const struct seen *s)
{
	return s->tells_age && (s->flags & (SYN | ACK)) == SYN;
}

static enum reference_state state_first(const struct seen *s)
{
	if (!s->tells_age)
		return REFERENCE_STICKY;
	if (s->flags & (FIN | RST))
		return REFERENCE_CLOSING;
	return begins(s) ? REFERENCE_OPENING : REFERENCE_ESTABLISHED;
}

static enum reference_state state_next(const struct seen *s, enum reference_state state)
{
	enum reference_state first = state_first(s);

	if (first == REFERENCE_OPENING && state == REFERENCE_ESTABLISHED) {
		REACH(STATE_SYN_KEPT);
		return state;
	}
	if (first == REFERENCE_ESTABLISHED && state == REFERENCE_CLOSING) {
		REACH(STATE_CLOSING_KEPT);
		return state;
	}
	if (first == REFERENCE_ESTABLISHED && state == REFERENCE_OPENING)
		REACH(STATE_ESTABLISHED);
	if (first == REFERENCE_CLOSING && state != REFERENCE_CLOSING)
		REACH(STATE_CLOSING);
	return first;
}

/* --- pins -------------------------------------------------------------------------------------------- */

static bool is_believed(const struct reference *r, const struct seen *s, const struct flow *f)
{
	const struct backend *b = &r->backends[f->backend];

	if (begins(s) && f->state == REFERENCE_CLOSING)
		REACH(PIN_OF_ENDED);
	else if (!b->is_there)
		REACH(PIN_OF_GONE);
	else if (!b->lives)
		REACH(PIN_OF_DEAD);
	else if (b->pool != s->pool)
		REACH(PIN_OF_OTHER);
	else
		return true;
	return false;
}

static unsigned int follow_pin(struct reference *r, const struct seen *s, const struct slot *slot, struct flow *f)
{
	if (f->backend == slot->current)
		REACH(PIN_CURRENT);
	else if (f->backend == slot->previous)
		REACH(PIN_PREVIOUS);
	else
		REACH(PIN_ASTRAY);
	f->state = state_next(s, f->state);
	f->seen = r->clock;
	return f->backend;
}

static void pin(struct reference *r, const struct seen *s, struct flow *there, unsigned int backend,
		struct reference_answer *ret)
{
	struct flow *f = there;

	if (!there && r->config->limits_pins) {
		REACH(PINS_LIMITED);
		ret->event = REFERENCE_UNPINNED;
		return;
	}
	ret->event = there && !begins(s) ? REFERENCE_REPINNED : REFERENCE_PINNED;
	if (there) {
		r->backends[there->backend].flows--;
	} else {
		f = reference_memory(1, sizeof(*f));
		*f = s->flow;
		f->next = r->flows[f->hash % FLOW_PLACES];
		r->flows[f->hash % FLOW_PLACES] = f;
		r->flow_count++;
	}
	f->backend = backend;
	f->state = state_first(s);
	f->seen = r->clock;
	r->backends[backend].flows++;
}

void reference_flows_forget(struct reference *r)
{
	unsigned int i;
	struct flow *f;

	for (i = 0; i < FLOW_PLACES; i++)
		while ((f = r->flows[i])) {
			r->flows[i] = f->next;
			free(f);
		}
	for (i = 0; i < r->backend_count; i++)
		r->backends[i].flows = 0;
	r->flow_count = 0;
}

/* --- where to ------------------------------------------------------------------------------------------ */

/* Of a flow without a pin. What does not tell its age is old until the slot has settled. */
static unsigned int place(struct reference *r, const struct seen *s, const struct slot *slot)
{
	bool has_settled = slot->previous == slot->current;

	if (!slot->current && slot->previous) {
		if (begins(s))
			REACH(SYN_NOBODY);
		else
			REACH(ACK_DRAINING);
	}
	if (begins(s) || (!s->tells_age && has_settled)) {
		if (s->tells_age)
			REACH(NEW_BY_SYN);
		else
			REACH(NEW_SETTLED);
		return reference_schedule(r, s->pool, s->flow.hash, slot->current);
	}
	if (!s->tells_age)
		REACH(OLD_UNKNOWN);
	else if (!has_settled)
		REACH(OLD_BY_ACK);
	return slot->previous;
}

static unsigned int ask_flows(struct reference *r, const struct seen *s, const struct slot *slot,
			      struct reference_answer *ret)
{
	struct flow *f = find(r, &s->flow);
	unsigned int backend;

	if (f && is_believed(r, s, f)) {
		ret->event = REFERENCE_HIT;
		return follow_pin(r, s, slot, f);
	}
	backend = place(r, s, slot);
	if (backend)
		pin(r, s, f, backend, ret);
	return backend;
}

/* Where the flow's packets go that are under way; nothing is remembered of it. */
static unsigned int flow_backend(const struct reference *r, const struct seen *s, const struct slot *slot,
				 struct reference_answer *ret)
{
	struct flow *f = find(r, &s->flow);

	if (!slot->is_tracked)
		return slot->current;
	if (f && is_believed(r, s, f)) {
		REACH(QUOTED_PIN);
		ret->event = REFERENCE_HIT;
		return f->backend;
	}
	REACH(QUOTED_UNPINNED);
	return slot->previous;
}

unsigned int reference_backend(struct reference *r, const struct packet *p, const struct reference_service *service,
			       uint64_t *ret_hash, struct reference_answer *ret)
{
	struct seen s = see(r, p, service);
	bool is_remembered = p->protocol == IPPROTO_TCP || service->is_sticky;
	unsigned int backend;
	const struct slot *slot;

	*ret_hash = s.flow.hash;
	backend = service->quic_length && !p->is_error ? reference_quic(r, p, service) : 0;
	if (backend)
		return backend;
	if (!r->pools[s.pool].size)
		return 0;
	slot = &r->pools[s.pool].slots[leat_hash_slot(s.flow.hash, r->pools[s.pool].size)];
	if (!is_remembered && slot->is_tracked)
		REACH(FLOW_STATELESS);
	if (!is_remembered)
		return slot->current;
	if (p->is_error)
		return flow_backend(r, &s, slot, ret);
	if (slot->is_tracked && r->config->pools[s.pool].by_client)
		REACH(FLOW_SPREAD);
	backend = slot->is_tracked ? ask_flows(r, &s, slot, ret) : slot->current;
	reference_promise(r, &s.flow, s.tells_age, s.flags, backend);
	return backend;
}

/* --- looking at them ------------------------------------------------------------------------------------ */

unsigned int reference_flows(const struct reference *r, struct reference_flow *ret)
{
	unsigned int i, count = 0;
	const struct flow *f;

	for (i = 0; i < FLOW_PLACES; i++)
		for (f = r->flows[i]; f; f = f->next) {
			const struct backend *b = &r->backends[f->backend];

			ret[count++] = (struct reference_flow){.hash = f->hash,
							       .pool = b->is_there ? b->pool : REFERENCE_NONE,
							       .member = b->is_there ? b->member : REFERENCE_NONE,
							       .state = f->state,
							       .seen = f->seen};
		}
	return count;
}

unsigned int reference_flow_count(const struct reference *r)
{
	return r->flow_count;
}
