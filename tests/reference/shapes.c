/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose an address and a port are: docs/packet.md, "Services on prefixes, ranges and any protocol". All services are looked at;
 * of those that have them the narrowest wins: by prefix, then by protocol, then by ports.
 */
#include <netinet/in.h>

#include "reference/model.h"

static bool has_bits(const struct reference_service *s, const struct leat_addr *addr)
{
	unsigned int bit;

	for (bit = 0; bit < 128 - s->host_bits; bit++)
		if ((s->addr.byte[bit / 8] ^ addr->byte[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static uint16_t last_port(const struct reference_service *s)
{
	return s->last_port ? s->last_port : s->port;
}

static bool has(const struct reference_service *s, const struct leat_addr *addr, uint8_t protocol, uint16_t port)
{
	return has_bits(s, addr) && (!s->protocol || s->protocol == protocol) && s->port <= port && port <= last_port(s);
}

/* Both have the packet. */
static bool is_narrower(const struct reference_service *a, const struct reference_service *b)
{
	if (a->host_bits != b->host_bits)
		return a->host_bits < b->host_bits;
	if (!a->protocol != !b->protocol)
		return a->protocol;
	return last_port(a) - a->port < last_port(b) - b->port;
}

static void reach_instead(const struct reference_service *taken, const struct reference_service *other)
{
	if (taken->host_bits < other->host_bits)
		REACH(SHAPE_LONGER);
	else if (!taken->protocol != !other->protocol)
		REACH(SHAPE_OWN_PROTOCOL);
	else
		REACH(SHAPE_NARROWER);
	if (!taken->host_bits && !taken->last_port)
		REACH(SHAPE_PORT_ALONE);
}

static void reach(const struct reference_service *s, bool is_ipv4)
{
	if (s->host_bits && is_ipv4)
		REACH(SHAPE4_PREFIX);
	else if (s->host_bits)
		REACH(SHAPE6_PREFIX);
	if (!s->protocol)
		REACH(SHAPE_ANY_PROTOCOL);
	else if (s->last_port && s->port)
		REACH(SHAPE_RANGE);
	else if (s->last_port)
		REACH(SHAPE_ANY_PORT);
}

uint32_t reference_service_of(const struct reference_config *config, const struct leat_addr *addr, uint8_t protocol, uint16_t port)
{
	const struct reference_service *found = NULL, *s;

	for (s = config->services; s < config->services + config->service_count; s++) {
		if (!has(s, addr, protocol, port))
			continue;
		if (found)
			reach_instead(is_narrower(s, found) ? s : found, is_narrower(s, found) ? found : s);
		if (!found || is_narrower(s, found))
			found = s;
	}
	if (!found)
		return REFERENCE_NONE;
	reach(found, !addr->half[0] && addr->byte[10] == 0xff && addr->byte[11] == 0xff);
	return found - config->services;
}

bool reference_has_address(const struct reference_config *config, const struct leat_addr *addr)
{
	const struct reference_service *s;

	for (s = config->services; s < config->services + config->service_count; s++) {
		if (!has_bits(s, addr))
			continue;
		if (s->host_bits)
			REACH(SHAPE_WHOLE);
		return true;
	}
	return false;
}
