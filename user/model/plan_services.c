/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside a plan: service records, those of addresses as a whole, and the index and the spans that lead packets to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/plan_parts.h"

struct services {
	struct making *m;
	struct shape *all; /* as many as records are wanted */
	unsigned int count;
};

static int service_plan(struct services *s, const struct leat_service *wanted)
{
	struct making *m = s->m;
	struct named *name = name_find(&m->services, &wanted->key.addr, service_extra(&wanted->key));
	struct service_set *set = &m->plan->services[m->plan->service_count];
	unsigned int number = name ? name->number : number_new(&m->service_numbers);

	if (!number)
		return err_set(m->err, -ENOSPC, "services: there is room for %u services and addresses together", LEAT_SERVICES_MAX - 1);
	s->all[s->count++] = (struct shape){ wanted->key, number, wanted->kind == LEAT_SERVICE_ADDRESS };
	*set = (struct service_set){ .number = number, .is_new = !name, .record = *wanted };
	if (name) {
		name->is_wanted = true;
		/* A daemon that was killed between writing a record and switching the index leaves the one without the other. */
		if (world_find_service(m->have, &wanted->key) != number)
			m->plan->index_changed = true;
		if (m->have->services[number].pool == wanted->pool && m->have->services[number].flags == wanted->flags)
			return 0;
	} else {
		m->plan->index_changed = true;
	}
	m->plan->service_count++;
	return 0;
}

/* The addresses and prefixes as a whole, each once. Sorted copies stand next to each other. */
static int addresses_plan(struct services *s)
{
	struct leat_service record = { .kind = LEAT_SERVICE_ADDRESS };
	const struct want *want = s->m->want;
	struct names addresses = {};
	unsigned int i;
	int e = 0;

	for (i = 0; i < want->service_count; i++)
		name_add(&addresses, &want->services[i].key.addr, want->services[i].key.host_bits, 0);
	names_sort(&addresses);
	for (i = 0; !e && i < addresses.count; i++) {
		const struct named *name = &addresses.items[i];

		if (i && addr_equal(&name->addr, &name[-1].addr) && name->extra == name[-1].extra)
			continue;
		record.key.addr = name->addr;
		record.key.host_bits = name->extra;
		e = service_plan(s, &record);
	}
	free(addresses.items);
	return e;
}

/* Built each time: what is there is compared whole. */
static int shapes_plan(struct services *s)
{
	const struct world *have = s->m->have;
	uint64_t index = have->control->index;
	struct shapes *shapes = &s->m->plan->shapes;

	shapes_build(s->all, s->count, shapes);
	if (shapes->span_count > LEAT_SPANS_MAX || shapes->port_count > LEAT_PORT_SPANS_MAX)
		return err_set(s->m->err, -ENOSPC,
			       "services: those on prefixes and ranges part addresses into %u pieces and ports into %u or more; "
			       "there is room for %u and %u: use fewer, or fewer prefixes within prefixes that have many ranges",
			       shapes->span_count, shapes->port_count, LEAT_SPANS_MAX, LEAT_PORT_SPANS_MAX);
	if (shapes->span_count != LEAT_INDEX_SPANS(index) ||
	    memcmp(&have->spans[LEAT_INDEX_HALF(index) * LEAT_SPANS_MAX], shapes->spans,
		   shapes->span_count * sizeof(*shapes->spans)) ||
	    memcmp(&have->port_spans[LEAT_INDEX_HALF(index) * LEAT_PORT_SPANS_MAX], shapes->ports,
		   shapes->port_count * sizeof(*shapes->ports)))
		s->m->plan->index_changed = true;
	return 0;
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
	plan->index = LEAT_INDEX_WITH_SPANS(!LEAT_INDEX_HALF(m->have->control->index), plan->bucket_count, plan->shapes.span_count);
	return 0;
}

static int records_plan(struct services *s)
{
	const struct want *want = s->m->want;
	unsigned int i;
	int e = 0;

	for (i = 0; !e && i < want->service_count; i++) {
		const struct config_service *service = &want->services[i];
		struct leat_service record = { service->key, s->m->pool_number[service->pool], LEAT_SERVICE_PORT,
					       LEAT_SERVICE_FLAGS(service->sticky_ms, service->quic,
								  s->m->guard_number[service->access]) };

		e = service_plan(s, &record);
	}
	return e ? e : addresses_plan(s);
}

int services_plan(struct making *m)
{
	unsigned int most = 2 * m->want->service_count + 1, i;
	auto_free struct shape *all = memory_zeroed(most, sizeof(*all));
	struct services s = { .m = m, .all = all };
	struct plan *plan = m->plan;
	int e;

	plan->services = memory_zeroed(most, sizeof(*plan->services));
	e = records_plan(&s);
	if (!e)
		e = shapes_plan(&s);
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
