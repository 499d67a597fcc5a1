/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling the sender what became of its packet, as a router must: too big (RFC 1191, RFC 4443 3.2), out of
 * hops (RFC 792, RFC 4443 3.3). The answer comes from the service's address, quotes as much of the packet as
 * the RFCs allow, and leaves where the packet came in. Rare and limited, so calls are cheap here and care is
 * not.
 *
 * No error answers an ICMP error, a later fragment, a link broadcast or an impossible source (RFC 1812 4.3.2.7); the last two
 * have left before a backend was chosen.
 */
#ifndef BPF_ICMP_ERROR_H
#define BPF_ICMP_ERROR_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "echo.h"
#include "limit.h"
#include "sum.h"

#define ICMP_QUOTE_MAX_V4 548  /* 576 in all (RFC 1812 4.3.2.3) */
#define ICMP_TOS          0xc0 /* internetwork control (RFC 1812 4.3.2.5) */
#define IPV6_MTU_MIN      1280

struct ipv6_pseudo {
	struct leat_addr source, destination;
	__be32 length, next;
};

/* Everything before the quoted packet. */
struct error_head {
	__u8 link[24]; /* of which link_len */
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} ip;
};

/* Sum over the draft's header and the quoted bytes, padded with zeros to words. */
static __always_inline __u32 draft_sum(struct icmp_draft *draft, __u32 size, __u32 seed)
{
	__u32 part;
	int i;

#pragma unroll
	for (i = 0; i < 3; i++) {
		part = size > ICMP_SUM_CHUNK ? ICMP_SUM_CHUNK : size;
		barrier_var(part); /* or the mask, which changes nothing but what Linux 6.1 knows, is left out */
		seed = bpf_csum_diff(NULL, 0, (void *)draft + i * ICMP_SUM_CHUNK, part & ICMP_SUM_CHUNK, seed);
		size -= part;
	}
	return seed;
}

static __always_inline void draft_finish(struct icmp_draft *draft, const struct packet *p, __u32 quoted)
{
	struct ipv6_pseudo pseudo = {
		p->key.addr,
		p->source,
		bpf_htonl(sizeof(draft->header) + quoted),
		bpf_htonl(IPPROTO_ICMPV6),
	};
	__u32 seed = 0;

	if (!packet_is_ipv4(p))
		seed = bpf_csum_diff(NULL, 0, (void *)&pseudo, sizeof(pseudo), 0);
	draft->header.checksum = 0;
	seed = draft_sum(draft, sizeof(draft->header) + ((quoted + 3) & ~3u), seed);
	draft->header.checksum = ~sum_fold(seed);
}

static __always_inline void error_ip(struct error_head *head, const struct packet *p, __u32 payload)
{
	struct iphdr *v4 = &head->ip.v4;
	struct ipv6hdr *v6 = &head->ip.v6;

	if (!packet_is_ipv4(p)) {
		*(__be32 *)v6 = bpf_htonl(6u << 28);
		v6->payload_len = bpf_htons(payload);
		v6->nexthdr = IPPROTO_ICMPV6;
		v6->hop_limit = ECHO_TTL;
		__builtin_memcpy(&v6->saddr, &p->key.addr, sizeof(v6->saddr));
		__builtin_memcpy(&v6->daddr, &p->source, sizeof(v6->daddr));
		return;
	}
	*(__be32 *)v4 = bpf_htonl(0x45u << 24 | ICMP_TOS << 16 | (sizeof(*v4) + payload));
	((__be32 *)v4)[1] = bpf_htonl(0x4000); /* no identification, DF: RFC 6864 */
	v4->ttl = ECHO_TTL;
	v4->protocol = IPPROTO_ICMP;
	v4->check = 0;
	v4->saddr = p->key.addr.word[3];
	v4->daddr = p->source.word[3];
	v4->check = ~sum_fold(bpf_csum_diff(NULL, 0, (void *)v4, sizeof(*v4), 0));
}

