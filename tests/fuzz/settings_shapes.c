/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services on prefixes, ranges of ports, any port and any protocol, drawn: see settings.h. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/addr.h"
#include "base/shape.h"
#include "fuzz/settings.h"

/* Any two are apart or one is within the other: a configuration must be so. */
static const struct {
	uint16_t first, last;
} ranges[] = {{0, 65535}, {1, 1000}, {53, 81}, {80, 81}, {255, 257}, {60000, 65535}};

static void draw_prefix(struct reference_service *s, struct random *r)
{
	static const unsigned int bits4[] = {0, 1, 2, 4, 8, 8, 16, 24}, bits6[] = {0, 1, 4, 8, 63, 64, 65, 80, 96};
	unsigned int bit;

	s->host_bits = addr_is_ipv4(&s->addr) ? random_pick(r, bits4) : random_pick(r, bits6);
	for (bit = 0; bit < s->host_bits; bit++)
		s->addr.byte[15 - bit / 8] &= ~(1u << bit % 8);
}

static void draw_ports(struct reference_service *s, struct random *r)
{
	unsigned int range = shape_has_ports(s->protocol) ? random_below(r, ARRAY_SIZE(ranges)) : 0;

	if (shape_has_ports(s->protocol) && random_one_in(r, 4))
		return;
	s->port = ranges[range].first;
	s->last_port = ranges[range].last;
}

void settings_shape_draw(struct reference_service *s, struct random *r)
{
	static const uint8_t protocols[] = {0, 0, IPPROTO_GRE, IPPROTO_ESP, IPPROTO_SCTP, IPPROTO_SCTP};

	if (random_one_in(r, 2))
		s->protocol = random_pick(r, protocols);
	if (random_below(r, 3))
		draw_prefix(s, r);
	draw_ports(s, r);
	s->is_sticky = s->protocol != IPPROTO_TCP && !random_one_in(r, 3);
}

struct leat_service_key settings_key(const struct reference_service *s)
{
	return (struct leat_service_key){.addr = s->addr,
					 .port = htons(s->port),
					 .protocol = s->protocol,
					 .host_bits = s->host_bits,
					 .last_port = htons(s->last_port)};
}

void settings_aim_draw(const struct reference_service *s, struct random *r, struct leat_addr *ret_addr, uint8_t *ret_protocol,
		       uint16_t *ret_port)
{
	static const uint16_t edges[] = {0, 1, 52, 53, 79, 80, 81, 82, 256, 258, 443, 1000, 1001, 60000, 65535};
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_GRE, IPPROTO_ESP};
	unsigned int bit, some = random_below(r, 3) ? 4 : s->host_bits;

	*ret_addr = s->addr;
	for (bit = 0; bit < s->host_bits && bit < some; bit++)
		ret_addr->byte[15 - bit / 8] |= random_below(r, 2) << bit % 8;
	*ret_port = s->last_port ? random_between(r, s->port, s->last_port) : s->port;
	if (s->last_port && random_one_in(r, 4))
		*ret_port = random_one_in(r, 2) ? s->port : s->last_port;
	if (random_one_in(r, 16))
		*ret_port += random_one_in(r, 2) ? 1 : -1; /* another's, or nobody's */
	if (!shape_has_ports(s->protocol) && random_one_in(r, 2))
		*ret_port = random_pick(r, edges);
	*ret_protocol = s->protocol ? s->protocol : random_pick(r, protocols);
}
