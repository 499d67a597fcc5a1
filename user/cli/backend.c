/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat backend ...: members of pools. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "cli/actions.h"
#include "cli/backends.h"
#include "cli/client.h"
#include "cli/parse.h"
#include "cli/print.h"

void backends_print(const json_t *list)
{
	struct columns columns = {};
	const json_t *backend;
	size_t i;

	columns_start(&columns,
		      "POOL|BACKEND|>WEIGHT|STATE|>SHARE|>CONNS|>PACKETS|>BYTES|WAY|LAST CHECK");
	json_array_foreach(list, i, backend) {
		char share[PRINT_HUMAN_MAX], bytes[PRINT_HUMAN_MAX];

		columns_add(&columns, "%s", print_text(backend, "pool"));
		columns_add(&columns, "%s", print_text(backend, "address"));
		columns_add(&columns, "%lld", print_number(backend, "weight"));
		columns_add(&columns, "%s", print_text(backend, "condition"));
		columns_add(&columns, "%s",
			    print_share(print_number(backend, "slots"), print_number(backend, "table-size"),
					share));
		columns_add(&columns, "%lld", print_number(backend, "connections"));
		columns_add(&columns, "%lld", print_number(backend, "packets"));
		columns_add(&columns, "%s", print_bytes(print_number(backend, "bytes"), bytes));
		columns_add(&columns, "%s",
			    print_flag(backend, "resolved") ? print_text(backend, "interface") : "UNKNOWN");
		columns_add(&columns, "%s", print_text(backend, "last-check"));
	}
	columns_print(&columns);
}

int backend_list(struct call *call)
{
	auto_free char *pool = client_escape(call->arg_count ? call->args[0] : "");
	auto_free char *path =
		*pool ? string_format("/v1/pools/%s/backends", pool) : string_copy("/v1/backends");
	json_auto_t *json = NULL;
	int e = client_get(call, path, &json);

	if (e || print_as_json(call, json))
		return e;
	backends_print(json_object_get(json, "backends"));
	return CLI_OK;
}

/* The path of the backend that was typed, to be freed; checks the address. */
static int backend_path(const struct call *call, char **ret)
{
	auto_free char *pool = client_escape(call->args[0]), *address = client_escape(call->args[1]);
	struct leat_addr addr;
	char shown[QUOTE_MAX];

	if (addr_parse(call->args[1], &addr))
		return parse_complain(call, "ADDRESS: %s is not an IPv4 or IPv6 address%s",
				      quote(call->args[1], shown), addr_fault(call->args[1]));
	*ret = string_format("/v1/pools/%s/backends/%s", pool, address);
	return CLI_OK;
}

/* "starting", "draining, for 4m 1s", "down (configured: draining)" */
static void print_state(const json_t *json)
{
	const char *state = print_text(json, "state"), *condition = print_text(json, "condition");
	bool is_told = !strcmp(state, condition) || !strcmp(state, "enabled");
	json_int_t left = print_number(json, "drain-left-seconds");
	char time[PRINT_HUMAN_MAX];

	print_line("state", "%s%s%s%s%s%s", condition, is_told ? "" : " (configured: ", is_told ? "" : state,
		   is_told ? "" : ")", left ? ", for " : "", left ? print_seconds(left, time) : "");
}

static void print_standing(const json_t *json)
{
	json_int_t weight = print_number(json, "weight"), effective = print_number(json, "effective-weight");

	if (effective && effective != weight)
		print_line("weight", "%lld, now %lld", weight, effective);
	else
		print_line("weight", "%lld", weight);
	print_state(json);
	print_line("health", "%s; last check: %s", print_text(json, "health"),
		   print_text(json, "last-check"));
	if (json_is_integer(json_object_get(json, "latency-us")))
		print_line("response time", "%.1f ms", print_number(json, "latency-us") / 1000.0);
}

static void print_traffic(const json_t *json)
{
	char share[PRINT_HUMAN_MAX], bytes[PRINT_HUMAN_MAX];

	print_line("slots", "%lld of %lld (%s)%s", print_number(json, "slots"),
		   print_number(json, "table-size"),
		   print_share(print_number(json, "slots"), print_number(json, "table-size"), share),
		   print_flag(json, "in-table") ? "" : ", not in the table");
	print_line("connections", "%lld pinned%s", print_number(json, "connections"),
		   print_flag(json, "lives") ? "" : "; it keeps none: not in use or down");
	print_line("forwarded", "%lld packets, %s", print_number(json, "packets"),
		   print_bytes(print_number(json, "bytes"), bytes));
}

static void print_way(const json_t *json)
{
	const json_t *vlans = json_object_get(json, "vlans"), *vlan;
	char tags[64] = "";
	size_t i, length = 0;

	if (!print_flag(json, "resolved")) {
		print_line("way", "UNKNOWN: no route, or no link address for the next hop");
		return;
	}
	json_array_foreach(vlans, i, vlan)
		if (i < 2)
			length += snprintf(tags + length, sizeof(tags) - length, ", %sVLAN %lld", i ? "in it " : "",
					   json_integer_value(vlan));
	print_line("way", "by %s to %s%s, MTU %lld", print_text(json, "interface"), print_text(json, "link-address"),
		   tags, print_number(json, "mtu"));
}

int backend_show(struct call *call)
{
	auto_free char *path = NULL;
	json_auto_t *json = NULL;
	int e = backend_path(call, &path);

	if (!e)
		e = client_get(call, path, &json);
	if (e || print_as_json(call, json))
		return e;
	print_line("backend", "%s of pool %s", print_text(json, "address"), print_text(json, "pool"));
	if (json_is_string(json_object_get(json, "server-id")))
		print_line("server id", "%s", print_text(json, "server-id"));
	print_standing(json);
	print_traffic(json);
	print_way(json);
	return CLI_OK;
}

static int backend_change(const struct call *call, const char *method, const char *body)
{
	auto_free char *path = NULL;
	json_auto_t *json = NULL;
	int e = backend_path(call, &path);

	if (!e)
		e = client_json(call, method, path, body, &json);
	if (!e)
		print_as_json(call, json);
	return e;
}

int backend_add(struct call *call)
{
	auto_free char *body = client_body(call);

	return backend_change(call, "POST", body);
}

int backend_set(struct call *call)
{
	auto_free char *body = NULL;

	if (!call->given_count)
		return parse_complain(call, "nothing to set: give at least one option");
	body = client_body(call);

	return backend_change(call, "PATCH", body);
}

int backend_del(struct call *call)
{
	return backend_change(call, "DELETE", NULL);
}

int backend_drain(struct call *call)
{
	const char *deadline = call_option(call, "deadline");
	json_auto_t *json = json_pack("{s:s, s:s*}", "state", "draining", "drain-deadline", deadline);
	auto_free char *body = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (!body)
		return parse_complain(call, "--deadline '%s': a time such as 5m is allowed", deadline);
	return backend_change(call, "PATCH", body);
}

/* The deadline was for one drain. */
int backend_enable(struct call *call)
{
	return backend_change(call, "PATCH", "{\"state\":\"enabled\",\"drain-deadline\":\"\"}");
}

int backend_disable(struct call *call)
{
	return backend_change(call, "PATCH", "{\"state\":\"disabled\",\"drain-deadline\":\"\"}");
}
