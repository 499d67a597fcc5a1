/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server ids, and services that look for them, drawn: see settings.h. */
#include <netinet/in.h>
#include <string.h>

#include "fuzz/settings.h"

static bool is_taken(const struct settings *s, unsigned int pool, const struct reference_member *m)
{
	unsigned int i;

	for (i = 0; i < s->pools[pool].member_count; i++) {
		const struct reference_member *other = &s->members[pool][i];

		if (other != m && other->id_length == m->id_length && !memcmp(other->id, m->id, m->id_length))
			return true;
	}
	return false;
}

/* Ids differ in one octet, first, last or in between, so that every octet counts. A pool's have two lengths. */
void settings_id_draw(const struct settings *s, unsigned int pool, struct reference_member *m, struct random *r)
{
	m->id_length = random_one_in(r, 4) ? 0 : settings_id_length(&s->pools[pool], random_one_in(r, 8));
	memset(m->id, 0, sizeof(m->id));
	if (!m->id_length)
		return;
	memset(m->id, 0x5a, m->id_length);
	m->id[random_below(r, m->id_length)] = random_next(r);
	if (is_taken(s, pool, m)) {
		memset(m->id, 0, sizeof(m->id));
		m->id_length = 0;
	}
}

void settings_quic_draw(const struct settings *s, struct reference_service *service, struct random *r)
{
	service->quic_length = service->quic_config = 0;
	if (service->protocol != IPPROTO_UDP || random_one_in(r, 2))
		return;
	service->quic_length = settings_id_length(&s->pools[service->pool], false);
	service->quic_config = random_below(r, 7);
}
