/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An echo request and its reply, as a raw socket sends and receives them (RFC 792, RFC 4443 4.1 and 4.2).
 * Pure. */
#ifndef HEALTH_ICMP_MESSAGE_H
#define HEALTH_ICMP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICMP_MESSAGE_SIZE 16

/* Identifier and sequence number are the nonce's first four bytes, all of it is the data. The kernel fills in
 * ICMPv6's checksum. */
void icmp_ask(bool is_ipv6, uint64_t nonce, uint8_t ret[ICMP_MESSAGE_SIZE]);
/* Whether this is the reply. Of IPv4 the socket gives the IP header, too. */
bool icmp_is_reply(bool is_ipv6, uint64_t nonce, const uint8_t *packet, size_t length);

#endif
