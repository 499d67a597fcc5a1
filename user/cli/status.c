/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat status and leat stats: the daemon as a whole, and its counters. */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/actions.h"
#include "cli/client.h"
#include "cli/print.h"

static void print_interface(const json_t *json)
{
	bool is_member = json_is_string(json_object_get(json, "member-of"));
	json_int_t program = print_number(json, "program-id"); /* a bond that is attached by its members has none */
	char name[64];

	snprintf(name, sizeof(name), "%.20s%s%.20s", print_text(json, "name"), is_member ? " of " : "",
		 is_member ? print_text(json, "member-of") : "");
	if (!print_flag(json, "attached")) {
		print_line("interface", "%s, NOT ATTACHED: %s", name, print_text(json, "problem"));
		return;
	}
	if (!program)
		print_line("interface", "%s, a bond, attached, %s", name, print_text(json, "mode"));
	else
		print_line("interface", "%s%s, attached, %s, program %lld, %s%s", name,
			   print_flag(json, "bond") ? ", a bond" : "", print_text(json, "mode"), program,
			   print_flag(json, "dispatcher") ? "beside others" : "alone",
			   print_flag(json, "frags") ? ", frags" : "");
	if (json_is_string(json_object_get(json, "problem")))
		print_line("", "NOT WHOLE: %s", print_text(json, "problem"));
}

static void print_interfaces(const json_t *list)
{
	const json_t *interface;
	size_t i;

	if (!json_array_size(list))
		print_line("interface", "none: leat attach IFACE");
	json_array_foreach(list, i, interface)
		print_interface(interface);
}

static void print_counter(const json_t *json, const char *key)
{
	const json_t *counter = json_object_get(json, key);
	char bytes[PRINT_HUMAN_MAX];

	print_line(key, "%lld packets, %s", print_number(counter, "packets"),
		   print_bytes(print_number(counter, "bytes"), bytes));
}

static void print_flow_table(const json_t *flows)
{
	json_int_t size = print_number(flows, "size"), capacity = print_number(flows, "capacity");
	char share[PRINT_HUMAN_MAX], bytes[PRINT_HUMAN_MAX];

	print_line("flow table", "%lld pins in %lld places (%s), %s", print_number(flows, "pins"), capacity,
		   print_share(print_number(flows, "pins"), capacity, share),
		   print_bytes(print_number(flows, "memory-bytes"), bytes));
	if (capacity && size != capacity / 2)
		print_line("", "NOT YET for %lld flows: leat detach, then restart leatd",
			   size);
}

int status_show(struct call *call)
{
	json_auto_t *json = NULL;
	char uptime[PRINT_HUMAN_MAX];
	const json_t *pool;
	size_t i;
	int e = client_get(call, "/v1/status", &json);

	if (e || print_as_json(call, json))
		return e;
	print_line("leatd", "version %s, up %s, configuration %lld, on Linux %s", print_text(json, "version"),
		   print_seconds(print_number(json, "uptime-seconds"), uptime),
		   print_number(json, "configuration"), print_text(json, "kernel"));
	print_interfaces(json_object_get(json, "interfaces"));
	print_line("services", "%lld", print_number(json, "services"));
	print_line("pools", "%lld", print_number(json, "pools"));
	print_line("backends", "%lld: %lld up, %lld down, %lld unknown; %lld in a table",
		   print_number(json, "backends"), print_number(json, "backends-up"),
		   print_number(json, "backends-down"), print_number(json, "backends-unknown"),
		   print_number(json, "backends-in-table"));
	json_array_foreach(json_object_get(json, "pools-all-down"), i, pool)
		print_line("ALL DOWN", "pool %s: no backend is up",
			   json_string_value(pool) ? json_string_value(pool) : "-");
	print_flow_table(json_object_get(json, "flows"));
	print_counter(json, "received");
	print_counter(json, "sent");
	print_counter(json, "passed");
	print_counter(json, "dropped");
	return CLI_OK;
}

static void columns_add_counter(struct columns *columns, const json_t *json)
{
	char bytes[PRINT_HUMAN_MAX];

	columns_add(columns, "%lld", print_number(json, "packets"));
	columns_add(columns, "%s", print_bytes(print_number(json, "bytes"), bytes));
}

static void print_verdicts(const json_t *json, bool is_all)
{
	struct columns columns = {};
	const json_t *verdict;
	size_t i;

	columns_start(&columns, "VERDICT|ACTION|>PACKETS|>BYTES|MEANING");
	json_array_foreach(json_object_get(json, "verdicts"), i, verdict) {
		if (!is_all && !print_number(verdict, "packets"))
			continue;
		columns_add(&columns, "%s", print_text(verdict, "name"));
		columns_add(&columns, "%s", print_text(verdict, "action"));
		columns_add_counter(&columns, verdict);
		columns_add(&columns, "%s", print_text(verdict, "help"));
	}
	columns_add(&columns, "total");
	columns_add(&columns, "%s", "");
	columns_add_counter(&columns, json_object_get(json, "total"));
	columns_add(&columns, "every packet received");
	columns_print(&columns);
}

static void print_flow_events(const json_t *list, bool is_all)
{
	struct columns columns = {};
	const json_t *event;
	size_t i;

	columns_start(&columns, "FLOW EVENT|>COUNT|MEANING");
	json_array_foreach(list, i, event) {
		if (!is_all && !print_number(event, "count"))
			continue;
		columns_add(&columns, "%s", print_text(event, "name"));
		columns_add(&columns, "%lld", print_number(event, "count"));
		columns_add(&columns, "%s", print_text(event, "help"));
	}
	if (columns.cell_count > columns.width)
		putchar('\n');
	columns_print(&columns);
}

/* Rows of two names and a counter. */
static void print_counters(const json_t *list, const char *heads, const char *first, const char *second,
			   bool is_all)
{
	struct columns columns = {};
	const json_t *row;
	size_t i;

	columns_start(&columns, heads);
	json_array_foreach(list, i, row) {
		if (!is_all && !print_number(row, "packets"))
			continue;
		columns_add(&columns, "%s", print_text(row, first));
		columns_add(&columns, "%s", print_text(row, second));
		columns_add_counter(&columns, row);
	}
	if (columns.cell_count > columns.width)
		putchar('\n');
	columns_print(&columns);
}

int stats_show(struct call *call)
{
	bool is_all = call_option(call, "all");
	json_auto_t *json = NULL;
	int e = client_get(call, "/v1/stats", &json);

	if (e || print_as_json(call, json))
		return e;
	print_verdicts(json, is_all);
	print_flow_events(json_object_get(json, "flow-events"), is_all);
	print_counters(json_object_get(json, "services"), "SERVICE|POOL|>PACKETS|>BYTES", "name", "pool",
		       is_all);
	print_counters(json_object_get(json, "backends"), "POOL|BACKEND|>PACKETS|>BYTES", "pool", "address",
		       is_all);
	return CLI_OK;
}
