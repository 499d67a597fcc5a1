/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services, pools, backends and interfaces as JSON: see render.h. Counters and totals are in render_stats.c.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "serve/render.h"

json_t *render_text(const char *text)
{
	auto_free char *copy = NULL;
	json_t *json = text ? json_string(text) : json_null();

	if (json)
		return json;
	copy = string_copy(text);
	for (char *c = copy; *c; c++) {
		if (*c & 0x80)
			*c = '?';
	}
	return json_string(copy);
}

/* The word for a value of an enum; what is not in the list is "unknown". */
static json_t *word(const char *const *words, size_t count, unsigned int value)
{
	return json_string(value < count && words[value] ? words[value] : "unknown");
}
#define WORD(words, value) word(words, ARRAY_SIZE(words), value)

static const char *const all_downs[] = {
	[DOC_ALL_DOWN_UNSET] = "fail-open",
	[DOC_ALL_DOWN_FAIL_OPEN] = "fail-open",
	[DOC_ALL_DOWN_REFUSE] = "refuse",
};
static const char *const states[] = {
	[DOC_STATE_UNSET] = "enabled",
	[DOC_STATE_ENABLED] = "enabled",
	[DOC_STATE_DRAINING] = "draining",
	[DOC_STATE_DISABLED] = "disabled",
};
static const char *const healths[] = {
	[HEALTH_UNKNOWN] = "unknown", [HEALTH_UP] = "up", [HEALTH_DOWN] = "down"};

static void put_duration(json_t *json, const char *key, uint32_t ms)
{
	char text[ADDR_TEXT_MAX];

	json_object_set_new(json, key, json_string(duration_format(ms, text)));
}

/* null for none */
static void put_duration_or_null(json_t *json, const char *key, uint32_t ms)
{
	if (ms)
		put_duration(json, key, ms);
	else
		json_object_set_new(json, key, json_null());
}

/* null for what is not so */
static json_t *integer_if(bool is_so, json_int_t value)
{
	return is_so ? json_integer(value) : json_null();
}

/* null: not by connection ids */
static json_t *render_quic(uint8_t quic)
{
	return quic ? json_pack("{s:i, s:i}", "server-id-length", LEAT_QUIC_LENGTH(quic), "config", LEAT_QUIC_CONFIG(quic))
		    : json_null();
}

json_t *render_service(const struct snapshot_service *service)
{
	char name[SHAPE_NAME_MAX], address[ADDR_TEXT_MAX], port[ADDR_TEXT_MAX];
	json_t *json = json_object();

	json_object_set_new(json, "name", json_string(shape_name_format(&service->key, name)));
	json_object_set_new(json, "protocol", json_string(shape_protocol(service->key.protocol)));
	json_object_set_new(json, "address", json_string(shape_address_format(&service->key, address)));
	json_object_set_new(json, "port", service->key.last_port ? json_string(shape_port_format(&service->key, port))
								 : json_integer(ntohs(service->key.port)));
	json_object_set_new(json, "pool", render_text(service->pool));
	put_duration_or_null(json, "sticky", service->sticky_ms);
	json_object_set_new(json, "access", render_text(service->access));
	json_object_set_new(json, "quic", render_quic(service->quic));
	json_object_set_new(json, "packets", json_integer(service->received.packets));
	json_object_set_new(json, "bytes", json_integer(service->received.bytes));
	return json;
}

static json_t *render_statuses(const struct config_check *check)
{
	struct text text = {};
	json_t *json;

	for (unsigned int i = 0; i < check->status_count; i++) {
		const struct config_range *range = &check->statuses[i];

		text_add(&text, "%s%u", i ? "," : "", range->first);
		if (range->last != range->first)
			text_add(&text, "-%u", range->last);
	}
	json = render_text(text.s);
	free(text.s);
	return json;
}

