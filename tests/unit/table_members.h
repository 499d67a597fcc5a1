/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members to build tables of, for the tests of tables. */
#ifndef UNIT_TABLE_MEMBERS_H
#define UNIT_TABLE_MEMBERS_H

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "model/table.h"

#define SEED 0x1ea7
#define MEMBERS_MAX 32767

static uint32_t slots[2][LEAT_TABLE_SIZE_MAX];
static struct table_member members[MEMBERS_MAX];
static uint64_t random_state = 1;

static inline uint32_t random_below(uint32_t n)
{
	random_state += 0x9e3779b97f4a7c15ull;
	return leat_hash_slot(leat_hash_mix(random_state), n);
}

static inline struct table_member member(unsigned int i, uint16_t weight)
{
	struct table_member m = { .weight = weight, .number = i + 1 };

	m.addr.word[2] = htonl(0xffff);
	m.addr.word[3] = htonl(0x0a000001 + i);
	return m;
}

enum weights { EQUAL, RANDOM, EXTREME, WEIGHTS_COUNT };
static const char *const weights_name[] = { "equal", "1 to 100", "1 and 65535" };

static inline uint16_t weight_of(enum weights weights, unsigned int i)
{
	static const uint16_t extreme[] = { 65535, 1 };

	return weights == EQUAL ? 100 : weights == RANDOM ? 1 + random_below(100) : extreme[i % 2];
}

static inline void fill(unsigned int count, enum weights weights)
{
	unsigned int i;

	random_state = count;
	for (i = 0; i < count; i++)
		members[i] = member(i, weight_of(weights, i));
}

#endif
