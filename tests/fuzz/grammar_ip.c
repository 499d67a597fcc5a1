/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 with options, IPv6 with extension headers: see grammar.h. */
#include <netinet/in.h>
#include <string.h>

#include "fuzz/grammar.h"

enum { FRAGMENT = 44, ESP = 50 };

static uint8_t draw_ttl(struct random *r)
{
	static const uint8_t odd[] = {0, 1, 1, 2, 3, 255};

	return random_one_in(r, 10) ? random_pick(r, odd) : random_between(r, 3, 255);
}

/* --- IPv4 --------------------------------------------------------------------------------------------------
 */

static uint16_t draw_fragment4(struct random *r)
{
	static const uint16_t odd[] = {0x2000, 0x6000, 0x0001, 0x2001, 0x1fff,
				       0x3fff, 0x8000, 0x4001, 0x0100};

	if (random_one_in(r, 16))
		return random_pick(r, odd);
	return random_one_in(r, 2) ? 0x4000 : 0;
}

static void draw_options(struct drawing *d, unsigned int length)
{
	struct random *r = d->random;
	uint8_t options[40];
	unsigned int i;

	memset(options, 1, sizeof(options)); /* no operation */
	for (i = 0; i < length && random_one_in(r, 2); i++)
		options[i] = random_next(r);
	grammar_put(d, options, length);
}

static void put_ipv4(struct drawing *d)
{
	struct random *r = d->random;
	unsigned int options = random_one_in(r, 4) ? random_between(r, 1, 10) * 4 : 0;
	uint8_t ip[20] = {0x45 + options / 4, random_one_in(r, 2) ? 0 : random_next(r)};
	uint16_t fragment = d->fragment ? grammar_fragment4(d) : draw_fragment4(r);
	uint16_t identification = d->fragment ? d->identification : random_next(r);

	ip[4] = identification >> 8;
	ip[5] = identification;
	ip[6] = fragment >> 8;
	ip[7] = fragment;
	ip[8] = draw_ttl(r);
	ip[9] = d->protocol;
	memcpy(ip + 12, d->from.byte + 12, 4);
	memcpy(ip + 16, d->to.byte + 12, 4);
	d->ip_at = grammar_put(d, ip, sizeof(ip));
	d->ip_next_at = d->ip_at + 9;
	if (options)
		grammar_border(d);
	draw_options(d, options);
}

/* --- IPv6 --------------------------------------------------------------------------------------------------
 */

static void put_fragment6(struct drawing *d, uint8_t *header)
{
	static const uint16_t offsets[] = {0, 0, 0, 1, 8, 9, 0xfff8, 0x0002, 0x0006};
	struct random *r = d->random;
	uint16_t offset = random_pick(r, offsets);

	header[1] = random_one_in(r, 2) ? 0 : random_next(r); /* reserved */
	header[2] = offset >> 8;
	header[3] = offset;
	grammar_put(d, header, 8);
}

/* Puts one extension header of the kind that was announced, and returns where the next one's kind belongs. */
static unsigned int put_extension(struct drawing *d, uint8_t kind)
{
	struct random *r = d->random;
	unsigned int at = d->frame->length, units = random_below(r, 3);
	uint8_t header[8] = {};

	grammar_border(d);
	if (kind == FRAGMENT) {
		put_fragment6(d, header);
		return at;
	}
	if (random_one_in(r, 20))
		units = random_one_in(r, 4) ? 255 : random_below(r, 40);
	header[1] = units;
	header[2] = random_next(r);
	grammar_put(d, header, 8);
	/* Behind the first eight bytes: units of eight (RFC 8200 4), of an authentication header of four (RFC
	 * 4302 2.2). */
	grammar_put(d, NULL, kind == AUTHENTICATION ? units * 4 : units * 8);
	return at;
}

static uint8_t draw_extension(struct random *r)
{
	static const uint8_t kinds[] = {0, 0, 43, 44, 51, 51, 60, 60, 60, 135};
	static const uint8_t odd[] = {ESP, NO_NEXT, 139, 140, 253, 4, 41};

	return random_one_in(r, 40) ? random_pick(r, odd) : random_pick(r, kinds);
}

static unsigned int draw_extensions(struct random *r)
{
	switch (random_below(r, 16)) {
	case 0 ... 8:
		return 0;
	case 9 ... 10:
		return 1;
	case 11 ... 12:
		return 2;
	case 13 ... 14:
		return random_between(r, 3, 6);
	default:
		return random_between(r, 6, 10);
	}
}

