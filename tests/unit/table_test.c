/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables: balance, determinism, agreement with their definition, speed. Prints the figures that docs/tables.md
 * shows, each line beginning with "figure: ".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/auto.h"
#include "unit/table_members.h"

/* --- balance ------------------------------------------------------------------------------------ */

static uint32_t counts[65536];
static double shares[MEMBERS_MAX];

static void count_slots(uint32_t size)
{
	uint32_t i;

	memset(counts, 0, sizeof(counts));
	for (i = 0; i < size; i++)
		counts[slots[0][i]]++;
}

/* Exact shares of the weight; whoever is too light for a slot has one before the others share the rest. */
static void shares_compute(uint32_t size, unsigned int count)
{
	double weight = 0, rest = size;
	bool changed = true;
	unsigned int i;

	for (i = 0; i < count; i++) {
		shares[i] = 0;
		weight += members[i].weight;
	}
	while (changed) {
		changed = false;
		for (i = 0; i < count; i++) {
			if (!members[i].weight || shares[i] || members[i].weight * rest >= weight)
				continue;
			shares[i] = 1;
			rest--;
			weight -= members[i].weight;
			changed = true;
		}
	}
	for (i = 0; i < count; i++)
		if (!shares[i] && members[i].weight)
			shares[i] = members[i].weight * rest / weight;
}

/* The largest distance from a member's share, in slots. */
static double check_balance(uint32_t size, unsigned int count)
{
	double worst = 0;
	unsigned int i;

	shares_compute(size, count);
	count_slots(size);
	for (i = 0; i < count; i++) {
		double got = counts[members[i].number], away = got > shares[i] ? got - shares[i] : shares[i] - got;

		assert_true(away < 1);
		assert_true(members[i].weight ? got > 0 : got == 0);
		worst = away > worst ? away : worst;
	}
	return worst;
}

static void shares_are_those_of_the_weight(void **state)
{
	static const uint32_t sizes[] = { 251, 65537, 131071 };
	static const unsigned int numbers[] = { 1, 2, 3, 10, 100, 250, 600, 1000 };
	unsigned int s, n, w;

	for (s = 0; s < ARRAY_SIZE(sizes); s++)
		for (w = 0; w < WEIGHTS_COUNT; w++)
			for (n = 0; n < ARRAY_SIZE(numbers) && numbers[n] < sizes[s]; n++) {
				double worst;

				fill(numbers[n], w);
				assert_int_equal(numbers[n], table_build(slots[0], sizes[s], members, numbers[n], SEED));
				worst = check_balance(sizes[s], numbers[n]);
				if (sizes[s] == 65537 && numbers[n] >= 10)
					printf("figure: balance    size %6u  backends %4u  weights %-11s  "
					       "furthest from its share %.3f slots\n",
					       sizes[s], numbers[n], weights_name[w], worst);
			}
}

static void every_weight_gets_its_share(void **state)
{
	uint32_t weight;

	for (weight = 0; weight <= 65535; weight += weight < 300 || weight > 65300 ? 17 : 1777) {
		members[0] = member(0, weight);
		members[1] = member(1, 1);
		members[2] = member(2, 65535);
		table_build(slots[0], 65537, members, 3, SEED);
		check_balance(65537, 3);
	}
}

static void random_weights_get_their_share(void **state)
{
	unsigned int round, i, count;

	random_state = 3;
	for (round = 0; round < 150; round++) {
		count = 1 + random_below(200);
		for (i = 0; i < count; i++)
			members[i] = member(i, random_below(65536) >> random_below(16));
		if (table_build(slots[0], 4099, members, count, round))
			check_balance(4099, count);
	}
}

static void nobody_with_weight_goes_without(void **state)
{
	unsigned int i;

	for (i = 0; i < MEMBERS_MAX; i++)
		members[i] = member(i, i == 7 ? 65535 : 1);
	assert_int_equal(MEMBERS_MAX, table_build(slots[0], 65537, members, MEMBERS_MAX, SEED));
	count_slots(65537);
	for (i = 0; i < MEMBERS_MAX; i++)
		assert_int_equal(counts[i + 1], i == 7 ? 65537 - MEMBERS_MAX + 1 : 1);
}

