/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drawn frames for the bed: see reference_frames.h. */
#include <netinet/in.h>
#include <stdlib.h>

#include "base/auto.h"
#include "packet/bed.h"
#include "packet/reference_frames.h"

#define HOST      "192.0.2.77" /* an address of the host's, which no service has */
#define HOST6     "2001:db8::77"
#define HEAD4     IP4(CLIENT, VIP)
#define HEAD6     IP6(CLIENT6, VIP6)
#define SYN_L2    TCP(4000, PORT_L2, SYN)
#define OPTIONS_8 EXTENSION(DESTINATION, 8)

static void put(struct frame **ret, unsigned int *count, struct frame **frames, unsigned int number)
{
	while (number--)
		ret[(*count)++] = *frames++;
}

#define PUT(...)                                                                                             \
	do {                                                                                                 \
		struct frame *frames[] = {__VA_ARGS__};                                                      \
		put(ret, count, frames, ARRAY_SIZE(frames));                                                 \
	} while (0)

static void link_frames(struct frame **ret, unsigned int *count)
{
	PUT(FRAME(ETH(.type = 0x0806), PAYLOAD(46)), FRAME(ETH(), VLAN(9), ETH(.type = 0x0806), PAYLOAD(30)),
	    FRAME(ETH(.type = 0x8100), PAYLOAD(3)), FRAME(ETH(), QINQ(1), VLAN(2), VLAN(3), HEAD4, SYN_L2),
	    FRAME(ETH(.to = "ff:ff:ff:ff:ff:ff"), HEAD4, SYN_L2),
	    FRAME(ETH(.to = "33:33:00:00:00:01"), VLAN(3), HEAD6, SYN_L2),
	    FRAME(ETH(.to = "ff:ff:ff:ff:ff:ff"), IP4("0.0.0.0", "255.255.255.255"), UDP(68, 67)),
	    FRAME(ETH(.type = 0x0800)), FRAME(ETH(.type = 0x86dd), PAYLOAD(39)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .version = 6), SYN_L2),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .version = 4), SYN_L2),
	    FRAME(ETH(), IP4(CLIENT, VIP, .words = 4), SYN_L2),
	    FRAME(ETH(), IP4(CLIENT, VIP, .words = 15), SYN_L2),
	    FRAME(ETH(), IP4(CLIENT, VIP, .longer = -21), SYN_L2));
}

static void address_frames(struct frame **ret, unsigned int *count)
{
	static const char *const from4[] = {"0.1.2.3",   "127.0.0.1", "224.0.0.1",
					    "240.0.0.1", VIP,         "223.255.255.255"};
	static const char *const from6[] = {"::", "::1", "ff02::1", "::ffff:1.2.3.4", VIP6, "::2"};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(from4); i++)
		PUT(FRAME(ETH(), IP4(from4[i], VIP), SYN_L2), FRAME(ETH(), IP4(from4[i], VIP), ICMP(8, 0)),
		    FRAME(ETH(), IP4(from4[i], HOST), SYN_L2));
	for (i = 0; i < ARRAY_SIZE(from6); i++)
		PUT(FRAME(ETH(), IP6(from6[i], VIP6), SYN_L2),
		    FRAME(ETH(), IP6(from6[i], VIP6), ICMP(128, 0)),
		    FRAME(ETH(), IP6(from6[i], HOST6), SYN_L2));
	PUT(FRAME(ETH(), IP6(CLIENT6, "::ffff:" VIP), SYN_L2), FRAME(ETH(), HEAD4, TCP(4000, 22, SYN)),
	    FRAME(ETH(), IP4(CLIENT, HOST), ICMP(8, 0)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_GRE), PAYLOAD(20)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = IPPROTO_ICMP), ICMP(8, 0)),
	    FRAME(ETH(), IP4(VIP, VIP, .longer = 1), TCP(4000, PORT_L2, 0)));
}

