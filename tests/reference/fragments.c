/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments: docs/packet.md, "Fragments". Of each datagram whose first fragment went somewhere is remembered where, by what
 * RFC 791 and RFC 8200 4.5 say that all its fragments have in common. Nothing is forgotten but on demand.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "reference/model.h"

struct datagram {
	bool is_ipv6;
	struct leat_addr source, destination;
	uint8_t protocol; /* of IPv6: that the first one turned out to be */
	uint32_t identification;
	uint32_t service; /* its number */
	unsigned int backend;
	struct datagram *next;
};

static bool is_of(const struct packet *p, const struct datagram *d)
{
	return p->is_ipv6 == d->is_ipv6 && p->identification == d->identification &&
	       (p->is_ipv6 || p->protocol == d->protocol) && !memcmp(&p->source, &d->source, sizeof(p->source)) &&
	       !memcmp(&p->destination, &d->destination, sizeof(p->destination));
}

static struct datagram *find(const struct reference *r, const struct packet *p)
{
	struct datagram *d = r->datagrams;

	while (d && !is_of(p, d))
		d = d->next;
	return d;
}

/* Index of the service that has the number; REFERENCE_NONE: none. */
static uint32_t service_of(const struct reference_config *config, uint32_t number)
{
	unsigned int i;

	for (i = 0; i < config->service_count; i++)
		if (config->services[i].number == number)
			return i;
	return REFERENCE_NONE;
}

static void reach_followed(const struct packet *p, const struct datagram *d)
{
	if (p->is_ipv6)
		REACH(FRAGMENT6_FOLLOWS);
	else
		REACH(FRAGMENT4_FOLLOWS);
	if (p->is_ipv6 && p->protocol != d->protocol)
		REACH(FRAGMENT6_FOLLOWS_OTHER);
}

/* LEAT_NEXT: ret->service and *ret_backend say where to. */
static enum leat_verdict follow(const struct reference *r, const struct packet *p, struct reference_answer *ret,
				unsigned int *ret_backend)
{
	const struct datagram *d = find(r, p);
	const struct backend *b;
	uint32_t service;

	if (!d) {
		REACH(FRAGMENT_STRAY);
		return LEAT_FRAGMENT_UNKNOWN;
	}
	b = &r->backends[d->backend];
	service = service_of(r->config, d->service);
	if (service == REFERENCE_NONE || !b->is_there || !b->lives || b->pool != r->config->services[service].pool) {
		REACH(FRAGMENT_LOST);
		return LEAT_FRAGMENT_UNKNOWN;
	}
	reach_followed(p, d);
	ret->service = service;
	*ret_backend = d->backend;
	return LEAT_NEXT;
}

enum leat_verdict reference_fragment(const struct reference *r, const struct packet *p, struct reference_answer *ret,
				     unsigned int *ret_backend)
{
	if (p->protocol == (p->is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
		REACH(FRAGMENT_ICMP);
		return LEAT_FRAGMENT;
	}
	if (!r->config->forwards_fragments) {
		REACH(FRAGMENT_OFF);
		return LEAT_FRAGMENT;
	}
	if (p->fragment == LATER)
		return follow(r, p, ret, ret_backend);
	if (p->is_ipv6)
		REACH(FRAGMENT6_FIRST);
	else
		REACH(FRAGMENT4_FIRST);
	return LEAT_NEXT;
}

void reference_fragment_remember(struct reference *r, const struct packet *p, uint32_t service, unsigned int backend)
{
	struct datagram *d = find(r, p);

	if (d) {
		REACH(FRAGMENT_AGAIN);
	} else {
		d = reference_memory(1, sizeof(*d));
		d->next = r->datagrams;
		r->datagrams = d;
	}
	d->is_ipv6 = p->is_ipv6;
	d->source = p->source;
	d->destination = p->destination;
	d->protocol = p->protocol;
	d->identification = p->identification;
	d->service = r->config->services[service].number;
	d->backend = backend;
}

uint64_t reference_fragment_hash(const struct reference *r, const struct packet *p)
{
	return leat_hash_datagram(&r->factors, &p->destination, &p->source, 0, 0);
}

void reference_fragments_forget(struct reference *r)
{
	struct datagram *d;

	while ((d = r->datagrams)) {
		r->datagrams = d->next;
		free(d);
	}
}
