/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat pool ...: sets of backends. */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "cli/actions.h"
#include "cli/backends.h"
#include "cli/client.h"
#include "cli/parse.h"
#include "cli/print.h"

static json_int_t count_in_table(const json_t *backends)
{
	const json_t *backend;
	json_int_t count = 0;
	size_t i;

	json_array_foreach(backends, i, backend)
		count += print_flag(backend, "in-table");
	return count;
}

int pool_list(struct call *call)
{
	struct columns columns = {};
	json_auto_t *json = NULL;
	const json_t *pool;
	size_t i;
	int e = client_get(call, "/v1/pools", &json);

	if (e || print_as_json(call, json))
		return e;
	columns_start(&columns, "POOL|MODE|SCHED|>SLOTS|>PINS|>IN TABLE|CHECK|ON ALL DOWN|>SERVICES");
	json_array_foreach(json_object_get(json, "pools"), i, pool) {
		const json_t *backends = json_object_get(pool, "backends");

		columns_add(&columns, "%s", print_text(pool, "name"));
		columns_add(&columns, "%s", print_text(pool, "mode"));
		columns_add(&columns, "%s", print_text(pool, "scheduler"));
		columns_add(&columns, "%lld", print_number(pool, "table-size"));
		columns_add(&columns, "%lld", print_number(json_object_get(pool, "flows"), "pins"));
		columns_add(&columns, "%lld of %zu", count_in_table(backends), json_array_size(backends));
		columns_add(&columns, "%s", print_text(json_object_get(pool, "check"), "type"));
		columns_add(&columns, "%s%s", print_text(pool, "on-all-down"),
			    print_flag(pool, "all-down") ? " (NOW)" : "");
		columns_add(&columns, "%zu", json_array_size(json_object_get(pool, "services")));
	}
	columns_print(&columns);
	return CLI_OK;
}

/* Of types other than http: ", name example.com, record A". */
static void print_check_keys(const json_t *check, struct text *text)
{
	static const char *const keys[] = {"host",   "name", "record",	   "rcode",   "answer",  "send",
					   "expect", "alpn", "expires-in", "service", "command", "user"};
	size_t i;

	if (print_flag(check, "tls"))
		text_add(text, ", inside TLS");
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_is_string(json_object_get(check, keys[i])))
			text_add(text, ", %s %s", keys[i], print_text(check, keys[i]));
}

/* ", through 192.0.2.10 and 2001:db8::10" */
static void print_via(const json_t *check, struct text *text)
{
	const json_t *vip;
	size_t i;

	json_array_foreach(json_object_get(check, "vips"), i, vip)
		text_add(text, "%s%s", i ? " and " : ", through ", json_string_value(vip) ? json_string_value(vip) : "-");
}

/* "http, port 80, every 2s (500ms while changing), timeout 1s, rise 2, fall 3, GET / for 200-399" */
static void print_check(const json_t *check)
{
	const char *type = print_text(check, "type");
	struct text text = {};

	text_add(&text, "%s", type);
	if (json_is_integer(json_object_get(check, "port")))
		text_add(&text, ", port %lld", print_number(check, "port"));
	print_via(check, &text);
	if (strcmp(type, "none"))
		text_add(&text, ", every %s (%s while changing), timeout %s, rise %lld, fall %lld",
			 print_text(check, "interval"), print_text(check, "fast-interval"), print_text(check, "timeout"),
			 print_number(check, "rise"), print_number(check, "fall"));
	if (!strncmp(type, "http", 4)) {
		text_add(&text, ", GET %s for %s", print_text(check, "path"), print_text(check, "status"));
		if (json_is_string(json_object_get(check, "host")))
			text_add(&text, ", host %s", print_text(check, "host"));
		if (json_is_string(json_object_get(check, "body")))
			text_add(&text, ", containing '%s'", print_text(check, "body"));
	} else {
		print_check_keys(check, &text);
	}
	if (json_is_boolean(json_object_get(check, "verify")) && (strcmp(type, "grpc") || print_flag(check, "tls")))
		text_add(&text, ", certificate %sverified", print_flag(check, "verify") ? "" : "not ");
	print_line("check", "%s", text.s);
	free(text.s);
}

static void print_services(const json_t *services)
{
	struct text text = {};
	const json_t *name;
	size_t i;

	json_array_foreach(services, i, name)
		text_add(&text, "%s%s", i ? ", " : "",
			 json_string_value(name) ? json_string_value(name) : "-");
	print_line("services", "%s", text.s ? text.s : "none");
	free(text.s);
}

