/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a frame up to its ports: docs/packet.md, "Parse". What is wrong with it is remembered, not judged;
 * the end of the packet is the end that its IP header names, or the frame's if that comes first.
 */
#include <netinet/in.h>
#include <string.h>

#include "reference/model.h"
#include "reference/wire.h"

#define TAGS_MAX       2
#define EXTENSIONS_MAX 6

enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, TYPE_TAG = 0x8100, TYPE_TAG_AD = 0x88a8 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60, MOBILITY = 135 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static void defect(struct packet *p, enum leat_verdict verdict, enum branch road)
{
	if (p->defect != LEAT_NEXT) {
		p->has_two_defects = true;
		return;
	}
	p->defect = verdict;
	p->road = road;
}

/* --- Ethernet ----------------------------------------------------------------------------------- */

/* Returns the EtherType behind the tags; 0 if there is none to be had. */
static uint16_t read_tags(struct packet *p)
{
	uint16_t type = get16(p->frame + 12);

	p->ip = 14;
	while (type == TYPE_TAG || type == TYPE_TAG_AD) {
		if (p->tag_count == TAGS_MAX) {
			REACH(NOT_IP_TAGS_MANY);
			return 0;
		}
		if (p->length < p->ip + 4) {
			REACH(NOT_IP_TAG_CUT);
			return 0;
		}
		type = get16(p->frame + p->ip + 2);
		p->ip += 4;
		p->tag_count++;
	}
	return type;
}

static void reach_tags(const struct packet *p)
{
	static const enum branch branches[] = {BRANCH_TAGS_NONE, BRANCH_TAGS_ONE, BRANCH_TAGS_TWO};

	REACH_ONE(branches[p->tag_count]);
}

uint32_t reference_readable(const struct packet *p, uint32_t at)
{
	uint32_t end = p->end < p->first_buffer ? p->end : p->first_buffer;

	return at < end ? end - at : 0;
}

/* --- transport ---------------------------------------------------------------------------------- */

static void check_flags(struct packet *p, uint8_t flags)
{
	if (!(flags & (SYN | FIN | RST | ACK)))
		defect(p, LEAT_TCP_BAD_FLAGS, BRANCH_TCP_FLAGS_NONE);
	else if (flags & SYN && flags & FIN)
		defect(p, LEAT_TCP_BAD_FLAGS, BRANCH_TCP_FLAGS_SYN_FIN);
	else if (flags & SYN && flags & RST)
		defect(p, LEAT_TCP_BAD_FLAGS, BRANCH_TCP_FLAGS_SYN_RST);
}

static void read_tcp(struct packet *p, const uint8_t *tcp, uint32_t there)
{
	if (reference_readable(p, p->transport) < 20) {
		defect(p, LEAT_L4_TRUNCATED, BRANCH_TCP_CUT);
		return;
	}
	if (tcp[12] >> 4 < 5)
		defect(p, LEAT_L4_TRUNCATED, BRANCH_TCP_WORDS);
	else if ((tcp[12] >> 4) * 4u > there)
		defect(p, LEAT_L4_TRUNCATED, BRANCH_TCP_OPTIONS);
	check_flags(p, tcp[13]);
}

static void read_udp(struct packet *p, const uint8_t *udp, uint32_t there)
{
	if (reference_readable(p, p->transport) < 8)
		defect(p, LEAT_L4_TRUNCATED, BRANCH_UDP_CUT);
	else if (get16(udp + 4) < 8)
		defect(p, LEAT_L4_TRUNCATED, BRANCH_UDP_LENGTH_SMALL);
	else if (get16(udp + 4) > there && p->fragment == FIRST)
		REACH(UDP_LENGTH_FIRST);
	else if (get16(udp + 4) > there)
		defect(p, LEAT_L4_TRUNCATED, BRANCH_UDP_LENGTH_LARGE);
	else if (get16(udp + 4) < there)
		REACH(UDP_LENGTH_INSIDE);
}

static void read_ports(struct packet *p)
{
	const uint8_t *header = p->frame + p->transport;
	uint32_t there = p->end - p->transport;

	if (reference_readable(p, p->transport) < 4) {
		p->asks = ASKS_ADDRESS;
		defect(p, LEAT_L4_TRUNCATED, there < 4 ? BRANCH_PORTS_CUT : BRANCH_PORTS_BUFFER);
		return;
	}
	p->asks = ASKS_PORT;
	p->source_port = get16(header);
	p->destination_port = get16(header + 2);
	if (p->protocol == IPPROTO_TCP)
		read_tcp(p, header, there);
	else if (p->protocol == IPPROTO_UDP)
		read_udp(p, header, there);
	else if (reference_readable(p, p->transport) < 12)
		defect(p, LEAT_L4_TRUNCATED, BRANCH_SCTP_CUT);
}

