/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET: take a snapshot, find the object, format it. Changes nothing. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/auto.h"
#include "base/quote.h"
#include "serve/handlers.h"
#include "serve/render.h"

static void snapshot_drop(struct snapshot **snapshot)
{
	if (*snapshot)
		snapshot_free(*snapshot);
}
#define auto_snapshot __attribute__((cleanup(snapshot_drop)))

/* NULL: answered already. */
static struct snapshot *snapshot_take(struct request *request)
{
	struct snapshot *snapshot = NULL;

	if (request->calls->snapshot)
		snapshot = request->calls->snapshot(request->calls->context);
	if (!snapshot)
		reply_refusal(request, 500, "the daemon cannot tell its state now");
	return snapshot;
}

static void reply_list(struct request *request, const char *key, json_t *list)
{
	json_t *json = json_object();

	json_object_set_new(json, key, list);
	reply_json(request, 200, json);
}

static void reply_whole(struct request *request, json_t *(*render)(const struct snapshot *snapshot),
			const char *key)
{
	auto_snapshot struct snapshot *snapshot = snapshot_take(request);

	if (!snapshot)
		return;
	if (key)
		reply_list(request, key, render(snapshot));
	else
		reply_json(request, 200, render(snapshot));
}

void reads_status(struct request *request)
{
	reply_whole(request, render_status, NULL);
}

void reads_services(struct request *request)
{
	reply_whole(request, render_services, "services");
}

void reads_pools(struct request *request)
{
	reply_whole(request, render_pools, "pools");
}

void reads_backends(struct request *request)
{
	reply_whole(request, render_backends, "backends");
}

void reads_interfaces(struct request *request)
{
	reply_whole(request, render_interfaces, "interfaces");
}

void reads_stats(struct request *request)
{
	reply_whole(request, render_stats, NULL);
}

void reads_service(struct request *request)
{
	struct leat_service_key key;
	char shown[QUOTE_MAX];
	auto_snapshot struct snapshot *snapshot = NULL;

	if (shape_name_parse(request->name[0], &key)) {
		reply_refusal(
			request, 400,
			"%s is not a service, such as tcp/192.0.2.10:80 or udp/[2001:db8::1]:53%s",
			quote(request->name[0], shown), shape_name_fault(request->name[0]));
		return;
	}
	snapshot = snapshot_take(request);
	if (!snapshot)
		return;
	for (unsigned int i = 0; i < snapshot->service_count; i++) {
		if (!memcmp(&snapshot->services[i].key, &key, sizeof(key))) {
			reply_json(request, 200, render_service(&snapshot->services[i]));
			return;
		}
	}
	reply_refusal(request, 404, "there is no service %s", quote(request->name[0], shown));
}

/* NULL: answered already. */
static const struct snapshot_pool *pool_find(struct request *request, const struct snapshot *snapshot)
{
	const char *nearest;
	char shown[QUOTE_MAX];

	for (unsigned int i = 0; i < snapshot->pool_count; i++) {
		const char *name = snapshot->pools[i].name;

		if (name && !strcmp(name, request->name[0]))
			return &snapshot->pools[i];
	}
	nearest = snapshot->pool_count ? quote_nearest(request->name[0], &snapshot->pools->name, snapshot->pool_count,
						       sizeof(*snapshot->pools))
				       : NULL;
	reply_refusal(request, 404, "there is no pool %s%s%s%s", quote(request->name[0], shown),
		      nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return NULL;
}

void reads_pool(struct request *request)
{
	auto_snapshot struct snapshot *snapshot = snapshot_take(request);
	const struct snapshot_pool *pool = snapshot ? pool_find(request, snapshot) : NULL;

	if (pool)
		reply_json(request, 200, render_pool(snapshot, pool));
}

void reads_pool_backends(struct request *request)
{
	auto_snapshot struct snapshot *snapshot = snapshot_take(request);
	const struct snapshot_pool *pool = snapshot ? pool_find(request, snapshot) : NULL;

	if (pool)
		reply_list(request, "backends", render_pool_backends(pool));
}

void reads_backend(struct request *request)
{
	auto_snapshot struct snapshot *snapshot = NULL;
	const struct snapshot_pool *pool;
	char shown[QUOTE_MAX], other[QUOTE_MAX];
	struct leat_addr addr;

	if (addr_parse(request->name[1], &addr)) {
		reply_refusal(request, 400, "backend %s is not an IPv4 or IPv6 address%s",
			      quote(request->name[1], shown), addr_fault(request->name[1]));
		return;
	}
	snapshot = snapshot_take(request);
	pool = snapshot ? pool_find(request, snapshot) : NULL;
	if (!pool)
		return;
	for (unsigned int i = 0; i < pool->backend_count; i++) {
		if (addr_equal(&pool->backends[i].addr, &addr)) {
			reply_json(request, 200, render_backend(pool, &pool->backends[i]));
			return;
		}
	}
	reply_refusal(request, 404, "there is no backend %s in pool %s", quote(request->name[1], shown),
		      quote(request->name[0], other));
}

void reads_access_lists(struct request *request)
{
	reply_whole(request, render_access_lists, "access");
}

void reads_access(struct request *request)
{
	char shown[QUOTE_MAX];
	const char *nearest;
	auto_snapshot struct snapshot *snapshot = snapshot_take(request);

	for (unsigned int i = 0; snapshot && i < snapshot->access_count; i++) {
		if (!strcmp(snapshot->access[i].name, request->name[0])) {
			reply_json(request, 200, render_access(snapshot, &snapshot->access[i]));
			return;
		}
	}
	if (!snapshot)
		return;
	nearest = snapshot->access_count ? quote_nearest(request->name[0], &snapshot->access->name,
							 snapshot->access_count, sizeof(*snapshot->access))
					 : NULL;
	reply_refusal(request, 404, "there is no access list %s%s%s%s", quote(request->name[0], shown),
		      nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

void reads_interface(struct request *request)
{
	char shown[QUOTE_MAX];
	auto_snapshot struct snapshot *snapshot = snapshot_take(request);

	for (unsigned int i = 0; snapshot && i < snapshot->interface_count; i++) {
		const char *name = snapshot->interfaces[i].name;

		if (name && !strcmp(name, request->name[0])) {
			reply_json(request, 200, render_interface(&snapshot->interfaces[i]));
			return;
		}
	}
	if (snapshot)
		reply_refusal(request, 404, "there is no interface %s in the configuration",
			      quote(request->name[0], shown));
}

void reads_config(struct request *request)
{
	auto_free char *text = NULL;

	if (request->calls->export)
		text = request->calls->export(request->calls->context);
	if (text)
		reply_yaml(request, text);
	else
		reply_refusal(request, 500, "the daemon cannot tell its configuration now");
}