static void the_heaviest_win_where_slots_are_too_few(void **state)
{
	unsigned int i;

	for (i = 0; i < 1000; i++)
		members[i] = member(i, i % 4 ? 1 : 2 + i % 3);
	assert_int_equal(251, table_build(slots[0], 251, members, 1000, SEED));
	count_slots(251);
	for (i = 0; i < 1000; i++)
		assert_int_equal(counts[i + 1], i % 4 == 0 || i == 1);
}

static void no_weight_no_slot(void **state)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		members[i] = member(i, 0);
	memset(slots[0], 0xff, sizeof(slots[0]));
	assert_int_equal(0, table_build(slots[0], 251, members, 10, SEED));
	assert_int_equal(0, table_build(slots[0], 251, NULL, 0, SEED));
	for (i = 0; i < 251; i++)
		assert_int_equal(0, slots[0][i]);
	members[3].weight = 1;
	assert_int_equal(1, table_build(slots[0], 251, members, 10, SEED));
	for (i = 0; i < 251; i++)
		assert_int_equal(4, slots[0][i]);
}

/* --- one table everywhere ----------------------------------------------------------------------- */

static uint64_t digest(const uint32_t *table, uint32_t size)
{
	uint64_t h = size;
	uint32_t i;

	for (i = 0; i < size; i++)
		h = leat_hash_mix(h ^ table[i]);
	return h;
}

static void order_does_not_matter(void **state)
{
	unsigned int round, i;

	fill(300, RANDOM);
	for (i = 0; i < 300; i += 7)
		members[i].weight = 0;
	table_build(slots[0], 10007, members, 300, SEED);
	for (round = 0; round < 20; round++) {
		for (i = 299; i > 0; i--) {
			unsigned int j = random_below(i + 1);
			struct table_member m = members[i];

			members[i] = members[j];
			members[j] = m;
		}
		table_build(slots[1], 10007, members, 300, SEED);
		assert_memory_equal(slots[0], slots[1], 10007 * sizeof(uint32_t));
	}
}

/* Nodes of a fleet may run different versions of leat: these may change only with a release note. */
static void tables_are_those_of_other_versions(void **state)
{
	static const struct {
		uint32_t size;
		unsigned int count;
		enum weights weights;
		uint64_t seed, digest;
	} rows[] = {
		{ 251, 3, EQUAL, 1, 0x728d7bfecd8a6f03ull },
		{ 65537, 100, RANDOM, 0xfeedfacecafebeefull, 0xceccabcf767fcb19ull },
		{ 131071, 1000, EXTREME, 42, 0x821c6f200d77bbbcull },
	};
	unsigned int r;

	for (r = 0; r < ARRAY_SIZE(rows); r++) {
		fill(rows[r].count, rows[r].weights);
		table_build(slots[0], rows[r].size, members, rows[r].count, rows[r].seed);
		assert_true(digest(slots[0], rows[r].size) == rows[r].digest);
	}
}

static void seeds_differ(void **state)
{
	uint32_t same = 0, i;

	fill(10, EQUAL);
	table_build(slots[0], 65537, members, 10, 1);
	table_build(slots[1], 65537, members, 10, 2);
	for (i = 0; i < 65537; i++)
		same += slots[0][i] == slots[1][i];
	assert_in_range(same, 65537 / 11, 65537 / 9);
}

/* --- against the definition --------------------------------------------------------------------- */

/* A visit, as table.c's first comment defines it. */
struct visit {
	unsigned __int128 time;
	uint32_t slot, member;
};

static int by_time(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;

	return x->time != y->time ? (x->time < y->time ? -1 : 1) : (int)x->member - (int)y->member;
}

