/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a pool's scheduler, its clients, slow start and timeouts come to in the maps, and what waits until flows are pinned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <string.h>

#include "model/want.h"
#include "unit/world_memory.h"

#define POOL    3
#define MEMBERS 3

static struct world world;
static struct config_member members[MEMBERS];
static struct config_pool pool;
static struct config_service services[2];
static struct config config;
static unsigned int ramps[MEMBERS];
static bool is_settled, is_renewed;
static unsigned int settled_pool;
static struct want *want;

static enum health all_up(void *context, unsigned int p, unsigned int m)
{
	return HEALTH_UP;
}

static unsigned int ramp_asked(void *context, unsigned int p, unsigned int m)
{
	return ramps[m];
}

static bool never_doubtful(void *context, unsigned int p, unsigned int m)
{
	return false;
}

static bool never_overdue(void *context, unsigned int p, unsigned int m)
{
	return false;
}

static uint32_t latency_asked(void *context, unsigned int p, unsigned int m)
{
	return m ? 100 * m : 0;
}

static bool settled_asked(void *context, unsigned int number)
{
	assert_in_range(number, POOL, POOL + 3);
	return is_settled || number == settled_pool;
}

static bool renewed_asked(void *context, unsigned int number)
{
	assert_int_equal(number, POOL);
	return is_renewed;
}

static void no_way(void *context, unsigned int p, unsigned int m, struct leat_way *ret)
{
}

static const struct want_pool *made(void)
{
	static const struct want_sources sources = { all_up,
						     never_doubtful,
						     ramp_asked,
						     never_overdue,
						     latency_asked,
						     settled_asked,
						     renewed_asked,
						     no_way,
						     NULL };

	want_free(want);
	want = want_make(&config, &sources, &world);
	return &want->pools[0];
}

/* An mh pool of three, in use. */
static int start(void **state)
{
	unsigned int i;

	world = world_new();
	for (i = 0; i < MEMBERS; i++) {
		members[i] = (struct config_member){ .weight = i + 1, .state = DOC_STATE_ENABLED };
		members[i].addr.word[3] = htonl(i + 1);
		ramps[i] = 1000;
	}
	is_settled = is_renewed = false;
	settled_pool = 0;
	pool = (struct config_pool){ .name = "web", .table_size = 251, .members = members, .member_count = MEMBERS,
				     .prefix4 = 32, .prefix6 = 128 };
	memset(services, 0, sizeof(services));
	config = (struct config){ .seed = 9, .pools = &pool, .pool_count = 1, .services = services, .service_count = 2,
				  .flows = { .idle_ms = 900000, .opening_ms = 60000, .closing_ms = 120000, .tick_ms = 1875,
					     .pin_rate = 1000 } };
	strcpy(world.pools[POOL].name, "web");
	world.pools[POOL].table = LEAT_TABLE(0, 251, 0);
	return 0;
}

static int end(void **state)
{
	world_end(&world);
	want_free(want);
	want = NULL;
	return 0;
}

static void timeouts_are_in_ticks(void **state)
{
	made();
	assert_int_equal(want->timeout[LEAT_FLOW_OPENING], 32);
	assert_int_equal(want->timeout[LEAT_FLOW_ESTABLISHED], 480);
	assert_int_equal(want->timeout[LEAT_FLOW_CLOSING], 64);
	assert_int_equal(want->timeout[LEAT_FLOW_STICKY], 0);
	assert_int_equal(want->pin_interval_ns, 1000000);
	config.flows.pin_rate = 0;
	made();
	assert_int_equal(want->pin_interval_ns, 0);
}

static void sticky_ticks_are_the_longest_of_the_pool(void **state)
{
	services[1].sticky_ms = 10000;
	assert_int_equal(made()->sticky_ticks, 6); /* rounded up */
	assert_int_equal(want->timeout[LEAT_FLOW_STICKY], 6);
	services[1].pool = 1;
	pool.affinity_ms = 3750;
	assert_int_equal(made()->sticky_ticks, 2);
	/* A client's connections share its pin: it outlasts them. */
	pool.by_client = true;
	assert_int_equal(made()->sticky_ticks, 480);
}

static void what_is_hashed(void **state)
{
	assert_int_equal(made()->hashed, 0);
	pool.by_client = true;
	pool.prefix4 = 24;
	pool.prefix6 = 60;
	strcpy(world.pools[POOL].name, "another");
	assert_int_equal(made()->hashed, LEAT_HASHED(LEAT_GRAIN_CLIENT(24u, 60u)));
}

