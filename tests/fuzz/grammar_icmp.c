/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP: echo, errors that quote a packet of a service to its client, nonsense: see grammar.h. */
#include <netinet/in.h>
#include <string.h>

#include "fuzz/grammar.h"

enum { FRAGMENT = 44 };

/* --- the quoted packet --------------------------------------------------------------------------------- */

static void put_quoted_ports(struct drawing *d)
{
	uint8_t ports[8] = {d->port >> 8, d->port, d->source_port >> 8, d->source_port};

	grammar_put(d, ports, sizeof(ports)); /* RFC 792: 64 bits of the packet's data */
}

static void put_quoted4(struct drawing *d, uint8_t protocol, uint16_t fragment)
{
	struct random *r = d->random;
	unsigned int options = random_one_in(r, 6) ? random_below(r, 11) * 4 : 0;
	uint8_t ip[20] = {0x45 + options / 4, 0, 5, 0xdc};

	if (random_one_in(r, 16))
		ip[0] = random_next(r);
	ip[6] = fragment >> 8;
	ip[7] = fragment;
	ip[8] = random_next(r);
	ip[9] = protocol;
	memcpy(ip + 12, d->to.byte + 12, 4);
	memcpy(ip + 16, d->quoted_to.byte + 12, 4);
	if (random_one_in(r, 12))
		ip[12 + random_below(r, 4)] ^= 1 << random_below(r, 8);
	grammar_put(d, ip, sizeof(ip));
	grammar_put(d, NULL, options);
}

static void put_quoted6(struct drawing *d, uint8_t protocol, uint16_t fragment)
{
	struct random *r = d->random;
	bool has_fragment = random_one_in(r, 3);
	uint8_t ip[40] = {0x60, 0, 0, 0, 5, 0xdc, has_fragment ? FRAGMENT : protocol, random_next(r)};
	uint8_t header[8] = {protocol, 0, fragment >> 5, fragment << 3};

	if (random_one_in(r, 16))
		ip[0] = random_next(r);
	memcpy(ip + 8, &d->to, 16);
	memcpy(ip + 24, &d->quoted_to, 16);
	if (random_one_in(r, 12))
		ip[8 + random_below(r, 16)] ^= 1 << random_below(r, 8);
	grammar_put(d, ip, sizeof(ip));
	if (has_fragment)
		grammar_put(d, header, sizeof(header));
}

static void put_quoted(struct drawing *d)
{
	struct random *r = d->random;
	uint8_t protocol = random_one_in(r, 12) ? (d->is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6) : d->quoted_protocol;
	uint16_t fragment = random_one_in(r, 8) ? random_below(r, 3) : 0;
	unsigned int cut;

	grammar_border(d);
	if (d->is_ipv4)
		put_quoted4(d, protocol, fragment);
	else
		put_quoted6(d, protocol, fragment);
	put_quoted_ports(d);
	cut = random_one_in(r, 8) ? random_below(r, 36) : 0; /* and no payload behind it, with luck */
	if (cut <= d->frame->length - d->transport_at)
		d->frame->length -= cut;
}

/* --- ICMP ------------------------------------------------------------------------------------------------- */

void grammar_error(struct drawing *d)
{
	d->quoted_protocol = d->protocol;
	d->quoted_to = d->from;
	d->protocol = d->is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

static uint8_t draw_error(struct drawing *d)
{
	static const uint8_t errors4[] = {3, 3, 11, 12}, errors6[] = {1, 2, 2, 3, 4};

	return d->is_ipv4 ? random_pick(d->random, errors4) : random_pick(d->random, errors6);
}

static uint8_t draw_type(struct drawing *d)
{
	static const uint8_t kinds4[] = {0, 3, 4, 5, 8, 8, 11, 12, 13, 128},
			     kinds6[] = {0, 1, 2, 3, 4, 5, 128, 128, 129, 133, 135, 8};
	struct random *r = d->random;

	if (d->is_flow || random_one_in(r, 2))
		return draw_error(d);
	if (random_one_in(r, 2))
		return d->is_ipv4 ? 8 : 128;
	return d->is_ipv4 ? random_pick(r, kinds4) : random_pick(r, kinds6);
}

void grammar_icmp(struct drawing *d)
{
	struct random *r = d->random;
	uint8_t icmp[8] = {draw_type(d), random_one_in(r, 10) ? random_next(r) : 0};
	uint32_t rest = random_one_in(r, 4) ? 0 : random_next(r);

	memcpy(icmp + 4, &rest, sizeof(rest));
	grammar_put(d, icmp, sizeof(icmp));
	if (d->quoted_protocol && (d->is_flow || random_below(r, 8)))
		put_quoted(d);
}
