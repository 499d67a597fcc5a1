/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefixes made into edges, against the plainest reading of them: the longest that the address is in. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/addr.h"
#include "model/access.h"
#include "unit/world_memory.h"

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state += 0x9e3779b97f4a7c15ull;
	return leat_hash_slot(leat_hash_mix(random_state), n);
}

static bool is_in(const struct leat_addr *addr, const struct access_prefix *p)
{
	unsigned int length = p->length + (addr_is_ipv4(&p->addr) ? 96 : 0), bit;

	if (addr_is_ipv4(addr) != addr_is_ipv4(&p->addr))
		return false;
	for (bit = 0; bit < length; bit++)
		if ((addr->byte[bit / 8] ^ p->addr.byte[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static bool is_denied(const struct access_prefix *prefixes, unsigned int count, bool rest, const struct leat_addr *addr)
{
	const struct access_prefix *longest = NULL;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (is_in(addr, &prefixes[i]) && (!longest || prefixes[i].length > longest->length))
			longest = &prefixes[i];
	return longest ? longest->denies : rest;
}

/* Few bits vary, at both ends of the address, so that prefixes lie in one another and end with all addresses. */
static struct leat_addr draw_addr(void)
{
	struct leat_addr addr = {};
	bool ipv4 = random_below(2);

	addr.word[2] = ipv4 ? htonl(0xffff) : 0;
	addr.word[3] = htonl((random_below(3) ? 0 : random_below(4) << 30) | random_below(16) | (random_below(8) ? 0 : 0xfffffff0));
	if (!ipv4)
		addr.half[0] = random_below(8) ? 0 : ~0ull;
	if (!ipv4 && random_below(2))
		addr.word[2] = ~0u;
	return addr;
}

static void bits_clear(struct leat_addr *addr, unsigned int host_bits)
{
	while (host_bits--)
		addr->byte[15 - host_bits / 8] &= ~(1u << host_bits % 8);
}

static unsigned int draw_prefixes(struct access_prefix *ret, unsigned int most)
{
	unsigned int count = random_below(most + 1), i, j;

	for (i = 0; i < count; i++) {
		struct access_prefix p = { .addr = draw_addr(), .denies = random_below(2) };
		unsigned int width = addr_is_ipv4(&p.addr) ? 32 : 128;

		p.length = random_below(2) ? width - random_below(6) : random_below(width + 1);
		bits_clear(&p.addr, width - p.length);
		for (j = 0; j < i; j++)
			if (!access_compare(&ret[j], &p))
				p.denies = ret[j].denies;
		ret[i] = p;
	}
	return count;
}

static void put(struct world *world, unsigned int number, const struct access_edges *edges)
{
	struct leat_guard *guard = access_guard(world, number);

	guard->edges4 = LEAT_EDGES(edges->denies4, 5, edges->count4);
	guard->edges6 = LEAT_EDGES(edges->denies6, 7, edges->count6);
	memcpy(world->edges4 + 5, edges->edges4, edges->count4 * sizeof(*edges->edges4));
	memcpy(world->edges6 + 7, edges->edges6, edges->count6 * sizeof(*edges->edges6));
}

static void the_longest_prefix_decides(void **state)
{
	struct access_prefix prefixes[24];
	struct world world = world_new();
	struct access_edges edges;
	unsigned int i, j;

	for (i = 0; i < 3000; i++) {
		unsigned int count = draw_prefixes(prefixes, 24);
		bool rest = random_below(2);

		access_resolve(prefixes, count, rest, &edges);
		put(&world, 3, &edges);
		for (j = 1; j < edges.count4; j++)
			assert_true(edges.edges4[j - 1] < edges.edges4[j]);
		for (j = 0; j < 100; j++) {
			struct leat_addr addr = draw_addr();

			assert_int_equal(access_denies(&world, 3, &addr), is_denied(prefixes, count, rest, &addr));
		}
		access_clear(&edges);
	}
	world_end(&world);
}

/* Where nothing changes there is no edge. */
static void neighbours_are_one_range(void **state)
{
	struct access_prefix prefixes[3] = { { .length = 25, .denies = true }, { .length = 25, .denies = true }, { .length = 32, .denies = true } };
	struct access_edges edges;
	unsigned int i;

	for (i = 0; i < 3; i++)
		addr_parse(i == 0 ? "10.0.0.0" : i == 1 ? "10.0.0.128" : "10.0.0.7", &prefixes[i].addr);
	access_resolve(prefixes, 3, false, &edges);
	assert_int_equal(edges.count4, 2);
	assert_int_equal(edges.edges4[0], 0x0a000000);
	assert_int_equal(edges.edges4[1], 0x0a000100);
	assert_int_equal(edges.count6, 0);
	access_clear(&edges);
}

/* Printed, not asserted. */
static void a_hundred_thousand_prefixes(void **state)
{
	enum { COUNT = 100000 };
	struct access_prefix *prefixes = memory_zeroed(COUNT, sizeof(*prefixes));
	struct access_edges edges;
	struct timespec start, end;
	unsigned int i;

	for (i = 0; i < COUNT; i++) {
		prefixes[i].length = 64;
		prefixes[i].denies = true;
		prefixes[i].addr.word[0] = htonl(0x20010db8);
		prefixes[i].addr.word[1] = htonl(2 * i);
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	access_resolve(prefixes, COUNT, false, &edges);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("figure: 100,000 prefixes resolved  %.1f ms\n",
	       (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6);
	assert_int_equal(edges.count6, 2 * COUNT);
	access_clear(&edges);
	free(prefixes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_decides),
		cmocka_unit_test(neighbours_are_one_range),
		cmocka_unit_test(a_hundred_thousand_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
