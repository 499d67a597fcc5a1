/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbours do not share hashes: flows that do would share a pin. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "leat/hash.h"

#define SEEDS    500
#define SERVICES 16
#define CLIENTS  64

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A neighbour of base: two of its bytes are greater by this much. */
static struct leat_addr address(const char *base, unsigned int high, unsigned int high_byte, unsigned int low)
{
	struct leat_addr addr = {};

	assert_int_equal(inet_pton(AF_INET6, base, &addr), 1);
	addr.byte[high_byte] += high;
	addr.byte[15] += low;
	return addr;
}

/* Under every seed: each client to each service, all from one port. */
static void all_differ(const char *service, const char *client, unsigned int high_byte)
{
	static uint64_t hashes[SERVICES * CLIENTS];
	unsigned int seed, s, c, i;

	for (seed = 1; seed <= SEEDS; seed++) {
		struct leat_factors factors;

		leat_factors_from_seed(seed, &factors);
		for (i = s = 0; s < SERVICES; s++)
			for (c = 0; c < CLIENTS; c++) {
				struct leat_service_key key = { .addr = address(service, s / 4, high_byte, s % 4),
								.port = htons(443), .protocol = IPPROTO_TCP };
				struct leat_addr from = address(client, c / 8, high_byte, c % 8);

				hashes[i++] = leat_hash_flow(&factors, &key, &from, htons(4000));
			}
		qsort(hashes, i, sizeof(*hashes), compare);
		while (--i)
			assert_true(hashes[i] != hashes[i - 1]);
	}
}

static void neighbours_of_ipv4(void **state)
{
	all_differ("::ffff:192.0.2.10", "::ffff:198.51.100.2", 14);
	all_differ("::ffff:192.0.2.10", "::ffff:198.51.100.2", 13);
}

static void neighbours_of_ipv6(void **state)
{
	all_differ("2001:db8:0:1::10", "2001:db8:64::2", 14);
	all_differ("2001:db8:0:1::10", "2001:db8:64::2", 7); /* in other subnets */
}

/* By client: as if the client were another, without a port; whatever the generation. */
static void check_grain(unsigned int prefix4, unsigned int prefix6, const char *client, const char *cut)
{
	uint32_t grain = LEAT_GRAIN_CLIENT(prefix4, prefix6), i;
	struct leat_service_key key = { .port = htons(80), .protocol = IPPROTO_TCP };
	struct leat_addr from = address(client, 0, 0, 0), as = address(cut, 0, 0, 0);
	bool is_ipv4 = from.word[2] == htonl(0xffff);
	struct leat_factors f;

	leat_factors_from_seed(4, &f);
	for (i = 0; i <= LEAT_GRAIN_GENERATION; i += LEAT_GRAIN_GENERATION) {
		assert_int_equal(leat_hash_grain(&f, &key, &from, is_ipv4, htons(4000), grain | i), leat_hash_flow(&f, &key, &as, 0));
		assert_int_equal(leat_hash_grain(&f, &key, &from, is_ipv4, htons(4000), i),
				 leat_hash_flow(&f, &key, &from, htons(4000)));
	}
}

static void grains(void **state)
{
	check_grain(32, 128, "::ffff:198.51.100.7", "::ffff:198.51.100.7");
	check_grain(32, 128, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6");
	check_grain(24, 60, "::ffff:198.51.100.7", "::ffff:198.51.100.0");
	check_grain(24, 60, "2001:db8:1:2f:3:4:5:6", "2001:db8:1:20::");
	check_grain(1, 64, "::ffff:198.51.100.7", "::ffff:128.0.0.0");
	check_grain(1, 64, "2001:db8:1:2f:3:4:5:6", "2001:db8:1:2f::");
	check_grain(0, 65, "::ffff:198.51.100.7", "::ffff:0.0.0.0");
	check_grain(0, 65, "2001:db8:1:2f:8003:4:5:6", "2001:db8:1:2f:8000::");
	check_grain(32, 0, "2001:db8:1:2f:8003:4:5:6", "::");
}

static void finer_grains(void **state)
{
	uint32_t whole = LEAT_GRAIN_CLIENT(32, 128), part = LEAT_GRAIN_CLIENT(24, 128);

	assert_true(leat_grain_is_finer(0, whole, true) && !leat_grain_is_finer(whole, 0, true));
	assert_true(leat_grain_is_finer(whole, part, true) && !leat_grain_is_finer(part, whole, true));
	assert_false(leat_grain_is_finer(whole, part, false) || leat_grain_is_finer(part, whole, false));
	assert_false(leat_grain_is_finer(part | LEAT_GRAIN_GENERATION, part, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_of_ipv4),
		cmocka_unit_test(neighbours_of_ipv6),
		cmocka_unit_test(grains),
		cmocka_unit_test(finer_grains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
