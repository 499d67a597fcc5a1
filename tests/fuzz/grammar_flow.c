/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of flows that come again: see grammar.h. A flow is a number, and all of it is drawn from that; so it is the same in
 * every packet, and in every configuration that has its service.
 */
#include "fuzz/grammar.h"

#define FLOWS    60  /* that send at one time */
#define TURNOVER 25  /* packets after which one of them is replaced */
#define STEADY   24  /* that send from the first packet to the last */
#define CLIENTS  12

static uint64_t draw_number(struct drawing *d, uint64_t packet)
{
	if (random_one_in(d->random, 3))
		return random_below(d->random, STEADY);
	return STEADY + packet / TURNOVER + random_below(d->random, FLOWS);
}

/* Whichever service suits the flow best: another only if that one goes. */
static const struct reference_service *service_of(const struct settings *s, uint64_t flow)
{
	const struct reference_service *best = &s->services[0];
	uint64_t most = 0, suits;
	unsigned int i;

	for (i = 0; i < s->service_count; i++) {
		const struct reference_service *service = &s->services[i];

		suits = leat_hash_mix(service->addr.half[0] ^ service->addr.half[1] * 3 ^
				      ((uint64_t)service->port << 8 | service->protocol) * 0x9e3779b97f4a7c15ull ^ flow);
		if (suits < most)
			continue;
		best = service;
		most = suits;
	}
	return best;
}

bool grammar_flow_of(struct drawing *d, uint64_t seed, uint64_t number)
{
	struct random r = random_start(seed, 'f', number);
	const struct reference_service *aimed = service_of(d->settings, random_next(&r));

	if (!d->settings->service_count)
		return false;
	settings_aim_draw(aimed, &r, &d->to, &d->protocol, &d->port);
	d->is_ipv4 = !aimed->addr.half[0] && aimed->addr.word[2] == settings_ipv4(0).word[2];
	d->from = d->is_ipv4 ? settings_ipv4(0xc6336400 + random_below(&r, CLIENTS))
			     : settings_ipv6(0x20010db8, random_below(&r, 2), random_below(&r, CLIENTS));
	d->source_port = random_one_in(&r, 20) ? 0 : random_next(&r);
	return true;
}

bool grammar_flow(struct drawing *d, uint64_t seed, uint64_t packet)
{
	return grammar_flow_of(d, seed, draw_number(d, packet));
}
