/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing: see route.h. A new path is a row here and a handler. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include <event2/buffer.h>

#include "base/auto.h"
#include "base/file.h"
#include "serve/handlers.h"
#include "serve/render.h"
#include "serve/route.h"

#define READ  (EVHTTP_REQ_GET | EVHTTP_REQ_HEAD)
#define WRITE (EVHTTP_REQ_POST | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE)

static void route_index(struct request *request);

struct route {
	unsigned int methods;
	const char *pattern; /* a segment in capitals stands for any name; SERVICE for the rest of the path */
	void (*answer)(struct request *request);
	const char *help;
	bool has_query; /* others refuse one: a query that is not heard would be a wish not granted */
};

static const struct route routes[] = {
	{READ, "/v1", route_index, "this list"},
	{READ, "/v1/status", reads_status, "the daemon, its interfaces, totals"},
	{READ, "/v1/services", reads_services, "all services"},
	{READ, "/v1/services/SERVICE", reads_service, "one service, such as tcp/192.0.2.10:80"},
	{WRITE, "/v1/services/SERVICE", writes_service, "add, change, delete a service"},
	{READ, "/v1/pools", reads_pools, "all pools with their backends"},
	{READ, "/v1/pools/NAME", reads_pool, "one pool with its backends"},
	{WRITE, "/v1/pools/NAME", writes_pool, "add, change, delete a pool"},
	{READ, "/v1/pools/NAME/backends", reads_pool_backends, "a pool's backends"},
	{READ, "/v1/pools/NAME/backends/ADDRESS", reads_backend, "one backend of a pool"},
	{WRITE, "/v1/pools/NAME/backends/ADDRESS", writes_backend, "add, change, delete a backend"},
	{READ, "/v1/backends", reads_backends, "the backends of all pools"},
	{READ, "/v1/access", reads_access_lists, "all access lists, without their prefixes"},
	{READ, "/v1/access/NAME", reads_access, "one access list with its prefixes"},
	{WRITE, "/v1/access/NAME", writes_access, "add, change, delete an access list"},
	{READ, "/v1/stats", reads_stats, "counters of verdicts, services, backends"},
	{READ, "/v1/interfaces", reads_interfaces, "interfaces and how they are attached"},
	{EVHTTP_REQ_DELETE, "/v1/interfaces", writes_detach_all, "detach all, remove the pinned maps"},
	{READ, "/v1/interfaces/NAME", reads_interface, "one interface"},
	{WRITE, "/v1/interfaces/NAME", writes_interface, "attach, change, detach an interface"},
	{READ, "/v1/config", reads_config, "the configuration as YAML"},
	{EVHTTP_REQ_PUT, "/v1/config", writes_config, "replace the configuration; ?dry-run=1 only compares", true},
	{READ, "/v1/explain", why_explain, "?protocol=tcp&source=A:P&destination=A:P: where a packet goes", true},
};

static const struct {
	enum evhttp_cmd_type bit;
	const char *name;
} methods[] = {
	{EVHTTP_REQ_GET, "GET"},   {EVHTTP_REQ_HEAD, "HEAD"},   {EVHTTP_REQ_PUT, "PUT"},
	{EVHTTP_REQ_POST, "POST"}, {EVHTTP_REQ_PATCH, "PATCH"}, {EVHTTP_REQ_DELETE, "DELETE"},
};

/* "GET, HEAD" */
static char *methods_text(unsigned int mask)
{
	struct text text = {};

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (mask & methods[i].bit)
			text_add(&text, "%s%s", text.length ? ", " : "", methods[i].name);
	}
	return text.s;
}

static void route_index(struct request *request)
{
	json_t *list = json_array(), *json = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		auto_free char *names = methods_text(routes[i].methods);
		json_t *row = json_object();

		json_object_set_new(row, "path", json_string(routes[i].pattern));
		json_object_set_new(row, "methods", json_string(names));
		json_object_set_new(row, "help", json_string(routes[i].help));
		json_array_append_new(list, row);
	}
	json_object_set_new(json, "paths", list);
	reply_json(request, 200, json);
}

