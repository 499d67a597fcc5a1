/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much a service, and a source at a service, may send: docs/packet.md, "Limits". A list of who owes how much. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "reference/model.h"

enum { SYN = 2, ACK = 16 };

static struct debt *debt_get(struct reference *r, const struct debt *wanted)
{
	uint64_t sum = wanted->source.half[0] * 3 + wanted->source.half[1] + wanted->key.port;
	struct debt **at = &r->debts[leat_hash_mix(sum) % FLOW_PLACES], *d;

	for (d = *at; d; d = d->next)
		if (!memcmp(&d->key, &wanted->key, sizeof(d->key)) && d->is_source == wanted->is_source &&
		    !memcmp(&d->source, &wanted->source, sizeof(d->source)))
			return d;
	d = reference_memory(1, sizeof(*d));
	*d = *wanted;
	d->next = *at;
	*at = d;
	return d;
}

static struct leat_service_key key_of(const struct reference_service *service)
{
	return (struct leat_service_key){.addr = service->addr,
					 .port = htons(service->port),
					 .protocol = service->protocol,
					 .host_bits = service->host_bits,
					 .last_port = htons(service->last_port)};
}

static bool pays(uint32_t *owed, uint32_t price, uint32_t burst)
{
	if (!price)
		return true;
	if (*owed + price > burst)
		return false;
	*owed += price;
	return true;
}

/* The address without the bits by which sources are not told apart. */
static struct leat_addr source_of(const struct packet *p, const struct reference_access *access)
{
	unsigned int bits = p->is_ipv6 ? access->source6 : 96 + access->source4, bit;
	struct leat_addr source = p->source;

	for (bit = bits; bit < 128; bit++)
		source.byte[bit / 8] &= ~(0x80 >> bit % 8);
	return source;
}

/* TCP flags; an ICMP error is nobody's beginning, and later fragments have none. */
static uint8_t flags_of(const struct packet *p)
{
	return p->protocol == IPPROTO_TCP && !p->is_error && p->fragment != LATER ? p->frame[p->transport + 13] : 0;
}

static void reach(const struct packet *p, const struct reference_access *access)
{
	uint8_t flags = flags_of(p);

	REACH(LIMITS_KEPT);
	if ((access->flow || access->source_flow) && (flags & (SYN | ACK)) == (SYN | ACK))
		REACH(LIMIT_SYN_ACK);
	if (p->is_error)
		REACH(LIMIT_ERROR);
}

enum leat_verdict reference_limit(struct reference *r, const struct packet *p, const struct reference_service *service)
{
	const struct reference_access *access = service->access ? &r->config->access[service->access - 1] : NULL;
	struct debt wanted = {.key = key_of(service)};
	bool begins = (flags_of(p) & (SYN | ACK)) == SYN;
	struct debt *debt;

	if (!access || !(access->source_packet || access->source_flow || access->packet || access->flow))
		return LEAT_NEXT;
	wanted.is_source = true;
	wanted.source = source_of(p, access);
	if (access->source_packet || access->source_flow) {
		debt = debt_get(r, &wanted);
		if (debt->packets + access->source_packet > access->burst && memcmp(&wanted.source, &p->source, 16))
			REACH(LIMIT_OF_PREFIX);
		if (!pays(&debt->packets, access->source_packet, access->burst))
			return LEAT_LIMIT_SOURCE_PACKETS;
		if (begins && !pays(&debt->flows, access->source_flow, access->burst))
			return LEAT_LIMIT_SOURCE_FLOWS;
	}
	wanted.is_source = false;
	wanted.source = (struct leat_addr){};
	debt = debt_get(r, &wanted);
	if (access->source_packet && debt->packets + access->packet > access->burst)
		REACH(LIMIT_OF_SERVICE);
	if (!pays(&debt->packets, access->packet, access->burst))
		return LEAT_LIMIT_SERVICE_PACKETS;
	if (begins && !pays(&debt->flows, access->flow, access->burst))
		return LEAT_LIMIT_SERVICE_FLOWS;
	reach(p, access);
	return LEAT_NEXT;
}

static bool is_there(const struct reference_config *config, const struct leat_service_key *key)
{
	unsigned int i;

	for (i = 0; i < config->service_count; i++) {
		struct leat_service_key there = key_of(&config->services[i]);

		if (!memcmp(&there, key, sizeof(there)))
			return true;
	}
	return false;
}

void reference_limits_forget(struct reference *r, bool all)
{
	unsigned int i;

	for (i = 0; i < FLOW_PLACES; i++) {
		struct debt **at = &r->debts[i];

		while (*at) {
			struct debt *d = *at;

			if (!all && (d->is_source || is_there(r->config, &d->key))) {
				at = &d->next;
				continue;
			}
			*at = d->next;
			free(d);
		}
	}
}
