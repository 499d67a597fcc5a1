/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a packet is for, and its link header: see grammar.h. */
#include <netinet/in.h>
#include <string.h>

#include "fuzz/grammar.h"

unsigned int grammar_put(struct drawing *d, const void *bytes, unsigned int length)
{
	unsigned int at = d->frame->length;

	if (length > d->most - at)
		length = d->most - at;
	if (bytes)
		memcpy(d->frame->bytes + at, bytes, length);
	else
		memset(d->frame->bytes + at, 0, length);
	d->frame->length += length;
	return at;
}

void grammar_border(struct drawing *d)
{
	if (d->border_count < GRAMMAR_BORDERS_MAX)
		d->borders[d->border_count++] = d->frame->length;
}

/* --- from whom, to whom ------------------------------------------------------------------------------------
 */

static void draw_from(struct drawing *d)
{
	static const uint32_t odd4[] = {0,          1,          0x00ffffff, 0x01000000, 0x7effffff,
					0x7f000001, 0x7fffffff, 0x80000000, 0xdfffffff, 0xe0000001,
					0xefffffff, 0xf0000000, 0xffffffff};
	static const uint32_t odd6[] = {0, 0xfe800000, 0xff020000, 0x00640000, 0x20020000};
	struct random *r = d->random;

	if (d->is_ipv4)
		d->from = settings_ipv4(random_one_in(r, 2) ? 0xc6336400 + random_below(r, 256)
							    : random_next(r));
	else
		d->from = settings_ipv6(0x20010db8, random_next(r), random_next(r));
	if (random_one_in(r, 12))
		d->from = d->is_ipv4 ? settings_ipv4(random_pick(r, odd4))
				     : settings_ipv6(random_pick(r, odd6), 0, random_below(r, 4));
	if (!d->is_ipv4 && random_one_in(r, 60))
		d->from = settings_ipv4(random_next(r)); /* mapped: on no wire */
	if (random_one_in(r, 40))
		d->from = d->to;
}

/* One bit beside what is configured. */
static void aim_beside(struct drawing *d)
{
	struct random *r = d->random;

	switch (random_below(r, 4)) {
	case 0:
		d->port ^= 1u << random_below(r, 16);
		break;
	case 1:
		d->port = random_next(r);
		break;
	case 2:
		d->to.byte[random_between(r, d->is_ipv4 ? 12 : 0, 15)] ^= 1u << random_below(r, 8);
		break;
	default:
		d->protocol = d->protocol == IPPROTO_TCP ? IPPROTO_UDP : IPPROTO_TCP;
	}
}

static void draw_protocol(struct drawing *d)
{
	static const uint8_t nonsense[] = {0,  2,  4, 6,  17, 41,  43,  44,  47,  50,
					   51, 58, 1, 59, 60, 132, 135, 139, 140, 255};
	struct random *r = d->random;

	switch (random_below(r, 16)) {
	case 0:
		d->protocol = random_pick(r, nonsense);
		break;
	case 1:
	case 2:
		grammar_error(d);
		break;
	}
}

static void draw_aim(struct drawing *d)
{
	const struct reference_service *aimed = &d->settings->services[0];
	struct random *r = d->random;

	if (d->settings->service_count)
		aimed = &d->settings->services[random_below(r, d->settings->service_count)];
	d->is_ipv4 = !aimed->addr.half[0] && aimed->addr.word[2] == settings_ipv4(0).word[2];
	settings_aim_draw(aimed, r, &d->to, &d->protocol, &d->port);
	d->source_port = random_one_in(r, 8) ? random_below(r, 2) * 65535 : random_next(r);
	if (random_one_in(r, 10))
		aim_beside(d);
	draw_from(d);
	draw_protocol(d);
	if (d->is_ipv4 && random_one_in(r, 60))
		d->is_ipv4 = false; /* the mapped address itself, in an IPv6 header */
}

/* --- link --------------------------------------------------------------------------------------------------
 */

static uint16_t draw_tag_type(struct random *r)
{
	static const uint16_t odd[] = {0x9100, 0x9200, 0x88e5, 0x8864, 0x0800};

	if (random_one_in(r, 40))
		return random_pick(r, odd);
	return random_one_in(r, 2) ? 0x8100 : 0x88a8;
}

static void draw_link(struct drawing *d)
{
	static const uint8_t balancer[] = {2, 0, 0, 0, 0, 1};
	static const uint16_t odd[] = {0x0806, 0x88cc, 0x8847, 0x8035, 0, 60, 1500, 0x0801, 0x86de};
	static const unsigned int tags[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3};
	struct random *r = d->random;
	unsigned int count = random_pick(r, tags), at;
	uint64_t gateway = random_next(r) & ~(uint64_t)1;

	at = grammar_put(d, balancer, 6);
	grammar_put(d, &gateway, 6);
	grammar_put(d, NULL, 2);
	if (random_one_in(r, 40))
		memset(d->frame->bytes + at, random_one_in(r, 2) ? 0xff : 0x33, 6);
	while (count--) {
		grammar_store16(d->frame, d->frame->length - 2, draw_tag_type(r));
		grammar_border(d);
		grammar_store16(d->frame, grammar_put(d, NULL, 4), random_next(r));
	}
	grammar_store16(d->frame, d->frame->length - 2, d->is_ipv4 ? 0x0800 : 0x86dd);
	if (random_one_in(r, 60))
		grammar_store16(d->frame, d->frame->length - 2, random_pick(r, odd));
	grammar_border(d);
}

/* --- the whole ---------------------------------------------------------------------------------------------
 */

static void draw_padding(struct drawing *d)
{
	struct random *r = d->random;
	unsigned int at = d->frame->length;

	if (at < 60 && random_one_in(r, 2))
		grammar_put(d, NULL, 60 - at);
	if (random_one_in(r, 10))
		grammar_put(d, NULL, random_below(r, 40));
	if (random_one_in(r, 4))
		memset(d->frame->bytes + at, 0xa5, d->frame->length - at);
}

void grammar_draw(const struct settings *s, uint64_t seed, uint64_t number, unsigned int most,
		  struct frame *ret)
{
	struct random r = random_start(seed, 'p', number);
	struct drawing d = {.random = &r, .settings = s, .most = most, .frame = ret};

	ret->length = 0;
	if (random_one_in(&r, 8))
		d.is_flow = grammar_fragment(&d, seed, number);
	else
		d.is_flow = random_below(&r, 5) < 3 && grammar_flow(&d, seed, number);
	if (!d.is_flow)
		draw_aim(&d);
	else if (!d.fragment && random_one_in(&r, 12))
		grammar_error(&d);
	draw_link(&d);
	grammar_ip(&d);
	grammar_transport(&d);
	grammar_finish(&d);
	draw_padding(&d);
	if (d.is_flow ? random_one_in(&r, 6) : random_below(&r, 5) < 3)
		mutate(&d);
}
