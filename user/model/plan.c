/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding: what differs between the maps and what they should hold. Names find numbers (a pool by its name, a
 * backend by pool and address, a service by its key); what has no number yet gets the next one after the highest in
 * use, so that a number rests as long as possible before it means someone else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/plan_parts.h"
#include "model/table.h"

struct named {
	struct leat_addr addr;
	unsigned int extra, number; /* extra: a backend's pool, or a service's port and protocol */
	bool is_wanted;
};

struct names {
	struct named *items;
	unsigned int count;
};

struct numbers { /* which numbers are taken, and where to look for the next */
	bool *taken;
	unsigned int max, next, left;
};

struct making {
	const struct world *have;
	const struct want *want;
	struct table_cache *cache;
	struct plan *plan;
	struct names backends, services;
	struct numbers backend_numbers, service_numbers, pool_numbers;
	unsigned int *pool_number; /* by want's index */
	struct region {
		uint32_t offset, size;
	} *regions; /* slots in use or promised, by offset */
	unsigned int region_count;
	struct err *err;
};

/* --- names and numbers ---------------------------------------------------------------------------- */

static int named_compare(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = addr_compare(&x->addr, &y->addr);

	return order ? order : x->extra < y->extra ? -1 : x->extra > y->extra;
}

static struct named *name_find(const struct names *names, const struct leat_addr *addr, unsigned int extra)
{
	struct named key = { .addr = *addr, .extra = extra };

	return names->count ? bsearch(&key, names->items, names->count, sizeof(key), named_compare) : NULL;
}

static void numbers_open(struct numbers *n, unsigned int max)
{
	*n = (struct numbers){ .taken = memory_zeroed(max, sizeof(bool)), .max = max, .next = 1, .left = max - 1 };
}

static void number_take(struct numbers *n, unsigned int number)
{
	n->taken[number] = true;
	n->left--;
	if (number >= n->next)
		n->next = number + 1;
}

static unsigned int number_new(struct numbers *n)
{
	unsigned int number = n->next;

	if (!n->left)
		return 0;
	while (number >= n->max || n->taken[number])
		number = number >= n->max ? 1 : number + 1;
	n->taken[number] = true;
	n->left--;
	n->next = number + 1;
	return number;
}

static unsigned int service_extra(const struct leat_service_key *key)
{
	return (unsigned int)key->port << 8 | key->protocol;
}

static void name_add(struct names *names, const struct leat_addr *addr, unsigned int extra, unsigned int number)
{
	if (!(names->count & (names->count - 1)))
		names->items = memory_resized(names->items, names->count ? names->count * 2 : 1, sizeof(*names->items));
	names->items[names->count++] = (struct named){ .addr = *addr, .extra = extra, .number = number };
}

static void names_sort(struct names *names)
{
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), named_compare);
}

static void have_read(struct making *m)
{
	const struct world *have = m->have;
	unsigned int i;

	numbers_open(&m->backend_numbers, LEAT_BACKENDS_MAX);
	numbers_open(&m->service_numbers, LEAT_SERVICES_MAX);
	numbers_open(&m->pool_numbers, LEAT_POOLS_MAX);
	for (i = 1; i < LEAT_BACKENDS_MAX; i++) {
		if (addr_is_zero(&have->backends[i].addr))
			continue;
		number_take(&m->backend_numbers, i);
		name_add(&m->backends, &have->backends[i].addr, have->backends[i].pool, i);
	}
	for (i = 1; i < LEAT_SERVICES_MAX; i++) {
		if (!have->services[i].kind)
			continue;
		number_take(&m->service_numbers, i);
		name_add(&m->services, &have->services[i].key.addr, service_extra(&have->services[i].key), i);
	}
	names_sort(&m->backends);
	names_sort(&m->services);
}

/* --- slots ------------------------------------------------------------------------------------------ */

