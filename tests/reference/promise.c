/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The promise itself, whatever the rules by which it is kept: no TCP connection to a living backend is broken by a change to
 * others. Of each connection is remembered where its last packet went; the next must go there too, but for what
 * docs/flows.md, "What is not promised", excepts.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "reference/model.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static struct connection **find(struct reference *r, const struct connection *wanted, uint64_t hash)
{
	struct connection **at = &r->connections[hash % FLOW_PLACES];

	while (*at && (memcmp(&(*at)->key, &wanted->key, sizeof(wanted->key)) ||
		       memcmp(&(*at)->source, &wanted->source, sizeof(wanted->source)) ||
		       (*at)->source_port != wanted->source_port))
		at = &(*at)->next;
	return at;
}

/* A packet sent within the idle time, of a connection that was open and is not being opened anew. */
static bool is_promised(const struct reference *r, const struct connection *c, uint8_t flags)
{
	return c->is_open && !(flags & SYN) && r->clock - c->seen < r->idle_least;
}

/* Where the packet goes, 0: nowhere. */
void reference_promise(struct reference *r, const struct packet *p, const struct reference_service *service,
		       uint64_t hash, unsigned int backend)
{
	struct connection now = {.key = {.addr = service->addr,
					 .port = htons(service->port),
					 .protocol = service->protocol},
				 .source = p->source,
				 .source_port = p->source_port};
	struct connection **at = find(r, &now, hash), *c = *at;
	uint8_t flags = p->frame[p->transport + 13];

	if (!c) {
		c = *at = reference_memory(1, sizeof(*c));
		*c = now;
	}
	if (is_promised(r, c, flags)) {
		REACH(PROMISE_KEPT);
		if (backend != c->backend)
			r->broken++;
	}
	/* The pin of one that is closing goes early, and that of one that is only opening. */
	c->is_open = !(flags & (SYN | FIN | RST)) && (c->is_open || c->backend == backend) && !c->is_closing;
	c->is_closing = flags & (FIN | RST) || (c->is_closing && (flags & (SYN | ACK)) != SYN);
	c->backend = backend;
	c->seen = r->clock;
}

/* --- what ends promises --------------------------------------------------------------------------------- */

static bool is_same_hash(const struct past *a, const struct past *b)
{
	return a->size == b->size && a->by_client == b->by_client && a->prefix4 == b->prefix4 && a->prefix6 == b->prefix6;
}

static bool leads_there(const struct reference_config *config, const struct connection *c, unsigned int pool)
{
	unsigned int i;

	for (i = 0; i < config->service_count; i++)
		if (!memcmp(&config->services[i].addr, &c->key.addr, sizeof(c->key.addr)) &&
		    htons(config->services[i].port) == c->key.port && config->services[i].protocol == c->key.protocol)
			return config->services[i].pool == pool;
	return false;
}

/* old: the pools as they were, by their names. */
static bool goes_on(const struct reference *r, const struct connection *c, const struct past *old, unsigned int count)
{
	const struct backend *b = &r->backends[c->backend];
	unsigned int i;

	if (!b->lives || r->config->limits_pins || !leads_there(r->config, c, b->pool))
		return false;
	for (i = 0; i < count; i++)
		if (old[i].name == b->name)
			return is_same_hash(&old[i], &r->pools[b->pool]);
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
			*at = c->next;
			free(c);
		}
	}
}

unsigned int reference_broken(const struct reference *r)
{
	return r->broken;
}
