/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes, endpoints and durations as people write them. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "leat/hash.h"

#define ADDR_TEXT_MAX 64

/* 0, or -EINVAL: neither an IPv4 dotted quad nor an IPv6 address. IPv4 becomes ::ffff:a.b.c.d. */
int addr_parse(const char *text, struct leat_addr *ret);
/* Writes dotted quad or RFC 5952 text into buf (ADDR_TEXT_MAX bytes) and returns buf. */
const char *addr_format(const struct leat_addr *addr, char *buf);
/* addr:port, IPv6 in brackets. port in host byte order. */
const char *endpoint_format(const struct leat_addr *addr, uint16_t port, char *buf);
/* "192.0.2.1:80", "[2001:db8::1]:80"; port in host byte order, 0 to 65535. -EINVAL if it is not that. */
int endpoint_parse(const char *text, struct leat_addr *ret_addr, uint16_t *ret_port);

/*
 * The end of a sentence about a text that addr_parse, or endpoint_parse with a port from 1 on, does not take:
 * ": a name; ...". What people mostly mean by such a text; "" if nothing is known of it.
 */
const char *addr_fault(const char *text);
const char *endpoint_fault(const char *text);

bool addr_is_ipv4(const struct leat_addr *addr);
bool addr_is_zero(const struct leat_addr *addr);
bool addr_equal(const struct leat_addr *a, const struct leat_addr *b);
/* memcmp order. */
int addr_compare(const struct leat_addr *a, const struct leat_addr *b);
/* Unicast and assignable to one host: not unspecified, loopback, multicast, limited broadcast. */
bool addr_is_host(const struct leat_addr *addr);

/* "192.0.2.0/28", or an address alone (length 32 or 128). length is of the family's own address. -EINVAL otherwise. */
int prefix_parse(const char *text, struct leat_addr *ret_addr, unsigned int *ret_length);

/* "250ms", "2s", "1m", "1h" to milliseconds, 0 .. 2^31 - 1; a number without unit is refused. -EINVAL. */
int duration_parse(const char *text, uint32_t *ret_ms);
/* The shortest such text; buf of ADDR_TEXT_MAX. */
const char *duration_format(uint32_t ms, char *buf);

#endif