/* What the type alone has; null where nothing is set. */
static void put_check_texts(json_t *json, const struct config_check *check)
{
	char record[ADDR_TEXT_MAX], rcode[ADDR_TEXT_MAX], expires[ADDR_TEXT_MAX];
	json_t *status = render_statuses(check);
	struct { /* as the doc has them */
		const char *path, *host, *status, *body, *name, *record, *rcode, *answer, *send, *expect, *alpn, *expires_in,
			*service, *command, *user;
	} texts = {
#define X(member) .member = check->member,
		CONFIG_CHECK_TEXTS(X)
#undef X
		.status = json_string_value(status),
		.record = config_record_name(check->record, record),
		.rcode = config_rcode_name(check->rcode, rcode),
		.expires_in = check->expires_s ? config_expires_format(check->expires_s, expires) : NULL,
	};

#define X(member, key, types, set) \
	if (1u << check->type & (set)) \
		json_object_set_new(json, key, render_text(texts.member));
	DOC_CHECK_TEXTS(X)
#undef X
	json_decref(status);
	if (check->type == DOC_CHECK_GRPC)
		json_object_set_new(json, "tls", json_boolean(check->tls));
	if ((DOC_IS(HTTPS) | DOC_IS(TLS) | DOC_IS(GRPC)) & 1u << check->type)
		json_object_set_new(json, "verify", json_boolean(check->verify));
}

/* The VIPs that probes go to; none: they go to the backends' own addresses. */
static void put_via(json_t *json, const struct config_check *check)
{
	json_t *vips = json_array();
	char addr[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(check->vips); i++)
		if (!addr_is_zero(&check->vips[i]))
			json_array_append_new(vips, json_string(addr_format(&check->vips[i], addr)));
	json_object_set_new(json, "via", json_string(json_array_size(vips) ? "vip" : "backend"));
	json_object_set_new(json, "vips", vips);
}

static json_t *render_check(const struct config_check *check)
{
	json_t *json = json_object();

	json_object_set_new(json, "type", json_string(config_check_name(check->type)));
	if (check->type == DOC_CHECK_UNSET || check->type == DOC_CHECK_NONE)
		return json;
	json_object_set_new(json, "port", integer_if(check->port, check->port));
	put_via(json, check);
	put_duration(json, "interval", check->interval_ms);
	put_duration(json, "fast-interval", check->fast_interval_ms);
	put_duration(json, "timeout", check->timeout_ms);
	json_object_set_new(json, "rise", json_integer(check->rise));
	json_object_set_new(json, "fall", json_integer(check->fall));
	put_check_texts(json, check);
	return json;
}

static json_t *render_vlans(const struct snapshot_backend *backend)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(backend->vlans) && backend->vlans[i]; i++)
		json_array_append_new(list, json_integer(backend->vlans[i]));
	return list;
}

static void put_way(json_t *json, const struct snapshot_backend *backend)
{
	json_object_set_new(json, "resolved", json_boolean(backend->resolved));
	json_object_set_new(json, "interface", render_text(backend->interface));
	json_object_set_new(json, "link-address", render_text(backend->link_address));
	json_object_set_new(json, "vlans", render_vlans(backend));
	json_object_set_new(json, "mtu", json_integer(backend->mtu));
}

static void put_standing(json_t *json, const struct snapshot_backend *backend)
{
	char id[ADDR_TEXT_MAX];
	bool has_end = backend->state == DOC_STATE_DRAINING && backend->drain_deadline_ms;

	json_object_set_new(json, "weight", json_integer(backend->weight));
	json_object_set_new(json, "effective-weight", json_integer(backend->effective_weight));
	json_object_set_new(json, "state", WORD(states, backend->state));
	put_duration_or_null(json, "drain-deadline", backend->drain_deadline_ms);
	json_object_set_new(json, "drain-left-seconds", integer_if(has_end, backend->drain_left_s));
	json_object_set_new(json, "server-id",
			    backend->server_id.byte[0] ? json_string(config_server_id_format(&backend->server_id, id)) : json_null());
	json_object_set_new(json, "health", WORD(healths, backend->health));
	json_object_set_new(json, "condition", json_string(snapshot_backend_condition(backend)));
	json_object_set_new(json, "lives", json_boolean(backend->lives));
	json_object_set_new(json, "last-check", render_text(backend->check));
	json_object_set_new(json, "latency-us", integer_if(backend->latency_us, backend->latency_us));
}

json_t *render_backend(const struct snapshot_pool *pool, const struct snapshot_backend *backend)
{
	char address[ADDR_TEXT_MAX];
	json_t *json = json_object();

	json_object_set_new(json, "pool", render_text(pool->name));
	json_object_set_new(json, "address", json_string(addr_format(&backend->addr, address)));
	put_standing(json, backend);
	json_object_set_new(json, "in-table", json_boolean(backend->in_table));
	json_object_set_new(json, "slots", json_integer(backend->slots));
	json_object_set_new(json, "table-size", json_integer(pool->slots ? pool->slots : pool->table_size));
	json_object_set_new(json, "connections", json_integer(backend->connections));
	json_object_set_new(json, "packets", json_integer(backend->forwarded.packets));
	json_object_set_new(json, "bytes", json_integer(backend->forwarded.bytes));
	put_way(json, backend);
	return json;
}

