/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP and HTTPS probe (and, with what grpc.h puts in, the gRPC probe): one GET on a connection of its own, straight to the backend's address whatever
 * name it is asked for. Success is a wanted status and, if asked for, a text in the first bytes: answer.h.
 * Redirects are an answer, not followed; proxies of the environment do not count.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/log.h"
#include "health/answer.h"
#include "health/connect.h"
#include "health/grpc.h"
#include "health/http_loop.h"

struct http_probe {
	struct http *http;
	const struct probe_target *target;
	probe_done done;
	void *context;
	CURL *easy;
	struct curl_slist *connect_to, *headers;
	struct answer answer;
	struct grpc_answer grpc;
	int socket_error; /* errno of socket(2) */
	char error[CURL_ERROR_SIZE];
};

static void http_cancel(void *context)
{
	struct http_probe *probe = context;

	http_loop_remove(probe->http, probe->easy);
	curl_easy_cleanup(probe->easy);
	curl_slist_free_all(probe->connect_to);
	curl_slist_free_all(probe->headers);
	answer_clear(&probe->answer);
	free(probe);
}

/* --- the answer --------------------------------------------------------------------------------- */

static size_t http_on_body(char *data, size_t size, size_t count, void *context)
{
	struct http_probe *probe = context;

	return answer_take(&probe->answer, &probe->target->settings, data, count); /* size is 1 */
}

static enum probe_result http_no_answer(struct http_probe *probe, CURLcode code, char *text)
{
	long error = 0;

	if (code == CURLE_OPERATION_TIMEDOUT) {
		probe_timeout_text(probe->target->settings.timeout_ms, text);
		return PROBE_FAILED;
	}
	curl_easy_getinfo(probe->easy, CURLINFO_OS_ERRNO, &error);
	if (probe->socket_error || (code == CURLE_COULDNT_CONNECT && error))
		return probe_error(probe->socket_error ? probe->socket_error : (int)error, text);
	snprintf(text, PROBE_TEXT_MAX, "%s", probe->error[0] ? probe->error : curl_easy_strerror(code));
	return code == CURLE_OUT_OF_MEMORY ? PROBE_UNASKED : PROBE_FAILED;
}

static enum probe_result http_outcome(struct http_probe *probe, CURLcode code, char *text)
{
	const struct config_check *settings = &probe->target->settings;
	enum probe_result result;
	curl_off_t us = 0;
	long status = 0;

	if (code && !(code == CURLE_WRITE_ERROR && probe->answer.is_cut))
		return http_no_answer(probe, code, text);
	curl_easy_getinfo(probe->easy, CURLINFO_RESPONSE_CODE, &status);
	probe->grpc.http = status;
	result = settings->type == DOC_CHECK_GRPC ?
			 grpc_judge(&probe->grpc, (uint8_t *)probe->answer.body, probe->answer.length, text) :
			 answer_judge(&probe->answer, settings, status, text);
	if (result != PROBE_SUCCEEDED)
		return result;
	curl_easy_getinfo(probe->easy, CURLINFO_TOTAL_TIME_T, &us);
	if (settings->type == DOC_CHECK_GRPC)
		snprintf(text, PROBE_TEXT_MAX, "SERVING in %.1f ms", us / 1000.0);
	else
		snprintf(text, PROBE_TEXT_MAX, "HTTP %ld in %.1f ms", status, us / 1000.0);
	return PROBE_SUCCEEDED;
}

void http_ended(void *private, CURLcode code)
{
	struct http_probe *probe = private;
	probe_done done = probe->done;
	void *context = probe->context;
	enum probe_result result;
	char text[PROBE_TEXT_MAX];

	result = http_outcome(probe, code, text);
	http_cancel(probe);
	done(context, result, text);
}

/* --- the question ------------------------------------------------------------------------------- */

static curl_socket_t http_on_socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct http_probe *probe = context;
	int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);

	if (fd < 0)
		probe->socket_error = errno;
	else
		probe->socket_error = -probe_lead(probe->target, fd);
	if (fd >= 0 && probe->socket_error) {
		close(fd);
		fd = -1;
	}
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* A host as it stands in a URL: IPv6 in brackets. */
static char *http_host(const char *host)
{
	struct leat_addr addr;

	if (!addr_parse(host, &addr) && !addr_is_ipv4(&addr))
		return string_format("[%s]", host);
	return string_copy(host);
}

/* The URL carries the name (Host header, TLS name, certificate), connect_to leads it to the backend's address. */
static void http_set_where(struct http_probe *probe)
{
	const struct config_check *settings = &probe->target->settings;
	const char *scheme = settings->type == DOC_CHECK_HTTPS || settings->tls ? "https" : "http";
	const char *path = settings->type == DOC_CHECK_GRPC ? GRPC_PATH : settings->path ? settings->path : "/";
	char addr[ADDR_TEXT_MAX];
	auto_free char *name =
		http_host(settings->host ? settings->host : addr_format(&probe->target->addr, addr));
	auto_free char *url = string_format("%s://%s:%u%s", scheme, name, settings->port, path);
	auto_free char *to =
		string_format("::%s", endpoint_format(&probe->target->addr, settings->port, addr));
	auto_free char *header = string_format("Host: %s", name);

	probe->connect_to = curl_slist_append(NULL, to);
	curl_easy_setopt(probe->easy, CURLOPT_CONNECT_TO, probe->connect_to);
	curl_easy_setopt(probe->easy, CURLOPT_URL, url);
	if (settings->host) { /* as configured: libcurl would add an unusual port */
		probe->headers = curl_slist_append(NULL, header);
		curl_easy_setopt(probe->easy, CURLOPT_HTTPHEADER, probe->headers);
	}
}

static void http_set_how(struct http_probe *probe)
{
	const struct config_check *settings = &probe->target->settings;
	CURL *easy = probe->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, probe);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, probe->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, probe);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_on_socket_open);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, probe);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "leat/" LEAT_VERSION " (health check)");
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, settings->verify ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, settings->verify ? 2L : 0L);
}

static void *http_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
			void *context)
{
	struct http_probe *probe = memory_zeroed(1, sizeof(*probe));

	probe->http = loop->http;
	probe->target = target;
	probe->done = done;
	probe->context = context;
	probe->easy = curl_easy_init();
	if (probe->easy) {
		http_set_where(probe);
		http_set_how(probe);
	}
	if (probe->easy && target->settings.type == DOC_CHECK_GRPC)
		probe->headers = grpc_set(probe->easy, &target->settings, probe->headers, &probe->grpc);
	if (!probe->easy || http_loop_add(loop->http, probe->easy)) {
		log_error("out of memory in a health check"); /* as base/auto.h has it: say so and stop */
		abort();
	}
	return probe;
}

const struct probe_kind probe_http = { "http", http_start, http_cancel };
const struct probe_kind probe_https = { "https", http_start, http_cancel };
const struct probe_kind probe_grpc = { "grpc", http_start, http_cancel };
