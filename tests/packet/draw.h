/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drawn packets: a frame is a row of layers, outermost first. Types, lengths and checksums follow from what
 *is drawn; fields say where a packet is to differ. Nothing here is shared with the code under test.
 *
 *	FRAME(ETH(), VLAN(7), IP4(CLIENT, VIP, .ttl = 1), TCP(4000, 80, SYN), PAYLOAD(100))
 */
#ifndef PACKET_DRAW_H
#define PACKET_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum layer_kind {
	LAYER_END,
	LAYER_ETH,
	LAYER_VLAN,
	LAYER_IP4,
	LAYER_IP6,
	LAYER_EXTENSION,
	LAYER_TCP,
	LAYER_UDP,
	LAYER_ICMP,
	LAYER_GRE,
	LAYER_GUE,
	LAYER_RAW,
	LAYER_PAYLOAD,
	LAYER_PAD,
	LAYER_CUT,
};

struct layer {
	enum layer_kind kind;
	const char *from, *to; /* addresses as text: Ethernet's, IPv4's, IPv6's; NULL: those of ETH() */
	uint16_t type; /* VLAN: tag's own EtherType; Ethernet, IP: instead of what follows; ICMP: type */
	uint8_t code;  /* ICMP */
	uint16_t source, destination; /* ports */
	uint16_t number;              /* VLAN */
	uint8_t flags, tos;
	uint8_t ttl;     /* 0: 64 */
	bool expired;    /* TTL 0 */
	bool df, more;   /* more: more fragments follow */
	uint16_t offset; /* of a fragment, in units of 8 bytes */
	uint16_t identification;
	uint32_t label;    /* IPv6 flow label */
	uint32_t rest;     /* ICMP: bytes 4 to 7 */
	uint8_t version;   /* instead of 4 or 6 */
	uint8_t words;     /* IPv4 header length, TCP data offset: instead of the true one */
	bool no_checksum;  /* UDP */
	int longer;        /* added to the length field of IP and UDP */
	unsigned int size; /* bytes: options of IP4, extension header, payload, pad, cut, raw */
	const void *raw;
};

#define ETH(...)                                                                                             \
	{                                                                                                    \
		.kind = LAYER_ETH, __VA_ARGS__                                                               \
	}
#define VLAN(vlan)                                                                                           \
	{                                                                                                    \
		.kind = LAYER_VLAN, .type = 0x8100, .number = vlan                                           \
	}
#define QINQ(vlan)                                                                                           \
	{                                                                                                    \
		.kind = LAYER_VLAN, .type = 0x88a8, .number = vlan                                           \
	}
#define IP4(source_, destination_, ...)                                                                      \
	{                                                                                                    \
		.kind = LAYER_IP4, .from = source_, .to = destination_, __VA_ARGS__                          \
	}
#define IP6(source_, destination_, ...)                                                                      \
	{                                                                                                    \
		.kind = LAYER_IP6, .from = source_, .to = destination_, __VA_ARGS__                          \
	}
#define EXTENSION(protocol, bytes)                                                                           \
	{                                                                                                    \
		.kind = LAYER_EXTENSION, .number = protocol, .size = bytes                                   \
	}
#define FRAGMENT6(offset_, more_, ...)                                                                       \
	{                                                                                                    \
		.kind = LAYER_EXTENSION, .number = 44, .size = 8, .offset = offset_, .more = more_, \
		__VA_ARGS__                                                                                  \
	}
#define TCP(from_, to_, flags_, ...)                                                                         \
	{                                                                                                    \
		.kind = LAYER_TCP, .source = from_, .destination = to_, .flags = flags_, __VA_ARGS__         \
	}
#define UDP(from_, to_, ...)                                                                                 \
	{                                                                                                    \
		.kind = LAYER_UDP, .source = from_, .destination = to_, __VA_ARGS__                          \
	}
/* 12 bytes (RFC 9260 3.1) behind an IP header with .type = 132. */
#define SCTP(from_, to_)                                                                                     \
	RAW(((const uint8_t[]){(from_) >> 8, (from_) & 0xff, (to_) >> 8, (to_) & 0xff, 1, 2, 3, 4, 5, 6, 7, 8}), 12)
/* ICMP under IP4, ICMPv6 under IP6. */
#define ICMP(type_, code_, ...)                                                                              \
	{                                                                                                    \
		.kind = LAYER_ICMP, .type = type_, .code = code_, __VA_ARGS__                                \
	}
#define GRE(...)                                                                                             \
	{                                                                                                    \
		.kind = LAYER_GRE, __VA_ARGS__                                                               \
	} /* rest: its flags */
#define GUE(...)                                                                                             \
	{                                                                                                    \
		.kind = LAYER_GUE, __VA_ARGS__                                                               \
	} /* variant 0; rest: bytes 2 and 3; code: byte 0 */
#define RAW(bytes, length)                                                                                   \
	{                                                                                                    \
		.kind = LAYER_RAW, .raw = bytes, .size = length                                              \
	}
#define PAYLOAD(bytes)                                                                                       \
	{                                                                                                    \
		.kind = LAYER_PAYLOAD, .size = bytes                                                         \
	}
#define PAD(bytes)                                                                                           \
	{                                                                                                    \
		.kind = LAYER_PAD, .size = bytes                                                             \
	} /* behind the IP packet: no length counts it */
#define CUT(bytes)                                                                                           \
	{                                                                                                    \
		.kind = LAYER_CUT, .size = bytes                                                             \
	} /* off the end of the frame: all lengths count it */

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };
enum { HOP_BY_HOP = 0, ROUTING = 43, AUTHENTICATION = 51, NO_NEXT = 59, DESTINATION = 60, MOBILITY = 135 };

#define FRAME_MAX 12000

/* What ETH() means if nothing else is said: from the gateway to the balancer. */
#define BALANCER_MAC "02:00:00:00:00:01"
#define GATEWAY_MAC  "02:00:00:00:00:02"

struct frame {
	unsigned int length;
	uint8_t bytes[FRAME_MAX];
};

#define FRAME(...) draw((const struct layer[]){__VA_ARGS__, {LAYER_END}})

/* The caller frees. */
struct frame *draw(const struct layer *layers);

/* Folded, not inverted; network byte order taken as big-endian words: 0xffff over what carries a right
 * checksum. */
uint16_t draw_sum(uint32_t start, const void *bytes, unsigned int length);

#endif
