/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What via_echo.c sends and receives. Pure. */
#ifndef NET_VIA_MESSAGE_H
#define NET_VIA_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leat/hash.h"

#define VIA_ECHO_MIN 64 /* bytes, IP header included */

/* An echo request of so many bytes, VIA_ECHO_MIN or more, as an IP packet (RFC 792, RFC 4443 4.1). */
void via_echo_write(const struct leat_addr *source, const struct leat_addr *destination, uint64_t nonce, size_t bytes,
		    uint8_t *ret);

enum via_heard { VIA_HEARD_OTHER, VIA_HEARD_REPLY, VIA_HEARD_REFUSAL };

struct via_message {
	uint64_t nonce;        /* of a reply */
	size_t bytes;          /* of a reply, IP header included */
	struct leat_addr host; /* of a refusal: whom the packet was sent to that it quotes */
	uint8_t protocol;      /* likewise */
	uint16_t port;         /* likewise: UDP destination; 0: not UDP */
};

/* message: as a raw socket has it, of IPv4 with the IP header, of IPv6 without. */
enum via_heard via_message_read(bool is_ipv6, const uint8_t *message, size_t length, struct via_message *ret);

#endif
