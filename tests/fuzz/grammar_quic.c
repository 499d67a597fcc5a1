/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUIC packets to services that look for their connection ids: see grammar.h. */
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "fuzz/grammar.h"

static const struct reference_service *service_of(const struct drawing *d)
{
	unsigned int i;

	for (i = 0; i < d->settings->service_count; i++) {
		const struct reference_service *s = &d->settings->services[i];

		if (s->quic_length && s->port == d->port && s->protocol == d->protocol && addr_equal(&s->addr, &d->to))
			return s;
	}
	return NULL;
}

static void draw_id(struct drawing *d, const struct reference_service *service, uint8_t id[20])
{
	const struct settings *s = d->settings;
	const struct reference_pool *pool = &s->pools[service->pool];
	struct random *r = d->random;
	unsigned int i;

	for (i = 0; i < 20; i++)
		id[i] = random_next(r);
	for (i = 0; i < 3 && pool->member_count; i++) { /* one that has an id, more often than not */
		const struct reference_member *m = &s->members[service->pool][random_below(r, pool->member_count)];

		memcpy(id + 1, m->id, m->id_length);
	}
	if (random_one_in(r, 12))
		id[random_between(r, 1, service->quic_length)] ^= 1 << random_below(r, 8);
	if (!random_one_in(r, 6))
		id[0] = service->quic_config << 5 | (id[0] & 31);
	else if (random_one_in(r, 2))
		id[0] |= 0xe0;
}

bool grammar_quic(struct drawing *d)
{
	const struct reference_service *service = service_of(d);
	struct random *r = d->random;
	uint8_t packet[6 + 20 + 40] = {};
	unsigned int id = 1, length;

	if (!service || random_one_in(r, 8))
		return false;
	packet[0] = random_next(r) & 0x7f;
	if (random_one_in(r, 2)) {
		id = 6;
		packet[0] |= 0x80;
		packet[4] = random_one_in(r, 4) ? random_next(r) : 1;
		packet[5] = random_one_in(r, 4) ? 5 + service->quic_length - random_below(r, 2) : 20;
		if (random_one_in(r, 20))
			packet[5] = random_next(r);
	}
	draw_id(d, service, packet + id);
	length = random_one_in(r, 6) ? random_below(r, id + 22) : id + 20 + random_below(r, 40);
	grammar_put(d, packet, length);
	return true;
}