static int region_compare(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void region_take(struct making *m, uint32_t offset, uint32_t size)
{
	m->regions = memory_resized(m->regions, m->region_count + 1, sizeof(*m->regions));
	m->regions[m->region_count++] = (struct region){ offset, size };
	qsort(m->regions, m->region_count, sizeof(*m->regions), region_compare);
}

/* The first gap that is large enough. */
static int region_new(struct making *m, uint32_t size, uint32_t *ret_offset)
{
	uint32_t at = 0;
	unsigned int i;

	for (i = 0; i < m->region_count; i++) {
		if (m->regions[i].offset - at >= size)
			break;
		at = m->regions[i].offset + m->regions[i].size;
	}
	if (LEAT_SLOTS_MAX - at < size)
		return -ENOSPC;
	region_take(m, at, size);
	*ret_offset = at;
	return 0;
}

/* --- pools, backends and tables ---------------------------------------------------------------------- */

static int pools_number(struct making *m)
{
	unsigned int i, j;
	auto_free bool *wanted = memory_zeroed(LEAT_POOLS_MAX, sizeof(bool));

	m->pool_number = memory_zeroed(m->want->pool_count, sizeof(*m->pool_number));
	for (i = 1; i < LEAT_POOLS_MAX; i++) {
		if (!m->have->pools[i].name[0])
			continue;
		number_take(&m->pool_numbers, i);
		if (LEAT_TABLE_SIZE(m->have->pools[i].table))
			region_take(m, LEAT_TABLE_OFFSET(m->have->pools[i].table), LEAT_TABLE_SIZE(m->have->pools[i].table));
		for (j = 0; j < m->want->pool_count; j++)
			if (!strcmp(m->want->pools[j].name, m->have->pools[i].name)) {
				m->pool_number[j] = i;
				wanted[i] = true;
			}
	}
	m->plan->old_pools = memory_zeroed(LEAT_POOLS_MAX, sizeof(unsigned int));
	for (i = 1; i < LEAT_POOLS_MAX; i++)
		if (m->have->pools[i].name[0] && !wanted[i])
			m->plan->old_pools[m->plan->old_pool_count++] = i;
	return 0;
}

static void backend_compare(struct making *m, unsigned int number, const struct want_member *member)
{
	const struct leat_backend *there = &m->have->backends[number];
	bool way_changed = memcmp(&there->ways[there->active & 1], &member->way, sizeof(member->way)) != 0;

	if (!way_changed && there->weight == member->weight)
		return;
	m->plan->backends[m->plan->backend_count++] = (struct backend_set){
		.number = number, .way_changed = way_changed, .weight = member->weight, .way = member->way,
	};
}

/* The member's number; 0: no number is left. */
static unsigned int backend_number(struct making *m, unsigned int pool, const struct want_member *member)
{
	struct named *name = name_find(&m->backends, &member->addr, pool);
	unsigned int number;

	if (name) {
		name->is_wanted = true;
		backend_compare(m, name->number, member);
		return name->number;
	}
	number = number_new(&m->backend_numbers);
	if (number)
		m->plan->backends[m->plan->backend_count++] = (struct backend_set){
			.number = number, .is_new = true, .pool = pool, .addr = member->addr,
			.weight = member->weight, .way = member->way,
		};
	return number;
}

static uint32_t slots_differ(const struct making *m, uint64_t table, const uint32_t *slots, uint32_t size)
{
	const __u32 *there = m->have->slots + LEAT_TABLE_OFFSET(table);
	uint32_t i, moved = 0;

	if (LEAT_TABLE_SIZE(table) != size)
		return size ? size : LEAT_TABLE_SIZE(table);
	for (i = 0; i < size; i++)
		moved += LEAT_SLOT_CURRENT(there[i]) != LEAT_SLOT_CURRENT(slots[i]);
	return moved;
}

static int table_plan(struct making *m, const struct want_pool *want, unsigned int number, bool is_new,
		      const struct table_member *members, unsigned int count)
{
	uint32_t size = count ? want->table_size : 0, moved, offset = 0;
	auto_free uint32_t *slots = memory_zeroed(size, sizeof(*slots));
	struct table_set *set;

	if (size)
		table_cache_build(m->cache, want->name, slots, size, members, count, m->want->seed);
	moved = slots_differ(m, m->have->pools[number].table, slots, size);
	if (!moved && !is_new)
		return 0;
	if (size && region_new(m, size, &offset))
		return err_set(m->err, -ENOSPC, "pools[%s].table-size: no room for %u slots beside the tables in use: there are "
						"%u in all, and a table that is replaced needs its size twice",
			       want->name, size, LEAT_SLOTS_MAX);
	set = &m->plan->tables[m->plan->table_count++];
	*set = (struct table_set){ .pool = number, .name = is_new ? want->name : NULL, .offset = offset, .size = size,
				   .moved = moved, .slots = take_pointer(slots) };
	return 0;
}

static int pool_plan(struct making *m, unsigned int index)
{
	const struct want_pool *want = &m->want->pools[index];
	auto_free struct table_member *members = memory_zeroed(want->member_count, sizeof(*members));
	bool is_new = !m->pool_number[index];
	unsigned int i, count = 0, number;

	if (is_new)
		m->pool_number[index] = number_new(&m->pool_numbers);
	if (!m->pool_number[index])
		return err_set(m->err, -ENOSPC, "pools: there is room for %u", LEAT_POOLS_MAX - 1);
	for (i = 0; i < want->member_count; i++) {
		number = backend_number(m, m->pool_number[index], &want->members[i]);
		if (!number)
			return err_set(m->err, -ENOSPC, "pools[%s].backends: there is room for %u memberships in all pools together",
				       want->name, LEAT_BACKENDS_MAX - 1);
		if (want->members[i].in_table && want->members[i].weight)
			members[count++] = (struct table_member){ want->members[i].addr, want->members[i].weight, number };
	}
	return table_plan(m, want, m->pool_number[index], is_new, members, count);
}

static int pools_plan(struct making *m)
{
	unsigned int members = 0, i;
	int e = pools_number(m);

	for (i = 0; i < m->want->pool_count; i++)
		members += m->want->pools[i].member_count;
	m->plan->backends = memory_zeroed(members, sizeof(*m->plan->backends));
	m->plan->tables = memory_zeroed(m->want->pool_count, sizeof(*m->plan->tables));
	for (i = 0; !e && i < m->want->pool_count; i++)
		e = pool_plan(m, i);
	m->plan->old_backends = memory_zeroed(m->backends.count, sizeof(unsigned int));
	for (i = 0; i < m->backends.count; i++)
		if (!m->backends.items[i].is_wanted)
			m->plan->old_backends[m->plan->old_backend_count++] = m->backends.items[i].number;
	table_cache_sweep(m->cache);
	return e;
}

/* --- services and their index ------------------------------------------------------------------------- */

static int service_plan(struct making *m, const struct leat_service *wanted)
{
	struct named *name = name_find(&m->services, &wanted->key.addr, service_extra(&wanted->key));
	struct service_set *set = &m->plan->services[m->plan->service_count];

	if (name) {
		name->is_wanted = true;
		if (m->have->services[name->number].pool == wanted->pool)
			return 0;
		*set = (struct service_set){ .number = name->number, .record = *wanted };
	} else {
		*set = (struct service_set){ .number = number_new(&m->service_numbers), .is_new = true, .record = *wanted };
		m->plan->index_changed = true;
	}
	m->plan->service_count++;
	return set->number ? 0 : err_set(m->err, -ENOSPC, "services: there is room for %u services and addresses together",
					 LEAT_SERVICES_MAX - 1);
}

/* The addresses as a whole, each once. Sorted copies stand next to each other. */
static int addresses_plan(struct making *m)
{
	struct leat_service record = { .kind = LEAT_SERVICE_ADDRESS };
	struct names addresses = {};
	unsigned int i;
	int e = 0;

	for (i = 0; i < m->want->service_count; i++)
		name_add(&addresses, &m->want->services[i].key.addr, 0, 0);
	names_sort(&addresses);
	for (i = 0; !e && i < addresses.count; i++) {
		if (i && addr_equal(&addresses.items[i].addr, &addresses.items[i - 1].addr))
			continue;
		record.key.addr = addresses.items[i].addr;
		e = service_plan(m, &record);
	}
	free(addresses.items);
	return e;
}

static int index_plan(struct making *m)
{
	auto_free struct leat_service *records = memory_zeroed(LEAT_SERVICES_MAX, sizeof(*records));
	auto_free bool *used = memory_zeroed(LEAT_SERVICES_MAX, sizeof(*used));
	struct leat_factors factors;
	struct plan *plan = m->plan;
	unsigned int i;
	int e;

	for (i = 0; i < m->services.count; i++)
		used[m->services.items[i].number] = m->services.items[i].is_wanted;
	memcpy(records, m->have->services, LEAT_SERVICES_MAX * sizeof(*records));
	for (i = 0; i < plan->service_count; i++) {
		used[plan->services[i].number] = true;
		records[plan->services[i].number] = plan->services[i].record;
	}
	leat_factors_from_seed(m->want->seed, &factors);
	e = index_build(&factors, records, used, &plan->buckets, &plan->bucket_count);
	if (e)
		return err_set(m->err, e, "services: the index overflows");
	plan->index = LEAT_INDEX(!(m->have->control->index >> 32), plan->bucket_count);
	return 0;
}

static int services_plan(struct making *m)
{
	const struct want *want = m->want;
	struct plan *plan = m->plan;
	unsigned int i;
	int e = 0;

	plan->services = memory_zeroed(2 * want->service_count + 1, sizeof(*plan->services));
	for (i = 0; !e && i < want->service_count; i++) {
		struct leat_service record = { want->services[i].key, m->pool_number[want->services[i].pool], LEAT_SERVICE_PORT };

		e = service_plan(m, &record);
	}
	if (!e)
		e = addresses_plan(m);
	plan->old_services = memory_zeroed(m->services.count, sizeof(unsigned int));
	for (i = 0; i < m->services.count; i++)
		if (!m->services.items[i].is_wanted)
			plan->old_services[plan->old_service_count++] = m->services.items[i].number;
	plan->index_changed |= plan->old_service_count > 0;
	return !e && plan->index_changed ? index_plan(m) : e;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

static int control_plan(struct making *m)
{
	const struct leat_control *control = m->have->control;

	m->plan->starts = control->seed != m->want->seed;
	m->plan->seed = m->want->seed;
	m->plan->icmp_changed = control->icmp_interval_ns != m->want->icmp_interval_ns;
	m->plan->icmp_interval_ns = m->want->icmp_interval_ns;
	if (m->plan->starts && (__u32)control->index)
		return err_set(m->err, -EBUSY, "seed: cannot change from %016llx while there are services: index and tables hang on "
					       "it; remove the services first, or `leatd --detach` and start anew",
			       (unsigned long long)control->seed);
	return 0;
}

int plan_make(const struct world *have, const struct want *want, struct table_cache *cache, struct plan **ret,
	      struct err *err)
{
	struct making m = { .have = have, .want = want, .cache = cache, .err = err };
	int e;

	m.plan = memory_zeroed(1, sizeof(*m.plan));
	have_read(&m);
	e = control_plan(&m);
	if (!e)
		e = pools_plan(&m);
	if (!e)
		e = services_plan(&m);
	free(m.backends.items);
	free(m.services.items);
	free(m.backend_numbers.taken);
	free(m.service_numbers.taken);
	free(m.pool_numbers.taken);
	free(m.pool_number);
	free(m.regions);
	if (e)
		plan_free(m.plan);
	else
		*ret = m.plan;
	return e;
}