/* Makes the frame: the link header turned round, IP, ICMP, and of the packet the first `quoted` bytes. */
static __always_inline long error_write(struct xdp_md *ctx, const struct packet *p, struct icmp_draft *draft,
					__u32 link_len, __u32 quoted)
{
	__u32 ip_len = packet_is_ipv4(p) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	__u32 size = sizeof(draft->header), at = link_len + ip_len;
	int surplus = bpf_xdp_get_buff_len(ctx) - link_len - quoted;
	struct error_head head = {};

	error_ip(&head, p, size + quoted);
	if (bpf_xdp_load_bytes(ctx, 0, head.link, link_len))
		return -1; /* cannot be */
	swap_link((void *)head.link);
	return bpf_xdp_adjust_tail(ctx, -surplus) ?: bpf_xdp_adjust_head(ctx, -(int)(ip_len + size)) ?:
	       bpf_xdp_store_bytes(ctx, 0, head.link, link_len) ?:
	       bpf_xdp_store_bytes(ctx, link_len, &head.ip, ip_len) ?:
	       bpf_xdp_store_bytes(ctx, at, &draft->header, size);
}

/* Answers `sent` if it has turned the frame into the answer. */
ROOM enum leat_verdict error_send(struct xdp_md *ctx, struct packet *p, __u32 type_code, __u32 rest,
				  enum leat_verdict sent)
{
	struct icmp_draft *draft;
	__u32 most, quoted, link_len, only = 0;

	ROOM_ENTER(p);
	most = packet_is_ipv4(p) ? ICMP_QUOTE_MAX_V4 : ICMP_QUOTE_MAX;
	quoted = p->ip_len < most ? p->ip_len : most;
	draft = bpf_map_lookup_elem(&icmp_drafts, &only);
	link_len = p->link_len;
	if (!draft || quoted < sizeof(struct iphdr) || link_len < 14 || link_len > 22)
		return LEAT_HEADROOM_SHORT; /* cannot be */
	/* Or the compiler makes one test of both bounds, of another register: Linux 6.1 learns nothing from it. */
	barrier_var(quoted);
	if (quoted > ICMP_QUOTE_MAX)
		return LEAT_HEADROOM_SHORT; /* cannot be */
	draft->header.type = type_code >> 8;
	draft->header.code = type_code;
	draft->header.rest = bpf_htonl(rest);
	if (bpf_xdp_load_bytes(ctx, link_len, draft->quote, quoted))
		return LEAT_HEADROOM_SHORT; /* cannot be: parse has seen that the packet is all there */
	*(__u32 *)(draft->quote + quoted) = 0;
	draft_finish(draft, p, quoted);
	if (error_write(ctx, p, draft, link_len, quoted))
		return LEAT_HEADROOM_SHORT;
	p->out = 0;
	return sent;
}

/* Of packets that come so far. */
static __always_inline bool is_answered(const struct packet *p)
{
	return !p->is_icmp && p->fragment != FRAGMENT_LATER;
}

static __always_inline enum leat_verdict ttl_exceeded(struct xdp_md *ctx, struct packet *p)
{
	__u32 type = packet_is_ipv4(p) ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEED;

	if (!is_answered(p) || !limit_allows())
		return LEAT_TTL_EXPIRED;
	return error_send(ctx, p, type << 8, 0, LEAT_TTL_REPLIED);
}

static __always_inline enum leat_verdict too_big(struct xdp_md *ctx, struct packet *p)
{
	__u32 fits = p->way->mtu > p->way->outer_len ? p->way->mtu - p->way->outer_len : 0;
	__u32 type_code = ICMP_DEST_UNREACH << 8 | ICMP_FRAG_NEEDED;

	if (!packet_is_ipv4(p)) {
		type_code = ICMPV6_PKT_TOOBIG << 8;
		if (fits < IPV6_MTU_MIN)
			fits = IPV6_MTU_MIN; /* RFC 8200 5: the sender would ignore less */
	}
	if (!is_answered(p) || p->may_fragment || p->ip_len <= fits)
		return LEAT_TOO_BIG_DROPPED;
	return limit_allows() ? error_send(ctx, p, type_code, fits, LEAT_TOO_BIG_REPLIED)
			      : LEAT_TOO_BIG_LIMITED;
}

#endif
