/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server ids in QUIC connection ids (draft-ietf-quic-load-balancers-21 3): the first octet is
 * config rotation:3 | length or random:5, and behind it lies, in plaintext, the server id, then a nonce. Config 7 says that
 * there is no server id.
 */
#ifndef LEAT_QUIC_H
#define LEAT_QUIC_H

#include "hash.h"

#define LEAT_QUIC_CONFIG_MAX    6
#define LEAT_QUIC_LENGTH_MAX    15 /* of a server id */
#define LEAT_QUIC_NONCE_MIN     4
#define LEAT_QUIC_ID_MAX        20 /* octets of a connection id that a load balancer may have to see */

/* What a service looks for:  config:3 | octets of a server id:4.  0: it is not asked. */
#define LEAT_QUIC(config, length) ((config) << 4 | (length))
#define LEAT_QUIC_CONFIG(quic) ((quic) >> 4)
#define LEAT_QUIC_LENGTH(quic) ((quic) & 15)

/* Octets of a connection id that a server id of so many needs. */
#define LEAT_QUIC_ID_MIN(length) (1 + (length) + LEAT_QUIC_NONCE_MIN)

/* Its length, then the server id, then zeros; all zero: none. */
struct leat_server_id {
	union {
		__u8 byte[1 + LEAT_QUIC_LENGTH_MAX];
		__u64 half[2];
	};
};
_Static_assert(sizeof(struct leat_server_id) == 16, "compared as two words");

static inline _Bool leat_server_id_equal(const struct leat_server_id *a, const struct leat_server_id *b)
{
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

/* Makes of the first 16 octets of a connection id its server id, of so many octets. */
static inline void leat_server_id_cut(struct leat_server_id *id, __u32 length)
{
	id->byte[0] = length;
	id->half[0] &= leat_half_mask(length < 7 ? (7 - length) * 8 : 0);
	id->half[1] &= leat_half_mask((15 - length) * 8);
}

/* The same id in another pool is another backend's. */
static inline __u64 leat_hash_server_id(const struct leat_factors *f, const struct leat_server_id *id, __u32 pool)
{
	return leat_hash_mix(leat_hash_half(id->half[0]) * f->word[0] + leat_hash_half(id->half[1]) * f->word[1] +
			     (__u64)pool * f->word[2]);
}

#endif
