/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, totals and differences as JSON: see render.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "serve/render.h"

static const struct {
	const char *name, *action, *help;
} verdicts[] = {
#define X(name, action, help) {#name, #action, help},
	LEAT_VERDICTS(X)
#undef X
};

static void put_counter(json_t *json, const struct leat_counter *counter)
{
	json_object_set_new(json, "packets", json_integer(counter->packets));
	json_object_set_new(json, "bytes", json_integer(counter->bytes));
}

/* The sum over the verdicts with this XDP action; NULL: over all. */
static json_t *render_sum(const struct snapshot *snapshot, const char *action)
{
	struct leat_counter sum = {};
	json_t *json = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (action && strcmp(action, verdicts[i].action))
			continue;
		sum.packets += snapshot->verdicts[i].packets;
		sum.bytes += snapshot->verdicts[i].bytes;
	}
	put_counter(json, &sum);
	return json;
}

json_t *render_verdict(enum leat_verdict verdict)
{
	json_t *json = json_object();

	if ((size_t)verdict >= ARRAY_SIZE(verdicts)) {
		json_object_set_new(json, "name", json_string("UNKNOWN"));
		json_object_set_new(json, "action", json_null());
		json_object_set_new(json, "help", json_string("a verdict that this leatd does not know"));
		return json;
	}
	json_object_set_new(json, "name", json_string(verdicts[verdict].name));
	json_object_set_new(json, "action", json_string(verdicts[verdict].action));
	json_object_set_new(json, "help", json_string(verdicts[verdict].help));
	return json;
}

static json_t *stats_services(const struct snapshot *snapshot)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < snapshot->service_count; i++) {
		const struct snapshot_service *service = &snapshot->services[i];
		char name[SHAPE_NAME_MAX];
		json_t *json = json_object();

		json_object_set_new(json, "name", json_string(shape_name_format(&service->key, name)));
		json_object_set_new(json, "pool", render_text(service->pool));
		put_counter(json, &service->received);
		json_array_append_new(list, json);
	}
	return list;
}

static void stats_add_backends(json_t *list, const struct snapshot_pool *pool)
{
	for (unsigned int i = 0; i < pool->backend_count; i++) {
		char address[ADDR_TEXT_MAX];
		json_t *json = json_object();

		json_object_set_new(json, "pool", render_text(pool->name));
		json_object_set_new(json, "address",
				    json_string(addr_format(&pool->backends[i].addr, address)));
		put_counter(json, &pool->backends[i].forwarded);
		json_array_append_new(list, json);
	}
}

json_t *render_stats(const struct snapshot *snapshot)
{
	json_t *json = json_object(), *list = json_array(), *backends = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		json_t *verdict = render_verdict(i);

		put_counter(verdict, &snapshot->verdicts[i]);
		json_array_append_new(list, verdict);
	}
	for (unsigned int i = 0; i < snapshot->pool_count; i++)
		stats_add_backends(backends, &snapshot->pools[i]);
	json_object_set_new(json, "verdicts", list);
	json_object_set_new(json, "total", render_sum(snapshot, NULL));
	json_object_set_new(json, "flow-events", render_flow_events(&snapshot->flows));
	json_object_set_new(json, "services", stats_services(snapshot));
	json_object_set_new(json, "backends", backends);
	return json;
}

/* How many of the backends are in each health, and the pools that have none left. */
static void put_backends(json_t *json, const struct snapshot *snapshot)
{
	unsigned int count = 0, in_table = 0, health[3] = {};
	json_t *all_down = json_array();

	for (unsigned int i = 0; i < snapshot->pool_count; i++) {
		const struct snapshot_pool *pool = &snapshot->pools[i];

		for (unsigned int j = 0; j < pool->backend_count; j++) {
			count++;
			in_table += pool->backends[j].in_table;
			if ((unsigned int)pool->backends[j].health < ARRAY_SIZE(health))
				health[pool->backends[j].health]++;
		}
		if (pool->is_all_down)
			json_array_append_new(all_down, render_text(pool->name));
	}
	json_object_set_new(json, "backends", json_integer(count));
	json_object_set_new(json, "backends-up", json_integer(health[HEALTH_UP]));
	json_object_set_new(json, "backends-down", json_integer(health[HEALTH_DOWN]));
	json_object_set_new(json, "backends-unknown", json_integer(health[HEALTH_UNKNOWN]));
	json_object_set_new(json, "backends-in-table", json_integer(in_table));
	json_object_set_new(json, "pools-all-down", all_down);
}

json_t *render_status(const struct snapshot *snapshot)
{
	json_t *json = json_object();
	char seed[17];

	snprintf(seed, sizeof(seed), "%016" PRIx64, snapshot->seed);
	json_object_set_new(json, "version", render_text(snapshot->version));
	json_object_set_new(json, "kernel", render_text(snapshot->kernel));
	json_object_set_new(json, "uptime-seconds", json_integer(snapshot->uptime_s));
	json_object_set_new(json, "configuration", json_integer(snapshot->configuration));
	json_object_set_new(json, "seed", json_string(seed));
	json_object_set_new(json, "icmp-rate", json_integer(snapshot->icmp_rate));
	json_object_set_new(json, "fragments", json_integer(snapshot->fragments));
	json_object_set_new(json, "interfaces", render_interfaces(snapshot));
	json_object_set_new(json, "services", json_integer(snapshot->service_count));
	json_object_set_new(json, "pools", json_integer(snapshot->pool_count));
	put_backends(json, snapshot);
	json_object_set_new(json, "flows", render_flow_table(&snapshot->flows));
	json_object_set_new(json, "received", render_sum(snapshot, NULL));
	json_object_set_new(json, "sent", render_sum(snapshot, "TX"));
	json_object_set_new(json, "passed", render_sum(snapshot, "PASS"));
	json_object_set_new(json, "dropped", render_sum(snapshot, "DROP"));
	return json;
}

static const char *kind_name(enum diff_kind kind)
{
	switch (kind) {
	case DIFF_ADDED:
		return "added";
	case DIFF_CHANGED:
		return "changed";
	case DIFF_REMOVED:
		return "removed";
	}
	return "unknown";
}

json_t *render_diff(const struct diff *diff, bool dry_run)
{
	json_t *json = json_object(), *changes = json_array(), *pools = json_array();

	for (unsigned int i = 0; diff && i < diff->line_count; i++) {
		json_t *change = json_object();

		json_object_set_new(change, "kind", json_string(kind_name(diff->lines[i].kind)));
		json_object_set_new(change, "what", render_text(diff->lines[i].what));
		json_object_set_new(change, "name", render_text(diff->lines[i].name));
		json_object_set_new(change, "detail", render_text(diff->lines[i].detail));
		json_array_append_new(changes, change);
	}
	for (unsigned int i = 0; diff && i < diff->pool_count; i++) {
		json_t *pool = json_object();

		json_object_set_new(pool, "name", render_text(diff->pools[i].name));
		json_object_set_new(pool, "slots", json_integer(diff->pools[i].slots));
		json_object_set_new(pool, "moved", json_integer(diff->pools[i].moved));
		json_array_append_new(pools, pool);
	}
	json_object_set_new(json, "dry-run", json_boolean(dry_run));
	json_object_set_new(json, "changes", changes);
	json_object_set_new(json, "pools", pools);
	return json;
}
