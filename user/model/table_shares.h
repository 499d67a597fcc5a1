/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside user/model: how many slots each member of a table gets. */
#ifndef MODEL_TABLE_SHARES_H
#define MODEL_TABLE_SHARES_H

#include "model/table.h"

/* Copies those with weight to ret (room for count), sorted by address, and returns how many they are. */
uint32_t table_members_sort(const struct table_member *members, unsigned int count, struct table_member *ret);

/*
 * ret[i]: the slots of member i. All have weight and are sorted by address. Together they are `size`; a member has its
 * share of the weight, rounded up or down, but at least one while there are as many slots as members.
 */
void table_shares(const struct table_member *members, uint32_t count, uint32_t size, uint32_t *ret);

#endif
