/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows for the tests: see flow_bed.h. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "packet/flow_bed.h"

static unsigned int spread_pool(void)
{
	auto_free char *name = string_format("pool-%d", PORT_SPREAD - PORT_IPIP);

	return world_find_pool(&bed.world, name);
}

struct leat_pool *flow_pool(void)
{
	static unsigned int number;

	if (!number)
		number = spread_pool();
	return &bed.world.pools[number];
}

unsigned int member_number(unsigned int member)
{
	struct leat_addr addr;
	char text[ADDR_TEXT_MAX];

	snprintf(text, sizeof(text), "10.0.0.%u", 100 + member);
	assert_int_equal(addr_parse(text, &addr), 0);
	return world_find_backend(&bed.world, flow_pool() - bed.world.pools, &addr);
}

unsigned int flow_sends(uint16_t source, uint8_t flags)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free struct frame *frame = flags ? FRAME(ETH(), IP4(CLIENT, VIP), TCP(source, PORT_SPREAD, flags))
					      : FRAME(ETH(), IP4(CLIENT, VIP), UDP(source, PORT_SPREAD));

	bed_run(frame, ran);
	if (ran->verdict != LEAT_FORWARDED)
		return 0;
	return ran->frame.bytes[14 + 19] - 100;
}

/* It names the slot, too. */
static uint64_t flow_key(uint8_t protocol, uint16_t source)
{
	return LEAT_FLOW_KEY(bed_hash(protocol, CLIENT, source, VIP, PORT_SPREAD), 0);
}

uint32_t *flow_slot(uint8_t protocol, uint16_t source)
{
	uint64_t table = flow_pool()->table;

	return &bed.world.slots[LEAT_TABLE_OFFSET(table) +
				leat_hash_slot(flow_key(protocol, source), LEAT_TABLE_SIZE(table))];
}

void flow_slot_set(uint8_t protocol, uint16_t source, unsigned int current, unsigned int previous)
{
	*flow_slot(protocol, source) = LEAT_SLOT(member_number(current), member_number(previous), 1);
}

uint64_t *flow_pin(uint8_t protocol, uint16_t source)
{
	uint64_t key = flow_key(protocol, source);
	uint32_t mask = bed.world.control->flow_mask, i;
	struct leat_flow_set *sets[] = {&bed.world.flows[LEAT_FLOW_SET_FIRST(key, mask)],
					&bed.world.flows[LEAT_FLOW_SET_SECOND(key, mask)]};

	for (i = 0; i < 2 * LEAT_FLOW_WAYS; i++) {
		__u64 *word = &sets[i / LEAT_FLOW_WAYS]->word[i % LEAT_FLOW_WAYS];

		if (LEAT_FLOW_BACKEND(*word) && LEAT_FLOW_IS(*word, key))
			return (uint64_t *)word;
	}
	return NULL;
}

uint64_t flow_events(enum leat_flow_event event)
{
	uint64_t total = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < bed.cpus; cpu++)
		total += bed.flow_counters[cpu * LEAT_FLOW_EVENTS_MAX + event];
	return total;
}

int flow_reset(void **state)
{
	struct leat_pool *pool = flow_pool();
	uint32_t *slots = &bed.world.slots[LEAT_TABLE_OFFSET(pool->table)], i;

	memset(bed.world.flows, 0, sizeof(*bed.world.flows) * (bed.world.control->flow_mask + 1));
	memset(bed.flow_counters, 0, bed.cpus * LEAT_FLOW_EVENTS_MAX * sizeof(*bed.flow_counters));
	for (i = 0; i < LEAT_TABLE_SIZE(pool->table); i++)
		slots[i] = LEAT_SLOT(LEAT_SLOT_CURRENT(slots[i]), 0, 0);
	for (i = 1; i <= MEMBERS; i++) {
		bed.world.backends[member_number(i)].lives = 1;
		bed.world.loads[member_number(i)] = (struct leat_load){.weight = 1, .latency_us = 1};
	}
	pool->scheduler = LEAT_SCHEDULER_MH;
	pool->hashed = 0;
	pool->turn = 0;
	bed.world.control->clock = 100;
	bed.world.control->pin_interval_ns = 0;
	for (i = 0; i < 4; i++)
		bed.world.control->timeout[i] = 400;
	return 0;
}
