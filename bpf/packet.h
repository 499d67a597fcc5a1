/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rooms tell one another about a packet: values only. Pointers into the frame do not outlive a room,
 * for they are void once the frame's head has moved.
 */
#ifndef BPF_PACKET_H
#define BPF_PACKET_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "leat/maps.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

/* One load, whatever the compiler would like: the daemon may store while a packet passes. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

/*
 * A function of its own, which the verifier judges once for all callers and all packets. It knows nothing of
 * *p then, not even that p is no null pointer (Linux < 6.8 cannot be told): ROOM_ENTER() is to be its first
 * statement.
 */
#define ROOM __attribute__((noinline))
#define ROOM_ENTER(p)                                                                                        \
	do {                                                                                                 \
		if (!(p))                                                                                    \
			return LEAT_L3_MALFORMED;                                                            \
	} while (0)

/* Leaves the room, and the path, if a room has decided. */
#define TRY(room)                                                                                            \
	do {                                                                                                 \
		enum leat_verdict verdict_ = (room);                                                         \
		if (verdict_ != LEAT_NEXT)                                                                   \
			return verdict_;                                                                     \
	} while (0)

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 }; /* RFC 9293 3.1 */

enum fragment { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER };

struct packet {
	/* parse: */
	struct leat_service_key key; /* addressed to; port and protocol 0: only the address is known */
	struct leat_addr source;
	__be16 source_port; /* 0 with key.port 0 */
	__be16 type;        /* EtherType below the VLAN tags */
	__u32 bytes;        /* from the Ethernet header to the end of the IP packet */
	__u16 ip_len;       /* of the IP packet, its header included */
	__u16 ip_headers;   /* of which IP header, options and extension headers */
	__u8 protocol;      /* what follows them; no meaning with is_hidden */
	__u8 fragment;      /* enum fragment */
	bool is_hidden;     /* what follows was not reached; the defect says why */
	__u8 link_len;      /* Ethernet header and VLAN tags: 14, 18 or 22 */
	__u8 ttl;           /* or hop limit */
	__u8 tos;           /* or traffic class: DSCP:6 | ECN:2 */
	bool may_fragment;  /* IPv4 without DF */
	bool is_icmp; /* once a flow is known: an error about that flow, which itself did not send it */
	__u8 tcp_flags; /* 0: not TCP */
	bool is_sticky; /* service: its UDP flows stay where they began */
	__u8 guard;     /* service: the number of its access list; 0: none */
	__u8 quic;      /* service: LEAT_QUIC() of the connection ids that it looks for; 0: none */
	__be32 identification; /* of the datagram that it is a fragment of; no meaning in a whole packet */
	__u32 zero2;
	enum leat_verdict defect; /* what is wrong with it, if it is for a service; LEAT_NEXT: nothing */
	/* service: */
	__u32 service; /* number; 0: not found */
	__u32 pool;
	/* select: */
	__u64 hash;    /* of the flow */
	__u32 backend; /* number; 0: none chosen */
	__u32 out;     /* interface to leave by; 0: the one it came in by */
	const struct leat_way *way;
};
_Static_assert(sizeof(struct packet) == 112, "no holes: the verifier lets no unset byte into a room");

/* Bounds that the verifier can see, for adding the lengths to a pointer. */
#define LINK_LEN_MASK   31
#define IP_HEADERS_MASK 0x3fff

static __always_inline bool packet_is_ipv4(const struct packet *p)
{
	return p->type == bpf_htons(ETH_P_IP);
}

/* The first defect counts: it is the outermost. */
static __always_inline void packet_defect(struct packet *p, enum leat_verdict defect)
{
	if (p->defect == LEAT_NEXT)
		p->defect = defect;
}

/* What is left of the frame's first buffer. */
struct cursor {
	void *at, *end;
};

/* A view of the next `size` bytes, which are thereby taken; NULL if the frame ends before. */
static __always_inline void *take(struct cursor *c, __u32 size)
{
	void *view = c->at;

	if (view + size > c->end)
		return NULL;
	c->at = view + size;
	return view;
}

#endif
