/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat-decap's program held against a plain reader of the same RFCs, over tunnels of every kind in which each bit of each
 * header was changed, and which were cut after each byte.
 */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "packet/bed.h"
#include "packet/decap_bed.h"

/* --- the reader -------------------------------------------------------------------------------------------- */

struct tunnel {
	const uint8_t *frame;
	unsigned int length;       /* of the frame */
	unsigned int ip, at, end;  /* outer IP header; where reading is; where the outer packet says that it ends */
	uint8_t protocol;          /* of what is at `at` */
	unsigned int ecn;          /* outer */
	struct leat_addr to;
	bool is_fragment;
};

static unsigned int get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static bool is_there(const struct tunnel *t, unsigned int bytes)
{
	return t->at + bytes <= t->length;
}

static bool read_ipv4(struct tunnel *t)
{
	const uint8_t *h = t->frame + t->ip;
	unsigned int headers;

	if (!is_there(t, 20) || h[0] >> 4 != 4 || (h[0] & 15) < 5)
		return false;
	headers = (h[0] & 15) * 4;
	if (get16(h + 2) < headers || !is_there(t, headers))
		return false;
	t->ecn = h[1] & 3;
	t->end = t->ip + get16(h + 2);
	t->is_fragment = get16(h + 6) & 0x3fff;
	t->protocol = h[9];
	memset(&t->to, 0, sizeof(t->to));
	memset(t->to.byte + 10, 0xff, 2);
	memcpy(t->to.byte + 12, h + 16, 4);
	t->at += headers;
	return true;
}

static bool read_ipv6(struct tunnel *t)
{
	const uint8_t *h = t->frame + t->ip;

	if (!is_there(t, 40) || h[0] >> 4 != 6)
		return false;
	t->ecn = h[1] >> 4 & 3;
	t->end = t->ip + 40 + get16(h + 4);
	t->protocol = h[6];
	memcpy(&t->to, h + 24, 16);
	t->at += 40;
	return true;
}

/* Only what the frames below have, and no chain of extension headers: other tests walk those. */
static bool is_extension(uint8_t protocol)
{
	return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 || protocol == 60 || protocol == 135;
}

static bool read_link(struct tunnel *t)
{
	unsigned int type, tags;

	for (t->at = 14, tags = 0; tags < 2; tags++, t->at += 4) {
		type = get16(t->frame + t->at - 2);
		if (type != 0x8100 && type != 0x88a8)
			break;
		if (!is_there(t, 4))
			return false;
	}
	t->ip = t->at;
	type = get16(t->frame + t->at - 2);
	return type == 0x0800 ? read_ipv4(t) : type == 0x86dd && read_ipv6(t);
}

static bool is_ours(const struct tunnel *t)
{
	struct leat_addr ours;

	addr_parse(BACKEND, &ours);
	if (t->frame[t->ip] >> 4 == 4)
		return addr_equal(&t->to, &ours) && !t->is_fragment;
	addr_parse(BACKEND6, &ours);
	return addr_equal(&t->to, &ours);
}

/* RFC 2784, draft-ietf-intarea-gue; protocol becomes 4 or 41. False: not a tunnel as leat makes it. */
static bool read_between(struct tunnel *t)
{
	const uint8_t *h = t->frame + t->at;
	unsigned int port, udp_end;

	switch (t->protocol) {
	case 47:
		if (!is_there(t, 4) || t->at + 4 > t->end || get16(h))
			return false;
		t->at += 4;
		t->protocol = get16(h + 2) == 0x0800 ? 4 : get16(h + 2) == 0x86dd ? 41 : 255;
		break;
	case 17:
		port = is_there(t, 8) ? get16(h + 2) : 0;
		if (port != DECAP_GUE_PORT && port != TUNNEL_PORT && port != TUNNEL_PORT + 1)
			return false;
		udp_end = t->at + get16(h + 4);
		if (get16(h + 6) || udp_end > t->end || get16(h + 4) < 8)
			return false;
		t->end = udp_end;
		t->at += 8;
		h += 8;
		if (!is_there(t, 4))
			return false;
		if (h[0] >> 6 == 1) { /* an IP packet: what is no IPv4 must be IPv6 */
			t->protocol = h[0] >> 4 == 4 ? 4 : 41;
		} else {
			if (h[0] || get16(h + 2) || t->at + 4 > t->end)
				return false;
			t->at += 4;
			t->protocol = h[1];
		}
	}
	return t->protocol == 4 || t->protocol == 41;
}

/* RFC 6040 4.2, figure 4; -1: drop. */
static int merged_ecn(unsigned int outer, unsigned int inner)
{
	static const int figure[4][4] = {{0, 0, 0, -1}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};

	return figure[inner][outer];
}

