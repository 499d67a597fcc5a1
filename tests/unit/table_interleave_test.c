/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interleaved tables: the same shares as the hashed ones have, evenly placed, whatever the order of members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "model/table.h"

#define MEMBERS_MAX 1000

static struct table_member members[MEMBERS_MAX];
static uint32_t slots[LEAT_TABLE_SIZE_MAX], others[LEAT_TABLE_SIZE_MAX];

static void members_set(unsigned int count, unsigned int (*weight)(unsigned int i))
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		members[i] = (struct table_member){ .weight = weight(i), .number = i + 1 };
		members[i].addr.word[3] = htonl(i + 1);
	}
}

static unsigned int equal(unsigned int i)
{
	return 1;
}

static unsigned int rising(unsigned int i)
{
	return i + 1;
}

static unsigned int one_heavy(unsigned int i)
{
	return i ? 1 : 5;
}

static void shares_count(const uint32_t *table, uint32_t size, uint32_t *ret)
{
	uint32_t i;

	memset(ret, 0, (MEMBERS_MAX + 1) * sizeof(*ret));
	for (i = 0; i < size; i++)
		ret[table[i]]++;
}

static void shares_are_those_of_the_hashed_table(void **state)
{
	static uint32_t here[MEMBERS_MAX + 1], there[MEMBERS_MAX + 1];
	static const unsigned int counts[] = { 1, 2, 7, 100, 251, 1000 };
	unsigned int i, w;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		for (w = 0; w < 2; w++) {
			members_set(counts[i], w ? rising : equal);
			assert_int_equal(table_interleave(slots, 509, members, counts[i]),
					 table_build(others, 509, members, counts[i], 3));
			shares_count(slots, 509, here);
			shares_count(others, 509, there);
			assert_memory_equal(here, there, sizeof(here));
		}
}

/* The gaps between a member's visits: between the least and the greatest. */
static void gaps_measure(uint32_t size, unsigned int number, uint32_t *ret_least, uint32_t *ret_most)
{
	uint32_t i, last = 0, seen = 0;

	*ret_least = size;
	*ret_most = 0;
	for (i = 0; i < size; i++) {
		if (slots[i] != number)
			continue;
		if (seen++ && i - last < *ret_least)
			*ret_least = i - last;
		if (seen > 1 && i - last > *ret_most)
			*ret_most = i - last;
		last = i;
	}
}

static void equal_members_come_in_turn(void **state)
{
	uint32_t i, least, most;

	members_set(10, equal);
	table_interleave(slots, 251, members, 10); /* one of them has 26 slots, nine have 25 */
	for (i = 1; i <= 10; i++) {
		gaps_measure(251, i, &least, &most);
		assert_in_range(least, 9, 10);
		assert_in_range(most, 10, 11);
	}
}

static void a_heavy_one_comes_evenly(void **state)
{
	uint32_t i, least, most;

	members_set(6, one_heavy);
	table_interleave(slots, 65537, members, 6); /* half of all slots: every other one */
	gaps_measure(65537, 1, &least, &most);
	assert_in_range(least, 1, 2);
	assert_in_range(most, 2, 3);
	for (i = 2; i <= 6; i++) {
		gaps_measure(65537, i, &least, &most);
		assert_in_range(least, 9, 10);
		assert_in_range(most, 10, 11);
	}
}

static void order_does_not_matter(void **state)
{
	struct table_member swapped;

	members_set(100, rising);
	table_interleave(slots, 1009, members, 100);
	swapped = members[3];
	members[3] = members[90];
	members[90] = swapped;
	table_interleave(others, 1009, members, 100);
	assert_memory_equal(slots, others, 1009 * sizeof(*slots));
}

static unsigned int none(unsigned int i)
{
	return 0;
}

static void without_weight_nobody(void **state)
{
	members_set(4, none);
	slots[7] = 9;
	assert_int_equal(table_interleave(slots, 251, members, 4), 0);
	assert_int_equal(slots[7], 0);
}

static void it_is_quick(void **state)
{
	struct timespec before, after;

	members_set(1000, rising);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	table_interleave(slots, 65537, members, 1000);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	print_message("figure: 65537 slots of 1000 members interleaved in %.1f ms\n",
		      (after.tv_sec - before.tv_sec) * 1e3 + (after.tv_nsec - before.tv_nsec) / 1e6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_those_of_the_hashed_table),
		cmocka_unit_test(equal_members_come_in_turn),
		cmocka_unit_test(a_heavy_one_comes_evenly),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(without_weight_nobody),
		cmocka_unit_test(it_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