static void chain_frames(struct frame **ret, unsigned int *count)
{
	PUT(FRAME(ETH(), HEAD6, EXTENSION(HOP_BY_HOP, 8), OPTIONS_8, EXTENSION(ROUTING, 24),
		  EXTENSION(AUTHENTICATION, 12), FRAGMENT6(0, 0), EXTENSION(MOBILITY, 8), SYN_L2),
	    FRAME(ETH(), HEAD6, OPTIONS_8, EXTENSION(HOP_BY_HOP, 16), TCP(4000, PORT_IPIP, ACK), PAYLOAD(7)),
	    FRAME(ETH(), HEAD6, OPTIONS_8, OPTIONS_8, OPTIONS_8, OPTIONS_8, OPTIONS_8, OPTIONS_8, OPTIONS_8,
		  SYN_L2),
	    FRAME(ETH(), HEAD6, EXTENSION(HOP_BY_HOP, 8), EXTENSION(DESTINATION, 264), UDP(4000, PORT_IPIP6)),
	    FRAME(ETH(), HEAD6, OPTIONS_8, ICMP(128, 0, .rest = 7), PAYLOAD(5)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION), PAYLOAD(1)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION), RAW("\6\xff\0\0", 4), PAYLOAD(100)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION), RAW("\x3b\xff\0\0", 4), PAYLOAD(100)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = DESTINATION, .longer = -4), RAW("\x3b\0\0\0\0\0\0\0", 8)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = 65535 - 8), UDP(4000, PORT_L2)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = NO_NEXT), PAYLOAD(8)));
}

#define PIECE4(identification_, ...) IP4(CLIENT, VIP, .type = IPPROTO_UDP, .identification = identification_, __VA_ARGS__)
#define LONG(port) UDP(4000, port, .longer = 4000)

static void fragment_frames(struct frame **ret, unsigned int *count)
{
	PUT(FRAME(ETH(), IP4(CLIENT, VIP, .more = true), UDP(4000, PORT_L2), PAYLOAD(80)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .more = true), UDP(4000, 53), PAYLOAD(80)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .more = true, .type = IPPROTO_TCP), PAYLOAD(3)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .more = true), ICMP(8, 0), PAYLOAD(80)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .offset = 8, .type = IPPROTO_TCP), PAYLOAD(80)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .offset = 8, .type = IPPROTO_GRE), PAYLOAD(80)),
	    FRAME(ETH(), IP4(CLIENT, HOST, .offset = 8, .type = IPPROTO_TCP), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1), UDP(4000, PORT_L2), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1), UDP(4000, 53), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1), OPTIONS_8, UDP(4000, PORT_L2), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1), FRAGMENT6(0, 0), UDP(4000, PORT_L2), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1), FRAGMENT6(9, 0), UDP(4000, PORT_L2), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 0), FRAGMENT6(0, 1), UDP(4000, PORT_L2), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1), OPTIONS_8, OPTIONS_8, OPTIONS_8, OPTIONS_8, OPTIONS_8,
		  OPTIONS_8, SYN_L2),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = -8), FRAGMENT6(0, 1), OPTIONS_8),
	    FRAME(ETH(), HEAD6, FRAGMENT6(10, 1), UDP(4000, 53), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(10, 0), OPTIONS_8, UDP(4000, 53)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1), ICMP(128, 0), PAYLOAD(80)));
	/* Whole datagrams, out of order, and what is wrong with later fragments. */
	PUT(FRAME(ETH(), PIECE4(7, .offset = 11), PAYLOAD(80)), FRAME(ETH(), PIECE4(7, .more = true), LONG(PORT_IPIP), PAYLOAD(80)),
	    FRAME(ETH(), PIECE4(7, .offset = 22, .more = true), PAYLOAD(88)), FRAME(ETH(), PIECE4(7, .offset = 11), PAYLOAD(80)),
	    FRAME(ETH(), PIECE4(7, .offset = 11, .ttl = 1), PAYLOAD(80)), FRAME(ETH(), PIECE4(7, .offset = 11, .df = true), PAYLOAD(1480)),
	    FRAME(ETH(), PIECE4(7, .more = true), LONG(PORT_EMPTY), PAYLOAD(80)), FRAME(ETH(), PIECE4(7, .offset = 11), PAYLOAD(80)),
	    FRAME(ETH(), PIECE4(8, .more = true), LONG(PORT_UNRESOLVED), PAYLOAD(80)), FRAME(ETH(), PIECE4(8, .offset = 11), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1, .identification = 7), OPTIONS_8, LONG(PORT_SPREAD6), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(10, 0, .identification = 7), OPTIONS_8),
	    FRAME(ETH(), HEAD6, FRAGMENT6(10, 0, .identification = 7), TCP(1, 2, 0)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(10, 0, .identification = 7), ICMP(128, 0), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(10, 0, .identification = 8), UDP(4000, 53)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1, .identification = 7), FRAGMENT6(9, 0, .identification = 9), UDP(4000, 53)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(0, 1, .identification = 9), FRAGMENT6(0, 1, .identification = 7), LONG(PORT_L2), PAYLOAD(80)),
	    FRAME(ETH(), HEAD6, FRAGMENT6(10, 0, .identification = 9), UDP(4000, 53), PAYLOAD(1440)));
}

