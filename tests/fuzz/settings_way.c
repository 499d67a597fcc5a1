/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to backends, drawn: see settings.h. */
#include "base/addr.h"
#include "fuzz/settings.h"

static void draw_mac(struct random *r, uint8_t *ret)
{
	uint64_t bits = random_next(r);
	unsigned int i;

	for (i = 0; i < 6; i++)
		ret[i] = bits >> 8 * i;
	ret[0] = 2;
}

static uint16_t draw_mtu(struct random *r)
{
	static const uint16_t mtus[] = {1500, 1500, 1500, 1500, 1280, 1281, 1300, 1319,  1320,  1400,
					1501, 9000, 576,  68,   1279, 100,  60,   65534, 65535, 2000};

	return random_pick(r, mtus);
}

static void draw_tags(struct random *r, struct reference_way *way)
{
	unsigned int i;

	way->tag_count = random_one_in(r, 3) ? random_between(r, 1, 2) : 0;
	for (i = 0; i < way->tag_count; i++) {
		way->tags[i].type = random_one_in(r, 2) ? 0x8100 : 0x88a8;
		way->tags[i].tci = random_below(r, 65536);
	}
}

static uint32_t draw_interface(const struct settings *s, struct random *r)
{
	static const enum settings_interface by[] = {
		INTERFACE_INGRESS, INTERFACE_INGRESS, INTERFACE_INGRESS, INTERFACE_INGRESS, INTERFACE_INGRESS,
		INTERFACE_INGRESS, INTERFACE_OTHER,   INTERFACE_OTHER,   INTERFACE_PEER,    INTERFACE_ASTRAY,
	};

	return s->interfaces[random_pick(r, by)];
}

void settings_way_draw(const struct settings *s, const struct leat_addr *backend, struct random *r,
		       struct reference_way *ret)
{
	unsigned int host_bits = random_one_in(r, 2) ? 0 : random_between(r, 1, 24);
	struct reference_way way = {.is_known = !random_one_in(r, 10), .ifindex = draw_interface(s, r)};
	uint32_t host;

	draw_mac(r, way.to);
	draw_mac(r, way.from);
	draw_tags(r, &way);
	way.mtu = draw_mtu(r);
	way.source_mask = (1u << host_bits) - 1;
	host = (0xc0a80000 | random_below(r, 65536)) & ~way.source_mask;
	way.source =
		addr_is_ipv4(backend) ? settings_ipv4(host) : settings_ipv6(0xfd010000, random_next(r), host);
	*ret = way;
}
