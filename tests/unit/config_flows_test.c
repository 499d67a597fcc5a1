/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration says of flows: the table's size and clock, schedulers, deadlines, sticky services. */
#include "unit/config_compiled.h"

#include "base/auto.h"

static void flows_have_defaults(void **state)
{
	struct config *config = compiled("pools: [{name: a, backends: [{address: 10.0.0.1}]}]\n"
					 "services: [{protocol: udp, address: 192.0.2.1, port: 53, pool: a}]\n");
	const struct config_pool *pool = &config->pools[0];

	assert_int_equal(config->flows.size, 1048576);
	assert_int_equal(config->flows.idle_ms, 900000);
	assert_int_equal(config->flows.opening_ms, 60000);
	assert_int_equal(config->flows.closing_ms, 120000);
	assert_int_equal(config->flows.pin_rate, 200000);
	assert_int_equal(config->flows.tick_ms, 1875);
	assert_int_equal(pool->scheduler_name, DOC_SCHEDULER_MH);
	assert_int_equal(pool->prefix4, 32);
	assert_int_equal(pool->prefix6, 128);
	assert_int_equal(pool->affinity_ms + pool->slow_start_ms, 0);
	assert_int_equal(pool->members[0].drain_deadline_ms, 0);
	assert_int_equal(config->services[0].sticky_ms, 0);
	config_free(config);
}

static void flows_are_as_said(void **state)
{
	struct config *config = compiled(
		"flows: {size: 8193, idle-timeout: 1h, opening-timeout: 1s, closing-timeout: 24h, pin-rate: 0}\n"
		"pools: [{name: a, scheduler: sh, source-prefix-ipv4: 24, source-prefix-ipv6: 1, slow-start: 90s,\n"
		"  backends: [{address: 10.0.0.1, state: draining, drain-deadline: 5m}]}]\n"
		"services: [{protocol: udp, address: 192.0.2.1, port: 53, pool: a, sticky: 30s}]\n");
	const struct config_pool *pool = &config->pools[0];

	assert_int_equal(config->flows.size, 16384);
	assert_int_equal(config->flows.idle_ms, 3600000);
	assert_int_equal(config->flows.opening_ms, 1000);
	assert_int_equal(config->flows.closing_ms, 86400000);
	assert_int_equal(config->flows.pin_rate, 0);
	assert_int_equal(pool->prefix4, 24);
	assert_int_equal(pool->prefix6, 1);
	assert_int_equal(pool->slow_start_ms, 90000);
	assert_int_equal(pool->members[0].drain_deadline_ms, 300000);
	assert_int_equal(config->services[0].sticky_ms, 30000);
	config_free(config);
}

static void schedulers_have_their_meaning(void **state)
{
	static const struct {
		const char *name;
		enum leat_scheduler scheduler;
		bool ignores_weights, by_client;
	} rows[] = {
		{"mh", LEAT_SCHEDULER_MH},	      {"sh", LEAT_SCHEDULER_MH, false, true},
		{"rr", LEAT_SCHEDULER_TURN, true},    {"wrr", LEAT_SCHEDULER_TURN},
		{"lc", LEAT_SCHEDULER_LEAST, true},   {"wlc", LEAT_SCHEDULER_LEAST},
		{"random", LEAT_SCHEDULER_RANDOM},    {"p2c", LEAT_SCHEDULER_TWO},
		{"lrt", LEAT_SCHEDULER_LATENCY},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		bool has_affinity = i >= ARRAY_SIZE(rows);
		auto_free char *text = string_format("pools: [{name: a, check: {type: tcp}, scheduler: %s%s}]\n",
						     rows[i % ARRAY_SIZE(rows)].name,
						     has_affinity ? ", affinity: 10m, source-prefix-ipv4: 8" : "");
		struct config *config = compiled(text);
		const struct config_pool *pool = &config->pools[0];

		assert_int_equal(pool->scheduler, rows[i % ARRAY_SIZE(rows)].scheduler);
		assert_int_equal(pool->ignores_weights, rows[i % ARRAY_SIZE(rows)].ignores_weights);
		assert_int_equal(pool->by_client, has_affinity || rows[i % ARRAY_SIZE(rows)].by_client);
		assert_int_equal(pool->affinity_ms, has_affinity ? 600000 : 0);
		assert_int_equal(pool->prefix4, has_affinity ? 8 : 32);
		assert_string_equal(config_scheduler_name(pool->scheduler_name), rows[i % ARRAY_SIZE(rows)].name);
		config_free(config);
	}
	assert_string_equal(config_scheduler_name(DOC_SCHEDULER_UNSET), "mh");
	assert_string_equal(config_scheduler_name(77), "unknown");
}

/* The longest of all timeouts is 480 ticks; no tick is under 100 ms. The whole length of an address is no prefix. */
static void the_clock_fits_the_longest_timeout(void **state)
{
	static const struct {
		const char *text;
		unsigned int tick_ms;
	} rows[] = {
		{"flows: {idle-timeout: 10s, opening-timeout: 5s, closing-timeout: 5s}\n", 100},
		{"flows: {idle-timeout: 48s, opening-timeout: 5s, closing-timeout: 5s}\n", 100},
		{"flows: {idle-timeout: 48001ms, opening-timeout: 5s, closing-timeout: 5s}\n", 101},
		{"flows: {closing-timeout: 1h}\n", 7500},
		{"flows: {opening-timeout: 2h}\n", 15000},
		{"pools: [{name: a, source-prefix-ipv4: 32, source-prefix-ipv6: 128}, {name: b, affinity: 4h}]\n", 30000},
		{"pools: [{name: a}]\nservices: [{protocol: udp, address: 192.0.2.1, port: 1, pool: a, sticky: 24h}]\n",
		 180000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct config *config = compiled(rows[i].text);

		assert_int_equal(config->flows.tick_ms, rows[i].tick_ms);
		config_free(config);
	}
}

static void sizes_become_powers_of_two(void **state)
{
	static const uint32_t rows[][2] = {{8192, 8192},	{8193, 16384},		    {1048576, 1048576},
					   {1000000, 1048576}, {33554433, 67108864}, {67108864, 67108864}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *text = string_format("flows: {size: %u}\n", rows[i][0]);
		struct config *config = compiled(text);

		assert_int_equal(config->flows.size, rows[i][1]);
		config_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_have_defaults),
		cmocka_unit_test(flows_are_as_said),
		cmocka_unit_test(schedulers_have_their_meaning),
		cmocka_unit_test(the_clock_fits_the_longest_timeout),
		cmocka_unit_test(sizes_become_powers_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
