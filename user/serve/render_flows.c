/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow table, and what of it is a pool's, as JSON: see render.h. */
#include "base/auto.h"
#include "serve/render.h"

static const char *const state_keys[] = {
	[LEAT_FLOW_OPENING] = "opening",
	[LEAT_FLOW_ESTABLISHED] = "established",
	[LEAT_FLOW_CLOSING] = "closing",
	[LEAT_FLOW_STICKY] = "sticky",
};

static const struct {
	const char *name, *help;
} events[] = {
#define X(name, help) {#name, help},
	LEAT_FLOW_EVENTS(X)
#undef X
};

json_t *render_pool_flows(const struct snapshot_pool *pool)
{
	json_t *json = json_object();

	json_object_set_new(json, "tracked", json_integer(pool->tracked));
	json_object_set_new(json, "slots", json_integer(pool->slots));
	json_object_set_new(json, "pins", json_integer(pool->pins));
	for (size_t i = 0; i < ARRAY_SIZE(state_keys); i++)
		json_object_set_new(json, state_keys[i], json_integer(pool->states[i]));
	json_object_set_new(json, "astray", json_integer(pool->astray));
	json_object_set_new(json, "oldest-change-seconds", json_integer(pool->oldest_s));
	json_object_set_new(json, "older", pool->looks_back ? json_integer(pool->older) : json_null());
	json_object_set_new(json, "settling", json_boolean(pool->is_settling));
	return json;
}

json_t *render_flow_table(const struct snapshot_flows *flows)
{
	json_t *json = json_object();

	json_object_set_new(json, "size", json_integer(flows->size));
	json_object_set_new(json, "capacity", json_integer(flows->capacity));
	json_object_set_new(json, "pins", json_integer(flows->pins));
	json_object_set_new(json, "memory-bytes", json_integer(flows->memory));
	json_object_set_new(json, "clock", json_integer(flows->clock));
	json_object_set_new(json, "tick-ms", json_integer(flows->tick_ms));
	return json;
}

json_t *render_flow_events(const struct snapshot_flows *flows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		json_t *json = json_object();

		json_object_set_new(json, "name", json_string(events[i].name));
		json_object_set_new(json, "help", json_string(events[i].help));
		json_object_set_new(json, "count", json_integer(flows->events[i]));
		json_array_append_new(list, json);
	}
	return list;
}