static bool is_icmp(const struct packet *p)
{
	return p->protocol == (p->is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

bool reference_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

/* 0 names no protocol, but in IPv6 an extension header. */
static enum asks asks_other(uint8_t protocol)
{
	return protocol ? ASKS_OTHER : ASKS_NOTHING;
}

static void read_transport(struct packet *p, uint8_t protocol, uint32_t at)
{
	p->protocol = protocol;
	p->transport = at;
	if (reference_has_ports(protocol)) {
		read_ports(p);
	} else if (is_icmp(p)) {
		p->asks = ASKS_ADDRESS;
		if (reference_readable(p, at) < 8)
			defect(p, LEAT_L4_TRUNCATED, p->is_ipv6 ? BRANCH_ICMP6_CUT : BRANCH_ICMP_CUT);
	} else {
		p->asks = asks_other(protocol);
	}
}

/* A fragment that does not hold its transport header: the protocol says whether it may concern a service. */
static void read_later_fragment(struct packet *p, uint8_t protocol)
{
	p->protocol = protocol;
	p->transport = p->end;
	p->asks = reference_has_ports(protocol) || is_icmp(p) ? ASKS_ADDRESS : asks_other(protocol);
}

/* --- IPv4 --------------------------------------------------------------------------------------- */

static struct leat_addr mapped(const uint8_t *ipv4)
{
	struct leat_addr addr = {.byte = {[10] = 0xff, [11] = 0xff}};

	memcpy(addr.byte + 12, ipv4, 4);
	return addr;
}

static void check_source4(struct packet *p, const uint8_t *source)
{
	if (source[0] == 0)
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE4_THIS);
	else if (source[0] == 127)
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE4_LOOPBACK);
	else if (source[0] >= 240)
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE4_RESERVED);
	else if (source[0] >= 224)
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE4_MULTICAST);
}

/* Whether the header can be read at all; marks why not. */
static bool is_usable4(const uint8_t *ip, uint32_t there)
{
	if (there < 20)
		REACH(MALFORMED4_CUT);
	else if (ip[0] >> 4 != 4)
		REACH(MALFORMED4_VERSION);
	else if ((ip[0] & 15) < 5)
		REACH(MALFORMED4_WORDS);
	else if ((ip[0] & 15) * 4u > there)
		REACH(MALFORMED4_OPTIONS);
	else if (get16(ip + 2) < (ip[0] & 15) * 4)
		REACH(MALFORMED4_TOTAL);
	else
		return true;
	return false;
}

static enum leat_verdict read_ipv4(struct packet *p)
{
	const uint8_t *ip = p->frame + p->ip;
	uint16_t fragment;

	if (!is_usable4(ip, p->length - p->ip))
		return LEAT_L3_MALFORMED;
	p->source = mapped(ip + 12);
	p->destination = mapped(ip + 16);
	check_source4(p, ip + 12);
	if (!memcmp(ip + 12, ip + 16, 4))
		defect(p, LEAT_LAND, BRANCH_LAND4);
	if (p->ip + get16(ip + 2) > p->length)
		defect(p, LEAT_BAD_LENGTH, BRANCH_LENGTH4);
	else
		p->end = p->ip + get16(ip + 2);
	fragment = get16(ip + 6);
	p->identification = get16(ip + 4);
	if (fragment & 0x1fff) {
		p->fragment = LATER;
		read_later_fragment(p, ip[9]);
		return LEAT_NEXT;
	}
	if (fragment & 0x2000)
		p->fragment = FIRST;
	read_transport(p, ip[9], p->ip + (ip[0] & 15) * 4);
	return LEAT_NEXT;
}

/* --- IPv6 --------------------------------------------------------------------------------------- */

static bool is_mapped(const uint8_t *address)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return !memcmp(address, prefix, sizeof(prefix));
}

static void check_source6(struct packet *p, const uint8_t *source)
{
	static const uint8_t unspecified[16], loopback[16] = {[15] = 1};

	if (!memcmp(source, unspecified, 16))
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE6_UNSPECIFIED);
	else if (!memcmp(source, loopback, 16))
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE6_LOOPBACK);
	else if (source[0] == 0xff)
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE6_MULTICAST);
	else if (is_mapped(source))
		defect(p, LEAT_BAD_SOURCE, BRANCH_SOURCE6_MAPPED);
}

static bool is_extension(uint8_t type)
{
	return type == HOP_BY_HOP || type == ROUTING || type == FRAGMENT || type == AUTHENTICATION ||
	       type == DESTINATION || type == MOBILITY;
}

static uint32_t extension_length(uint8_t type, const uint8_t *header)
{
	if (type == FRAGMENT)
		return 8;
	if (type == AUTHENTICATION)
		return (header[1] + 2) * 4;
	return (header[1] + 1) * 8;
}

