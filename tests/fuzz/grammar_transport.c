/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP, UDP, nonsense, and what they carry: see grammar.h. */
#include <netinet/in.h>
#include <string.h>

#include "fuzz/grammar.h"

/* A flow that comes again lasts for some packets. */
static uint8_t draw_flags(struct drawing *d)
{
	static const uint8_t usual[] = {SYN,       SYN | ACK, ACK,       ACK,       ACK | PSH,
					FIN | ACK, RST,       RST | ACK, SYN | 0xc0};
	struct random *r = d->random;

	if (d->is_flow && random_below(r, 3))
		return ACK;
	return random_one_in(r, 8) ? random_next(r) : random_pick(r, usual);
}

static void put_tcp(struct drawing *d)
{
	struct random *r = d->random;
	unsigned int options = random_one_in(r, 3) ? random_below(r, 11) * 4 : 0;
	uint8_t tcp[60] = {};

	tcp[0] = d->source_port >> 8;
	tcp[1] = d->source_port;
	tcp[2] = d->port >> 8;
	tcp[3] = d->port;
	memset(tcp + 4, random_next(r), 8);
	tcp[12] = (20 + options) / 4 << 4 | random_below(r, 2);
	tcp[13] = draw_flags(d);
	tcp[14] = 0x20;
	memset(tcp + 20, 1, options);
	grammar_put(d, tcp, 20 + options);
}

static void put_udp(struct drawing *d)
{
	uint8_t udp[8] = {d->source_port >> 8, d->source_port, d->port >> 8, d->port};

	grammar_put(d, udp, sizeof(udp));
}

static void put_sctp(struct drawing *d)
{
	uint8_t sctp[12] = {d->source_port >> 8, d->source_port, d->port >> 8, d->port, [4] = 0x5c, [11] = 0xc5};

	grammar_put(d, sctp, sizeof(sctp));
}

/* So much that the packet is about as long as some way's MTU, where the outer header decides. */
static unsigned int draw_about_mtu(struct drawing *d)
{
	static const int around[] = {0, 0, -1, 1, -20, -19, -21, -40, -39, -41, 4, -4};
	const struct settings *s = d->settings;
	unsigned int pool = s->pool_count ? random_below(d->random, s->pool_count) : 0;
	int mtu = 1500, there = d->frame->length - d->ip_at;

	if (s->pool_count && s->pools[pool].member_count)
		mtu = s->members[pool][random_below(d->random, s->pools[pool].member_count)].way.mtu;
	mtu += random_pick(d->random, around);
	return mtu > there ? mtu - there : 0;
}

static unsigned int draw_payload_length(struct drawing *d)
{
	struct random *r = d->random;

	switch (random_below(r, 32)) {
	case 0 ... 7:
		return 0;
	case 8 ... 19:
		return random_below(r, 64);
	case 20 ... 23:
		return random_between(r, 480, 620); /* what an ICMP error quotes ends here */
	case 24 ... 29:
		return draw_about_mtu(d);
	case 30:
		return random_between(r, 1180, 1300); /* and here, in IPv6 */
	default:
		return random_below(r, d->most);
	}
}

static void put_payload(struct drawing *d)
{
	unsigned int at = grammar_put(d, NULL, draw_payload_length(d)), length = d->frame->length - at;
	struct random *r = d->random;

	switch (random_below(r, 4)) {
	case 0:
		return;
	case 1:
		memset(d->frame->bytes + at, 0xff, length);
		return;
	default:
		for (; length >= 8 && at < d->frame->length - 8 && at < 256; at += 8) {
			uint64_t bytes = random_next(r);

			memcpy(d->frame->bytes + at, &bytes, sizeof(bytes));
		}
		memset(d->frame->bytes + at, random_next(r), d->frame->length - at);
	}
}

void grammar_transport(struct drawing *d)
{
	struct random *r = d->random;

	if (d->fragment == FRAGMENT_LATER) {
		put_payload(d);
		return;
	}
	switch (d->protocol) {
	case IPPROTO_TCP:
		put_tcp(d);
		break;
	case IPPROTO_UDP:
		put_udp(d);
		break;
	case IPPROTO_SCTP:
		put_sctp(d);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		grammar_icmp(d);
		break;
	}
	/* A packet that ends within its transport header, and says so. */
	if (random_one_in(r, 40)) {
		d->frame->length -= random_below(r, d->frame->length - d->transport_at + 1);
		return;
	}
	grammar_border(d);
	if (!grammar_quic(d))
		put_payload(d);
	grammar_border(d);
}
