/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The explanation of a packet in a tracked slot: who gets it, as the flow's first and as any other. One row a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"
#include "model/explain.h"
#include "unit/flow_rule.h"
#include "unit/plan_wants.h"

static struct world world;
static struct wanted wanted;

static void grace(void *context)
{
}

static void world_fill(void)
{
	static const struct plan_sink sink = { .grace = grace };
	struct table_cache *cache = table_cache_new();
	struct plan *plan;
	unsigned int i;

	wanted_start(&wanted, 77);
	wanted_pool(&wanted, 0, 251);
	for (i = 0; i < 4; i++)
		wanted_member(&wanted.pools[0], i, 1, true);
	wanted_service(&wanted, 0, 80, 0);
	wanted_service(&wanted, 0, 53, 0);
	assert_int_equal(plan_make(&world, &wanted.want, cache, &plan, NULL), 0);
	plan_run(plan, &world, &sink);
	plan_free(plan);
	table_cache_free(cache);
}

#define NO_PIN 0xff

struct row {
	const char *what;
	bool is_udp, is_sticky, by_client, is_closing;
	unsigned int scheduler, current, previous, pin; /* previous 0: not tracked; pin 4 does not live */
	unsigned int pin_before; /* the pool looks back: 0xff: to no pin, else to this one */
	unsigned int first, later;
	bool is_scheduled;
};

static const struct row rows[] = {
	{ "untracked", .current = 1, .first = 1, .later = 1 },
	{ "tracked", .current = 1, .previous = 2, .first = 1, .later = 2 },
	{ "settled", .current = 1, .previous = 1, .first = 1, .later = 1 },
	{ "pinned", .current = 1, .previous = 2, .pin = 3, .first = 3, .later = 3 },
	{ "pinned and closing", .is_closing = true, .current = 1, .previous = 2, .pin = 3, .first = 1, .later = 3 },
	{ "pinned and closing, scheduled", .is_closing = true, .scheduler = LEAT_SCHEDULER_TURN, .current = 1, .previous = 1, .pin = 3,
	  .later = 3, .is_scheduled = true },
	{ "pinned to the dead", .current = 1, .previous = 2, .pin = 4, .first = 1, .later = 2 },
	{ "nobody gets new flows", .current = 0, .previous = 2, .first = 0, .later = 2 },
	{ "scheduled", .scheduler = LEAT_SCHEDULER_LEAST, .current = 1, .previous = 2, .later = 2, .is_scheduled = true },
	{ "scheduled long ago", .scheduler = LEAT_SCHEDULER_LEAST, .current = 1, .previous = 2, .pin = 3, .first = 3, .later = 3 },
	{ "UDP: the table alone", .is_udp = true, .current = 1, .previous = 2, .pin = 3, .first = 1, .later = 1 },
	{ "sticky UDP", .is_udp = true, .is_sticky = true, .current = 1, .previous = 2, .first = 2, .later = 2 },
	{ "sticky UDP, settled", .is_udp = true, .is_sticky = true, .current = 1, .previous = 1, .first = 1, .later = 1 },
	{ "sticky UDP, scheduled", .is_udp = true, .is_sticky = true, .scheduler = LEAT_SCHEDULER_TWO, .current = 1,
	  .previous = 1, .is_scheduled = true },
	{ "a client's flows together", .by_client = true, .current = 1, .previous = 2, .first = 2, .later = 2 },
	{ "mh to sh", .by_client = true, .current = 1, .previous = 1, .pin = 2, .pin_before = 3, .first = 3, .later = 3 },
	{ "mh to sh, closing", .by_client = true, .is_closing = true, .current = 1, .previous = 1, .pin = 2, .pin_before = 3,
	  .first = 2, .later = 3 },
	{ "mh to sh, no older pin", .by_client = true, .current = 1, .previous = 1, .pin = 2, .pin_before = NO_PIN, .first = 2,
	  .later = 2 },
	{ "mh to sh, dead", .by_client = true, .current = 1, .previous = 1, .pin = 2, .pin_before = 4, .first = 2, .later = 2 },
	{ "sh to mh", .current = 1, .previous = 1, .pin_before = 3, .first = 1, .later = 3 },
	{ "sh to mh, pinned", .current = 1, .previous = 1, .pin = 2, .pin_before = 3, .first = 2, .later = 2 },
	{ "sh to mh, pinned and closing", .is_closing = true, .current = 1, .previous = 1, .pin = 2, .pin_before = 3, .first = 1,
	  .later = 2 },
	{ "sh to mh, sticky UDP", .is_udp = true, .is_sticky = true, .current = 1, .previous = 1, .pin_before = 3, .first = 3,
	  .later = 3 },
	{ "sh to lc", .scheduler = LEAT_SCHEDULER_LEAST, .current = 1, .previous = 1, .pin_before = 3, .later = 3,
	  .is_scheduled = true },
};

static void pin(const struct row *row, uint64_t hash, unsigned int backend)
{
	if (backend && backend != NO_PIN)
		*rule_victim(&world, hash) =
			LEAT_FLOW_WORD(hash, backend, row->is_closing ? LEAT_FLOW_CLOSING : LEAT_FLOW_ESTABLISHED, 7);
}

static void check(const struct row *row)
{
	uint32_t now = row->by_client ? LEAT_GRAIN_CLIENT(32, 128) : 0, before = row->by_client ? 0 : LEAT_GRAIN_CLIENT(32, 128);
	struct leat_pool *p = &world.pools[1];
	struct explain_question q = { .protocol = row->is_udp ? IPPROTO_UDP : IPPROTO_TCP, .source = address(172, 3),
				      .destination = address(192, 1), .source_port = 4000,
				      .destination_port = row->is_udp ? 53 : 80 };
	struct leat_service_key key = { .addr = q.destination, .port = htons(q.destination_port), .protocol = q.protocol };
	struct explain_answer a;
	uint64_t hash, hash_before;

	before |= LEAT_GRAIN_GENERATION;
	p->hashed = row->pin_before ? LEAT_HASHED_SINCE(now, before) : LEAT_HASHED(now);
	p->scheduler = row->scheduler;
	world.services[world_find_service(&world, &key)].flags = row->is_sticky;
	hash = LEAT_FLOW_KEY(world_hash_flow(&world, 1, &key, &q.source, htons(4000)), now);
	memset(world.flows, 0, LEAT_FLOW_SETS_MIN * sizeof(*world.flows));
	pin(row, hash, row->pin);
	hash_before = leat_hash_grain(&world.control->factors, &key, &q.source, addr_is_ipv4(&q.source), htons(4000), before);
	pin(row, LEAT_FLOW_KEY(hash_before, before), row->pin_before);
	world.slots[LEAT_TABLE_OFFSET(p->table) + leat_hash_slot(hash, 251)] =
		LEAT_SLOT(row->current, row->previous, row->previous != 0);
	explain_tables(&world, &q, &a);
	if (a.first != row->first || a.later != row->later || a.is_scheduled != row->is_scheduled)
		fail_msg("%s: first %u, later %u%s", row->what, a.first, a.later, a.is_scheduled ? ", scheduled" : "");
	assert_int_equal(a.backend, row->current);
	assert_int_equal(a.tracked, row->previous != 0);
}

static void who_gets_it(void **state)
{
	size_t i;

	world = world_new();
	world_fill();
	world.backends[4].lives = 0;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_gets_it) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