json_t *render_pool_backends(const struct snapshot_pool *pool)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < pool->backend_count; i++)
		json_array_append_new(list, render_backend(pool, &pool->backends[i]));
	return list;
}

static void put_scheduler(json_t *json, const struct snapshot_pool *pool)
{
	json_object_set_new(json, "scheduler", json_string(config_scheduler_name(pool->scheduler)));
	json_object_set_new(json, "source-prefix-ipv4", integer_if(pool->by_client, pool->prefix4));
	json_object_set_new(json, "source-prefix-ipv6", integer_if(pool->by_client, pool->prefix6));
	put_duration_or_null(json, "affinity", pool->affinity_ms);
	put_duration_or_null(json, "slow-start", pool->slow_start_ms);
}

/* services: names of those that use the pool; the reference is taken. */
static json_t *pool_with_services(const struct snapshot_pool *pool, json_t *services)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", render_text(pool->name));
	json_object_set_new(json, "mode", json_string(config_mode_name(pool->mode)));
	json_object_set_new(json, "tunnel-port", integer_if(pool->tunnel_port, pool->tunnel_port));
	put_scheduler(json, pool);
	json_object_set_new(json, "table-size", json_integer(pool->table_size));
	json_object_set_new(json, "on-all-down", WORD(all_downs, pool->all_down));
	json_object_set_new(json, "check", render_check(&pool->check));
	json_object_set_new(json, "all-down", json_boolean(pool->is_all_down));
	json_object_set_new(json, "flows", render_pool_flows(pool));
	json_object_set_new(json, "services", services ? services : json_array());
	json_object_set_new(json, "backends", render_pool_backends(pool));
	return json;
}

/* Pool name → array of its services' names, in one pass over the services. */
static json_t *services_by_pool(const struct snapshot *snapshot)
{
	json_t *map = json_object();

	for (unsigned int i = 0; i < snapshot->service_count; i++) {
		const struct snapshot_service *service = &snapshot->services[i];
		char name[SHAPE_NAME_MAX];
		json_t *list;

		if (!service->pool)
			continue;
		list = json_object_get(map, service->pool);
		if (!list) {
			list = json_array();
			json_object_set_new(map, service->pool, list);
		}
		json_array_append_new(list, json_string(shape_name_format(&service->key, name)));
	}
	return map;
}

json_t *render_pool(const struct snapshot *snapshot, const struct snapshot_pool *pool)
{
	json_auto_t *services = services_by_pool(snapshot);

	return pool_with_services(pool, json_incref(json_object_get(services, pool->name ? pool->name : "")));
}

json_t *render_pools(const struct snapshot *snapshot)
{
	json_auto_t *services = services_by_pool(snapshot);
	json_t *list = json_array();

	for (unsigned int i = 0; i < snapshot->pool_count; i++) {
		const struct snapshot_pool *pool = &snapshot->pools[i];
		json_t *names = json_object_get(services, pool->name ? pool->name : "");

		json_array_append_new(list, pool_with_services(pool, json_incref(names)));
	}
	return list;
}

json_t *render_services(const struct snapshot *snapshot)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < snapshot->service_count; i++)
		json_array_append_new(list, render_service(&snapshot->services[i]));
	return list;
}

json_t *render_backends(const struct snapshot *snapshot)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < snapshot->pool_count; i++) {
		json_auto_t *backends = render_pool_backends(&snapshot->pools[i]);

		json_array_extend(list, backends);
	}
	return list;
}

json_t *render_interface(const struct snapshot_interface *interface)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", render_text(interface->name));
	json_object_set_new(json, "attached", json_boolean(interface->attached));
	json_object_set_new(json, "mode", render_text(interface->mode));
	json_object_set_new(json, "problem", render_text(interface->problem));
	json_object_set_new(json, "program-id", json_integer(interface->program_id));
	json_object_set_new(json, "dispatcher", json_boolean(interface->dispatcher));
	json_object_set_new(json, "frags", json_boolean(interface->frags));
	json_object_set_new(json, "bond", json_boolean(interface->bond));
	json_object_set_new(json, "member-of", render_text(interface->member_of));
	return json;
}

json_t *render_interfaces(const struct snapshot *snapshot)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < snapshot->interface_count; i++)
		json_array_append_new(list, render_interface(&snapshot->interfaces[i]));
	return list;
}
