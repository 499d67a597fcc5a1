/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a backend answers to a gRPC probe, after libcurl has taken HTTP/2 off it: lines of the header and the trailers, and a body.
 * Only HTTP 200, gRPC's status 0 and a whole message that says SERVING are a success.
 *
 * An input: the status of HTTP in two bytes (0: 200), lines, each a length and its bytes, up to one of length 0, then the body.
 */
#include "inputs/inputs.h"

#include "base/auto.h"
#include "health/grpc_message.h"

static uint8_t *copy(const uint8_t *bytes, size_t length)
{
	uint8_t *own = memory_zeroed(1, length);

	if (length)
		memcpy(own, bytes, length);
	return own;
}

static void read_lines(struct bytes *in, struct grpc_answer *answer)
{
	const uint8_t *line;
	size_t length;

	for (;;) {
		line = bytes_take(in, bytes_one(in), &length);
		if (!length)
			return;
		auto_free uint8_t *own = copy(line, length);

		grpc_take_line(answer, (const char *)own, length);
		must(memchr(answer->message, 0, sizeof(answer->message)));
		must(answer->status >= GRPC_NO_STATUS && answer->status <= 99);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, data + size};
	struct grpc_answer answer = {.http = bytes_two(&in), .status = GRPC_NO_STATUS};
	auto_free uint8_t *body = NULL;
	char text[PROBE_TEXT_MAX + 1];
	enum probe_result result;
	size_t length;

	if (!answer.http)
		answer.http = 200;
	read_lines(&in, &answer);
	length = in.end - in.at;
	body = copy(in.at, length);
	memset(text, 'x', sizeof(text));
	result = grpc_judge(&answer, body, length, text);
	must(text[PROBE_TEXT_MAX] == 'x' && memchr(text, 0, PROBE_TEXT_MAX));
	must((result == PROBE_SUCCEEDED) == !strcmp(text, "SERVING"));
	if (result != PROBE_SUCCEEDED) {
		must(result == PROBE_FAILED);
		return 0;
	}
	must(answer.http == 200 && !answer.status && length >= 7 && !body[0]);
	must(((uint32_t)body[1] << 24 | body[2] << 16 | body[3] << 8 | body[4]) == length - 5);
	must(memchr(body + 5, 8, length - 5) && memchr(body + 5, 1, length - 5));
	return 0;
}
