/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The promise itself, whatever the rules by which it is kept: no flow that is remembered and no TCP connection is taken from
 * a living backend by a change to others. Of each is remembered where its last packet went; the next must go there too, but
 * for what docs/flows.md, "What is not promised", excepts.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "reference/model.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static struct connection *meet(struct reference *r, const struct flow *flow)
{
	struct connection **at = &r->connections[flow->hash % FLOW_PLACES];

	while (*at && !reference_flow_is((*at)->flow, flow))
		at = &(*at)->next;
	if (!*at) {
		*at = reference_memory(1, sizeof(**at));
		(*at)->flow = reference_memory(1, sizeof(*flow));
		*(*at)->flow = *flow;
	}
	return *at;
}

/* A packet sent within the idle time, of a flow that was open and is not being opened anew. */
static bool is_promised(const struct reference *r, const struct connection *c, bool tells_age, uint8_t flags)
{
	uint32_t gap = r->clock - c->seen;

	if (!c->is_open || gap >= r->idle_least)
		return false;
	if (tells_age)
		return !(flags & SYN);
	return gap <= r->config->pools[r->backends[c->backend].pool].sticky_ticks;
}

/* The pin of a connection that is closing goes early, and that of one that is only opening. */
static void connection_close(struct connection *c, uint8_t flags)
{
	c->is_closing = flags & (FIN | RST) || (c->is_closing && (flags & (SYN | ACK)) != SYN);
}

static void connection_follow(struct connection *c, uint8_t flags, unsigned int backend)
{
	c->is_open = !(flags & (SYN | FIN | RST)) && (c->is_open || c->backend == backend) && !c->is_closing;
	connection_close(c, flags);
}

void reference_promise(struct reference *r, const struct flow *flow, bool tells_age, uint8_t flags, unsigned int backend)
{
	struct connection *c = meet(r, flow);

	if (r->config->limits_pins) { /* nothing is promised, but an old pin hears that the connection ends */
		connection_close(c, flags);
		return;
	}
	if (is_promised(r, c, tells_age, flags)) {
		if (tells_age)
			REACH(PROMISE_CONNECTION);
		else
			REACH(PROMISE_STICKY);
		r->broken += backend != c->backend;
	}
	if (!backend) /* a SYN that finds nobody opens nothing */
		return;
	if (tells_age)
		connection_follow(c, flags, backend);
	else
		c->is_open = true;
	c->backend = backend;
	c->seen = r->clock;
}

/* --- what ends promises --------------------------------------------------------------------------------- */

/* Another size, and the first scheduler of flows that do not tell their age, wait until all are pinned. */
static bool is_promise_kept(const struct past *old, const struct past *new, bool tells_age)
{
	bool begins_to_schedule = !tells_age && !old->schedules && new->schedules;

	if (old->by_client != new->by_client || old->prefix4 != new->prefix4 || old->prefix6 != new->prefix6 ||
	    old->sticky_ticks != new->sticky_ticks)
		return false;
	if (old->size != new->size || begins_to_schedule)
		return old->has_settled;
	return true;
}

/* Whether the flow's service, if it is one that remembers flows, has this pool. */
static bool leads_there(const struct reference_config *config, const struct leat_service_key *key, unsigned int pool)
{
	uint32_t service = reference_service_of(config, &key->addr, key->protocol, ntohs(key->port));

	return service != REFERENCE_NONE && config->services[service].pool == pool &&
	       (key->protocol == IPPROTO_TCP || config->services[service].is_sticky);
}

/* old: the pools as they were. */
static bool goes_on(const struct reference *r, const struct connection *c, const struct past *old, unsigned int count)
{
	const struct backend *b = &r->backends[c->backend];
	unsigned int i;

	if (!b->lives || r->config->limits_pins || !leads_there(r->config, &c->flow->key, b->pool))
		return false;
	for (i = 0; i < count; i++)
		if (old[i].name == b->name)
			return is_promise_kept(&old[i], &r->pools[b->pool],
					       c->flow->key.protocol == IPPROTO_TCP && !old[i].by_client);
	return false;
}

void reference_promise_change(struct reference *r, const struct past *old, unsigned int count)
{
	unsigned int i;

	if (r->config->timeout[REFERENCE_ESTABLISHED] < r->idle_least)
		r->idle_least = r->config->timeout[REFERENCE_ESTABLISHED];
	for (i = 0; i < FLOW_PLACES; i++) {
		struct connection **at = &r->connections[i], *c;

		while ((c = *at)) {
			if (old && goes_on(r, c, old, count)) {
				at = &c->next;
				continue;
			}
			if (old && c->is_closing) { /* its pin may still be there, and goes early */
				c->is_open = false;
				c->backend = 0;
				at = &c->next;
				continue;
			}
			*at = c->next;
			free(c->flow);
			free(c);
		}
	}
}

unsigned int reference_broken(const struct reference *r)
{
	return r->broken;
}
