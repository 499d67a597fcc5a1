/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that go back to the sender, out of the interface that the packet came in by, in its own tags: echo
 * replies (RFC 792, RFC 4443 4.2), and ICMP errors from the service's address that quote the packet as it
 * came, as much as makes 576 bytes (RFC 1812 4.3.2.3) or 1280 (RFC 4443 2.4 c).
 */
#include <netinet/in.h>
#include <string.h>

#include "reference/model.h"
#include "reference/wire.h"

#define TTL_NEW   64
#define ERROR_TOS 0xc0 /* internetwork control, RFC 1812 4.3.2.5 */

enum { ECHO_REPLY = 0, ECHO_REPLY6 = 129 };

static void write_link(const struct packet *p, uint8_t *out)
{
	memcpy(out, p->frame + 6, 6);
	memcpy(out + 6, p->frame, 6);
	memcpy(out + 12, p->frame + 12, p->ip - 12);
}

static void set_ttl(uint8_t *ip, uint8_t ttl)
{
	uint16_t before = get16(ip + 8);

	ip[8] = ttl;
	sum_change(ip + 10, before, get16(ip + 8));
}

/*
 * RFC 1624's equation 3 takes for granted that not all words are 0. A reply over IPv4 may be all 0: then only
 * the negative zero is right; in a longer message with the same header both are.
 */
static void keep_negative_zero(uint8_t *icmp)
{
	static const uint8_t blank[8];

	if (memcmp(icmp, blank, sizeof(blank)))
		return;
	REACH(ECHO_BLANK);
	put16(icmp + 2, 0xffff);
}

void reference_reply_echo(const struct packet *p, struct reference_answer *ret)
{
	uint8_t *ip = ret->frame + p->ip, *icmp = ret->frame + p->transport;
	unsigned int addresses = p->is_ipv6 ? 8 : 12, size = p->is_ipv6 ? 16 : 4;
	uint16_t before;

	ret->length = p->length;
	memcpy(ret->frame, p->frame, p->length);
	write_link(p, ret->frame);
	memcpy(ip + addresses, p->frame + p->ip + addresses + size, size);
	memcpy(ip + addresses + size, p->frame + p->ip + addresses, size);
	if (p->is_ipv6)
		ip[7] = TTL_NEW;
	else
		set_ttl(ip, TTL_NEW);
	before = get16(icmp);
	icmp[0] = p->is_ipv6 ? ECHO_REPLY6 : ECHO_REPLY;
	if (sum_change(icmp + 2, before, get16(icmp)))
		REACH(ECHO_CARRY);
	keep_negative_zero(icmp);
}

/* --- errors ------------------------------------------------------------------------------------- */

static void write_ipv4(const struct packet *p, uint8_t *ip, uint32_t payload)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	ip[1] = ERROR_TOS;
	put16(ip + 2, 20 + payload);
	put16(ip + 6, 0x4000);
	ip[8] = TTL_NEW;
	ip[9] = IPPROTO_ICMP;
	memcpy(ip + 12, p->destination.byte + 12, 4);
	memcpy(ip + 16, p->source.byte + 12, 4);
	put16(ip + 10, ~sum_fold(sum_add(0, ip, 20)));
}

static void write_ipv6(const struct packet *p, uint8_t *ip, uint32_t payload)
{
	memset(ip, 0, 40);
	ip[0] = 0x60;
	put16(ip + 4, payload);
	ip[6] = IPPROTO_ICMPV6;
	ip[7] = TTL_NEW;
	memcpy(ip + 8, p->destination.byte, 16);
	memcpy(ip + 24, p->source.byte, 16);
}

static void reach_quote(const struct packet *p, uint32_t quote)
{
	bool is_whole = quote == packet_ip_length(p);

	if (quote % 2)
		REACH(QUOTE_ODD);
	if (p->is_ipv6 && is_whole)
		REACH(QUOTE6_WHOLE);
	else if (p->is_ipv6)
		REACH(QUOTE6_PART);
	else if (is_whole)
		REACH(QUOTE4_WHOLE);
	else
		REACH(QUOTE4_PART);
}

/* The ICMP message at `icmp`, checksum included. start: the sum of what else it covers. */
static void write_icmp(uint8_t *icmp, uint64_t start, uint8_t type, uint8_t code, uint32_t rest,
		       const uint8_t *quoted, uint32_t quote)
{
	icmp[0] = type;
	icmp[1] = code;
	put16(icmp + 2, 0);
	put32(icmp + 4, rest);
	memcpy(icmp + 8, quoted, quote);
	put16(icmp + 2, ~sum_fold(sum_add(start, icmp, 8 + quote)));
}

bool reference_reply_error(const struct packet *p, unsigned int headroom, uint8_t type, uint8_t code,
			   uint32_t rest, struct reference_answer *ret)
{
	uint32_t header = p->is_ipv6 ? 40 : 20, most = (p->is_ipv6 ? 1280 : 576) - header - 8;
	uint32_t quote = packet_ip_length(p) < most ? packet_ip_length(p) : most;
	uint8_t *ip = ret->frame + p->ip;
	uint64_t start = 0;

	if (header + 8 > headroom) {
		REACH(HEADROOM_REPLY);
		return false;
	}
	reach_quote(p, quote);
	write_link(p, ret->frame);
	if (p->is_ipv6) {
		write_ipv6(p, ip, 8 + quote);
		start = sum_add(IPPROTO_ICMPV6 + 8 + quote, ip + 8, 32);
	} else {
		write_ipv4(p, ip, 8 + quote);
	}
	write_icmp(ip + header, start, type, code, rest, p->frame + p->ip, quote);
	ret->length = p->ip + header + 8 + quote;
	return true;
}
