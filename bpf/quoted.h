/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The third room: ICMP to a service's address. Echo requests are answered (echo.h). An error that the network sends about a
 * packet of a server to its client quotes the beginning of that packet (RFC 792, RFC 4443 3), which came from the service's
 * address: turned round, the quoted addresses and ports are the flow's, and the error goes where the flow goes, as if it
 * were an ACK of the client's. Anything else in ICMP is the kernel's.
 *
 * Reads the frame and the service index; sets what parse and find_service would have set for a packet of the flow.
 */
#ifndef BPF_QUOTED_H
#define BPF_QUOTED_H

#include "echo.h"
#include "parse_ipv4.h"
#include "parse_ipv6.h"
#include "parse_transport.h"
#include "service.h"

/* Those that end or mend a connection; source quench is deprecated (RFC 6633), and redirects are for hosts on the link. */
static __always_inline bool icmp_is_error(__u8 type, bool is_ipv4)
{
	if (is_ipv4)
		return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
	return type >= ICMPV6_DEST_UNREACH && type <= ICMPV6_PARAMETER_PROBLEM;
}

/* Whose packet is quoted. */
struct quoted {
	struct leat_addr from, to;
	__u32 headers; /* bytes before its ports; 0: they are not there, or not known where */
	__u8 protocol;
};

static __always_inline void quoted_ipv4(struct cursor *c, struct quoted *ret)
{
	const struct iphdr *ip = take(c, sizeof(*ip));

	if (!ip || ip->version != 4 || ip->ihl < 5 || ipv4_fragment(ip) == FRAGMENT_LATER)
		return;
	ipv4_mapped(&ret->from, ip->saddr);
	ipv4_mapped(&ret->to, ip->daddr);
	ret->protocol = ip->protocol;
	ret->headers = ip->ihl * 4;
}

/* A server's packets seldom have extension headers; that of a fragment is the one looked behind. */
static __always_inline void quoted_ipv6(struct cursor *c, struct quoted *ret)
{
	const struct ipv6hdr *ip = take(c, sizeof(*ip));
	const struct ipv6_extension *e;

	if (!ip || ip->version != 6)
		return;
	__builtin_memcpy(&ret->from, &ip->saddr, sizeof(ret->from));
	__builtin_memcpy(&ret->to, &ip->daddr, sizeof(ret->to));
	ret->protocol = ip->nexthdr;
	ret->headers = sizeof(*ip);
	if (ip->nexthdr != IPV6_FRAGMENT)
		return;
	e = take(c, 8);
	ret->headers = 0;
	if (!e || ipv6_fragment(e->offset) == FRAGMENT_LATER)
		return;
	ret->protocol = e->next;
	ret->headers = sizeof(*ip) + 8;
}

/* ICMP, and what in IPv6 has the protocol behind it. */
static __always_inline bool is_no_flow(__u8 protocol, bool is_ipv4)
{
	return !protocol || (is_ipv4 ? protocol == IPPROTO_ICMP : protocol == IPPROTO_ICMPV6 || ipv6_is_extension(protocol));
}

/* Makes the packet one of the flow that is quoted; LEAT_ICMP_PASSED: none is. */
ROOM enum leat_verdict quoted_read(struct xdp_md *ctx, struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct quoted quoted = {};
	struct cursor c, at;
	const __u8 *icmp;
	const __be16 *port;
	__u32 left, ports;

	ROOM_ENTER(p);
	c = (struct cursor){data + (p->link_len & LINK_LEN_MASK), end};
	c.at += p->ip_headers & IP_HEADERS_MASK;
	icmp = take(&c, sizeof(struct icmp_echo));
	if (!icmp || !icmp_is_error(*icmp, packet_is_ipv4(p)))
		return LEAT_ICMP_PASSED;
	at = c;
	if (packet_is_ipv4(p))
		quoted_ipv4(&c, &quoted);
	else
		quoted_ipv6(&c, &quoted);
	left = p->ip_len - p->ip_headers - sizeof(struct icmp_echo); /* parse has seen that so much is there */
	if (!quoted.headers || !is_equal(&quoted.from, &p->key.addr) || is_no_flow(quoted.protocol, packet_is_ipv4(p)))
		return LEAT_ICMP_PASSED;
	ports = has_ports(quoted.protocol) ? 4 : 0;
	at.at += quoted.headers & 127;
	port = quoted.headers + ports > left ? NULL : take(&at, ports);
	if (!port)
		return LEAT_ICMP_PASSED;
	if (ports) {
		p->key.port = port[0];
		p->source_port = port[1];
	}
	p->key.protocol = quoted.protocol;
	p->source = quoted.to;
	p->tcp_flags = quoted.protocol == IPPROTO_TCP ? TCP_ACK : 0;
	return LEAT_NEXT;
}

/* A room of its own, or the verifier would walk on from here by every way through the index. */
ROOM enum leat_verdict quoted_find(struct packet *p)
{
	ROOM_ENTER(p);
	return find_service(p);
}

static __always_inline enum leat_verdict hear_icmp(struct xdp_md *ctx, struct packet *p)
{
	if (!unlikely(p->is_icmp))
		return LEAT_NEXT;
	TRY(answer_echo(ctx, p));
	TRY(quoted_read(ctx, p));
	return quoted_find(p) == LEAT_NEXT ? LEAT_NEXT : LEAT_ICMP_PASSED;
}

#endif
