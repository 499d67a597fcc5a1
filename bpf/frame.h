/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing what every forwarding mode writes: the link header, and one hop less to live. Part of forward. */
#ifndef BPF_FRAME_H
#define BPF_FRAME_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "packet.h"

/* A bound that the verifier can see: with the longest tunnel's 52 bytes within struct leat_way. */
#define WAY_LINK_LEN(way) ((way)->link_len & 31)

/* Copies words: the compiler would copy bytes, for it cannot know that the CPU minds no alignment. */
static __always_inline void copy_words(void *to, const void *from, int words)
{
	int i;

#pragma unroll
	for (i = 0; i < words; i++)
		((__u32 *)to)[i] = ((const __u32 *)from)[i];
}

/* Ethernet header and VLAN tags as prepared, at the start of the frame; false if the frame is too short. */
static __always_inline bool write_link(void *data, void *end, const struct leat_way *way)
{
	if (data + 22 > end)
		return false;
	copy_words(data, way->header, 3);
	*(__u16 *)(data + 12) = *(const __u16 *)(way->header + 12);
	if (way->link_len > 14)
		copy_words(data + 14, way->header + 14, 1);
	if (way->link_len > 18)
		copy_words(data + 18, way->header + 18, 1);
	return true;
}

static __always_inline bool lower_ttl(void *at, void *end, const struct packet *p)
{
	struct ipv6hdr *v6 = at;
	struct iphdr *v4 = at;
	__u32 sum;

	if (packet_is_ipv4(p)) {
		if (at + sizeof(*v4) > end)
			return false;
		/* RFC 1141: the word TTL is in falls by 0x0100, so the checksum rises by as much. */
		sum = v4->check + bpf_htons(0x0100);
		v4->check = sum + (sum >= 0xffff);
		v4->ttl = p->ttl - 1;
		return true;
	}
	if (at + sizeof(*v6) > end)
		return false;
	v6->hop_limit = p->ttl - 1;
	return true;
}

#endif
