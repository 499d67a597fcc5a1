/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcurl's multi handle in a libevent loop: libcurl says which sockets and which timeout to watch, the
 * loop tells it what happened (libcurl-multi(3), "multi_socket").
 */
#include <errno.h>
#include <stdlib.h>

#include "base/auto.h"
#include "health/http_loop.h"

struct http {
	struct event_base *base;
	struct event *timer;
	CURLM *multi;
};

static void http_advance(struct http *http, curl_socket_t fd, int what)
{
	CURLMsg *message;
	int running, left;
	char *private;

	curl_multi_socket_action(http->multi, fd, what, &running);
	while ((message = curl_multi_info_read(http->multi, &left))) {
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		http_ended(private, code); /* message is invalid from here on */
	}
}

static void http_on_timer(evutil_socket_t fd, short what, void *context)
{
	http_advance(context, CURL_SOCKET_TIMEOUT, 0);
}

static void http_on_socket(evutil_socket_t fd, short what, void *context)
{
	http_advance(context, fd,
		     (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

/* libcurl must not be entered from within its callbacks, so even 0 ms goes through the loop. */
static int http_watch_timer(CURLM *multi, long ms, void *context)
{
	struct http *http = context;
	struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };

	if (ms < 0)
		evtimer_del(http->timer);
	else
		evtimer_add(http->timer, &timeout);
	return 0;
}

static int http_watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *event)
{
	struct http *http = context;
	short events = EV_PERSIST;

	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		events |= what & CURL_POLL_IN ? EV_READ : 0;
		events |= what & CURL_POLL_OUT ? EV_WRITE : 0;
		event = event_new(http->base, fd, events, http_on_socket, http);
		event_add(event, NULL);
	}
	curl_multi_assign(http->multi, fd, event);
	return 0;
}

int http_loop_add(struct http *http, CURL *easy)
{
	return curl_multi_add_handle(http->multi, easy) ? -EIO : 0;
}

void http_loop_remove(struct http *http, CURL *easy)
{
	curl_multi_remove_handle(http->multi, easy);
}

int http_open(struct event_base *base, struct http **ret)
{
	struct http *http;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -EIO;
	http = memory_zeroed(1, sizeof(*http));
	http->base = base;
	http->timer = evtimer_new(base, http_on_timer, http);
	http->multi = curl_multi_init();
	if (!http->timer || !http->multi) {
		http_close(http);
		return -ENOMEM;
	}
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, http_watch_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, http_watch_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	*ret = http;
	return 0;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	curl_multi_cleanup(http->multi);
	if (http->timer)
		event_free(http->timer);
	free(http);
	curl_global_cleanup();
}