/* The packet inside as it leaves, its checksum corrected for the new ECN bits (RFC 1624). False: not whole, or to be dropped. */
static bool take_inner(const struct tunnel *t, uint8_t *out)
{
	unsigned int room = t->end - t->at, header = t->protocol == 4 ? 20 : 40, class, sum;
	const uint8_t *h = t->frame + t->at;
	int ecn;

	if (!is_there(t, header) || h[0] >> 4 != (t->protocol == 4 ? 4 : 6))
		return false;
	if (t->protocol == 4 && ((h[0] & 15) < 5 || get16(h + 2) > room || get16(h + 2) < (h[0] & 15) * 4u))
		return false;
	if (t->protocol == 41 && 40 + get16(h + 4) > room)
		return false;
	class = t->protocol == 4 ? h[1] : get16(h) >> 4 & 255;
	ecn = merged_ecn(t->ecn, class & 3);
	if (ecn < 0)
		return false;
	memcpy(out, h, t->length - t->at);
	if (t->protocol == 41) {
		out[1] = (h[1] & 0xcf) | ecn << 4;
		return true;
	}
	out[1] = (h[1] & 0xfc) | ecn;
	sum = (get16(h + 10) ^ 0xffff) + (get16(h) ^ 0xffff) + get16(out);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ((sum & 0xffff) + (sum >> 16)) ^ 0xffff;
	out[10] = sum >> 8;
	out[11] = sum;
	return true;
}

/* -1: not for this reader. */
static int reads(const struct frame *in, struct frame *out)
{
	struct tunnel t = {.frame = in->bytes, .length = in->length};
	bool is_cut; /* the outer packet, somewhere */

	*out = *in;
	if (!read_link(&t))
		return LEAT_DECAP_OTHER;
	is_cut = t.end > t.length;
	if (in->bytes[t.ip] >> 4 == 6 && is_extension(t.protocol))
		return -1;
	if (t.is_fragment || !read_between(&t) || !is_ours(&t))
		return LEAT_DECAP_OTHER;
	if (is_cut || !take_inner(&t, out->bytes + t.ip))
		return LEAT_DECAP_MALFORMED;
	out->bytes[t.ip - 2] = t.protocol == 4 ? 0x08 : 0x86;
	out->bytes[t.ip - 1] = t.protocol == 4 ? 0x00 : 0xdd;
	out->length = in->length - (t.at - t.ip);
	return LEAT_DECAP_STRIPPED;
}

/* --- the frames -------------------------------------------------------------------------------------------- */

static unsigned int outcomes[LEAT_DECAP_COUNT];

static void agrees(const char *text, const struct frame *in)
{
	static struct frame left, wanted;
	int expected = reads(in, &wanted);
	enum leat_decap_outcome is;

	if (expected < 0)
		return;
	is = decap_run(text, in, &left);
	if ((int)is != expected)
		fail_msg("%s: outcome %d, the reader says %d", text, is, expected);
	outcomes[is]++;
	if (is != LEAT_DECAP_MALFORMED &&
	    (left.length != wanted.length || memcmp(left.bytes, wanted.bytes, wanted.length)))
		fail_msg("%s: leaves as another frame", text);
}

static void change_all(const char *name, struct frame *frame)
{
	auto_free struct frame *freed = frame;
	unsigned int bit, whole = frame->length;
	char text[64];

	for (bit = 12 * 8; bit < whole * 8; bit++) {
		frame->bytes[bit / 8] ^= 0x80 >> bit % 8;
		snprintf(text, sizeof(text), "%s, bit %u of byte %u", name, bit % 8, bit / 8);
		agrees(text, frame);
		frame->bytes[bit / 8] ^= 0x80 >> bit % 8;
	}
	for (frame->length = 14; frame->length <= whole; frame->length++) {
		snprintf(text, sizeof(text), "%s, %u bytes of it", name, frame->length);
		agrees(text, frame);
	}
}

#define UDP_TO(port) UDP(50000, port, .no_checksum = true)
#define INNER4       IP4(CLIENT, VIP, .tos = 2), UDP(1, 2), PAYLOAD(3)
#define INNER6       IP6(CLIENT6, VIP6, .tos = 1), UDP(1, 2), PAYLOAD(3)
#define OVER4        ETH(), IP4(OUTER, BACKEND, .tos = 1)
#define OVER6        ETH(), VLAN(3), IP6(OUTER6, BACKEND6, .tos = 0xb9)

static void every_bit_and_every_length(void **state)
{
	change_all("ipip", FRAME(OVER4, INNER4));
	change_all("ipip", FRAME(OVER6, INNER6));
	change_all("gre over IPv4", FRAME(OVER4, GRE(), INNER6));
	change_all("gre over IPv6", FRAME(ETH(), QINQ(1), VLAN(2), IP6(OUTER6, BACKEND6, .type = 47), GRE(), INNER4));
	change_all("gue over IPv4", FRAME(OVER4, UDP_TO(DECAP_GUE_PORT), GUE(), INNER4));
	change_all("gue over IPv6", FRAME(OVER6, UDP_TO(TUNNEL_PORT), GUE(), INNER6));
	change_all("gue1 over IPv4", FRAME(OVER4, UDP_TO(DECAP_GUE_PORT), INNER6));
	change_all("gue1 over IPv6", FRAME(OVER6, UDP_TO(DECAP_GUE_PORT), INNER4));
	change_all("fou, padded", FRAME(OVER4, UDP_TO(TUNNEL_PORT + 1), INNER6, PAD(4)));
	change_all("gre with a checksum", FRAME(OVER4, GRE(.rest = 0x8000), INNER4));
	assert_true(outcomes[LEAT_DECAP_STRIPPED] > 1000);
	assert_true(outcomes[LEAT_DECAP_MALFORMED] > 200);
	assert_true(outcomes[LEAT_DECAP_OTHER] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_and_every_length),
	};

	return cmocka_run_group_tests(tests, decap_up, decap_down);
}
