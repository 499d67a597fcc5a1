/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet as a client would send it: see crafted.h. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <string.h>

#include "base/addr.h"
#include "daemon/crafted.h"

#define UDP_PAYLOAD  8
#define OTHER_LENGTH 16 /* SCTP: its header and that of a chunk */
#define QUIC_PAYLOAD (1 + LEAT_QUIC_ID_MAX) /* a short header (RFC 8999 5.2) and a connection id, and zeros */
#define SHORT_HEADER 0x40

/* RFC 1071, over memory as it lies: the result is stored as it is. */
static uint32_t sum(uint32_t start, const void *data, unsigned int length)
{
	const uint8_t *p = data;
	uint16_t word;

	for (; length >= 2; length -= 2, p += 2) {
		memcpy(&word, p, 2);
		start += word;
	}
	if (length)
		start += htons(*p << 8);
	return start;
}

static uint16_t fold(uint32_t s)
{
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return ~s;
}

static unsigned int transport_length(const struct explain_question *q)
{
	if (q->protocol == IPPROTO_TCP)
		return sizeof(struct tcphdr);
	if (q->protocol == IPPROTO_UDP)
		return sizeof(struct udphdr) + (q->id_length ? QUIC_PAYLOAD : UDP_PAYLOAD);
	return OTHER_LENGTH;
}

/* Headers are made where the compiler wants them and copied: an IP header behind 14 bytes is not aligned. */
static unsigned int put_transport(const struct explain_question *q, void *at)
{
	unsigned int length = transport_length(q);
	uint32_t s = htons(length) + htons(q->protocol);
	union {
		struct tcphdr tcp;
		struct udphdr udp;
		uint8_t bytes[sizeof(struct udphdr) + QUIC_PAYLOAD];
	} header = {};

	_Static_assert(sizeof(struct tcphdr) <= sizeof(header), "room for either");
	/* The mapped prefix ::ffff sums to nothing (0xffff is ones' complement zero), so IPv4 needs no case of its own. */
	s = sum(sum(s, &q->source, 16), &q->destination, 16);
	if (q->protocol == IPPROTO_TCP) {
		header.tcp = (struct tcphdr){ .source = htons(q->source_port), .dest = htons(q->destination_port),
					      .seq = htonl(1), .doff = 5, .syn = 1, .window = htons(64240) };
		header.tcp.check = fold(sum(s, &header, length));
	} else if (q->protocol == IPPROTO_UDP) {
		header.udp = (struct udphdr){ htons(q->source_port), htons(q->destination_port), htons(length), 0 };
		if (q->id_length) {
			header.bytes[sizeof(header.udp)] = SHORT_HEADER;
			memcpy(header.bytes + sizeof(header.udp) + 1, q->connection_id, q->id_length);
		}
		header.udp.check = fold(sum(s, &header, length)) ?: 0xffff;
	}
	/* SCTP without its checksum, which only the backend reads; of others nothing is known. */
	if (q->protocol == IPPROTO_SCTP)
		header.udp = (struct udphdr){ htons(q->source_port), htons(q->destination_port) };
	memcpy(at, &header, length);
	return length;
}

static void put_ip(const struct explain_question *q, void *at, unsigned int payload)
{
	struct iphdr v4 = { .version = 4, .ihl = 5, .tot_len = htons(sizeof(v4) + payload), .ttl = 64,
			    .frag_off = htons(0x4000), .protocol = q->protocol, .saddr = q->source.word[3],
			    .daddr = q->destination.word[3] };
	struct ipv6hdr v6 = { .version = 6, .payload_len = htons(payload), .nexthdr = q->protocol, .hop_limit = 64 };

	v4.check = fold(sum(0, &v4, sizeof(v4)));
	memcpy(&v6.saddr, &q->source, 16);
	memcpy(&v6.daddr, &q->destination, 16);
	if (addr_is_ipv4(&q->source))
		memcpy(at, &v4, sizeof(v4));
	else
		memcpy(at, &v6, sizeof(v6));
}

unsigned int crafted_packet(const struct explain_question *q, void *frame, unsigned int room)
{
	static const uint8_t to[] = { 2, 0, 0, 0, 0, 1 }, from[] = { 2, 0, 0, 0, 0, 2 };
	bool is_v4 = addr_is_ipv4(&q->source);
	unsigned int ip = is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr), payload;
	uint8_t *p = frame;
	struct ethhdr *eth = frame;

	memset(frame, 0, room);
	memcpy(eth->h_dest, to, ETH_ALEN);
	memcpy(eth->h_source, from, ETH_ALEN);
	eth->h_proto = htons(is_v4 ? ETH_P_IP : ETH_P_IPV6);
	payload = put_transport(q, p + ETH_HLEN + ip);
	put_ip(q, p + ETH_HLEN, payload);
	return ETH_HLEN + ip + payload;
}