static void schedulers(void **state)
{
	enum leat_scheduler s;

	for (s = LEAT_SCHEDULER_MH; s <= LEAT_SCHEDULER_LATENCY; s++) {
		pool.scheduler = s;
		assert_int_equal(made()->scheduler, s);
		assert_int_equal(made()->tracks, s != LEAT_SCHEDULER_MH);
		assert_int_equal(made()->lists_members, s == LEAT_SCHEDULER_LEAST);
		assert_int_equal(made()->members[2].latency_us, s == LEAT_SCHEDULER_LATENCY ? 200 : 1);
		assert_int_equal(made()->members[0].latency_us, 1);
		assert_false(made()->waits);
	}
}

static void check_weights(unsigned int a, unsigned int b, unsigned int c)
{
	const struct want_pool *p = made();

	assert_int_equal(p->members[0].effective_weight, a);
	assert_int_equal(p->members[1].effective_weight, b);
	assert_int_equal(p->members[2].effective_weight, c);
}

static void weights(void **state)
{
	check_weights(1, 2, 3);
	pool.ignores_weights = true;
	check_weights(1, 1, 1);
	members[1].weight = 0;
	check_weights(1, 0, 1);
}

static void who_starts_slowly_has_a_part_of_its_weight(void **state)
{
	ramps[0] = 100;
	check_weights(10, 200, 300);
	ramps[0] = 1;
	check_weights(1, 200, 300);
	ramps[0] = 500;
	pool.ignores_weights = true;
	check_weights(50, 100, 100);
	pool.ignores_weights = false;
	members[2].weight = 65535; /* no finer unit fits */
	check_weights(1, 2, 65535);
	members[2].weight = 6000;
	check_weights(5, 20, 60000);
	members[0].state = DOC_STATE_DRAINING; /* whoever is not in the table does not start */
	check_weights(1, 2, 6000);
}

static void a_new_size_waits(void **state)
{
	pool.table_size = 509;
	assert_int_equal(made()->table_size, 251);
	assert_true(made()->tracks && made()->waits);
	is_settled = true;
	assert_int_equal(made()->table_size, 509);
	assert_false(made()->tracks || made()->waits);
	is_settled = false;
	world.pools[POOL].table = 0; /* there is none to replace */
	assert_int_equal(made()->table_size, 509);
}

/* One that has its turn to grow waits until others have shrunk. No table is so large; what counts is the sum. */
static void a_new_size_waits_for_room(void **state)
{
	static const char *const names[] = { "web", "b", "c", "d" };
	static struct config_pool pools[4];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		pools[i] = pool;
		pools[i].name = (char *)names[i];
		pools[i].table_size = i ? 251 : 1000000;
		strcpy(world.pools[POOL + i].name, names[i]);
		world.pools[POOL + i].table = LEAT_TABLE(0, i ? 1000000 : 251, 0);
	}
	config.pools = pools;
	config.pool_count = 4;
	settled_pool = POOL;
	assert_int_equal(made()->table_size, 251);
	assert_true(made()->waits);
	assert_int_equal(want->pools[1].table_size, 1000000);
	is_settled = true;
	assert_int_equal(made()->table_size, 1000000);
	assert_int_equal(want->pools[1].table_size, 251);
}

static void the_first_scheduler_waits_for_flows_without_a_beginning(void **state)
{
	pool.scheduler = LEAT_SCHEDULER_LEAST;
	assert_int_equal(made()->scheduler, LEAT_SCHEDULER_LEAST); /* TCP flows say where they begin */
	services[0].sticky_ms = 1000;
	assert_int_equal(made()->scheduler, LEAT_SCHEDULER_MH);
	assert_true(made()->tracks && made()->waits && !made()->lists_members);
	is_settled = true;
	assert_int_equal(made()->scheduler, LEAT_SCHEDULER_LEAST);
	is_settled = false;
	world.pools[POOL].scheduler = LEAT_SCHEDULER_RANDOM;
	assert_int_equal(made()->scheduler, LEAT_SCHEDULER_LEAST);
	pool.scheduler = LEAT_SCHEDULER_MH;
	assert_int_equal(made()->scheduler, LEAT_SCHEDULER_MH);
	assert_false(made()->waits);
}

/* --- what is hashed changes ------------------------------------------------------------------------------- */

#define MH_    0u
#define SH     LEAT_GRAIN_CLIENT(32u, 128u)
#define SH24   LEAT_GRAIN_CLIENT(24u, 128u)
#define SECOND LEAT_GRAIN_GENERATION

static void ask(uint32_t grain)
{
	pool.by_client = LEAT_GRAIN_IS_CLIENT(grain);
	pool.prefix4 = grain == SH24 ? 24 : 32;
}

