/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grpc.health.v1.Health/Check as it stands in the bodies of an HTTP/2 request and its answer: a message of
 * protobuf behind a byte of flags and its length in four. Pure.
 */
#ifndef HEALTH_GRPC_MESSAGE_H
#define HEALTH_GRPC_MESSAGE_H

#include <stddef.h>

#include "health/probe.h"

#define GRPC_ASK_MAX (16 + CONFIG_CHECK_BYTES_MAX)

/* What an answer brought. Starts from { .status = GRPC_NO_STATUS }. */
struct grpc_answer {
	long http;         /* status of HTTP */
	long status;       /* grpc-status, from the trailers */
	char message[128]; /* grpc-message */
};
#define GRPC_NO_STATUS (-1)

/* Asks for a service; NULL: for the server as a whole. Returns the length. */
size_t grpc_ask(const char *service, uint8_t ret[GRPC_ASK_MAX]);
/* A line of the header or the trailers; other lines than those of gRPC change nothing. */
void grpc_take_line(struct grpc_answer *answer, const char *line, size_t length);
/* text (PROBE_TEXT_MAX) is what was wrong, or "SERVING". */
enum probe_result grpc_judge(const struct grpc_answer *answer, const uint8_t *body, size_t length,
			     char *text);

#endif
