/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to packets that were right: one field wrong, bytes changed, parts cut off, doubled, left out,
 * put behind. */
#include <netinet/in.h>
#include <string.h>

#include "fuzz/grammar.h"

/* --- fields ------------------------------------------------------------------------------------------------
 */

static void change_byte(struct drawing *d, unsigned int at)
{
	static const uint8_t values[] = {0,  1,  2,    4,    5,    6,    17,   20,   40,   41,   43,
					 44, 51, 58,   59,   60,   0x44, 0x45, 0x46, 0x4f, 0x50, 0x60,
					 64, 88, 0x81, 0x7f, 0x80, 135,  0xa8, 0xdd, 0xfe, 0xff};
	struct random *r = d->random;
	uint8_t *byte = d->frame->bytes + at;

	if (at >= d->frame->length)
		return;
	switch (random_below(r, 4)) {
	case 0:
		*byte ^= 1u << random_below(r, 8);
		break;
	case 1:
		*byte = random_next(r);
		break;
	case 2:
		*byte += random_one_in(r, 2) ? 1 : -1;
		break;
	default:
		*byte = random_pick(r, values);
	}
}

/* Lengths, about what they were, or at the ends of their range. */
static void change_length(struct drawing *d, unsigned int at)
{
	static const uint16_t odd[] = {0,  1,  7,  8,      19,     20,     21,     39,
				       40, 59, 60, 0x7fff, 0x8000, 0xffff, 0xffd7, 0xffd8};
	struct random *r = d->random;
	uint16_t length;

	if (at + 2 > d->frame->length)
		return;
	length = d->frame->bytes[at] << 8 | d->frame->bytes[at + 1];
	if (random_one_in(r, 3))
		length = random_pick(r, odd);
	else
		length += (int)random_below(r, 17) - 8;
	grammar_store16(d->frame, at, length);
}

static void change_ipv4(struct drawing *d)
{
	static const uint8_t ttls[] = {0, 1, 2};
	struct random *r = d->random;

	switch (random_below(r, 5)) {
	case 0:
		change_byte(d, d->ip_at);
		break;
	case 1:
		change_length(d, d->ip_at + 2);
		break;
	case 2:
		d->frame->bytes[d->ip_at + 8] = random_pick(r, ttls);
		break;
	case 3: /* a checksum of 0 or 0xffff: where incremental updates go wrong */
		grammar_store16(d->frame, d->ip_at + 10,
				random_one_in(r, 2) ? -random_below(r, 3) : 0xfeff - random_below(r, 3));
		break;
	default:
		change_byte(d, d->ip_at + random_below(r, 20));
	}
}

static void change_ipv6(struct drawing *d)
{
	static const uint8_t ttls[] = {0, 1, 2};
	struct random *r = d->random;

	switch (random_below(r, 5)) {
	case 0:
		change_byte(d, d->ip_at + random_below(r, 4));
		break;
	case 1:
		change_length(d, d->ip_at + 4);
		break;
	case 2:
		d->frame->bytes[d->ip_at + 7] = random_pick(r, ttls);
		break;
	case 3:
		change_byte(d, d->ip_next_at + random_below(r, 2));
		break;
	default:
		change_byte(d, d->ip_at + random_below(r, d->transport_at - d->ip_at));
	}
}

static void change_transport(struct drawing *d)
{
	struct random *r = d->random;

	switch (d->protocol) {
	case IPPROTO_TCP:
		change_byte(d, d->transport_at + random_between(r, 12, 13));
		break;
	case IPPROTO_UDP:
		change_length(d, d->transport_at + 4);
		break;
	default: /* ICMP: type, code and checksum; see above for why these */
		if (random_one_in(r, 2))
			change_byte(d, d->transport_at + random_below(r, 2));
		else
			grammar_store16(d->frame, d->transport_at + 2,
					-random_below(r, 3) - 0x0800 * random_below(r, 2));
	}
}

static void change_field(struct drawing *d)
{
	if (random_one_in(d->random, 3))
		change_transport(d);
	else if (d->is_ipv4)
		change_ipv4(d);
	else
		change_ipv6(d);
}

/* --- bytes -------------------------------------------------------------------------------------------------
 */

static void change_bytes(struct drawing *d)
{
	struct random *r = d->random;
	unsigned int count = random_between(r, 1, 4), most;

	while (count--) {
		most = random_one_in(r, 8) ? d->frame->length : d->transport_at + 20;
		change_byte(d, random_below(r, most));
	}
}

static unsigned int draw_border(struct drawing *d)
{
	unsigned int border;

	if (!d->border_count || random_one_in(d->random, 2))
		return random_below(d->random, d->frame->length);
	border = d->borders[random_below(d->random, d->border_count)];
	return border < d->frame->length ? border : d->frame->length;
}

static void cut(struct drawing *d)
{
	unsigned int length = draw_border(d);

	if (random_one_in(d->random, 4))
		length += random_below(d->random, 9);
	if (length < d->frame->length)
		d->frame->length = length;
}

/* A header twice, or once less. */
static void double_or_drop(struct drawing *d)
{
	unsigned int from, to;
	struct frame *f = d->frame;

	if (d->border_count < 2)
		return;
	to = 1 + random_below(d->random, d->border_count - 1);
	from = d->borders[to - 1];
	to = d->borders[to];
	if (to > f->length || from >= to)
		return;
	if (random_one_in(d->random, 3)) {
		memmove(f->bytes + from, f->bytes + to, f->length - to);
		f->length -= to - from;
	} else if (f->length + to - from <= d->most) {
		memmove(f->bytes + to, f->bytes + from, f->length - from);
		f->length += to - from;
	}
	if (random_one_in(d->random, 2) && d->ip_at < f->length)
		grammar_store16(f, d->ip_at + (d->is_ipv4 ? 2 : 4),
				f->length - d->ip_at - (d->is_ipv4 ? 0 : 40));
}

static void put_behind(struct drawing *d)
{
	grammar_put(d, NULL, random_between(d->random, 1, 64));
}

void mutate(struct drawing *d)
{
	static void (*const changes[])(struct drawing *) = {
		change_field, change_field, change_field,   change_bytes,
		change_bytes, cut,          double_or_drop, put_behind,
	};
	unsigned int count = random_one_in(d->random, 3) ? random_between(d->random, 2, 3) : 1;

	while (count--)
		random_pick(d->random, changes)(d);
	if (d->frame->length < 14)
		d->frame->length = 14; /* the kernel hands out none shorter */
}