static void transport_frames(struct frame **ret, unsigned int *count)
{
	static const uint8_t flags[] = {0,         FIN, SYN, SYN | FIN, RST, SYN | RST, SYN | FIN | RST,
					PSH | URG, ACK};
	unsigned int i;

	for (i = 0; i < sizeof(flags); i++)
		PUT(FRAME(ETH(), HEAD4, TCP(4000, PORT_L2, flags[i])),
		    FRAME(ETH(), HEAD6, TCP(4000, PORT_IPIP, flags[i])));
	PUT(FRAME(ETH(), IP4(CLIENT, VIP, .longer = 1), SYN_L2),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = 1), SYN_L2),
	    FRAME(ETH(), IP4(CLIENT, VIP, .longer = -3), TCP(4000, PORT_L2, ACK), PAYLOAD(9)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_TCP), PAYLOAD(3)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = -17), SYN_L2),
	    FRAME(ETH(), IP4(CLIENT, VIP, .longer = -1), SYN_L2),
	    FRAME(ETH(), HEAD4, TCP(4000, PORT_L2, SYN, .words = 4)),
	    FRAME(ETH(), HEAD6, TCP(4000, PORT_L2, SYN, .words = 6), PAYLOAD(3)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .longer = -1), UDP(4000, PORT_L2)),
	    FRAME(ETH(), HEAD4, UDP(4000, PORT_L2, .longer = 1)),
	    FRAME(ETH(), HEAD6, UDP(4000, PORT_L2, .longer = -1)),
	    FRAME(ETH(), HEAD6, UDP(4000, PORT_L2, .longer = -2), PAYLOAD(9)));
}

static void icmp_frames(struct frame **ret, unsigned int *count)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		PUT(FRAME(ETH(), HEAD4, ICMP(8, i, .rest = 0xf7ff0000), PAYLOAD(i)),
		    FRAME(ETH(), HEAD6, ICMP(128, i, .rest = 0xf7ff0000 - i), PAYLOAD(i)));
	PUT(FRAME(ETH(), IP4(CLIENT, VIP, .size = 8, .ttl = 1), ICMP(8, 0)),
	    FRAME(ETH(), VLAN(7), IP6(CLIENT6, VIP6, .ttl = 1), ICMP(128, 0), PAYLOAD(1472)),
	    FRAME(ETH(), QINQ(7), VLAN(8), IP4(CLIENT, VIP), ICMP(8, 0), PAD(9)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_ICMP), PAYLOAD(7)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .type = IPPROTO_ICMPV6), PAYLOAD(7)),
	    FRAME(ETH(), HEAD4, ICMP(13, 0), PAYLOAD(12)), FRAME(ETH(), HEAD6, ICMP(135, 0), PAYLOAD(16)));
}

