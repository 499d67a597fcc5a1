/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers on the wire and the Internet checksum (RFC 1071), for the reference model. */
#ifndef REFERENCE_WIRE_H
#define REFERENCE_WIRE_H

#include <stdint.h>

static inline uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static inline void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static inline uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Adds the 16-bit words; an odd last byte is the high one of a word. */
static inline uint64_t sum_add(uint64_t sum, const uint8_t *bytes, uint32_t length)
{
	uint32_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += get16(bytes + i);
	if (i < length)
		sum += bytes[i] << 8;
	return sum;
}

/* The checksum at `at` after a word that it covers changed: RFC 1624, equation 3. Returns true if the sum
 * wrapped. */
static inline int sum_change(uint8_t *at, uint16_t from, uint16_t to)
{
	uint32_t sum = (uint16_t)~get16(at) + (uint16_t)~from + to;

	put16(at, ~sum_fold(sum));
	return sum >> 16 == 0;
}

#endif
