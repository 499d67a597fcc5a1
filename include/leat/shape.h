/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shapes: services on a prefix of addresses, a range of ports, any port or any protocol. Where several hold a packet, it is for
 * the one with the longest prefix; among those, for one of its own protocol rather than of any; among those, for the one
 * with the fewest ports. Ranges of one prefix and protocol are apart or one is within the other.
 */
#ifndef LEAT_SHAPE_H
#define LEAT_SHAPE_H

#include "hash.h"

#define LEAT_PORT_LAST 0xffff /* with the first one 0: any port, and protocols that have none */

static inline _Bool leat_key_is_shape(const struct leat_service_key *key)
{
	return key->host_bits || key->last_port;
}

static inline __u32 leat_port_number(__be16 port)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap16(port);
#else
	return port;
#endif
}

static inline __u32 leat_key_last_port(const struct leat_service_key *key)
{
	return leat_port_number(key->last_port ? key->last_port : key->port);
}

/* An address as a number in host byte order, its high half first. */
static inline void leat_addr_number(const struct leat_addr *addr, __u64 ret[2])
{
	ret[0] = leat_hash_half(addr->half[0]);
	ret[1] = leat_hash_half(addr->half[1]);
}

static inline _Bool leat_number_is_below(const __u64 a[2], const __u64 b[2])
{
	return a[0] != b[0] ? a[0] < b[0] : a[1] < b[1];
}

/* Whether a packet with this key is among those that the shape is for. */
static inline _Bool leat_shape_has(const struct leat_service_key *shape, const struct leat_service_key *key)
{
	struct leat_addr differs = {.half = {shape->addr.half[0] ^ key->addr.half[0], shape->addr.half[1] ^ key->addr.half[1]}};
	__u32 port = leat_port_number(key->port);

	leat_addr_cut(&differs, shape->host_bits);
	if (differs.half[0] | differs.half[1])
		return 0;
	return (!shape->protocol || shape->protocol == key->protocol) && leat_port_number(shape->port) <= port &&
	       port <= leat_key_last_port(shape);
}

#endif
