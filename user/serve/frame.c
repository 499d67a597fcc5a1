/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line for a frame: see frame.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "leat/tunnel.h"
#include "serve/frame.h"

#define HEADERS_MAX 5 /* before the transport's */

struct cursor {
	const unsigned char *at;
	size_t left;
	enum leat_mode mode;
	struct frame_facts *facts;
};

__attribute__((format(printf, 2, 3))) static void say(struct cursor *c, const char *format, ...)
{
	size_t used = strlen(c->facts->text);
	va_list args;

	va_start(args, format);
	vsnprintf(c->facts->text + used, sizeof(c->facts->text) - used, format, args);
	va_end(args);
}

/* The next n bytes, or NULL (and says so). */
static const unsigned char *take(struct cursor *c, size_t n, const char *what)
{
	const unsigned char *at = c->at;

	if (c->left < n) {
		say(c, "%s cut short", what);
		return NULL;
	}
	c->at += n;
	c->left -= n;
	return at;
}

static unsigned int be16(const unsigned char *p)
{
	return p[0] << 8 | p[1];
}

static void read_tcp(struct cursor *c)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	const unsigned char *p = take(c, 20, "TCP");

	if (!p)
		return;
	say(c, "TCP %u > %u", be16(p), be16(p + 2));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (p[13] & 1 << i)
			say(c, " %s", names[i]);
	}
}

static void read_transport(struct cursor *c, unsigned int protocol)
{
	const unsigned char *p;

	switch (protocol) {
	case IPPROTO_TCP:
		read_tcp(c);
		return;
	case IPPROTO_UDP:
		p = take(c, 8, "UDP");
		if (p)
			say(c, "UDP %u > %u", be16(p), be16(p + 2));
		return;
	case IPPROTO_SCTP:
		p = take(c, 12, "SCTP");
		if (p)
			say(c, "SCTP %u > %u", be16(p), be16(p + 2));
		return;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		p = take(c, 8, "ICMP");
		if (p)
			say(c, "%s type %u code %u", protocol == IPPROTO_ICMP ? "ICMP" : "ICMPv6", p[0],
			    p[1]);
		return;
	}
	say(c, "protocol %u", protocol);
}

/* Notes an IP header; the first is the outermost. */
static void note_ip(struct cursor *c, unsigned int version, const struct leat_addr *source,
		    const struct leat_addr *destination, unsigned int ttl)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	if (!c->facts->ip_headers++)
		c->facts->destination = *destination;
	say(c, "IPv%u %s > %s %s %u", version, addr_format(source, from), addr_format(destination, to),
	    version == 4 ? "ttl" : "hop limit", ttl);
}

/* Both return what follows the header, or -1. */
static int read_ipv4(struct cursor *c)
{
	struct leat_addr source = {.word[2] = htonl(0xffff)}, destination = source;
	const unsigned char *p = take(c, 20, "IPv4");
	unsigned int options;

	if (!p)
		return -1;
	memcpy(&source.word[3], p + 12, 4);
	memcpy(&destination.word[3], p + 16, 4);
	note_ip(c, 4, &source, &destination, p[8]);
	options = (p[0] & 15) > 5 ? ((p[0] & 15) - 5) * 4 : 0;
	if (options && !take(c, options, " / options"))
		return -1;
	return p[9];
}

static int read_ipv6(struct cursor *c)
{
	struct leat_addr source, destination;
	const unsigned char *p = take(c, 40, "IPv6");

	if (!p)
		return -1;
	memcpy(&source, p + 8, 16);
	memcpy(&destination, p + 24, 16);
	note_ip(c, 6, &source, &destination, p[7]);
	return p[6];
}

/* These, too: what lies between an outer IP header and the packet. */
static int read_gre(struct cursor *c)
{
	const unsigned char *p = take(c, sizeof(struct leat_gre), "GRE");

	if (!p)
		return -1;
	say(c, "GRE");
	return be16(p + 2) == 0x0800 ? IPPROTO_IPIP : be16(p + 2) == 0x86dd ? IPPROTO_IPV6 : 255;
}

static int read_gue(struct cursor *c)
{
	const unsigned char *p = take(c, 8, "UDP");

	if (!p)
		return -1;
	say(c, "UDP %u > %u", be16(p), be16(p + 2));
	if (c->mode != LEAT_MODE_GUE)
		return c->left && c->at[0] >> 4 == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	p = take(c, sizeof(struct leat_gue), " / GUE");
	if (!p)
		return -1;
	say(c, " / GUE");
	return p[1];
}

/* UDP straight behind the outermost IP header. */
static bool is_tunnel(const struct cursor *c, int protocol)
{
	return protocol == IPPROTO_UDP && c->facts->ip_headers == 1 &&
	       (c->mode == LEAT_MODE_GUE || c->mode == LEAT_MODE_GUE1 || c->mode == LEAT_MODE_FOU);
}

static void read_ip(struct cursor *c, int protocol)
{
	for (int i = 0; i < HEADERS_MAX; i++) {
		if (protocol == IPPROTO_IPIP)
			protocol = read_ipv4(c);
		else if (protocol == IPPROTO_IPV6)
			protocol = read_ipv6(c);
		else if (protocol == IPPROTO_GRE)
			protocol = read_gre(c);
		else if (is_tunnel(c, protocol))
			protocol = read_gue(c);
		else
			break;
		if (protocol < 0)
			return;
		say(c, " / ");
	}
	read_transport(c, protocol);
}

void frame_read(const unsigned char *frame, size_t length, enum leat_mode mode, struct frame_facts *ret)
{
	struct cursor c = {frame, length, mode, ret};
	const unsigned char *p;
	unsigned int type;

	*ret = (struct frame_facts){};
	p = take(&c, 14, "Ethernet");
	if (!p)
		return;
	memcpy(ret->link_destination, p, 6);
	say(&c, "%02x:%02x:%02x:%02x:%02x:%02x > %02x:%02x:%02x:%02x:%02x:%02x / ", p[6], p[7], p[8], p[9],
	    p[10], p[11], p[0], p[1], p[2], p[3], p[4], p[5]);
	type = be16(p + 12);
	while (type == 0x8100 || type == 0x88a8) {
		p = take(&c, 4, "VLAN");
		if (!p)
			return;
		say(&c, "VLAN %u / ", be16(p) & 0xfff);
		type = be16(p + 2);
	}
	if (type == 0x0800)
		read_ip(&c, IPPROTO_IPIP);
	else if (type == 0x86dd)
		read_ip(&c, IPPROTO_IPV6);
	else
		say(&c, "EtherType 0x%04x", type);
}
