/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists, drawn: prefixes around the addresses that packets come from, in one another. See settings.h. */
#include "base/addr.h"
#include "fuzz/settings.h"

static void bits_clear(struct leat_addr *addr, unsigned int host_bits)
{
	while (host_bits--)
		addr->byte[15 - host_bits / 8] &= ~(1u << host_bits % 8);
}

static struct reference_prefix draw_prefix(struct random *r)
{
	static const uint8_t lengths4[] = {0, 1, 8, 24, 28, 29, 30, 31, 31, 32, 32},
			     lengths6[] = {0, 32, 48, 63, 64, 65, 96, 124, 126, 127, 128, 128};
	struct reference_prefix p = {.denies = random_one_in(r, 2)};
	bool is_ipv4 = random_one_in(r, 2);

	if (is_ipv4) {
		p.addr = settings_ipv4(random_one_in(r, 8) ? random_next(r) : 0xc6336400 + random_below(r, 16));
		p.length = random_one_in(r, 6) ? random_below(r, 33) : random_pick(r, lengths4);
	} else {
		p.addr = settings_ipv6(0x20010db8, random_below(r, 3), random_below(r, 16));
		p.length = random_one_in(r, 6) ? random_below(r, 129) : random_pick(r, lengths6);
	}
	if (random_one_in(r, 12)) /* the last of all addresses */
		p.addr = is_ipv4 ? settings_ipv4(UINT32_MAX) : (struct leat_addr){.half = {~0ull, ~0ull}};
	bits_clear(&p.addr, (is_ipv4 ? 32 : 128) - p.length);
	return p;
}

static void add_prefix(struct reference_access *access, struct random *r)
{
	struct reference_prefix p = draw_prefix(r);
	unsigned int i;

	for (i = 0; i < access->count; i++)
		if (access->prefixes[i].length == p.length && addr_equal(&access->prefixes[i].addr, &p.addr))
			return;
	if (access->count < REFERENCE_PREFIXES_MAX)
		access->prefixes[access->count++] = p;
}

static void remove_prefix(struct reference_access *access, unsigned int index)
{
	access->count--;
	access->prefixes[index] = access->prefixes[access->count];
}

static void draw_prefixes(struct reference_access *access, struct random *r)
{
	static const unsigned int counts[] = {0, 1, 1, 2, 4, 8, 16, REFERENCE_PREFIXES_MAX};
	unsigned int count = random_pick(r, counts), kind = random_below(r, 4), i;

	access->count = 0;
	for (i = 0; i < count; i++)
		add_prefix(access, r);
	for (i = 0; kind < 2 && i < access->count; i++) /* only of the one kind */
		access->prefixes[i].denies = kind;
}

/* Prices of several units, so that a bucket is never exactly full; few enough for limits to be met, too many for all. */
static void draw_limits(struct reference_access *access, struct random *r)
{
	static const uint32_t prices[] = {0, 1, 1, 2, 5}, bursts[] = {1, 2, 3, 6, 12, 40, 100};
	static const unsigned int sources4[] = {32, 31, 30, 24, 1}, sources6[] = {128, 64, 65, 63, 48, 1};

	access->source_packet = access->source_flow = access->packet = access->flow = 0;
	access->burst = random_pick(r, bursts);
	access->source4 = random_pick(r, sources4);
	access->source6 = random_pick(r, sources6);
	if (random_one_in(r, 3)) { /* only of new flows, which are few */
		access->source_flow = random_below(r, 3);
		access->flow = random_below(r, 3);
		return;
	}
	access->source_packet = random_one_in(r, 2) ? random_pick(r, prices) : 0;
	access->source_flow = random_one_in(r, 2) ? random_pick(r, prices) : 0;
	access->packet = random_one_in(r, 3) ? random_pick(r, prices) : 0;
	access->flow = random_one_in(r, 2) ? random_pick(r, prices) : 0;
}

static bool has_name(const struct settings *s, unsigned int name)
{
	unsigned int i;

	for (i = 0; i < s->access_count; i++)
		if (s->access[i].name == name)
			return true;
	return false;
}

void settings_remove_access(struct settings *s, unsigned int index)
{
	unsigned int i, last = --s->access_count;

	s->access[index] = s->access[last];
	for (i = 0; i < s->service_count; i++)
		if (s->services[i].access == index + 1)
			s->services[i].access = 0;
		else if (s->services[i].access == last + 1)
			s->services[i].access = index + 1;
}

void settings_access_change(struct settings *s, struct random *r)
{
	struct reference_access *access = &s->access[s->access_count];

	if (s->access_count < SETTINGS_ACCESS_MAX && random_one_in(r, 3)) {
		do
			access->name = random_below(r, 2 * SETTINGS_ACCESS_MAX);
		while (has_name(s, access->name));
		draw_prefixes(access, r);
		draw_limits(access, r);
		s->access_count++;
		return;
	}
	if (!s->access_count)
		return;
	if (s->service_count)
		settings_access_draw(s, &s->services[random_below(r, s->service_count)], r);
	access = &s->access[random_below(r, s->access_count)];
	if (random_one_in(r, 6))
		settings_remove_access(s, access - s->access);
	else if (random_one_in(r, 2))
		draw_limits(access, r);
	else if (random_one_in(r, 3))
		draw_prefixes(access, r);
	else if (access->count && random_one_in(r, 2))
		remove_prefix(access, random_below(r, access->count));
	else
		add_prefix(access, r);
}

void settings_access_draw(const struct settings *s, struct reference_service *service, struct random *r)
{
	service->access = s->access_count && random_one_in(r, 2) ? random_between(r, 1, s->access_count) : 0;
}