static void reach_extension(uint8_t type, unsigned int before)
{
	if (type == HOP_BY_HOP && !before)
		REACH(CHAIN_HOP_BY_HOP);
	else if (type == HOP_BY_HOP)
		REACH(CHAIN_HOP_BY_HOP_LATE);
	else if (type == ROUTING)
		REACH(CHAIN_ROUTING);
	else if (type == AUTHENTICATION)
		REACH(CHAIN_AUTHENTICATION);
	else if (type == DESTINATION)
		REACH(CHAIN_DESTINATION);
	else if (type == MOBILITY)
		REACH(CHAIN_MOBILITY);
}

/* Nothing behind this point can be read: the packet is for whoever has the address. */
static void lose_way(struct packet *p, enum leat_verdict verdict, enum branch road)
{
	p->asks = ASKS_ADDRESS;
	defect(p, verdict, road);
}

/* True: the transport header is in another fragment, and nothing is left to read. */
static bool read_fragment_header(struct packet *p, const uint8_t *header)
{
	uint16_t fragment = get16(header + 2);

	if (p->fragment == FIRST)
		REACH(FRAGMENT6_TWICE);
	if (fragment >> 3 || (fragment & 1 && p->fragment == WHOLE))
		p->identification = get16(header + 4) << 16 | get16(header + 6);
	if (fragment >> 3) {
		p->fragment = LATER;
		read_later_fragment(p, header[0]);
		if (is_extension(header[0])) { /* so what it is of is not known */
			REACH(FRAGMENT6_LATER_UNKNOWN);
			p->asks = ASKS_ADDRESS;
		}
		return true;
	}
	if (fragment & 1)
		p->fragment = FIRST;
	else
		REACH(FRAGMENT6_WHOLE);
	return false;
}

/* In what way the extension header at `at`, which cannot be read, is cut. */
static enum branch extension_cut(const struct packet *p, uint8_t type, uint32_t at)
{
	if (p->end - at < 2)
		return BRANCH_CHAIN_CUT;
	return p->end - at < extension_length(type, p->frame + at) ? BRANCH_CHAIN_LONG : BRANCH_CHAIN_BUFFER;
}

static void read_chain(struct packet *p, uint8_t type, uint32_t at)
{
	unsigned int count;

	for (count = 0; is_extension(type); count++) {
		const uint8_t *header = p->frame + at;

		if (count == EXTENSIONS_MAX) {
			lose_way(p, LEAT_HEADERS_TOO_MANY, BRANCH_CHAIN_MANY);
			return;
		}
		if (reference_readable(p, at) < 2 || reference_readable(p, at) < extension_length(type, header)) {
			lose_way(p, LEAT_L4_TRUNCATED, extension_cut(p, type, at));
			return;
		}
		if (type == FRAGMENT && read_fragment_header(p, header))
			return;
		reach_extension(type, count);
		at += extension_length(type, header);
		type = header[0];
	}
	if (count == EXTENSIONS_MAX)
		REACH(CHAIN_SIX);
	read_transport(p, type, at);
}

static enum leat_verdict read_ipv6(struct packet *p)
{
	const uint8_t *ip = p->frame + p->ip;

	p->is_ipv6 = true;
	if (p->length - p->ip < 40) {
		REACH(MALFORMED6_CUT);
		return LEAT_L3_MALFORMED;
	}
	if (ip[0] >> 4 != 6) {
		REACH(MALFORMED6_VERSION);
		return LEAT_L3_MALFORMED;
	}
	memcpy(p->source.byte, ip + 8, 16);
	memcpy(p->destination.byte, ip + 24, 16);
	check_source6(p, ip + 8);
	if (!memcmp(ip + 8, ip + 24, 16))
		defect(p, LEAT_LAND, BRANCH_LAND6);
	if (p->ip + 40 + get16(ip + 4) > p->length)
		defect(p, LEAT_BAD_LENGTH, BRANCH_LENGTH6);
	else
		p->end = p->ip + 40 + get16(ip + 4);
	read_chain(p, ip[6], p->ip + 40);
	if (is_mapped(p->destination.byte)) {
		REACH(NOBODY_MAPPED);
		p->asks = ASKS_NOTHING;
	}
	return LEAT_NEXT;
}

enum leat_verdict reference_read(struct packet *ret)
{
	uint16_t type;

	ret->defect = LEAT_NEXT;
	ret->end = ret->length;
	if (ret->frame[0] & 1)
		defect(ret, LEAT_L2_NOT_UNICAST, BRANCH_GROUP_FRAME);
	type = read_tags(ret);
	if (type != TYPE_IPV4 && type != TYPE_IPV6) {
		if (type && ret->tag_count)
			REACH(NOT_IP_TYPE_TAGGED);
		else if (type)
			REACH(NOT_IP_TYPE);
		return LEAT_NOT_IP;
	}
	reach_tags(ret);
	return type == TYPE_IPV4 ? read_ipv4(ret) : read_ipv6(ret);
}