/* The word that is wanted, and from now on there. */
static void check_hashed(uint64_t hashed, bool waits)
{
	const struct want_pool *p = made();

	assert_int_equal(p->hashed, hashed);
	assert_int_equal(p->waits, waits);
	assert_int_equal(p->tracks, waits || LEAT_HASHED_LOOKS_BACK(hashed));
	world.pools[POOL].hashed = p->hashed;
	world.pools[POOL].sticky_ticks = p->sticky_ticks;
}

static void another_hash_waits_and_looks_back(void **state)
{
	ask(SH);
	check_hashed(LEAT_HASHED(MH_), true);
	is_settled = true;
	check_hashed(LEAT_HASHED_SINCE(SH | SECOND, MH_), false);
	is_settled = false;
	check_hashed(LEAT_HASHED_SINCE(SH | SECOND, MH_), false);
	is_renewed = true;
	check_hashed(LEAT_HASHED(SH | SECOND), false);
	/* And back, in the first generation again. */
	is_renewed = false;
	ask(MH_);
	check_hashed(LEAT_HASHED(SH | SECOND), true);
	is_settled = true;
	check_hashed(LEAT_HASHED_SINCE(MH_, SH | SECOND), false);
}

static void the_last_change_can_be_taken_back_and_a_third_hash_waits(void **state)
{
	is_settled = true;
	ask(SH);
	check_hashed(LEAT_HASHED_SINCE(SH | SECOND, MH_), false);
	ask(MH_);
	check_hashed(LEAT_HASHED_SINCE(MH_, SH | SECOND), false);
	ask(SH24);
	check_hashed(LEAT_HASHED_SINCE(MH_, SH | SECOND), true);
	is_settled = false; /* after a restart */
	is_renewed = true;
	check_hashed(LEAT_HASHED(MH_), true);
	is_renewed = false;
	is_settled = true;
	check_hashed(LEAT_HASHED_SINCE(SH24 | SECOND, MH_), false);
}

/* Clients' pins outlive the setting that made them. */
static void old_pins_keep_their_timeout(void **state)
{
	ask(SH);
	is_settled = true;
	check_hashed(LEAT_HASHED_SINCE(SH | SECOND, MH_), false);
	assert_int_equal(want->pools[0].sticky_ticks, 480);
	is_renewed = true;
	check_hashed(LEAT_HASHED(SH | SECOND), false);
	is_renewed = is_settled = false;
	ask(MH_);
	check_hashed(LEAT_HASHED(SH | SECOND), true);
	assert_int_equal(want->pools[0].sticky_ticks, 480);
	is_settled = true;
	check_hashed(LEAT_HASHED_SINCE(MH_, SH | SECOND), false);
	assert_int_equal(want->pools[0].sticky_ticks, 480);
	assert_int_equal(want->timeout[LEAT_FLOW_STICKY], 480);
	is_renewed = true;
	check_hashed(LEAT_HASHED(MH_), false);
	assert_int_equal(want->pools[0].sticky_ticks, 0);
}

/* The flows that share a client's pin do not say where they begin: no scheduler may choose for those from before. */
static void a_scheduler_after_sh_waits(void **state)
{
	world.pools[POOL].hashed = LEAT_HASHED(SH);
	pool.scheduler = LEAT_SCHEDULER_LEAST;
	assert_int_equal(made()->scheduler, LEAT_SCHEDULER_MH);
	assert_int_equal(made()->hashed, LEAT_HASHED(SH));
	is_settled = true;
	assert_int_equal(made()->scheduler, LEAT_SCHEDULER_LEAST);
	assert_int_equal(made()->hashed, LEAT_HASHED_SINCE(MH_ | SECOND, SH));
}

static void a_pool_without_a_table_does_not_wait(void **state)
{
	world.pools[POOL].table = 0;
	ask(SH);
	check_hashed(LEAT_HASHED_SINCE(SH | SECOND, MH_), false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(timeouts_are_in_ticks),
		TEST(sticky_ticks_are_the_longest_of_the_pool),
		TEST(what_is_hashed),
		TEST(schedulers),
		TEST(weights),
		TEST(who_starts_slowly_has_a_part_of_its_weight),
		TEST(a_new_size_waits),
		TEST(a_new_size_waits_for_room),
		TEST(the_first_scheduler_waits_for_flows_without_a_beginning),
		TEST(another_hash_waits_and_looks_back),
		TEST(the_last_change_can_be_taken_back_and_a_third_hash_waits),
		TEST(old_pins_keep_their_timeout),
		TEST(a_scheduler_after_sh_waits),
		TEST(a_pool_without_a_table_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
