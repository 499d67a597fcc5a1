/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decoding frames: see decode.h. Written apart from the program and from the model. */
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "fuzz/decode.h"

struct decoder {
	FILE *out;
	const uint8_t *bytes;
	unsigned int at, end; /* end: of the frame */
};

/* Whether `length` bytes are there; else says so. */
static bool is_there(struct decoder *d, unsigned int length, const char *what)
{
	if (d->at + length <= d->end)
		return true;
	fprintf(d->out, "  %4u  %s cut short: %u of %u bytes\n", d->at, what, d->end - d->at, length);
	d->at = d->end;
	return false;
}

static unsigned int word(const struct decoder *d, unsigned int offset)
{
	return d->bytes[d->at + offset] << 8 | d->bytes[d->at + offset + 1];
}

static const char *right(bool is_right)
{
	return is_right ? "right" : "wrong";
}

/* --- transport ---------------------------------------------------------------------------------------------
 */

static void ip(struct decoder *d, bool is_ipv4);

static void tcp(struct decoder *d)
{
	static const char names[] = "FSRPAUEC";
	uint8_t flags;
	int i;

	if (!is_there(d, 20, "TCP"))
		return;
	flags = d->bytes[d->at + 13];
	fprintf(d->out, "  %4u  TCP %u > %u, header %u, flags ", d->at, word(d, 0), word(d, 2),
		d->bytes[d->at + 12] >> 4 << 2);
	for (i = 0; i < 8; i++)
		if (flags >> i & 1)
			fputc(names[i], d->out);
	fprintf(d->out, "%s\n", flags ? "" : "none");
	d->at += 20;
}

static void udp(struct decoder *d)
{
	if (!is_there(d, 8, "UDP"))
		return;
	fprintf(d->out, "  %4u  UDP %u > %u, length %u\n", d->at, word(d, 0), word(d, 2), word(d, 4));
	d->at += 8;
}

static void gre(struct decoder *d)
{
	unsigned int type;

	if (!is_there(d, 4, "GRE"))
		return;
	type = word(d, 2);
	fprintf(d->out, "  %4u  GRE flags 0x%04x, type 0x%04x\n", d->at, word(d, 0), type);
	d->at += 4;
	if (type == 0x0800 || type == 0x86dd)
		ip(d, type == 0x0800);
}

static void icmp(struct decoder *d, bool is_ipv4)
{
	uint8_t type;
	bool is_error;

	if (!is_there(d, 8, "ICMP"))
		return;
	type = d->bytes[d->at];
	is_error = is_ipv4 ? type == 3 || type == 11 : type > 0 && type < 5;
	fprintf(d->out, "  %4u  ICMP%s type %u code %u, checksum 0x%04x, rest 0x%04x%04x%s\n", d->at,
		is_ipv4 ? "" : "v6", type, d->bytes[d->at + 1], word(d, 2), word(d, 4), word(d, 6),
		is_error ? ", quotes:" : "");
	d->at += 8;
	if (is_error && d->at < d->end)
		ip(d, is_ipv4);
}

static void transport(struct decoder *d, uint8_t protocol, bool is_ipv4)
{
	switch (protocol) {
	case IPPROTO_IPIP:
		ip(d, true);
		break;
	case IPPROTO_IPV6:
		ip(d, false);
		break;
	case IPPROTO_GRE:
		gre(d);
		break;
	case IPPROTO_TCP:
		tcp(d);
		break;
	case IPPROTO_UDP:
		udp(d);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		icmp(d, is_ipv4);
		break;
	}
}

/* --- IP ----------------------------------------------------------------------------------------------------
 */

static const char *address(const uint8_t *bytes, bool is_ipv4, char *buf)
{
	struct leat_addr addr = {.word = {0, 0, htonl(0xffff)}};

	memcpy(addr.byte + (is_ipv4 ? 12 : 0), bytes, is_ipv4 ? 4 : 16);
	return addr_format(&addr, buf);
}

static void ipv4(struct decoder *d)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	const uint8_t *h = d->bytes + d->at;
	unsigned int headers, fragment;

	if (!is_there(d, 20, "IPv4"))
		return;
	headers = (h[0] & 15) * 4;
	fragment = word(d, 6);
	fprintf(d->out,
		"  %4u  IPv4 %s > %s, version %u, header %u, length %u of %u, ttl %u, protocol %u, tos "
		"0x%02x,",
		d->at, address(h + 12, true, from), address(h + 16, true, to), h[0] >> 4, headers, word(d, 2),
		d->end - d->at, h[8], h[9], h[1]);
	fprintf(d->out, "%s%s offset %u, checksum 0x%04x %s\n", fragment & 0x4000 ? " DF," : "",
		fragment & 0x2000 ? " MF," : "", fragment & 0x1fff, word(d, 10),
		d->at + headers <= d->end ? right(draw_sum(0, h, headers) == 0xffff) : "cut short");
	if (headers < 20 || !is_there(d, headers, "IPv4 with options"))
		return;
	d->at += headers;
	if (!(fragment & 0x1fff))
		transport(d, h[9], true);
}

