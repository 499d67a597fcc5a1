/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6, a bounded number of extension headers included. Part of parse. */
#ifndef BPF_PARSE_IPV6_H
#define BPF_PARSE_IPV6_H

#include <linux/ipv6.h>

#include "parse_ip.h"

#define IPV6_HEADERS_MAX 6 /* RFC 8200 4.1 names eight, among them ESP, behind which nothing can be read */

enum {
	IPV6_HOP_BY_HOP = 0,
	IPV6_ROUTING = 43,
	IPV6_FRAGMENT = 44,
	IPV6_AUTHENTICATION = 51,
	IPV6_DESTINATION = 60,
	IPV6_MOBILITY = 135,
};

#define IPV6_FRAGMENT_OFFSET 0xfff8
#define IPV6_FRAGMENT_MORE   1

/* The first 8 bytes, the least of any extension header; but for the first two they only mean something in a fragment header. */
struct ipv6_extension {
	__u8 next, length;
	__be16 offset;
	__be32 identification;
};

static __always_inline bool ipv6_is_extension(__u8 next)
{
	const __u64 low = 1ull << IPV6_HOP_BY_HOP | 1ull << IPV6_ROUTING | 1ull << IPV6_FRAGMENT |
			  1ull << IPV6_AUTHENTICATION | 1ull << IPV6_DESTINATION;

	return next < 64 ? low >> next & 1 : next == IPV6_MOBILITY;
}

/* Bytes, the 8 that every header has included: RFC 8200 4, RFC 4302 2.2. */
static __always_inline __u32 ipv6_extension_size(__u8 kind, __u8 length)
{
	if (kind == IPV6_FRAGMENT)
		return 8;
	return kind == IPV6_AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
}

/* Offset 0 and nothing to follow: an "atomic" fragment is a whole packet (RFC 6946). */
static __always_inline enum fragment ipv6_fragment(__be16 offset)
{
	if (offset & bpf_htons(IPV6_FRAGMENT_OFFSET))
		return FRAGMENT_LATER;
	return offset & bpf_htons(IPV6_FRAGMENT_MORE) ? FRAGMENT_FIRST : FRAGMENT_NONE;
}

/* Passes the extension header that p->protocol names; false: it runs past the end of the packet. */
static __always_inline bool ipv6_pass(void *ip, void *end, struct packet *p)
{
	struct cursor c = {ip + (p->ip_headers & IP_HEADERS_MASK), end};
	const struct ipv6_extension *e = take(&c, sizeof(*e));
	enum fragment fragment;

	if (!e)
		return false;
	p->ip_headers += ipv6_extension_size(p->protocol, e->length);
	if (p->ip_headers > p->ip_len || ip + (p->ip_headers & IP_HEADERS_MASK) > end)
		return false;
	fragment = p->protocol == IPV6_FRAGMENT ? ipv6_fragment(e->offset) : FRAGMENT_NONE;
	if (fragment > p->fragment) { /* what one header says no second one takes back */
		p->fragment = fragment;
		p->identification = e->identification;
	}
	p->protocol = e->next;
	return true;
}

static __always_inline void ipv6_hide(struct packet *p, enum leat_verdict why)
{
	if (p->fragment != FRAGMENT_LATER) /* what it carries is hidden anyway; a first one must have all headers (RFC 7112) */
		packet_defect(p, why);
	p->is_hidden = true;
}

ROOM enum leat_verdict ipv6_walk(struct xdp_md *ctx, struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int i;

	ROOM_ENTER(p);
	for (i = 0; i < IPV6_HEADERS_MAX && ipv6_is_extension(p->protocol); i++) {
		if (!ipv6_pass(data + (p->link_len & LINK_LEN_MASK), end, p)) {
			ipv6_hide(p, LEAT_L4_TRUNCATED);
			return LEAT_NEXT;
		}
		/* The next header of a later fragment is payload, whatever it says it is. */
		if (p->fragment == FRAGMENT_LATER)
			break;
	}
	if (ipv6_is_extension(p->protocol))
		ipv6_hide(p, LEAT_HEADERS_TOO_MANY);
	return LEAT_NEXT;
}

/* ::ffff:0:0/96, the form in which IPv4 lies in the maps, is on no wire (RFC 6890). */
static __always_inline bool ipv6_is_mapped(const struct leat_addr *addr)
{
	return addr->half[0] == 0 && addr->word[2] == bpf_htonl(0xffff);
}

/* Unspecified, loopback, mapped, multicast: RFC 4291 2.5.2, 2.5.3, 2.7. */
static __always_inline bool ipv6_is_bad_source(const struct leat_addr *addr)
{
	if (addr->byte[0] == 0xff || ipv6_is_mapped(addr))
		return true;
	return addr->half[0] == 0 && addr->word[2] == 0 && bpf_ntohl(addr->word[3]) <= 1;
}

static __always_inline enum leat_verdict parse_ipv6(struct xdp_md *ctx, struct cursor *c, struct packet *p)
{
	__u32 left = c->end - c->at, first;
	const struct ipv6hdr *ip = take(c, sizeof(*ip));

	if (!ip || ip->version != 6)
		return LEAT_L3_MALFORMED;
	first = bpf_ntohl(*(const __be32 *)ip); /* version:4 | traffic class:8 | flow label:20 */
	p->tos = first >> 20;
	p->ttl = ip->hop_limit;
	__builtin_memcpy(&p->source, &ip->saddr, sizeof(p->source));
	__builtin_memcpy(&p->key.addr, &ip->daddr, sizeof(p->key.addr));
	if (ipv6_is_bad_source(&p->source))
		packet_defect(p, LEAT_BAD_SOURCE);
	if (is_equal(&p->source, &p->key.addr))
		packet_defect(p, LEAT_LAND);
	/* A jumbogram says 0 here: no service takes one, and it is refused as truncated. */
	parse_length(ctx, p, sizeof(*ip) + bpf_ntohs(ip->payload_len), left);
	if (ipv6_is_mapped(&p->key.addr))
		return LEAT_NOT_SERVICE;
	p->protocol = ip->nexthdr;
	p->ip_headers = sizeof(*ip);
	return unlikely(ipv6_is_extension(p->protocol)) ? ipv6_walk(ctx, p) : LEAT_NEXT;
}

#endif
