/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments of datagrams of which other fragments came before or will come: see grammar.h. A datagram is a number, like a flow; so
 * all of its fragments have its flow's addresses and ports, and its identification. They come in any order, any of them often.
 */
#include <netinet/in.h>

#include "fuzz/grammar.h"

#define DATAGRAMS (1ull << 40) /* numbers of flows from here on */
#define TOGETHER  3            /* under way at one time */
#define TURNOVER  30           /* packets after which one of them is replaced */

bool grammar_fragment(struct drawing *d, uint64_t seed, uint64_t packet)
{
	uint64_t number = DATAGRAMS + packet / TURNOVER + random_below(d->random, TOGETHER);

	if (!grammar_flow_of(d, seed, number))
		return false;
	d->fragment = random_one_in(d->random, 3) ? FRAGMENT_FIRST : FRAGMENT_LATER;
	d->identification = leat_hash_mix(seed + number);
	if (random_one_in(d->random, 20))
		d->protocol = d->is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	return true;
}

/* In units of 8 bytes, and whether more follow. */
static uint16_t draw_offset(struct drawing *d)
{
	static const uint16_t odd[] = {1, 2, 3, 0x1ffe, 0x1fff};

	if (d->fragment == FRAGMENT_FIRST)
		return 0;
	return random_one_in(d->random, 4) ? random_pick(d->random, odd) : random_between(d->random, 1, 0x1fff);
}

static bool draw_more(struct drawing *d)
{
	return d->fragment == FRAGMENT_FIRST || !random_one_in(d->random, 3);
}

uint16_t grammar_fragment4(struct drawing *d)
{
	return draw_offset(d) | draw_more(d) << 13 | random_one_in(d->random, 8) << 14;
}

void grammar_fragment6(struct drawing *d, uint8_t *header)
{
	uint16_t offset = draw_offset(d) << 3 | draw_more(d);
	unsigned int i;

	header[2] = offset >> 8;
	header[3] = offset;
	for (i = 0; i < 4; i++)
		header[4 + i] = d->identification >> (24 - 8 * i);
}

uint8_t grammar_fragment_kind(struct drawing *d)
{
	static const uint8_t others[] = {IPPROTO_TCP, IPPROTO_UDP, 60, 43, 58, 132};

	if (d->fragment != FRAGMENT_LATER || !random_one_in(d->random, 4))
		return d->protocol;
	return random_pick(d->random, others);
}
