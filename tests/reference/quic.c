/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who owns a QUIC connection id: docs/packet.md, "QUIC", RFC 8999 5 and draft-ietf-quic-load-balancers-21. Looks at the UDP
 * payload octet by octet, and through all members.
 */
#include <netinet/in.h>
#include <string.h>

#include "reference/model.h"
#include "reference/wire.h"

enum { UDP_HEADER = 8, NONCE_LEAST = 4, SEEN = 20 };

/* Where the connection id begins; 0: none that could hold the server id lies in the packet. */
static uint32_t id_find(const struct packet *p, const struct reference_service *service)
{
	uint32_t quic = p->transport + UDP_HEADER, end = p->transport + get16(p->frame + p->transport + 4), id;

	if (end > p->end) /* the datagram is longer than its first fragment */
		end = p->end;
	if (end > p->first_buffer)
		end = p->first_buffer;
	if (end <= quic) {
		REACH(QUIC_SHORT_OF_IT);
		return 0;
	}
	id = p->frame[quic] & 0x80 ? quic + 6 : quic + 1;
	if (id + SEEN > end) {
		REACH(QUIC_SHORT_OF_IT);
		return 0;
	}
	if (p->frame[quic] & 0x80 && p->frame[quic + 5] < 1 + service->quic_length + NONCE_LEAST) {
		REACH(QUIC_LENGTH);
		return 0;
	}
	if (p->frame[id] >> 5 == 7) {
		REACH(QUIC_UNROUTABLE);
		return 0;
	}
	if (p->frame[id] >> 5 != service->quic_config) {
		REACH(QUIC_OTHER_CONFIG);
		return 0;
	}
	return id;
}

static void reach_owner(const struct packet *p, bool is_in_table)
{
	if (p->frame[p->transport + UDP_HEADER] & 0x80)
		REACH(QUIC_LONG);
	else
		REACH(QUIC_SHORT);
	if (!is_in_table)
		REACH(QUIC_DRAINING);
}

unsigned int reference_quic(const struct reference *r, const struct packet *p, const struct reference_service *service)
{
	const struct reference_pool *pool = &r->config->pools[service->pool];
	uint32_t id = id_find(p, service);
	unsigned int i;

	for (i = 1; id && i < r->backend_count; i++) {
		const struct backend *b = &r->backends[i];
		const struct reference_member *m;

		if (!b->is_there || b->pool != service->pool)
			continue;
		m = &pool->members[b->member];
		if (m->id_length != service->quic_length || memcmp(m->id, p->frame + id + 1, m->id_length))
			continue;
		if (m->lives) {
			reach_owner(p, m->is_in_table);
			return i;
		}
		REACH(QUIC_DEAD);
		return 0;
	}
	if (id)
		REACH(QUIC_UNKNOWN);
	return 0;
}
