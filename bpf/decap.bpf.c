/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For backends: takes the outer headers off packets that leat has wrapped, before the kernel sees them, so
 * that a backend needs no tunnel device. Only packets to an outer address in decap_addrs are touched: whoever
 * can send to this host could else send it packets with any inner source. Ethernet addresses and VLAN tags
 * stay.
 */
#include "leat/decap.h"

#include "between.h"
#include "parse_link.h"
#include "parse_network.h"
#include "sum.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LEAT_DECAP_ADDRS_MAX);
	__type(key, struct leat_addr);
	__type(value, __u8);
} decap_addrs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LEAT_DECAP_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} decap_counters SEC(".maps");

enum { NOT_ECT = 0, ECT_1 = 1, ECT_0 = 2, CE = 3 };

/* The inner packet's ECN bits after decapsulation (RFC 6040 4.2); -1: the packet must be dropped. */
static __always_inline int ecn_merge(int outer, int inner)
{
	if (outer == CE)
		return inner == NOT_ECT ? -1 : CE;
	return outer == ECT_1 && inner == ECT_0 ? ECT_1 : inner;
}

/* Whether an IPv4 packet lies whole in `room` bytes; merges the outer ECN bits into it. */
static __always_inline bool inner_ipv4(struct iphdr *ip, void *end, __u32 room, int ecn)
{
	__u16 *version_tos = (__u16 *)ip, old;

	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5 || bpf_ntohs(ip->tot_len) > room ||
	    bpf_ntohs(ip->tot_len) < ip->ihl * 4)
		return false;
	ecn = ecn_merge(ecn, ip->tos & 3);
	if (ecn < 0)
		return false;
	old = *version_tos;
	ip->tos = (ip->tos & ~3) | ecn;
	ip->check = sum_update(ip->check, old, *version_tos);
	return true;
}

static __always_inline bool inner_ipv6(struct ipv6hdr *ip, void *end, __u32 room, int ecn)
{
	__u8 *second = (__u8 *)ip + 1; /* traffic class, low half | flow label, high nibble */

	if ((void *)(ip + 1) > end || ip->version != 6 || sizeof(*ip) + bpf_ntohs(ip->payload_len) > room)
		return false;
	ecn = ecn_merge(ecn, *second >> 4 & 3);
	if (ecn < 0)
		return false;
	*second = (*second & 0xcf) | ecn << 4;
	return true;
}

/* Moves the link header up to the inner packet, and the frame's head with it. */
static __always_inline bool strip(struct xdp_md *ctx, __u32 link_len, __u32 outer_len, __be16 type)
{
	__u8 link[24];

	if (link_len < 14 || link_len > 22)
		return false; /* cannot be */
	return !bpf_xdp_load_bytes(ctx, 0, link, link_len) && !bpf_xdp_adjust_head(ctx, outer_len) &&
	       !bpf_xdp_store_bytes(ctx, 0, link, link_len) &&
	       !bpf_xdp_store_bytes(ctx, link_len - sizeof(type), &type, sizeof(type));
}

static __always_inline bool is_for_us(const struct packet *p)
{
	return p->fragment == FRAGMENT_NONE && !p->is_hidden && bpf_map_lookup_elem(&decap_addrs, &p->key.addr);
}

static __always_inline enum leat_decap_outcome unwrap(struct xdp_md *ctx, const struct packet *p,
						      const struct inside *in)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	void *inner = data + (p->link_len & LINK_LEN_MASK) + (p->ip_headers & IP_HEADERS_MASK) +
		      (in->at & BETWEEN_MASK);
	int ecn = p->tos & 3;

	if (p->defect == LEAT_BAD_LENGTH)
		return LEAT_DECAP_MALFORMED;
	barrier_var(inner); /* one pointer, or what is checked of one copy helps no other */
	if (!(in->is_ipv4 ? inner_ipv4(inner, end, in->room, ecn) : inner_ipv6(inner, end, in->room, ecn)))
		return LEAT_DECAP_MALFORMED;
	if (!strip(ctx, p->link_len, p->ip_headers + in->at, bpf_htons(in->is_ipv4 ? ETH_P_IP : ETH_P_IPV6)))
		return LEAT_DECAP_MALFORMED;
	return LEAT_DECAP_STRIPPED;
}

ROOM enum leat_verdict parse_outer(struct xdp_md *ctx, struct packet *p)
{
	struct cursor c = {(void *)(long)ctx->data, (void *)(long)ctx->data_end};

	ROOM_ENTER(p);
	TRY(parse_link(&c, p));
	return parse_network(ctx, &c, p);
}

SEC("xdp")
int decap(struct xdp_md *ctx)
{
	enum leat_decap_outcome outcome = LEAT_DECAP_OTHER;
	struct packet p = {.defect = LEAT_NEXT};
	struct inside in = {};
	__u64 *counter;

	if (parse_outer(ctx, &p) == LEAT_NEXT && find_inside(ctx, &p, &in) && is_for_us(&p))
		outcome = unwrap(ctx, &p, &in);
	counter = bpf_map_lookup_elem(&decap_counters, &outcome);
	if (counter)
		(*counter)++;
	return outcome == LEAT_DECAP_MALFORMED ? XDP_DROP : XDP_PASS;
}

const char GPL[] SEC("license") = "GPL";
