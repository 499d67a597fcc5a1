/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of the maps at any moment, and after a plan. */
#ifndef UNIT_PLAN_CHECKS_H
#define UNIT_PLAN_CHECKS_H

#include "unit/plan_wants.h"

static struct world world;
static struct wanted wanted;

static inline void check_pool_is_safe(unsigned int pool)
{
	uint64_t table = world.pools[pool].table;
	uint32_t i;

	assert_true(LEAT_TABLE_OFFSET(table) + LEAT_TABLE_SIZE(table) <= LEAT_SLOTS_MAX);
	for (i = 0; i < LEAT_TABLE_SIZE(table); i++) {
		unsigned int backend = LEAT_SLOT_CURRENT(world.slots[LEAT_TABLE_OFFSET(table) + i]);

		assert_true(backend);
		assert_false(addr_is_zero(&world.backends[backend].addr));
		assert_int_equal(world.backends[backend].pool, pool);
	}
}

/* At any moment: whatever a packet can reach is there and belongs together. */
static inline void check_safe(void)
{
	uint64_t index = world.control->index;
	unsigned int i, j;

	for (i = 0; i < (uint32_t)index; i++)
		for (j = 0; j < LEAT_BUCKET_ENTRIES; j++) {
			uint32_t entry = world.buckets[(index >> 32) * LEAT_BUCKETS_MAX + i].entry[j];
			const struct leat_service *service = &world.services[entry & 0xffff];

			if (!entry)
				continue;
			assert_true(service->kind);
			assert_int_equal(world_find_service(&world, &service->key), entry & 0xffff);
			if (service->kind == LEAT_SERVICE_PORT)
				assert_true(world.pools[service->pool].name[0]);
		}
	for (i = 1; i < LEAT_POOLS_MAX; i++)
		if (world.pools[i].table)
			check_pool_is_safe(i);
}

static inline void check_pool(const struct want_pool *pool)
{
	unsigned int number = world_find_pool(&world, pool->name), i, count = 0;
	uint64_t table = world.pools[number].table;
	struct table_member members[64];
	static uint32_t slots[LEAT_TABLE_SIZE_MAX];

	assert_true(number);
	for (i = 0; i < pool->member_count; i++) {
		const struct want_member *m = &pool->members[i];
		unsigned int b = world_find_backend(&world, number, &m->addr);

		assert_true(b);
		assert_int_equal(world.backends[b].weight, m->weight);
		assert_memory_equal(&world.backends[b].ways[world.backends[b].active & 1], &m->way, sizeof(m->way));
		if (m->in_table && m->weight)
			members[count++] = (struct table_member){ m->addr, m->weight, b };
	}
	assert_int_equal(LEAT_TABLE_SIZE(table), count ? pool->table_size : 0);
	table_build(slots, pool->table_size, members, count, wanted.want.seed);
	assert_memory_equal(slots, &world.slots[LEAT_TABLE_OFFSET(table)], LEAT_TABLE_SIZE(table) * sizeof(*slots));
}

static inline void check_counts(void)
{
	unsigned int i, pools = 0, backends = 0, services = 0, members = 0, addresses = 0;

	for (i = 0; i < LEAT_POOLS_MAX; i++)
		pools += world.pools[i].name[0] != 0;
	for (i = 0; i < LEAT_BACKENDS_MAX; i++)
		backends += !addr_is_zero(&world.backends[i].addr);
	for (i = 0; i < LEAT_SERVICES_MAX; i++) {
		services += world.services[i].kind == LEAT_SERVICE_PORT;
		addresses += world.services[i].kind == LEAT_SERVICE_ADDRESS;
	}
	for (i = 0; i < wanted.want.pool_count; i++)
		members += wanted.pools[i].member_count;
	assert_int_equal(pools, wanted.want.pool_count);
	assert_int_equal(backends, members);
	assert_int_equal(services, wanted.want.service_count);
	assert_true(addresses <= services && !addresses == !services);
}

static inline void check_service(const struct wanted *w, const struct config_service *service)
{
	struct leat_service_key address = { .addr = service->key.addr };
	unsigned int number = world_find_service(&world, &service->key);

	assert_true(number);
	assert_int_equal(world.services[number].kind, LEAT_SERVICE_PORT);
	assert_string_equal(world.pools[world.services[number].pool].name, w->pools[service->pool].name);
	number = world_find_service(&world, &address);
	assert_true(number);
	assert_int_equal(world.services[number].kind, LEAT_SERVICE_ADDRESS);
}

static inline void check_is_wanted(void)
{
	unsigned int i;

	check_safe();
	for (i = 0; i < wanted.want.pool_count; i++)
		check_pool(&wanted.pools[i]);
	for (i = 0; i < wanted.want.service_count; i++)
		check_service(&wanted, &wanted.services[i]);
	check_counts();
	assert_int_equal(world.control->icmp_interval_ns, wanted.want.icmp_interval_ns);
	assert_int_equal(world.control->seed, wanted.want.seed);
}

#endif
