/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers on the wire: see request.h. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <event2/buffer.h>

#include "base/auto.h"
#include "serve/render.h"
#include "serve/request.h"

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	}
	return "Internal Server Error";
}

static void reply(struct request *request, int status, const char *type, const char *text)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request->http);
	bool is_head = evhttp_request_get_command(request->http) == EVHTTP_REQ_HEAD;
	auto_free char *length = string_format("%zu", strlen(text));
	struct evbuffer *buffer = evbuffer_new();

	evhttp_add_header(headers, "Content-Type", type);
	/* evhttp would send a body after HEAD too, which a client takes for the next answer (RFC 9110, 9.3.2). */
	evhttp_add_header(headers, "Content-Length", length);
	if (buffer && !is_head)
		evbuffer_add(buffer, text, strlen(text));
	evhttp_send_reply(request->http, status, reason(status), buffer);
	if (buffer)
		evbuffer_free(buffer);
}

void reply_json(struct request *request, int status, json_t *json)
{
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	auto_free char *line = text ? string_format("%s\n", text) : NULL;

	json_decref(json);
	if (line)
		reply(request, status, "application/json", line);
	else
		reply(request, 500, "application/json",
		      "{\"error\":\"the answer could not be put into JSON\"}\n");
}

void reply_yaml(struct request *request, const char *text)
{
	reply(request, 200, "application/yaml", text);
}

static void reply_error(struct request *request, int status, const char *sentence)
{
	json_t *json = json_object();

	json_object_set_new(json, "error", render_text(sentence));
	reply_json(request, status, json);
}

void reply_refusal(struct request *request, int status, const char *format, ...)
{
	struct err err;
	va_list args;

	va_start(args, format);
	err_set_args(&err, -EINVAL, format, args);
	va_end(args);
	reply_error(request, status, err.text);
}

void reply_failure(struct request *request, int e, const struct err *err)
{
	int status = 500;

	if (e == -EINVAL)
		status = 400;
	else if (e == -ENOENT || e == -ENODEV)
		status = 404;
	else if (e == -EEXIST || e == -EBUSY)
		status = 409;
	reply_error(request, status, err->text[0] ? err->text : strerror(-e));
}
