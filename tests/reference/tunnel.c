/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of tunnels: an IP header of the backend's family (RFC 2003, 2473, 4213), and behind it what the mode puts
 * before the packet: nothing; GRE (RFC 2784); UDP, with four bytes of GUE or without.
 */
#include <netinet/in.h>
#include <string.h>

#include "reference/model.h"
#include "reference/wire.h"

#define OUTER_TTL 64

bool tunnel_is_ipv4(const struct choice *c)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return !memcmp(c->member->addr.byte, prefix, sizeof(prefix));
}

/* Of what is between outer IP header and packet. */
static uint32_t between_length(const struct choice *c)
{
	static const uint32_t lengths[] = {
		[REFERENCE_IPIP] = 0,	 [REFERENCE_GRE] = 4,  [REFERENCE_GUE] = 8 + 4,
		[REFERENCE_GUE1] = 8, [REFERENCE_FOU] = 8,
	};

	return lengths[c->pool->mode];
}

uint32_t tunnel_length(const struct choice *c)
{
	if (c->pool->mode == REFERENCE_L2)
		return 0;
	return (tunnel_is_ipv4(c) ? 20 : 40) + between_length(c);
}

static uint8_t packet_protocol(const struct packet *p)
{
	return p->is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
}

static uint8_t outer_protocol(const struct packet *p, const struct choice *c)
{
	switch (c->pool->mode) {
	case REFERENCE_GRE:
		return IPPROTO_GRE;
	case REFERENCE_GUE:
	case REFERENCE_GUE1:
	case REFERENCE_FOU:
		return IPPROTO_UDP;
	default:
		return packet_protocol(p);
	}
}

/* The outer source: the hash's lowest byte belongs to the first of the last four bytes, and so on. */
static void draw_source(const struct choice *c, uint8_t *last_four)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		last_four[i] |=
			(uint8_t)(c->hash >> 8 * i) & (uint8_t)(c->member->way.source_mask >> (24 - 8 * i));
}

/* DSCP and ECN: copied as they are (RFC 2983 uniform, RFC 6040 normal mode). */
static uint8_t traffic_class(const struct packet *p)
{
	const uint8_t *ip = p->frame + p->ip;
	uint8_t class = p->is_ipv6 ? get16(ip) >> 4 : ip[1];

	if (class)
		REACH(CLASS_COPIED);
	return class;
}

static void write_outer4(const struct packet *p, const struct choice *c, uint8_t *ip)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	ip[1] = traffic_class(p);
	put16(ip + 2, tunnel_length(c) + packet_ip_length(p));
	put16(ip + 6, 0x4000);
	ip[8] = OUTER_TTL;
	ip[9] = outer_protocol(p, c);
	memcpy(ip + 12, c->member->way.source.byte + 12, 4);
	draw_source(c, ip + 12);
	memcpy(ip + 16, c->member->addr.byte + 12, 4);
	put16(ip + 10, ~sum_fold(sum_add(0, ip, 20)));
	if (c->member->way.source_mask)
		REACH(SOURCE4_DRAWN);
}

static void write_outer6(const struct packet *p, const struct choice *c, uint8_t *ip)
{
	uint32_t label = c->hash & 0xfffff; /* RFC 6438 */

	put32(ip, 6u << 28 | traffic_class(p) << 20 | label);
	put16(ip + 4, between_length(c) + packet_ip_length(p));
	ip[6] = outer_protocol(p, c);
	ip[7] = OUTER_TTL;
	memcpy(ip + 8, c->member->way.source.byte, 16);
	draw_source(c, ip + 20);
	memcpy(ip + 24, c->member->addr.byte, 16);
	if (c->member->way.source_mask)
		REACH(SOURCE6_DRAWN);
}

static void write_gre(const struct packet *p, uint8_t *gre)
{
	put16(gre, 0);
	put16(gre + 2, p->is_ipv6 ? 0x86dd : 0x0800);
	if (p->is_ipv6)
		REACH(GRE_6);
	else
		REACH(GRE_4);
}

/* From a port of the dynamic range (RFC 6335), without a checksum (RFC 768, RFC 6935). */
static void write_udp(const struct packet *p, const struct choice *c, uint16_t port, uint8_t *udp)
{
	put16(udp, 49152 + c->hash % 16384);
	put16(udp + 2, port);
	put16(udp + 4, between_length(c) + packet_ip_length(p));
	put16(udp + 6, 0);
	if (tunnel_is_ipv4(c))
		REACH(UDP_OVER4);
	else
		REACH(UDP_OVER6);
}

static void write_gue(const struct packet *p, uint8_t *gue)
{
	memset(gue, 0, 4);
	gue[1] = packet_protocol(p);
	if (p->is_ipv6)
		REACH(GUE_6);
	else
		REACH(GUE_4);
}

static void reach_bare(const struct packet *p, const struct choice *c)
{
	if (c->pool->mode == REFERENCE_FOU && p->is_ipv6)
		REACH(FOU_6);
	else if (c->pool->mode == REFERENCE_FOU)
		REACH(FOU_4);
	else if (p->is_ipv6)
		REACH(GUE1_6);
	else
		REACH(GUE1_4);
}

static void reach_ipip(const struct packet *p, const struct choice *c)
{
	if (tunnel_is_ipv4(c) && p->is_ipv6)
		REACH(IPIP_6IN4);
	else if (tunnel_is_ipv4(c))
		REACH(IPIP_4IN4);
	else if (p->is_ipv6)
		REACH(IPIP_6IN6);
	else
		REACH(IPIP_4IN6);
}

static void write_between(const struct packet *p, const struct choice *c, uint8_t *at)
{
	uint16_t port = c->pool->tunnel_port;

	switch (c->pool->mode) {
	case REFERENCE_GRE:
		write_gre(p, at);
		break;
	case REFERENCE_GUE:
		write_udp(p, c, port, at);
		write_gue(p, at + 8);
		break;
	case REFERENCE_FOU: /* a port for each family */
		write_udp(p, c, p->is_ipv6 ? port + 1 : port, at);
		reach_bare(p, c);
		break;
	case REFERENCE_GUE1:
		write_udp(p, c, port, at);
		reach_bare(p, c);
		break;
	default:
		reach_ipip(p, c);
	}
}

void tunnel_write(const struct packet *p, const struct choice *c, uint8_t *at)
{
	if (c->pool->mode == REFERENCE_L2)
		return;
	if (tunnel_is_ipv4(c))
		write_outer4(p, c, at);
	else
		write_outer6(p, c, at);
	write_between(p, c, at + (tunnel_is_ipv4(c) ? 20 : 40));
}
