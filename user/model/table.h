/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Weighted Maglev: which backend owns which slot. After D. Eisenbud et al., "Maglev: A Fast and Reliable
 * Software Network Load Balancer", NSDI 2016, section 3.4, with weights.
 */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "leat/maps.h"

struct table_member {
	struct leat_addr addr; /* what the permutation is drawn from, with the seed: all nodes of a fleet agree */
	uint16_t weight;       /* 0: gets no slot */
	uint16_t number;       /* what is written into the slots; 1 .. 32767 */
};

/*
 * Fills slots[0 .. size). size is a prime, LEAT_TABLE_SIZE_MIN .. MAX. A pure function of the members as
 * a set, the seed and the size: the order of members does not matter. A member's share of slots is its
 * share of the weight within one slot or 1 % of it; no member with weight gets none while size allows.
 * Returns how many members got slots; 0 with no weight at all, and slots are then all 0.
 */
unsigned int table_build(uint32_t *slots, uint32_t size, const struct table_member *members, unsigned int count,
			 uint64_t seed);

/*
 * The same shares, placed so that whoever takes the slots in turn meets the members evenly. Pure, too; needs no seed.
 */
unsigned int table_interleave(uint32_t *slots, uint32_t size, const struct table_member *members, unsigned int count);

bool table_size_is_valid(uint32_t size);

#endif