/* All visits in the order of time, each taking its slot if that is free and the visitor still needs one. */
static void build_by_definition(uint32_t *table, uint32_t size, unsigned int count, const uint32_t *quotas)
{
	auto_free struct visit *visits = memory_zeroed((size_t)size * count, sizeof(*visits));
	auto_free uint32_t *owned = memory_zeroed(count, sizeof(*owned));
	struct leat_factors f;
	size_t v = 0;
	unsigned int i;
	uint32_t k;

	leat_factors_from_seed(SEED, &f);
	for (i = 0; i < count; i++) {
		const __u64 *half = members[i].addr.half;
		unsigned __int128 start = (leat_hash_mix(half[0] * f.word[0] + half[1] * f.word[1]) >> 32) * size >> 32;
		unsigned __int128 skip =
			1 + ((leat_hash_mix(half[0] * f.word[2] + half[1] * f.word[3]) >> 32) * (size - 1) >> 32);
		unsigned __int128 sum = 0;

		for (k = 0; k < size; k++) {
			sum += ((unsigned __int128)1 << 44) / (size - k);
			visits[v++] = (struct visit){ (sum >> 16) * ((1ull << 32) / members[i].weight),
						      (start + k * skip) % size, i };
		}
	}
	qsort(visits, v, sizeof(*visits), by_time);
	memset(table, 0, size * sizeof(*table));
	for (v = 0; v < (size_t)size * count; v++)
		if (!table[visits[v].slot] && owned[visits[v].member] < quotas[members[visits[v].member].number]) {
			table[visits[v].slot] = members[visits[v].member].number;
			owned[visits[v].member]++;
		}
}

static void tables_are_as_defined(void **state)
{
	static const struct {
		uint32_t size;
		unsigned int count;
		enum weights weights;
	} rows[] = { { 251, 7, RANDOM }, { 1009, 100, RANDOM }, { 4099, 40, EXTREME }, { 131071, 4, EQUAL },
		     { 131071, 3, EXTREME } };
	unsigned int r;

	for (r = 0; r < ARRAY_SIZE(rows); r++) {
		fill(rows[r].count, rows[r].weights);
		table_build(slots[0], rows[r].size, members, rows[r].count, SEED);
		count_slots(rows[r].size);
		build_by_definition(slots[1], rows[r].size, rows[r].count, counts);
		assert_memory_equal(slots[0], slots[1], rows[r].size * sizeof(uint32_t));
	}
}

/* --- speed -------------------------------------------------------------------------------------- */

static double build_ms(uint32_t size, unsigned int count)
{
	struct timespec a, b;
	double best = 1e9;
	int i;

	for (i = 0; i < 5; i++) {
		double ms;

		clock_gettime(CLOCK_MONOTONIC, &a);
		table_build(slots[0], size, members, count, SEED);
		clock_gettime(CLOCK_MONOTONIC, &b);
		ms = (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6;
		best = ms < best ? ms : best;
	}
	return best;
}

/* Printed, not asserted: a test must not fail because the machine is busy. */
static void building_is_quick(void **state)
{
	static const struct {
		uint32_t size;
		unsigned int count;
		enum weights weights;
	} rows[] = { { 65537, 10, EQUAL },    { 65537, 100, EQUAL },  { 65537, 1000, EQUAL }, { 65537, 1000, RANDOM },
		     { 65537, 1000, EXTREME }, { 131071, 1000, EQUAL }, { 65537, 30000, RANDOM } };
	unsigned int r;

	for (r = 0; r < ARRAY_SIZE(rows); r++) {
		fill(rows[r].count, rows[r].weights);
		printf("figure: build      size %6u  backends %5u  weights %-11s  %.1f ms\n", rows[r].size, rows[r].count,
		       weights_name[rows[r].weights], build_ms(rows[r].size, rows[r].count));
	}
}

static void sizes_are_primes_in_range(void **state)
{
	assert_true(table_size_is_valid(251));
	assert_true(table_size_is_valid(65537));
	assert_true(table_size_is_valid(131071));
	assert_false(table_size_is_valid(0));
	assert_false(table_size_is_valid(241)); /* prime, too small */
	assert_false(table_size_is_valid(253));
	assert_false(table_size_is_valid(65536));
	assert_false(table_size_is_valid(131101)); /* prime, too large */
	assert_false(table_size_is_valid(63001)); /* 251 * 251 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_those_of_the_weight),
		cmocka_unit_test(every_weight_gets_its_share),
		cmocka_unit_test(random_weights_get_their_share),
		cmocka_unit_test(nobody_with_weight_goes_without),
		cmocka_unit_test(the_heaviest_win_where_slots_are_too_few),
		cmocka_unit_test(no_weight_no_slot),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(tables_are_those_of_other_versions),
		cmocka_unit_test(seeds_differ),
		cmocka_unit_test(tables_are_as_defined),
		cmocka_unit_test(building_is_quick),
		cmocka_unit_test(sizes_are_primes_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
