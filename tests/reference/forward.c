/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a backend gets: docs/packet.md, "Forward" and "Leave". The packet, one hop older, behind the way's
 * Ethernet header and tags, and in a tunnel's headers (tunnel.c).
 */
#include <netinet/in.h>
#include <string.h>

#include "reference/model.h"
#include "reference/wire.h"

#define IPV6_MTU_MIN 1280 /* RFC 8200 5 */

enum { UNREACHABLE = 3, FRAGMENTATION_NEEDED = 4, TIME_EXCEEDED = 11 };
enum { PACKET_TOO_BIG6 = 2, TIME_EXCEEDED6 = 3 };

/* --- what does not go on ------------------------------------------------------------------------ */

static uint8_t hops_left(const struct packet *p)
{
	return p->frame[p->ip + (p->is_ipv6 ? 7 : 8)];
}

static enum leat_verdict hops_spent(const struct packet *p, unsigned int headroom, bool may_reply,
				    struct reference_answer *ret)
{
	if (p->is_error) {
		REACH(QUOTED_SPENT);
		return LEAT_TTL_EXPIRED;
	}
	if (p->fragment == LATER) {
		REACH(FRAGMENT_SPENT);
		return LEAT_TTL_EXPIRED;
	}
	if (!may_reply) {
		if (p->is_ipv6)
			REACH(SPENT6_LIMITED);
		else
			REACH(SPENT4_LIMITED);
		return LEAT_TTL_EXPIRED;
	}
	if (!reference_reply_error(p, headroom, p->is_ipv6 ? TIME_EXCEEDED6 : TIME_EXCEEDED, 0, 0, ret))
		return LEAT_HEADROOM_SHORT;
	if (p->is_ipv6)
		REACH(SPENT6_REPLIED);
	else
		REACH(SPENT4_REPLIED);
	return LEAT_TTL_REPLIED;
}

static enum leat_verdict too_big4(const struct packet *p, uint32_t fits, unsigned int headroom,
				  bool may_reply, struct reference_answer *ret)
{
	bool may_be_fragmented = !(p->frame[p->ip + 6] & 0x40);

	if (may_be_fragmented) {
		REACH(BIG4_DROPPED);
		return LEAT_TOO_BIG_DROPPED;
	}
	if (!may_reply) {
		REACH(BIG4_LIMITED);
		return LEAT_TOO_BIG_LIMITED;
	}
	if (!reference_reply_error(p, headroom, UNREACHABLE, FRAGMENTATION_NEEDED, fits, ret))
		return LEAT_HEADROOM_SHORT;
	REACH(BIG4_REPLIED);
	return LEAT_TOO_BIG_REPLIED;
}

static enum leat_verdict too_big6(const struct packet *p, uint32_t fits, unsigned int headroom,
				  bool may_reply, struct reference_answer *ret)
{
	uint32_t told = fits < IPV6_MTU_MIN ? IPV6_MTU_MIN : fits;

	if (packet_ip_length(p) <= IPV6_MTU_MIN) {
		REACH(BIG6_DROPPED);
		return LEAT_TOO_BIG_DROPPED;
	}
	if (!may_reply) {
		REACH(BIG6_LIMITED);
		return LEAT_TOO_BIG_LIMITED;
	}
	if (!reference_reply_error(p, headroom, PACKET_TOO_BIG6, 0, told, ret))
		return LEAT_HEADROOM_SHORT;
	if (told == fits)
		REACH(BIG6_REPLIED);
	else
		REACH(BIG6_REPLIED_LEAST);
	return LEAT_TOO_BIG_REPLIED;
}

/* --- what does ---------------------------------------------------------------------------------- */

/* Returns how many bytes were written. */
static uint32_t write_link(const struct reference_way *way, uint16_t type, uint8_t *out)
{
	uint32_t at = 12;
	unsigned int i;

	memcpy(out, way->to, 6);
	memcpy(out + 6, way->from, 6);
	for (i = 0; i < way->tag_count; i++, at += 4) {
		put16(out + at, way->tags[i].type);
		put16(out + at + 2, way->tags[i].tci);
	}
	put16(out + at, type);
	return at + 2;
}