static bool is_extension(uint8_t kind)
{
	return kind == 0 || kind == 43 || kind == 44 || kind == 51 || kind == 60 || kind == 135;
}

static void extensions(struct decoder *d, uint8_t kind)
{
	unsigned int length, fragment = 0;

	while (is_extension(kind) && !(fragment & 0xfff8)) {
		if (!is_there(d, 8, "IPv6 extension header"))
			return;
		length = kind == 44   ? 8
			 : kind == 51 ? d->bytes[d->at + 1] * 4 + 8
				      : d->bytes[d->at + 1] * 8 + 8;
		fprintf(d->out, "  %4u  IPv6 extension header %u, length %u, next %u", d->at, kind, length,
			d->bytes[d->at]);
		if (kind == 44) {
			fragment = word(d, 2);
			fprintf(d->out, ", offset %u%s", fragment >> 3, fragment & 1 ? ", more" : "");
		}
		fputc('\n', d->out);
		kind = d->bytes[d->at];
		if (!is_there(d, length, "IPv6 extension header"))
			return;
		d->at += length;
	}
	if (!(fragment & 0xfff8))
		transport(d, kind, false);
}

static void ipv6(struct decoder *d)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	const uint8_t *h = d->bytes + d->at;

	if (!is_there(d, 40, "IPv6"))
		return;
	fprintf(d->out,
		"  %4u  IPv6 %s > %s, version %u, payload length %u of %u, hop limit %u, next %u, class "
		"0x%02x, label 0x%05x\n",
		d->at, address(h + 8, false, from), address(h + 24, false, to), h[0] >> 4, word(d, 4),
		d->end - d->at - 40, h[7], h[6], (h[0] << 4 | h[1] >> 4) & 0xff,
		(h[1] & 15) << 16 | word(d, 2));
	d->at += 40;
	extensions(d, h[6]);
}

static void ip(struct decoder *d, bool is_ipv4)
{
	if (is_ipv4)
		ipv4(d);
	else
		ipv6(d);
}

/* --- the whole ---------------------------------------------------------------------------------------------
 */

static bool is_tag(unsigned int type)
{
	return type == 0x8100 || type == 0x88a8;
}

static void mac(FILE *out, const uint8_t *m)
{
	fprintf(out, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

void decode_print(FILE *out, const struct frame *frame)
{
	struct decoder d = {out, frame->bytes, 0, frame->length};
	unsigned int type;

	if (!is_there(&d, 14, "Ethernet"))
		return;
	fprintf(out, "  %4u  Ethernet ", d.at);
	mac(out, frame->bytes + 6);
	fprintf(out, " > ");
	mac(out, frame->bytes);
	for (d.at = 12; is_tag(type = word(&d, 0)) && is_there(&d, 6, "VLAN tag"); d.at += 4)
		fprintf(out, "\n  %4u  VLAN tag 0x%04x, tci 0x%04x", d.at, type, word(&d, 2));
	fprintf(out, ", type 0x%04x\n", type);
	d.at += 2;
	if (type == 0x0800 || type == 0x86dd)
		ip(&d, type == 0x0800);
	if (d.at < d.end)
		fprintf(out, "  %4u  %u bytes more\n", d.at, d.end - d.at);
}

void decode_hex(FILE *out, const struct frame *frame, const struct frame *other)
{
	unsigned int i;

	for (i = 0; i < frame->length; i++) {
		bool differs = other && (i >= other->length || frame->bytes[i] != other->bytes[i]);

		if (i % 16 == 0)
			fprintf(out, "%s  %4u ", i ? "\n" : "", i);
		fprintf(out, "%s%02x", differs ? "*" : " ", frame->bytes[i]);
	}
	fputc('\n', out);
}

void decode_destination(const struct frame *frame, struct leat_addr *ret)
{
	struct decoder d = {NULL, frame->bytes, 12, frame->length};
	int tags;

	memset(ret, 0, sizeof(*ret));
	for (tags = 0; tags < 2 && d.at + 2 <= d.end && is_tag(word(&d, 0)); tags++)
		d.at += 4;
	if (d.at + 22 <= d.end && word(&d, 0) == 0x0800) {
		ret->word[2] = htonl(0xffff);
		memcpy(ret->byte + 12, frame->bytes + d.at + 18, 4);
	} else if (d.at + 42 <= d.end && word(&d, 0) == 0x86dd) {
		memcpy(ret, frame->bytes + d.at + 26, 16);
	}
}
