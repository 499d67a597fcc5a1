/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server's life: see serve.h. What it answers is in route.c's table; handlers format a snapshot
 * (reads.c), ask the daemon for a change (writes.c) or explain a packet (why.c). Nothing here touches a map.
 */
#include <errno.h>
#include <sys/stat.h>

#include <event2/http.h>

#include "base/auto.h"
#include "serve/listen.h"
#include "serve/route.h"
#include "serve/serve.h"

#define BODY_MAX    (64 << 20)
#define HEADERS_MAX (64 << 10)
#define METHODS_KNOWN                                                                                        \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |           \
	 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)
#define IDLE_S 60 /* a connection on which nothing moves is closed */

struct serve {
	struct evhttp *http;
	struct serve_calls calls;
	struct listen_file file;
};

static struct evhttp *http_new(struct event_base *base, struct serve_calls *calls)
{
	struct evhttp *http = evhttp_new(base);

	if (!http)
		return NULL;
	evhttp_set_max_body_size(http, BODY_MAX);
	evhttp_set_max_headers_size(http, HEADERS_MAX);
	evhttp_set_timeout(http, IDLE_S);
	evhttp_set_default_content_type(http, "application/json");
	/* All that evhttp knows, so that a wrong one meets our 405 instead of evhttp's page. */
	evhttp_set_allowed_methods(http, METHODS_KNOWN);
	evhttp_set_gencb(http, route_request, calls);
	return http;
}

static int serve_open(struct event_base *base, int fd, struct listen_file *file,
		      const struct serve_calls *calls, struct serve **ret, struct err *err)
{
	struct serve *serve = memory_zeroed(1, sizeof(*serve));

	serve->file = *file;
	serve->calls = *calls;
	serve->http = http_new(base, &serve->calls);
	if (!serve->http || evhttp_accept_socket(serve->http, fd)) { /* evhttp closes it later */
		serve_stop(serve);
		close(fd);
		return err_set(err, -ENOMEM, "the HTTP server does not start");
	}
	*ret = serve;
	return 0;
}

int serve_start_on(struct event_base *base, int fd, const struct serve_calls *calls, struct serve **ret,
		   struct err *err)
{
	struct listen_file none = {};

	return serve_open(base, fd, &none, calls, ret, err);
}

int serve_start(struct event_base *base, const char *path, const struct serve_calls *calls,
		struct serve **ret, struct err *err)
{
	struct listen_file file = {};
	int fd = listen_open(path, &file, err);

	return fd < 0 ? fd : serve_open(base, fd, &file, calls, ret, err);
}

void serve_stop(struct serve *serve)
{
	if (!serve)
		return;
	if (serve->http)
		evhttp_free(serve->http);
	listen_remove(&serve->file);
	free(serve);
}

bool serve_is_running(const char *path)
{
	return listen_is_alive(path);
}