/* NULL: a NUL byte hides in it. */
static char *decode(const char *text, size_t length)
{
	auto_free char *copy = string_format("%.*s", (int)length, text);
	size_t decoded_length;
	char *decoded = evhttp_uridecode(copy, 0, &decoded_length);

	if (decoded && strlen(decoded) != decoded_length) {
		free(decoded);
		return NULL;
	}
	return decoded;
}

static void names_free(struct request *request)
{
	for (size_t i = 0; i < REQUEST_NAMES_MAX; i++) {
		free(request->name[i]);
		request->name[i] = NULL;
	}
}

static size_t segment_length(const char *text)
{
	return strcspn(text, "/");
}

/* Whether path is of the pattern; fills request->name. */
static bool matches(const char *pattern, const char *path, struct request *request)
{
	size_t names = 0;

	while (*pattern == '/' && *path == '/') {
		size_t wanted = segment_length(++pattern), found = segment_length(++path);

		if (isupper((unsigned char)*pattern)) {
			if (!strcmp(pattern, "SERVICE"))
				found = strlen(path);
			if (!found || names == REQUEST_NAMES_MAX)
				return false;
			request->name[names] = decode(path, found);
			if (!request->name[names++])
				return false;
		} else if (wanted != found || strncmp(pattern, path, wanted)) {
			return false;
		}
		pattern += wanted;
		path += found;
	}
	return !*pattern && !*path;
}

/* NULL if no row fits; then ret_allowed has the methods of the rows whose path fits. */
static const struct route *route_find(struct request *request, const char *path, unsigned int *ret_allowed)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(request->http);

	*ret_allowed = 0;
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		if (matches(routes[i].pattern, path, request)) {
			if (routes[i].methods & method)
				return &routes[i];
			*ret_allowed |= routes[i].methods;
		}
		names_free(request);
	}
	return NULL;
}

static const char *method_name(const struct evhttp_request *http)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (evhttp_request_get_command(http) == methods[i].bit)
			return methods[i].name;
	return "this method";
}

static void refuse_path(struct request *request, const char *path)
{
	struct text known = {};

	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		if (i == 0 || strcmp(routes[i].pattern, routes[i - 1].pattern))
			text_add(&known, "%s%s", known.length ? ", " : "", routes[i].pattern);
	}
	reply_refusal(request, 404, "no path %.200s; there are %s", path, known.s);
	free(known.s);
}

static void refuse_method(struct request *request, const char *path, unsigned int allowed)
{
	auto_free char *names = methods_text(allowed);

	evhttp_add_header(evhttp_request_get_output_headers(request->http), "Allow", names);
	reply_refusal(request, 405, "%.200s does not take this method; it takes %s", path, names);
}

void route_request(struct evhttp_request *http, void *context)
{
	struct request request = {.http = http, .calls = context};
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(http);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
	const char *query = uri ? evhttp_uri_get_query(uri) : NULL;
	struct evbuffer *input = evhttp_request_get_input_buffer(http);
	const struct route *route;
	unsigned int allowed;

	path = path ? path : "";
	request.body_length = evbuffer_get_length(input);
	/* The terminator is for parsers that want one; the length does not count it. */
	evbuffer_add(input, "", 1);
	request.body = (const char *)evbuffer_pullup(input, -1);
	route = route_find(&request, path, &allowed);
	if (!request.body)
		reply_refusal(&request, 500, "no memory for a body of %zu bytes", request.body_length);
	else if (route && query && *query && !route->has_query)
		reply_refusal(&request, 400, "%s %.200s takes no query; found '?%.100s'", method_name(http), path, query);
	else if (route)
		route->answer(&request);
	else if (allowed)
		refuse_method(&request, path, allowed);
	else
		refuse_path(&request, path);
	names_free(&request);
}
