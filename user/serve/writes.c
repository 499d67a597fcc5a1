/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PUT, POST, PATCH, DELETE: hand the body to the daemon as it came; user/source's schema reads it there. What
 * is answered with success is durable and in the maps.
 */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "serve/handlers.h"
#include "serve/render.h"

static void diff_drop(struct diff **diff)
{
	if (*diff)
		diff_free(*diff);
}
#define auto_diff __attribute__((cleanup(diff_drop)))

/* -EINVAL for what is neither yes nor no: a typing error must not apply. */
static int query_dry_run(struct request *request, bool *ret)
{
	static const char *const yes[] = {"dry-run", "dry-run=1", "dry-run=yes", "dry-run=true"};
	static const char *const no[] = {"", "dry-run=0", "dry-run=no", "dry-run=false"};
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request->http);
	const char *query = uri ? evhttp_uri_get_query(uri) : NULL;

	query = query ? query : "";
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!strcmp(query, yes[i]) || !strcmp(query, no[i])) {
			*ret = !strcmp(query, yes[i]);
			return 0;
		}
	}
	return -EINVAL;
}

void writes_config(struct request *request)
{
	auto_diff struct diff *diff = NULL;
	struct err err = {};
	bool dry_run;
	int e;

	if (query_dry_run(request, &dry_run)) {
		reply_refusal(request, 400, "the query '%.100s' is not known; allowed are dry-run=1 and dry-run=0",
			      evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request->http)));
		return;
	}
	if (!request->calls->apply) {
		reply_refusal(request, 500, "the daemon takes no configuration");
		return;
	}
	e = request->calls->apply(request->calls->context, request->body, request->body_length, dry_run,
				  &diff, &err);
	if (e)
		reply_failure(request, e, &err);
	else
		reply_json(request, 200, render_diff(diff, dry_run));
}

static void edit(struct request *request, struct serve_edit edit)
{
	struct err err = {};
	int e;

	switch (evhttp_request_get_command(request->http)) {
	case EVHTTP_REQ_POST:
		edit.verb = SERVE_ADD;
		break;
	case EVHTTP_REQ_PATCH:
		edit.verb = SERVE_SET;
		break;
	default:
		edit.verb = SERVE_DELETE;
	}
	if (edit.verb != SERVE_DELETE) {
		/* No body says the same as an empty mapping. */
		edit.body = request->body_length ? request->body : "{}";
		edit.body_length = request->body_length ? request->body_length : 2;
	}
	if (!request->calls->edit) {
		reply_refusal(request, 500, "the daemon takes no edits");
		return;
	}
	e = request->calls->edit(request->calls->context, &edit, &err);
	if (e)
		reply_failure(request, e, &err);
	else
		reply_json(request, edit.verb == SERVE_ADD ? 201 : 200, json_object());
}

void writes_service(struct request *request)
{
	edit(request, (struct serve_edit){.object = SERVE_SERVICE, .name = request->name[0]});
}

void writes_pool(struct request *request)
{
	edit(request, (struct serve_edit){.object = SERVE_POOL, .pool = request->name[0]});
}

void writes_backend(struct request *request)
{
	edit(request, (struct serve_edit){
			      .object = SERVE_BACKEND, .pool = request->name[0], .name = request->name[1]});
}

void writes_access(struct request *request)
{
	edit(request, (struct serve_edit){.object = SERVE_ACCESS, .name = request->name[0]});
}

void writes_interface(struct request *request)
{
	edit(request, (struct serve_edit){.object = SERVE_INTERFACE, .name = request->name[0]});
}

void writes_detach_all(struct request *request)
{
	struct err err = {};
	int e;

	if (!request->calls->detach_all) {
		reply_refusal(request, 500, "the daemon cannot detach");
		return;
	}
	e = request->calls->detach_all(request->calls->context, &err);
	if (e)
		reply_failure(request, e, &err);
	else
		reply_json(request, 200, json_object());
}