static void age(const struct packet *p, uint8_t *ip)
{
	uint16_t before = get16(ip + 8);

	if (p->is_ipv6) {
		ip[7]--;
		return;
	}
	ip[8]--;
	if (sum_change(ip + 10, before, get16(ip + 8)))
		REACH(TTL_CARRY);
}

static void reach_leaving(const struct packet *p, const struct choice *c, const struct reference_answer *ret)
{
	unsigned int tags = c->member->way.tag_count;

	if (tags > p->tag_count)
		REACH(TAGS_ADDED);
	else if (tags < p->tag_count)
		REACH(TAGS_REMOVED);
	else if (tags)
		REACH(TAGS_KEPT);
	if (p->end < p->length)
		REACH(PADDING);
	if (ret->length < p->length)
		REACH(SHRINKS);
	if (c->pool->mode == REFERENCE_L2 && p->is_ipv6)
		REACH(L2_IPV6);
	else if (c->pool->mode == REFERENCE_L2)
		REACH(L2_IPV4);
}

/* Everything behind the link header comes along, padding too. */
static void write_frame(const struct packet *p, const struct choice *c, struct reference_answer *ret)
{
	bool is_type_ipv6 = tunnel_length(c) ? !tunnel_is_ipv4(c) : p->is_ipv6;
	uint32_t at = write_link(&c->member->way, is_type_ipv6 ? 0x86dd : 0x0800, ret->frame);

	tunnel_write(p, c, ret->frame + at);
	at += tunnel_length(c);
	memcpy(ret->frame + at, p->frame + p->ip, p->length - p->ip);
	age(p, ret->frame + at);
	ret->length = at + p->length - p->ip;
	reach_leaving(p, c, ret);
}

static bool has_headroom(const struct packet *p, const struct choice *c, unsigned int headroom)
{
	if (14 + 4 * c->member->way.tag_count + tunnel_length(c) <= p->ip + headroom)
		return true;
	if (c->pool->mode == REFERENCE_L2)
		REACH(HEADROOM_L2);
	else
		REACH(HEADROOM_IPIP);
	return false;
}

static enum leat_verdict leave(const struct reference_config *config, const struct packet *p,
			       const struct choice *c, struct reference_answer *ret)
{
	const struct reference_way *way = &c->member->way;

	if (!has_headroom(p, c, config->headroom))
		return LEAT_HEADROOM_SHORT;
	if (!way->is_allowed) {
		REACH(WAY_FORBIDDEN);
		return LEAT_BACKEND_UNRESOLVED;
	}
	write_frame(p, c, ret);
	if (way->ifindex != config->ingress) {
		REACH(REDIRECTED);
		ret->action = REFERENCE_REDIRECT;
		ret->ifindex = way->ifindex;
	}
	return LEAT_FORWARDED;
}

enum leat_verdict reference_forward(const struct reference_config *config, const struct packet *p,
				    const struct choice *choice, bool may_reply, struct reference_answer *ret)
{
	uint32_t wrapped = packet_ip_length(p) + tunnel_length(choice), mtu = choice->member->way.mtu;
	uint32_t fits = mtu > tunnel_length(choice) ? mtu - tunnel_length(choice) : 0;

	if (hops_left(p) < 2) {
		if (!hops_left(p))
			REACH(SPENT_ZERO);
		if (wrapped > mtu)
			REACH(SPENT_BIG);
		return hops_spent(p, config->headroom, may_reply, ret);
	}
	if (wrapped == mtu)
		REACH(BIG_FITS);
	if (wrapped == mtu + 1)
		REACH(BIG_BY_ONE);
	if (wrapped > mtu && p->is_error) {
		REACH(QUOTED_BIG);
		return LEAT_TOO_BIG_DROPPED;
	}
	if (wrapped > mtu && p->fragment == LATER) {
		REACH(FRAGMENT_BIG);
		return LEAT_TOO_BIG_DROPPED;
	}
	if (wrapped > mtu && p->is_ipv6)
		return too_big6(p, fits, config->headroom, may_reply, ret);
	if (wrapped > mtu)
		return too_big4(p, fits, config->headroom, may_reply, ret);
	return leave(config, p, choice, ret);
}