#define ROUTER4   IP4("203.0.113.9", VIP)
#define ROUTER6   IP6("2001:db8:f::9", VIP6)
#define ERROR4(...) FRAME(ETH(), ROUTER4, ICMP(3, 4), __VA_ARGS__)
#define ERROR6(...) FRAME(ETH(), ROUTER6, ICMP(2, 0), __VA_ARGS__)
#define BACK4     IP4(VIP, CLIENT)
#define BACK6     IP6(VIP6, CLIENT6)
#define DATAGRAM  UDP(PORT_L2, 4000), PAYLOAD(9)

static void quoted_frames(struct frame **ret, unsigned int *count)
{
	PUT(ERROR4(BACK4, TCP(PORT_L2, 4000, ACK)), ERROR4(BACK4, DATAGRAM), ERROR6(BACK6, TCP(PORT_L2, 4000, ACK)),
	    ERROR6(BACK6, DATAGRAM), ERROR4(BACK4, TCP(22, 4000, ACK)), ERROR4(IP4(HOST, CLIENT), DATAGRAM),
	    ERROR4(IP4(VIP, CLIENT, .type = IPPROTO_ICMP), PAYLOAD(9)), ERROR4(PAYLOAD(19)), ERROR6(PAYLOAD(39)),
	    ERROR4(IP4(VIP, CLIENT, .version = 6), DATAGRAM), ERROR4(IP4(VIP, CLIENT, .words = 4), DATAGRAM),
	    ERROR4(IP4(VIP, CLIENT, .type = IPPROTO_UDP), PAYLOAD(3)), ERROR6(IP6(VIP6, CLIENT6, .type = 44), PAYLOAD(7)),
	    ERROR4(IP4(VIP, CLIENT, .offset = 1, .type = IPPROTO_UDP), PAYLOAD(9)), ERROR6(BACK6, FRAGMENT6(1, 0), DATAGRAM),
	    ERROR6(BACK6, FRAGMENT6(0, 1), DATAGRAM), FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 1), ICMP(11, 0), BACK4, DATAGRAM),
	    ERROR6(BACK6, UDP(PORT_L2, 4000), PAYLOAD(1440)));
}

#define OF(protocol) .type = protocol

static void shape_frames(struct frame **ret, unsigned int *count)
{
	static const uint16_t ports[] = {0, 1, 53, 7999, 8000, 8080, 8081, 8999, 9000, 65535};
	static const char *const to4[] = {"198.18.0.0", "198.18.0.10", "198.18.0.255", "198.18.1.0", "198.18.255.255", "198.19.0.1"},
				 *const to6[] = {"2001:db8:5::", "2001:db8:5:1::1", "2001:db8:5:ffff::9", "2001:db8:6::1", "2001:db8:7::"};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(to4); i++)
		for (j = 0; j < ARRAY_SIZE(ports); j++)
			PUT(FRAME(ETH(), IP4(CLIENT, to4[i]), TCP(4000, ports[j], SYN)), FRAME(ETH(), IP4(CLIENT, to4[i]), UDP(4000, ports[j])));
	for (i = 0; i < ARRAY_SIZE(to6); i++)
		for (j = 0; j < ARRAY_SIZE(ports); j++)
			PUT(FRAME(ETH(), IP6(CLIENT6, to6[i]), UDP(4000, ports[j])));
	for (i = 0; i < ARRAY_SIZE(to4); i++)
		PUT(FRAME(ETH(), IP4(CLIENT, to4[i], OF(IPPROTO_SCTP)), SCTP(4000, 9000)), FRAME(ETH(), IP4(CLIENT, to4[i], OF(IPPROTO_GRE)), PAYLOAD(3)),
		    FRAME(ETH(), IP4(CLIENT, to4[i]), ICMP(8, 0)), FRAME(ETH(), IP4(CLIENT, to4[i], OF(IPPROTO_ESP), .more = true), PAYLOAD(9)),
		    FRAME(ETH(), IP4(CLIENT, to4[i], OF(IPPROTO_GRE), .offset = 4), PAYLOAD(9)), FRAME(ETH(), IP4(CLIENT, to4[i], OF(IPPROTO_ICMPV6)), PAYLOAD(9)));
	for (i = 0; i < ARRAY_SIZE(to6); i++)
		PUT(FRAME(ETH(), IP6(CLIENT6, to6[i], OF(IPPROTO_SCTP)), SCTP(4000, 9000)), FRAME(ETH(), IP6(CLIENT6, to6[i], OF(IPPROTO_ESP)), PAYLOAD(3)),
		    FRAME(ETH(), IP6(CLIENT6, to6[i]), ICMP(128, 0)), FRAME(ETH(), IP6(CLIENT6, to6[i], OF(NO_NEXT))),
		    FRAME(ETH(), IP6(CLIENT6, to6[i]), OPTIONS_8, TCP(4000, 80, ACK)));
	PUT(FRAME(ETH(), IP4(CLIENT, "198.19.0.1", OF(IPPROTO_SCTP), .longer = -1), SCTP(4000, 9000)),
	    FRAME(ETH(), IP4(CLIENT, "198.19.0.1", OF(IPPROTO_SCTP), .longer = -9), SCTP(4000, 9000)),
	    FRAME(ETH(), IP4("203.0.113.9", "198.19.0.1"), ICMP(3, 4), IP4("198.19.0.1", CLIENT, OF(IPPROTO_SCTP)), SCTP(9000, 4000)),
	    FRAME(ETH(), IP4("203.0.113.9", "198.19.0.1"), ICMP(3, 4), IP4("198.19.0.1", CLIENT, OF(IPPROTO_GRE)), PAYLOAD(8)));
}