/* "wlc, 65537 slots, clients by /24 and /64, affinity 10m, slow start 30s" */
static void print_scheduler(const json_t *json)
{
	struct text text = {};

	text_add(&text, "%s, %lld slots", print_text(json, "scheduler"), print_number(json, "table-size"));
	if (json_is_integer(json_object_get(json, "source-prefix-ipv4")))
		text_add(&text, ", clients by /%lld and /%lld", print_number(json, "source-prefix-ipv4"),
			 print_number(json, "source-prefix-ipv6"));
	if (json_is_string(json_object_get(json, "affinity")))
		text_add(&text, ", affinity %s", print_text(json, "affinity"));
	if (json_is_string(json_object_get(json, "slow-start")))
		text_add(&text, ", slow start %s", print_text(json, "slow-start"));
	print_line("scheduler", "%s", text.s);
	free(text.s);
}

/* What is remembered, and how far a change is from being forgotten. */
static void print_flows(const json_t *flows)
{
	json_int_t tracked = print_number(flows, "tracked"), slots = print_number(flows, "slots");
	char oldest[PRINT_HUMAN_MAX];

	if (tracked)
		print_line("flows", "tracked slots %lld of %lld, oldest change %s ago", tracked, slots,
			   print_seconds(print_number(flows, "oldest-change-seconds"), oldest));
	else
		print_line("flows", "tracked slots 0 of %lld", slots);
	print_line("", "pins %lld: %lld opening, %lld established, %lld closing, %lld sticky",
		   print_number(flows, "pins"), print_number(flows, "opening"),
		   print_number(flows, "established"), print_number(flows, "closing"),
		   print_number(flows, "sticky"));
	if (print_number(flows, "astray"))
		print_line("", "%lld astray: not where new flows of their slots go",
			   print_number(flows, "astray"));
	if (print_flag(flows, "settling"))
		print_line("", "settling: what is new waits until all flows are pinned");
	if (json_is_integer(json_object_get(flows, "older")))
		print_line("", "%lld pins from before the last change of what is hashed", print_number(flows, "older"));
}

/* "gue, UDP port 6080" */
static void print_mode(const json_t *json)
{
	const char *mode = print_text(json, "mode");
	json_int_t port = print_number(json, "tunnel-port");

	if (!json_is_integer(json_object_get(json, "tunnel-port")))
		print_line("mode", "%s", mode);
	else if (!strcmp(mode, "fou"))
		print_line("mode", "%s, UDP port %lld, for IPv6 %lld", mode, port, port + 1);
	else
		print_line("mode", "%s, UDP port %lld", mode, port);
}

static char *pool_path(const struct call *call)
{
	auto_free char *name = client_escape(call->args[0]);

	return string_format("/v1/pools/%s", name);
}

int pool_show(struct call *call)
{
	auto_free char *path = pool_path(call);
	json_auto_t *json = NULL;
	int e = client_get(call, path, &json);

	if (e || print_as_json(call, json))
		return e;
	print_line("pool", "%s", print_text(json, "name"));
	print_mode(json);
	print_scheduler(json);
	print_line("on all down", "%s%s", print_text(json, "on-all-down"),
		   print_flag(json, "all-down") ? " (ALL BACKENDS ARE DOWN NOW)" : "");
	print_check(json_object_get(json, "check"));
	print_flows(json_object_get(json, "flows"));
	print_services(json_object_get(json, "services"));
	putchar('\n');
	backends_print(json_object_get(json, "backends"));
	return CLI_OK;
}

static int pool_change(const struct call *call, const char *method, const char *body)
{
	auto_free char *path = pool_path(call);
	json_auto_t *json = NULL;
	int e = client_json(call, method, path, body, &json);

	if (!e)
		print_as_json(call, json);
	return e;
}

int pool_add(struct call *call)
{
	auto_free char *body = client_body(call);

	return pool_change(call, "POST", body);
}

int pool_set(struct call *call)
{
	auto_free char *body = client_body(call);

	if (!call->given_count)
		return parse_complain(call, "nothing to set: give at least one option");
	return pool_change(call, "PATCH", body);
}

int pool_del(struct call *call)
{
	return pool_change(call, "DELETE", NULL);
}
