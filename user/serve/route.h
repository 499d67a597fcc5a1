/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From method and path to the handler: the one table of what the API has. */
#ifndef SERVE_ROUTE_H
#define SERVE_ROUTE_H

#include "serve/request.h"

/* evhttp's callback for every request; context is a struct serve_calls. Answers always, whatever came. */
void route_request(struct evhttp_request *http, void *context);

#endif