#define ASKS(from, port) FRAME(ETH(), IP4(from, VIP), TCP(4000, port, SYN))
#define ASKS6(from, port) FRAME(ETH(), IP6(from, VIP6), UDP(4000, port))

static void access_frames(struct frame **ret, unsigned int *count)
{
	PUT(ASKS(CLIENT, PORT_GUARDED), ASKS("198.51.100.8", PORT_GUARDED), ASKS6(CLIENT6, PORT_GUARDED),
	    ASKS6("2001:db8:c::6", PORT_GUARDED), ASKS(CLIENT, PORT_MEMBERS), ASKS("198.51.100.128", PORT_MEMBERS),
	    ASKS("198.51.101.0", PORT_MEMBERS), ASKS6(CLIENT6, PORT_MEMBERS), ASKS6("2001:db8:c:8000::", PORT_MEMBERS),
	    ASKS6("2001:db8:d::", PORT_MEMBERS),
	    ERROR4(IP4(VIP, CLIENT), TCP(PORT_GUARDED, 4000, ACK)),
	    ERROR4(IP4(VIP, CLIENT), TCP(PORT_LIMITED_SOURCE_FLOWS, 4000, ACK)),
	    FRAME(ETH(), HEAD4, TCP(4000, PORT_LIMITED_FLOWS, SYN | ACK)),
	    FRAME(ETH(), HEAD6, TCP(4000, PORT_LIMITED_SOURCE_FLOWS, SYN)));
}

/* To every kind of way, by everything that may go along. */
static void way_frames(struct frame **ret, unsigned int *count)
{
	unsigned int port;

	for (port = PORT_IPIP; port < PORT_END; port++)
		PUT(FRAME(ETH(), IP4(CLIENT, VIP, .tos = 0xb9, .size = 4), UDP(port, port), PAYLOAD(port),
			  PAD(3)),
		    FRAME(ETH(), VLAN(7), IP6(CLIENT6, VIP6, .tos = 0x81, .label = 5), TCP(port, port, ACK),
			  PAYLOAD(9)),
		    FRAME(ETH(), QINQ(7), VLAN(8), HEAD4, TCP(port, port, SYN)),
		    FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 1), TCP(port, port, SYN)),
		    FRAME(ETH(), IP6(CLIENT6, VIP6, .ttl = 1), UDP(port, port), PAYLOAD(1400)));
}