static void announce(struct drawing *d, uint8_t kind)
{
	d->frame->bytes[d->ip_next_at] = kind;
}

static void put_chain(struct drawing *d)
{
	unsigned int count = draw_extensions(d->random);
	uint8_t kind;

	while (count--) {
		kind = draw_extension(d->random);
		announce(d, kind);
		d->ip_next_at = put_extension(d, kind);
	}
}

/* Headers so long that the transport header lies about the end of the frame's first buffer, or beyond. */
static void put_long_chain(struct drawing *d)
{
	unsigned int count = random_between(d->random, 2, 3), left, units;

	while (count--) {
		left = (LOADED_LINEAR_MAX - d->frame->length) / 8 - 1;
		units = left > 2 && left < 256 ? left - random_below(d->random, 3) : 255;
		announce(d, DESTINATION);
		d->ip_next_at = grammar_put(d, ((uint8_t[]){0, units}), 2);
		grammar_put(d, NULL, units * 8 + 6);
	}
}

static void put_ipv6(struct drawing *d)
{
	struct random *r = d->random;
	uint32_t first = 6u << 28 | (random_one_in(r, 2) ? 0 : random_next(r) >> 36);
	uint8_t ip[40] = {first >> 24, first >> 16, first >> 8, first}, header[8] = {};

	ip[7] = draw_ttl(r);
	memcpy(ip + 8, &d->from, 16);
	memcpy(ip + 24, &d->to, 16);
	d->ip_at = grammar_put(d, ip, sizeof(ip));
	d->ip_next_at = d->ip_at + 6;
	if (d->most > LOADED_LINEAR_MAX && random_one_in(r, 50))
		put_long_chain(d);
	else
		put_chain(d);
	if (d->fragment) {
		announce(d, FRAGMENT);
		grammar_fragment6(d, header);
		d->ip_next_at = grammar_put(d, header, sizeof(header));
	}
	announce(d, grammar_fragment_kind(d));
}

void grammar_ip(struct drawing *d)
{
	if (d->is_ipv4)
		put_ipv4(d);
	else
		put_ipv6(d);
	grammar_border(d);
	d->transport_at = d->frame->length;
}

/* --- when all is there -------------------------------------------------------------------------------------
 */

static uint16_t sum_of(const struct frame *frame, unsigned int at, unsigned int length)
{
	return draw_sum(0, frame->bytes + at, length);
}

static void finish_transport(struct drawing *d)
{
	static const struct {
		uint8_t protocol, checksum_at;
	} sums[] = {{IPPROTO_TCP, 16}, {IPPROTO_UDP, 6}, {IPPROTO_ICMP, 2}, {IPPROTO_ICMPV6, 2}};
	struct frame *f = d->frame;
	unsigned int length = f->length - d->transport_at, at, i;
	uint32_t pseudo;

	if (d->protocol == IPPROTO_UDP) /* a first fragment says the datagram's */
		grammar_store16(f, d->transport_at + 4, d->fragment ? length + random_below(d->random, 60000) : length);
	for (i = 0; i < ARRAY_SIZE(sums); i++) {
		if (sums[i].protocol != d->protocol || length < sums[i].checksum_at + 2u)
			continue;
		at = d->transport_at + sums[i].checksum_at;
		pseudo = d->protocol + length +
			 sum_of(f, d->ip_at + (d->is_ipv4 ? 12 : 8), d->is_ipv4 ? 8 : 32);
		if (d->protocol == IPPROTO_ICMP)
			pseudo = 0;
		grammar_store16(f, at, 0);
		grammar_store16(f, at, ~draw_sum(pseudo, f->bytes + d->transport_at, length));
	}
}

void grammar_finish(struct drawing *d)
{
	struct frame *f = d->frame;
	unsigned int headers;

	if (d->fragment != FRAGMENT_LATER && !random_one_in(d->random, 8))
		finish_transport(d);
	if (!d->is_ipv4) {
		grammar_store16(f, d->ip_at + 4, f->length - d->ip_at - 40);
		return;
	}
	headers = (f->bytes[d->ip_at] & 15) * 4;
	grammar_store16(f, d->ip_at + 2, f->length - d->ip_at);
	grammar_store16(f, d->ip_at + 10, 0);
	grammar_store16(f, d->ip_at + 10, ~sum_of(f, d->ip_at, headers));
}
