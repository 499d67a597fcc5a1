/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gRPC probe is an HTTP probe (http.c) with another request, other headers and another answer: these. */
#ifndef HEALTH_GRPC_H
#define HEALTH_GRPC_H

#include <curl/curl.h>

#include "health/grpc_message.h"

#define GRPC_PATH "/grpc.health.v1.Health/Check"

/* Makes the request that of a health check, and takes from the answer's header into *answer. Returns headers,
 * grown. */
struct curl_slist *grpc_set(CURL *easy, const struct config_check *settings, struct curl_slist *headers,
			    struct grpc_answer *answer);

#endif
