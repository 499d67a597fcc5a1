/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside a plan: service records, those of addresses as a whole, and the index that leads packets to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/plan_parts.h"

static int service_plan(struct making *m, const struct leat_service *wanted)
{
	struct named *name = name_find(&m->services, &wanted->key.addr, service_extra(&wanted->key));
	struct service_set *set = &m->plan->services[m->plan->service_count];

	if (name) {
		name->is_wanted = true;
		/* A daemon that was killed between writing a record and switching the index leaves the one without the other. */
		if (world_find_service(m->have, &wanted->key) != name->number)
			m->plan->index_changed = true;
		if (m->have->services[name->number].pool == wanted->pool &&
		    m->have->services[name->number].flags == wanted->flags)
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

int services_plan(struct making *m)
{
	const struct want *want = m->want;
	struct plan *plan = m->plan;
	unsigned int i;
	int e = 0;

	plan->services = memory_zeroed(2 * want->service_count + 1, sizeof(*plan->services));
	for (i = 0; !e && i < want->service_count; i++) {
		struct leat_service record = { want->services[i].key, m->pool_number[want->services[i].pool], LEAT_SERVICE_PORT,
					       LEAT_SERVICE_FLAGS(want->services[i].sticky_ms, want->services[i].quic) };

		e = service_plan(m, &record);
	}
	if (!e)
		e = addresses_plan(m);
	plan->old_services = memory_zeroed(m->services.count, sizeof(unsigned int));
	for (i = 0; i < m->services.count; i++) {
		const struct named *name = &m->services.items[i];

		if (name->is_wanted)
			continue;
		plan->old_services[plan->old_service_count++] = name->number;
		plan->old_port_count += m->have->services[name->number].kind == LEAT_SERVICE_PORT;
	}
	plan->index_changed |= plan->old_service_count > 0;
	return !e && plan->index_changed ? index_plan(m) : e;
}
