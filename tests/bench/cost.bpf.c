/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives a program under test packet by packet within one BPF_PROG_TEST_RUN, whose repetitions share one buffer: takes back
 * what the last packet's program did, writes the next flow's packet, and calls the program. Beside leat, the floors: a program
 * that only sends the packet back, one that puts a fixed IPv4 header before it, and one that looks its flow up in an LRU hash
 * with a full key before that.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

struct lru_key { /* a flow as Katran keys it: addresses of either family, ports, protocol */
	__be32 source[4], destination[4];
	__u32 ports, protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2 << 20);
	__type(key, struct lru_key);
	__type(value, __u64);
} lru SEC(".maps");

struct cost_frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

__u8 prepared[sizeof(struct cost_frame)] = {};
__u32 flow_mask = 0; /* flows - 1; a power of two - 1 */
__u32 turn = 0;
__u8 outer[20] = {0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 4};

/* Flows in an order that no cache foresees: an odd step through a power of two visits each once. */
static __always_inline __be32 next_source(void)
{
	turn += 0x9e3779b1;
	return bpf_htonl(0x64000000 | ((turn ^ turn >> 15) & flow_mask));
}

SEC("xdp")
int drive(struct xdp_md *ctx)
{
	int surplus = (int)(ctx->data_end - ctx->data) - (int)sizeof(struct cost_frame);
	struct cost_frame *f;

	if (bpf_xdp_adjust_head(ctx, surplus))
		return XDP_ABORTED;
	f = (void *)(long)ctx->data;
	if ((void *)(f + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	__builtin_memcpy(f, prepared, sizeof(*f));
	f->ip.saddr = next_source();
	bpf_tail_call(ctx, &target, 0);
	return XDP_ABORTED;
}

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
	struct cost_frame *f = (void *)(long)ctx->data;
	struct lru_key key = {};
	__u64 one = 1, *found;

	if ((void *)(f + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	key.source[0] = f->ip.saddr;
	key.destination[0] = f->ip.daddr;
	key.ports = *(__u32 *)&f->tcp;
	key.protocol = f->ip.protocol;
	found = bpf_map_lookup_elem(&lru, &key);
	if (!found)
		bpf_map_update_elem(&lru, &key, &one, BPF_ANY);
	return prepend(ctx);
}

const char GPL[] SEC("license") = "GPL";
