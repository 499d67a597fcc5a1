/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps: those of LEAT_MAPS, which the daemon maps into its memory, and four that only this program and
 * the kernel use. The loader multiplies the per-CPU ones by the number of CPUs.
 */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "leat/maps.h"

/* ARRAY, not PERCPU_ARRAY or HASH: its look-up compiles to a load, and it can be mapped. */
#define X(map, record, elements, per_cpu)                                                                    \
	struct {                                                                                             \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                            \
		__uint(map_flags, BPF_F_MMAPABLE);                                                           \
		__uint(max_entries, elements);                                                               \
		__type(key, __u32);                                                                          \
		__type(value, record);                                                                       \
	} map SEC(".maps");
LEAT_MAPS(X)
#undef X

/* Datagrams under way in fragments. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* for the tests */
	__uint(max_entries, LEAT_FRAGMENT_SETS_MAX);
	__type(key, __u32);
	__type(value, struct leat_fragment_set);
} fragments SEC(".maps");

/* Token buckets of the ICMP errors, one a CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct leat_limiter);
} limiters SEC(".maps");

/* Interfaces that packets may be redirected to, by their index. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} devices SEC(".maps");

/* Where an ICMP error is put together: its header and the packet it quotes. */
#define ICMP_QUOTE_MAX 1232 /* IPv6: 1280 of which the headers take 48 (RFC 4443 2.4 c) */
#define ICMP_SUM_CHUNK 508  /* Linux 6.1: bpf_csum_diff takes 512 at once; this is words, and a mask */

struct icmp_draft {
	struct {
		__u8 type, code;
		__u16 checksum;
		__be32 rest;
	} header;
	__u8 quote[3 * ICMP_SUM_CHUNK - 8];
};
_Static_assert(sizeof(struct icmp_draft) == 3 * ICMP_SUM_CHUNK, "summed in whole chunks");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct icmp_draft);
} icmp_drafts SEC(".maps");

#endif
