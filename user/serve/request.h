/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP request on its way through serve: what the router found out, and the ways to answer. */
#ifndef SERVE_REQUEST_H
#define SERVE_REQUEST_H

#include <event2/http.h>
#include <jansson.h>

#include "serve/serve.h"

#define REQUEST_NAMES_MAX 2

struct request {
	struct evhttp_request *http;
	const struct serve_calls *calls;
	char *name[REQUEST_NAMES_MAX]; /* the path's variable parts, percent-decoded, in order */
	const char *body;              /* NUL-terminated after body_length bytes; never NULL */
	size_t body_length;
};

/* Every handler calls exactly one of these, once. */

/* Takes the reference to json; NULL is answered as a failure. */
void reply_json(struct request *request, int status, json_t *json);
void reply_yaml(struct request *request, const char *text);
/* {"error": "sentence"} */
__attribute__((format(printf, 3, 4))) void reply_refusal(struct request *request, int status,
							 const char *format, ...);
/* The same from a call's -errno and sentence. */
void reply_failure(struct request *request, int e, const struct err *err);

#endif
