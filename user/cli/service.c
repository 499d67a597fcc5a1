/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat service ...: what clients address. The list keeps the layout of ipvsadm -Ln. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "base/shape.h"
#include "cli/actions.h"
#include "cli/client.h"
#include "cli/parse.h"
#include "cli/print.h"

#define REMOTE_WIDTH 28 /* ipvsadm's */

static const char *forward_name(const json_t *pool)
{
	const char *mode = print_text(pool, "mode");

	if (!strcmp(mode, "l2"))
		return "Route";
	return strcmp(mode, "unknown") ? "Tunnel" : mode;
}

/* One word that says whether the backend gets packets, and if not why. */
static const char *health_word(const json_t *pool, const json_t *backend)
{
	const char *condition = print_text(backend, "condition");

	if (!strcmp(condition, "up") && !strcmp(print_text(json_object_get(pool, "check"), "type"), "none"))
		return "unchecked";
	return condition;
}

static int remote_width(const json_t *pools)
{
	size_t width = REMOTE_WIDTH, i, j;
	const json_t *pool, *backend;

	json_array_foreach(pools, i, pool) {
		json_array_foreach(json_object_get(pool, "backends"), j, backend) {
			size_t length = strlen(print_text(backend, "address")) + strlen("[]:65535");

			width = length > width ? length : width;
		}
	}
	return width;
}

/* port: as the service's: they keep it. */
static void print_backends(const json_t *pool, const char *port, int width)
{
	const json_t *backend;
	size_t i;

	json_array_foreach(json_object_get(pool, "backends"), i, backend) {
		const char *address = print_text(backend, "address");
		bool is_ipv6 = strchr(address, ':');
		auto_free char *remote =
			string_format("%s%s%s:%s", is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", port);
		char share[PRINT_HUMAN_MAX];

		printf("  -> %-*s %-7s %-6lld %-9s %-6s %-6lld %lld\n", width, remote, forward_name(pool),
		       print_number(backend, "weight"), health_word(pool, backend),
		       print_share(print_number(backend, "slots"), print_number(backend, "table-size"),
				   share),
		       print_number(backend, "connections"), print_number(backend, "packets"));
	}
}

/* A number, a range or any; to be freed. */
static char *port_text(const json_t *service)
{
	const json_t *port = json_object_get(service, "port");

	return json_is_string(port) ? string_copy(json_string_value(port)) : string_format("%lld", print_number(service, "port"));
}

static void print_service(const json_t *service, const json_t *pool, int width)
{
	const char *protocol = print_text(service, "protocol"), *name = strchr(print_text(service, "name"), '/');
	auto_free char *port = port_text(service), *word = string_copy(protocol);
	char *c;

	for (c = word; *c; c++)
		*c = toupper((unsigned char)*c);
	printf("%-4s %s %s pool=%s%s", word, name ? name + 1 : "-",
	       pool ? print_text(pool, "scheduler") : "-", print_text(service, "pool"),
	       print_flag(pool, "all-down") ? " all-down" : "");
	if (json_is_string(json_object_get(service, "sticky")))
		printf(" sticky=%s", print_text(service, "sticky"));
	if (json_is_string(json_object_get(service, "access")))
		printf(" access=%s", print_text(service, "access"));
	if (json_is_object(json_object_get(service, "quic")))
		fputs(" quic", stdout);
	putchar('\n');
	print_backends(pool, port, width);
}

int service_list(struct call *call)
{
	json_auto_t *services = NULL, *pools = NULL, *by_name = json_object();
	const json_t *service;
	json_t *pool;
	size_t i;
	int e = client_get(call, "/v1/services", &services), width;

	if (e || print_as_json(call, services))
		return e;
	e = client_get(call, "/v1/pools", &pools);
	if (e)
		return e;
	json_array_foreach(json_object_get(pools, "pools"), i, pool)
		json_object_set(by_name, print_text(pool, "name"), pool);
	width = remote_width(json_object_get(pools, "pools"));
	printf("leat version %s (services=%zu)\n", LEAT_VERSION,
	       json_array_size(json_object_get(services, "services")));
	printf("Prot LocalAddress:Port Scheduler Flags\n");
	printf("  -> %-*s %-7s %-6s %-9s %-6s %-6s %s\n", width, "RemoteAddress:Port", "Forward", "Weight",
	       "Health", "Slots%", "Pinned", "Packets");
	json_array_foreach(json_object_get(services, "services"), i, service)
		print_service(service, json_object_get(by_name, print_text(service, "pool")), width);
	return CLI_OK;
}

/* The path of the service that was typed, to be freed; checks protocol and address:port. */
static int service_path(const struct call *call, char **ret)
{
	auto_free char *endpoint = NULL;
	struct leat_service_key key;
	char shown[QUOTE_MAX];
	uint8_t protocol;

	if (shape_protocol_parse(call->args[0], &protocol))
		return parse_complain(call, "PROTOCOL: %s is not a protocol; allowed are " SHAPE_PROTOCOL_WORDS,
				      quote(call->args[0], shown));
	if (shape_parse(call->args[1], protocol, &key))
		return parse_complain(call, "ADDRESS:PORT: %s is not such as 192.0.2.10:80 or [2001:db8::1]:80%s",
				      quote(call->args[1], shown), shape_fault(call->args[1], protocol));
	endpoint = client_escape(call->args[1]);
	*ret = string_format("/v1/services/%s/%s", call->args[0], endpoint);
	return CLI_OK;
}

static int service_change(const struct call *call, const char *method)
{
	auto_free char *path = NULL, *body = NULL;
	json_auto_t *json = NULL;
	int e = service_path(call, &path);

	if (e)
		return e;
	if (!strcmp(method, "PATCH") && !call->given_count)
		return parse_complain(call, "nothing to set: give at least one option");
	if (strcmp(method, "DELETE"))
		body = client_body(call);
	e = client_json(call, method, path, body, &json);
	if (!e)
		print_as_json(call, json);
	return e;
}

int service_add(struct call *call)
{
	return service_change(call, "POST");
}

int service_set(struct call *call)
{
	return service_change(call, "PATCH");
}

int service_del(struct call *call)
{
	return service_change(call, "DELETE");
}

int service_show(struct call *call)
{
	auto_free char *path = NULL;
	json_auto_t *json = NULL;
	char bytes[PRINT_HUMAN_MAX];
	const json_t *quic;
	int e = service_path(call, &path);

	if (!e)
		e = client_get(call, path, &json);
	if (e || print_as_json(call, json))
		return e;
	quic = json_object_get(json, "quic");
	print_line("service", "%s", print_text(json, "name"));
	print_line("pool", "%s", print_text(json, "pool"));
	if (json_is_string(json_object_get(json, "sticky")))
		print_line("sticky", "a flow stays until it is idle for %s", print_text(json, "sticky"));
	if (json_is_object(quic))
		print_line("quic", "packets go by connection ids: server ids of %lld octets, config rotation %lld",
			   print_number(quic, "server-id-length"), print_number(quic, "config"));
	if (json_is_string(json_object_get(json, "access")))
		print_line("access", "lets in whom access list %s lets in", print_text(json, "access"));
	print_line("received", "%lld packets, %s", print_number(json, "packets"),
		   print_bytes(print_number(json, "bytes"), bytes));
	return CLI_OK;
}
