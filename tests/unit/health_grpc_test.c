/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gRPC's health check in bytes, drawn: what is asked, and what is made of answers. A real server: tests/net/probes.test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "health/grpc_message.h"

static void asks(const char *service, const char *wanted, size_t length)
{
	uint8_t question[GRPC_ASK_MAX];

	assert_int_equal(grpc_ask(service, question), length);
	assert_memory_equal(question, wanted, length);
}

static void what_is_asked(void **state)
{
	char name[CONFIG_CHECK_BYTES_MAX + 1];
	uint8_t question[GRPC_ASK_MAX];

	asks(NULL, "\0\0\0\0\0", 5);
	asks("a.b", "\0\0\0\0\5\x0a\3a.b", 10);
	memset(name, 'x', sizeof(name));
	name[300] = 0;
	assert_int_equal(grpc_ask(name, question), 308);
	assert_memory_equal(question, "\0\0\0\1\x2f\x0a\xac\2xx", 10);
	name[300] = 'x';
	name[CONFIG_CHECK_BYTES_MAX] = 0;
	assert_int_equal(grpc_ask(name, question), 5 + 3 + CONFIG_CHECK_BYTES_MAX);
}

#define BODY(bytes) bytes, sizeof(bytes) - 1

static const struct row {
	const char *line; /* of the trailers */
	const char *body;
	size_t length;
	const char *text;
	long http; /* 0: 200 */
} rows[] = {
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\x08\1"), "SERVING" },
	{ "Grpc-Status:0", BODY("\0\0\0\0\2\x08\1"), "SERVING" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\x08\2"), "NOT_SERVING" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\x08\3"), "SERVICE_UNKNOWN" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\0"), "UNKNOWN" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\4\x08\2\x08\1"), "SERVING" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\x05\x12\1x\x08\1"), "SERVING" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\x0b\x19" "12345678" "\x08\1"), "SERVING" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\x07\x15" "1234" "\x08\1"), "SERVING" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\4\x18\xff\1\x08"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\x08\x09"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\x08\x81"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\x12\x05"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\0\1"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", BODY("\1\0\0\0\2\x08\1"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\3\x08\1"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0"), "an answer that cannot be read" },
	{ "grpc-status: 0\r\n", NULL, 0, "an answer that cannot be read" },
	{ "grpc-status: 5\r\n", BODY("\0\0\0\0\2\x08\1"), "gRPC NOT_FOUND" },
	{ "grpc-status: 12\r\n", NULL, 0, "gRPC UNIMPLEMENTED" },
	{ "grpc-status: 99\r\n", NULL, 0, "gRPC an unknown status" },
	{ "grpc-status: 100\r\n", BODY("\0\0\0\0\2\x08\1"), "an answer without grpc-status: no gRPC server" },
	{ "grpc-status: x\r\n", BODY("\0\0\0\0\2\x08\1"), "an answer without grpc-status: no gRPC server" },
	{ "grpc-status-x: 0\r\n", BODY("\0\0\0\0\2\x08\1"), "an answer without grpc-status: no gRPC server" },
	{ "grpc-status: 0\r\n", BODY("\0\0\0\0\2\x08\1"), "HTTP 503, 200 is right", 503 },
};

static void what_is_made_of_answers(void **state)
{
	char text[PROBE_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct grpc_answer answer = { .http = row->http ? row->http : 200, .status = GRPC_NO_STATUS };
		bool good = !strcmp(row->text, "SERVING");

		grpc_take_line(&answer, row->line, strlen(row->line));
		assert_int_equal(grpc_judge(&answer, (const uint8_t *)row->body, row->length, text),
				 good ? PROBE_SUCCEEDED : PROBE_FAILED);
		if (strcmp(text, row->text))
			fail_msg("row %zu: '%s', wanted '%s'", i, text, row->text);
	}
}

static void messages_are_shown(void **state)
{
	struct grpc_answer answer = { .http = 200, .status = GRPC_NO_STATUS };
	char text[PROBE_TEXT_MAX];

	grpc_take_line(&answer, "grpc-status: 14", 15);
	grpc_take_line(&answer, "grpc-message: no\ttime\r\n", 23);
	assert_int_equal(grpc_judge(&answer, NULL, 0, text), PROBE_FAILED);
	assert_string_equal(text, "gRPC UNAVAILABLE: no?time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked),
		cmocka_unit_test(what_is_made_of_answers),
		cmocka_unit_test(messages_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
