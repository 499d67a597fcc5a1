/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash of services and flows, compiled by the BPF program and by user space alike.
 *
 * A key's 64-bit words are xored with nothing, multiplied by secret odd factors and summed (multilinear
 * hashing: without the factors nobody can aim at a slot), then mixed so that every bit of the result
 * depends on every bit of the key. The multiplications do not wait for one another.
 * Low and high bits of the result may be used independently.
 */
#ifndef LEAT_HASH_H
#define LEAT_HASH_H

#include <linux/types.h>

#define LEAT_HASH_WORDS 6

/* Factors drawn from a seed; equal seeds on all nodes of a fleet give equal choices. */
struct leat_factors {
	__u64 word[LEAT_HASH_WORDS];
};

/* An IPv6 address, or an IPv4 address mapped as ::ffff:a.b.c.d (RFC 4291 2.5.5.2); network byte order. */
struct leat_addr {
	union {
		__u8 byte[16];
		__be32 word[4];
		__u64 half[2];
	};
};

/*
 * What clients address. port and protocol are 0 for an address as a whole. host_bits and last_port are 0 in a packet's key, and in
 * that of a service on one address and port; one that has more of either, or any protocol, is a shape (shape.h).
 */
struct leat_service_key {
	struct leat_addr addr; /* of a prefix the first */
	__be16 port;           /* of a range the first */
	__u8 protocol;         /* IPPROTO_...; of a shape 0: any */
	__u8 host_bits;        /* of a prefix: the last bits of its addresses, which may be any */
	__be16 last_port;      /* of a range */
	__u16 zero;
};
_Static_assert(sizeof(struct leat_service_key) == 24, "hashed as three words");

static inline __u64 leat_hash_mix(__u64 h)
{
	h ^= h >> 32;
	h *= 0x9fb21c651e98df25ull;
	h ^= h >> 29;
	h *= 0xd6e8feb86659fd93ull;
	h ^= h >> 32;
	return h;
}

/*
 * Addresses differ in their last bytes most, and a difference must be in low bits to reach all bits of the product: as numbers
 * in network order neighbouring clients of neighbouring services would share a hash under one seed in 128.
 */
static inline __u64 leat_hash_half(__u64 half)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(half);
#else
	return half;
#endif
}

static inline __u64 leat_hash_service_sum(const struct leat_factors *f, const struct leat_service_key *key)
{
	return leat_hash_half(key->addr.half[0]) * f->word[0] + leat_hash_half(key->addr.half[1]) * f->word[1] +
	       ((__u64)key->port << 8 | key->protocol) * f->word[2];
}

static inline __u64 leat_hash_service(const struct leat_factors *f, const struct leat_service_key *key)
{
	return leat_hash_mix(leat_hash_service_sum(f, key));
}

/* source_port in network byte order; 0 where the protocol has none. */
static inline __u64 leat_hash_flow(const struct leat_factors *f, const struct leat_service_key *key,
				   const struct leat_addr *source, __be16 source_port)
{
	return leat_hash_mix(leat_hash_service_sum(f, key) + leat_hash_half(source->half[0]) * f->word[3] +
			     leat_hash_half(source->half[1]) * f->word[4] + (__u64)source_port * f->word[5]);
}

/* Of a source at a service: its whole key, shapes' included. */
static inline __u64 leat_hash_source(const struct leat_factors *f, const struct leat_service_key *key,
				     const struct leat_addr *source)
{
	return leat_hash_mix(leat_hash_service_sum(f, key) + leat_hash_half(source->half[0]) * f->word[3] +
			     leat_hash_half(source->half[1]) * f->word[4] +
			     ((__u64)key->last_port << 8 | key->host_bits) * f->word[5]);
}

/*
 * A grain says how finely flows are told apart:  0:4 | generation:1 | 0:11 | cut6:8 | 0:1 | cut4:6 | by_client:1.  0: by all of
 * the 5-tuple. By client: not by the source port, and of its address without so many of the last bits. The generation changes
 * with the grain, and lies where it lies in a pin (flow.h).
 */
#define LEAT_GRAIN_CLIENT(prefix4, prefix6) ((128u - (prefix6)) << 8 | (32u - (prefix4)) << 1 | 1)
#define LEAT_GRAIN_IS_CLIENT(grain) ((grain) & 1)
#define LEAT_GRAIN_CUT(grain, is_ipv4) ((is_ipv4) ? (grain) >> 1 & 0x3f : (grain) >> 8 & 0xff)
#define LEAT_GRAIN_GENERATION (1u << 27)

/* Whether flows that are one by grain b are told apart by a. */
static inline _Bool leat_grain_is_finer(__u32 a, __u32 b, _Bool is_ipv4)
{
	if (LEAT_GRAIN_IS_CLIENT(a) != LEAT_GRAIN_IS_CLIENT(b))
		return LEAT_GRAIN_IS_CLIENT(b);
	return LEAT_GRAIN_CUT(a, is_ipv4) < LEAT_GRAIN_CUT(b, is_ipv4);
}

/* All but so many of the last bits of half an address, network byte order. */
static inline __u64 leat_half_mask(__u32 cut)
{
	__u64 mask = cut < 64 ? ~0ull << cut : 0;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	mask = __builtin_bswap64(mask);
#endif
	return mask;
}

/* Takes so many of the last bits off the address: 0 .. 128. */
static inline void leat_addr_cut(struct leat_addr *addr, __u32 cut)
{
	addr->half[0] &= leat_half_mask(cut < 64 ? 0 : cut - 64);
	addr->half[1] &= leat_half_mask(cut);
}

/* Of the flow, as a pool of this grain tells flows apart. */
static inline __u64 leat_hash_grain(const struct leat_factors *f, const struct leat_service_key *key,
				    const struct leat_addr *source, _Bool is_ipv4, __be16 source_port, __u32 grain)
{
	struct leat_addr client = *source;
	__u32 cut = LEAT_GRAIN_CUT(grain, is_ipv4);

	if (__builtin_expect(LEAT_GRAIN_IS_CLIENT(grain), 0)) {
		leat_addr_cut(&client, cut);
		source_port = 0;
	}
	return leat_hash_flow(f, key, &client, source_port);
}

/*
 * Of a datagram that comes in fragments (RFC 791, RFC 8200 4.5): all that its fragments have in common, the identification in
 * network byte order. In IPv6 the protocol is none of it, and 0 here. With 0 for both: what all between the two hosts have.
 */
static inline __u64 leat_hash_datagram(const struct leat_factors *f, const struct leat_addr *to, const struct leat_addr *from,
				       __u8 protocol, __be32 identification)
{
	return leat_hash_mix(leat_hash_half(to->half[0]) * f->word[0] + leat_hash_half(to->half[1]) * f->word[1] +
			     ((__u64)identification << 8 | protocol) * f->word[2] +
			     leat_hash_half(from->half[0]) * f->word[3] + leat_hash_half(from->half[1]) * f->word[4]);
}

/* The seed's factors (splitmix64 steps, each made odd). */
static inline void leat_factors_from_seed(__u64 seed, struct leat_factors *ret)
{
	int i;

	for (i = 0; i < LEAT_HASH_WORDS; i++)
		ret->word[i] = leat_hash_mix(seed += 0x9e3779b97f4a7c15ull) | 1;
}

/* Maps the high half of a hash to 0 .. size - 1 by multiply and shift, without a division. */
static inline __u32 leat_hash_slot(__u64 hash, __u32 size)
{
	return (__u32)(((hash >> 32) * size) >> 32);
}

#endif