static void limit_frames(struct frame **ret, unsigned int *count)
{
	static const unsigned int fits[] = {1500, 1480, 1460, 1280, 1260, 576, 548};
	unsigned int i, more;

	for (i = 0; i < ARRAY_SIZE(fits); i++)
		for (more = 0; more < 2; more++)
			PUT(FRAME(ETH(), IP4(CLIENT, VIP, .df = true), UDP(4000, PORT_NARROW),
				  PAYLOAD(fits[i] + more - 28)),
			    FRAME(ETH(), HEAD6, UDP(4000, PORT_NARROW), PAYLOAD(fits[i] + more - 48)),
			    FRAME(ETH(), HEAD4, UDP(4000, PORT_IPIP), PAYLOAD(fits[i] + more - 28)),
			    FRAME(ETH(), HEAD6, UDP(4000, PORT_IPIP6), PAYLOAD(fits[i] + more - 48)),
			    FRAME(ETH(), IP4(CLIENT, VIP, .df = true), UDP(4000, PORT_L2),
				  PAYLOAD(fits[i] + more - 28)));
	PUT(FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 1, .expired = true), UDP(4000, PORT_L2), PAYLOAD(1491)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .ttl = 1, .expired = true), UDP(4000, PORT_L2)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .identification = 0x8f8b), SYN_L2));
	for (i = 0; i < 4; i++)
		PUT(FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 1), UDP(4000, PORT_L2), PAYLOAD(i)),
		    FRAME(ETH(), IP6(CLIENT6, VIP6, .ttl = 1), UDP(4000, PORT_L2), PAYLOAD(i)));
}

/* Headers end at 3,500 bytes, or near, where the first buffer does; so do frames. */
static void buffer_frames(struct frame **ret, unsigned int *count)
{
	unsigned int at;

	for (at = LOADED_LINEAR_MAX - 54 - 48; at <= LOADED_LINEAR_MAX - 54 + 48; at += 4)
		PUT(FRAME(ETH(), HEAD6, EXTENSION(AUTHENTICATION, 1020), EXTENSION(AUTHENTICATION, 1020),
			  EXTENSION(AUTHENTICATION, 1020), EXTENSION(AUTHENTICATION, at - 3060),
			  TCP(4000, PORT_JUMBO, ACK), PAYLOAD(2000)),
		    FRAME(ETH(), HEAD6, EXTENSION(AUTHENTICATION, 1020), EXTENSION(AUTHENTICATION, 1020),
			  EXTENSION(AUTHENTICATION, 1020), EXTENSION(AUTHENTICATION, at - 3060), ICMP(128, 0),
			  PAYLOAD(2000)),
		    FRAME(ETH(), HEAD6, EXTENSION(DESTINATION, 2048),
			  EXTENSION(AUTHENTICATION, at - 2048 - 400), EXTENSION(DESTINATION, 400),
			  UDP(4000, PORT_JUMBO), PAYLOAD(2000)),
		    FRAME(ETH(), HEAD4, TCP(4000, PORT_JUMBO, ACK), PAYLOAD(at)),
		    FRAME(ETH(), HEAD6, UDP(4000, PORT_L2), PAYLOAD(at)));
	PUT(FRAME(ETH(.type = 0x88b5), PAYLOAD(8000)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .words = 4), SYN_L2, PAYLOAD(8000)),
	    FRAME(ETH(), VLAN(3), HEAD6, TCP(4000, PORT_IPIP, ACK), PAYLOAD(8000)),
	    FRAME(ETH(), IP6(CLIENT6, VIP6, .longer = 1), SYN_L2, PAYLOAD(8000)),
	    FRAME(ETH(), IP4(CLIENT, VIP, .df = true, .ttl = 1), SYN_L2, PAYLOAD(8000)));
}

unsigned int reference_frames_large(struct frame **ret)
{
	unsigned int count = 0;

	buffer_frames(ret, &count);
	return count;
}

unsigned int reference_frames(struct frame **ret)
{
	unsigned int count = 0;

	link_frames(ret, &count);
	address_frames(ret, &count);
	chain_frames(ret, &count);
	fragment_frames(ret, &count);
	transport_frames(ret, &count);
	icmp_frames(ret, &count);
	quoted_frames(ret, &count);
	shape_frames(ret, &count);
	access_frames(ret, &count);
	way_frames(ret, &count);
	limit_frames(ret, &count);
	return count;
}
