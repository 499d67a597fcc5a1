/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows the IP header: TCP, UDP, SCTP, ICMP. Part of parse. */
#ifndef BPF_PARSE_TRANSPORT_H
#define BPF_PARSE_TRANSPORT_H

#include <linux/tcp.h>
#include <linux/udp.h>

#include "icmp.h"
#include "packet.h"

/* Flags no stack sends. URG, PSH, ECE and CWR say nothing without one of the four that move a connection. */
static __always_inline bool is_bad_flags(__u8 flags)
{
	return !(flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) ||
	       (flags & TCP_SYN && flags & (TCP_FIN | TCP_RST));
}

/* `left`: what the IP header promises from here on. */
static __always_inline void parse_tcp(struct cursor *c, struct packet *p, __u32 left)
{
	const __u8 *tcp = take(c, sizeof(struct tcphdr));
	__u32 length;

	if (!tcp) {
		packet_defect(p, LEAT_L4_TRUNCATED);
		return;
	}
	p->tcp_flags = tcp[13];
	length = (tcp[12] >> 4) * 4; /* data offset */
	if (length < sizeof(struct tcphdr) || length > left)
		packet_defect(p, LEAT_L4_TRUNCATED);
	else if (is_bad_flags(tcp[13]))
		packet_defect(p, LEAT_TCP_BAD_FLAGS);
}

static __always_inline void parse_udp(struct cursor *c, struct packet *p, __u32 left)
{
	const struct udphdr *udp = take(c, sizeof(*udp));
	__u32 length = udp ? bpf_ntohs(udp->len) : 0;

	if (unlikely(p->fragment != FRAGMENT_NONE) && left >= sizeof(*udp))
		left = length; /* that of the whole datagram, of which this is the first fragment */
	if (length < sizeof(*udp) || length > left)
		packet_defect(p, LEAT_L4_TRUNCATED);
}

#define SCTP_HEADER_LEN 12 /* ports, tag, checksum: RFC 9260 3.1 */

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || unlikely(protocol == IPPROTO_SCTP);
}

/*
 * TCP, UDP or SCTP. A packet whose ports can be read is looked for by them, whatever else is wrong with it. A first fragment must have
 * the whole header, as stacks send it: what is left for the next one nobody has looked at (RFC 1858 3, RFC 7112 5).
 */
static __always_inline void parse_ports(struct cursor *c, struct packet *p, __u32 left)
{
	struct cursor same = *c;
	const __be16 *port = left < 4 ? NULL : take(c, 4);

	if (!port) {
		packet_defect(p, LEAT_L4_TRUNCATED);
		return;
	}
	p->source_port = port[0];
	p->key.port = port[1];
	p->key.protocol = p->protocol;
	if (p->protocol == IPPROTO_TCP)
		parse_tcp(&same, p, left);
	else if (!unlikely(p->protocol == IPPROTO_SCTP))
		parse_udp(&same, p, left);
	else if (left < SCTP_HEADER_LEN || !take(&same, SCTP_HEADER_LEN))
		packet_defect(p, LEAT_L4_TRUNCATED);
}

/* No ports, nothing to be read: for nobody but a service of this or any protocol, which find_other() looks for. */
static __always_inline enum leat_verdict parse_other(struct packet *p)
{
	p->key.protocol = p->protocol;
	return LEAT_NOT_SERVICE;
}

static __always_inline enum leat_verdict parse_transport(void *ip, void *end, struct packet *p)
{
	__u32 left = p->ip_len > p->ip_headers ? p->ip_len - p->ip_headers : 0;
	struct cursor c = {ip + (p->ip_headers & IP_HEADERS_MASK), end};
	bool is_icmp = p->protocol == (packet_is_ipv4(p) ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	if (unlikely(p->is_hidden))
		return LEAT_NEXT;
	if (!is_icmp && !has_ports(p->protocol))
		return parse_other(p);
	p->is_icmp = is_icmp;
	if (unlikely(p->fragment == FRAGMENT_LATER))
		return LEAT_NEXT;
	if (!is_icmp)
		parse_ports(&c, p, left);
	else if (left < sizeof(struct icmp_echo) || !take(&c, sizeof(struct icmp_echo)))
		packet_defect(p, LEAT_L4_TRUNCATED);
	return LEAT_NEXT;
}

#endif
