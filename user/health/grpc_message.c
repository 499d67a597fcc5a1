/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gRPC's health check in bytes: see grpc_message.h. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "health/grpc_message.h"

#define PREFIX 5 /* flags, length */

/* HealthCheckRequest { string service = 1; } HealthCheckResponse { ServingStatus status = 1; } */
enum { FIELD = 1 };
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

static const char *const serving[] = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
enum { SERVING = 1 };

static const char *const codes[] = {
	"OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
	"NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
	"ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
	"DATA_LOSS", "UNAUTHENTICATED",
};

/* --- the question --------------------------------------------------------------------------------- */

size_t grpc_ask(const char *service, uint8_t ret[GRPC_ASK_MAX])
{
	size_t length = service ? strlen(service) : 0, n = PREFIX, left;
	uint32_t size;

	if (length) { /* the default, an empty text, is not sent */
		ret[n++] = FIELD << 3 | WIRE_BYTES;
		for (left = length; left > 0x7f; left >>= 7)
			ret[n++] = left | 0x80;
		ret[n++] = left;
		memcpy(ret + n, service, length);
		n += length;
	}
	ret[0] = 0; /* not compressed */
	size = htonl(n - PREFIX);
	memcpy(ret + 1, &size, sizeof(size));
	return n;
}

/* --- the header ----------------------------------------------------------------------------------- */

/* The value of a line "name: value"; NULL: it is another. */
static const char *value_of(const char *line, size_t length, const char *name, size_t *ret_length)
{
	size_t n = strlen(name);

	if (length <= n || line[n] != ':' || strncasecmp(line, name, n))
		return NULL;
	line += n + 1;
	length -= n + 1;
	for (; length && *line == ' '; line++)
		length--;
	while (length && (line[length - 1] == '\r' || line[length - 1] == '\n'))
		length--;
	*ret_length = length;
	return line;
}

/* strspn(3) wants an end. */
static bool is_number(const char *text, size_t length)
{
	while (length && text[length - 1] >= '0' && text[length - 1] <= '9')
		length--;
	return !length;
}

void grpc_take_line(struct grpc_answer *answer, const char *line, size_t length)
{
	size_t n, i;
	const char *value = value_of(line, length, "grpc-status", &n);

	if (value && n && n < 3 && is_number(value, n))
		answer->status = n == 1 ? value[0] - '0' : (value[0] - '0') * 10 + value[1] - '0';
	value = value_of(line, length, "grpc-message", &n);
	if (!value)
		return;
	for (i = 0; i < n && i < sizeof(answer->message) - 1; i++)
		answer->message[i] = value[i] < ' ' || value[i] == 0x7f ? '?' : value[i];
	answer->message[i] = 0;
}

/* --- the answer ----------------------------------------------------------------------------------- */

/* The next number in protobuf's way: seven bits a byte, the lowest first. False: it breaks off or is too
 * long. */
static bool read_varint(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
	unsigned int shift;

	*ret = 0;
	for (shift = 0; shift < 64 && *at < end; shift += 7) {
		uint8_t byte = *(*at)++;

		*ret |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* Goes on behind a field that means nothing here. */
static bool skip(const uint8_t **at, const uint8_t *end, unsigned int wire)
{
	uint64_t length = wire == WIRE_64 ? 8 : 4;

	if (wire == WIRE_VARINT)
		return read_varint(at, end, &length);
	if (wire != WIRE_64 && wire != WIRE_32 && (wire != WIRE_BYTES || !read_varint(at, end, &length)))
		return false;
	if (length > (uint64_t)(end - *at))
		return false;
	*at += length;
	return true;
}

/* The last of a field that is there twice counts, and 0 if there is none. False: this is no message. */
static bool read_status(const uint8_t *at, const uint8_t *end, uint64_t *ret)
{
	uint64_t tag;

	*ret = 0;
	while (at < end) {
		if (!read_varint(&at, end, &tag) || !(tag >> 3))
			return false;
		if (tag == (FIELD << 3 | WIRE_VARINT) ? !read_varint(&at, end, ret)
						      : !skip(&at, end, tag & 7))
			return false;
	}
	return true;
}

static void status_text(const struct grpc_answer *answer, char *text)
{
	const char *name =
		(size_t)answer->status < ARRAY_SIZE(codes) ? codes[answer->status] : "an unknown status";

	snprintf(text, PROBE_TEXT_MAX, "gRPC %s%s%s", name, answer->message[0] ? ": " : "", answer->message);
}

enum probe_result grpc_judge(const struct grpc_answer *answer, const uint8_t *body, size_t length, char *text)
{
	uint64_t status;
	uint32_t size;

	if (answer->http != 200)
		snprintf(text, PROBE_TEXT_MAX, "HTTP %ld, 200 is right", answer->http);
	else if (answer->status == GRPC_NO_STATUS)
		snprintf(text, PROBE_TEXT_MAX, "an answer without grpc-status: no gRPC server");
	else if (answer->status)
		status_text(answer, text);
	if (answer->http != 200 || answer->status)
		return PROBE_FAILED;
	snprintf(text, PROBE_TEXT_MAX, "an answer that cannot be read");
	if (length < PREFIX || body[0])
		return PROBE_FAILED;
	memcpy(&size, body + 1, sizeof(size));
	if (ntohl(size) != length - PREFIX || !read_status(body + PREFIX, body + length, &status))
		return PROBE_FAILED;
	if (status < ARRAY_SIZE(serving))
		snprintf(text, PROBE_TEXT_MAX, "%s", serving[status]);
	return status == SERVING ? PROBE_SUCCEEDED : PROBE_FAILED;
}
