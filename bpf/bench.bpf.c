/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For `leat bench`: makes packets of many flows, and the programs that leat is measured against.
 *
 * `drive` runs a program packet by packet within one BPF_PROG_TEST_RUN, whose repetitions share one buffer: it takes back
 * what the program did to the last packet, writes the next flow's, and calls the program. `generate` writes packets that
 * really leave (BPF_F_TEST_XDP_LIVE_FRAMES), `sink` counts those that come back.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "leat/bench.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

struct lru_key { /* a flow as Katran keys it: addresses of either family, ports, protocol */
	__u8 addresses[32];
	__u32 ports, protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct lru_key);
	__type(value, __u64);
} lru SEC(".maps");

__u8 prepared[LEAT_BENCH_FRAME] = {};
__u8 outer[sizeof(struct iphdr)] = {};
bool is_ipv6 = false;
__u32 flow_mask = 0;     /* flows - 1; a power of two - 1 */
__u32 service_count = 1; /* which differ in the last 16 bits of the address, and have numbers there from: */
__u32 first_service = 0;
__u32 turn = 0;
__u64 sunk = 0; /* packets; one CPU */

struct bench_frame {
	struct ethhdr eth;
	union {
		struct {
			struct iphdr ip;
			__be32 ports4;
		} __attribute__((packed));
		struct {
			struct ipv6hdr ip6;
			__be32 ports6;
		} __attribute__((packed));
		__u8 rest[LEAT_BENCH_FRAME - sizeof(struct ethhdr)];
	};
} __attribute__((packed));

/* Flows in an order that no cache foresees: an odd step through a power of two visits each once. */
static __always_inline __u32 next_flow(void)
{
	turn += 0x9e3779b1;
	return (turn ^ turn >> 15) & flow_mask;
}

/* A flow has one service. */
static __always_inline __be16 service_of(__u32 flow)
{
	return bpf_htons(first_service + ((flow * 0x85ebca6bu >> 16) * service_count >> 16));
}

static __always_inline void write_next(struct bench_frame *f)
{
	__u32 flow = next_flow();

	__builtin_memcpy(f, prepared, sizeof(*f));
	if (is_ipv6) {
		f->ip6.saddr.in6_u.u6_addr32[3] = bpf_htonl(flow);
		f->ip6.daddr.in6_u.u6_addr16[7] = service_of(flow);
	} else {
		f->ip.saddr = bpf_htonl(0x0a000000 + flow);
		((__be16 *)&f->ip.daddr)[1] = service_of(flow);
	}
}

SEC("xdp")
int drive(struct xdp_md *ctx)
{
	int surplus = (int)(ctx->data_end - ctx->data) - (int)sizeof(struct bench_frame);
	struct bench_frame *f;

	if (bpf_xdp_adjust_head(ctx, surplus))
		return XDP_ABORTED;
	f = (void *)(long)ctx->data;
	if ((void *)(f + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	write_next(f);
	bpf_tail_call(ctx, &target, 0);
	return XDP_ABORTED;
}

/* --- the floors ---------------------------------------------------------------------------------------- */

SEC("xdp")
int bounce(struct xdp_md *ctx)
{
	return XDP_TX;
}

static __always_inline int prepend(struct xdp_md *ctx)
{
	__u8 *data, *end;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(outer)))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + sizeof(struct ethhdr) + sizeof(outer) > end)
		return XDP_ABORTED;
	__builtin_memcpy(data, prepared, sizeof(struct ethhdr));
	__builtin_memcpy(data + sizeof(struct ethhdr), outer, sizeof(outer));
	return XDP_TX;
}

SEC("xdp")
int fixed(struct xdp_md *ctx)
{
	return prepend(ctx);
}

SEC("xdp")
int lru_fixed(struct xdp_md *ctx)
{
	struct bench_frame *f = (void *)(long)ctx->data;
	__u64 one = 1, *found;
	struct lru_key key = {};

	if ((void *)(f + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	if (is_ipv6) {
		__builtin_memcpy(key.addresses, &f->ip6.saddr, sizeof(key.addresses));
		key.ports = f->ports6;
	} else {
		__builtin_memcpy(key.addresses, &f->ip.saddr, 8);
		key.ports = f->ports4;
	}
	found = bpf_map_lookup_elem(&lru, &key);
	if (!found)
		bpf_map_update_elem(&lru, &key, &one, BPF_ANY);
	return prepend(ctx);
}

/* --- frames that leave ---------------------------------------------------------------------------------- */

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	struct bench_frame *f = (void *)(long)ctx->data;

	if ((void *)(f + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	write_next(f);
	return XDP_TX;
}

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	sunk++;
	return XDP_DROP;
}

const char GPL[] SEC("license") = "GPL";
