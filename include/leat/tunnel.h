/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies between an outer IP header and the packet, on the wire: written by leat, read by leat-decap. */
#ifndef LEAT_TUNNEL_H
#define LEAT_TUNNEL_H

#include <linux/types.h>

/* RFC 2784 2: flags and version, all 0, and the packet's EtherType. */
struct leat_gre {
	__be16 flags;
	__be16 type;
};
_Static_assert(sizeof(struct leat_gre) == 4, "as on the wire");

/*
 * draft-ietf-intarea-gue-09, variant 0:  variant:2 | control:1 | words that follow these 4 bytes:5,  all 0; the packet's
 * protocol, 4 or 41; flags, all 0. Variant 1 has no header: the first two bits of an IP packet are its 01.
 */
struct leat_gue {
	__u8 first;
	__u8 protocol;
	__be16 flags;
};
_Static_assert(sizeof(struct leat_gue) == 4, "as on the wire");

#define LEAT_GUE_VARIANT(first) ((first) >> 6)

#define LEAT_GUE_PORT 6080 /* IANA's */
/* Linux' fou has no port of its own, this is the one that its examples use. IPv6 packets go to the port after. */
#define LEAT_FOU_PORT 5555

/* RFC 6335 6: ports 49152 to 65535 are nobody's. */
#define LEAT_TUNNEL_SOURCE_PORT(hash) (0xc000 | ((__u32)(hash) & 0x3fff))

#endif
