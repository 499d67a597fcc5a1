/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a backend answers to an HTTP probe, after libcurl has taken HTTP off it. However the bytes are cut
 * into pieces, the verdict is that of docs/config.md: a wanted status, and the wanted text in the first 64
 * KiB.
 *
 * An input: the number of ranges and each as two numbers of two bytes, the length of the wanted text and the
 * text, the status in two bytes, then pieces: a length below 0xf0 and its bytes, or 0xf0 to 0xff and a byte
 * that is repeated.
 */
#include "inputs/inputs.h"

#include "base/auto.h"
#include "base/file.h"
#include "health/answer.h"

#define RANGES_MAX 8
#define FILL       4096

static struct config_range ranges[RANGES_MAX];

static char *read_settings(struct bytes *in, struct config_check *settings)
{
	const uint8_t *text;
	size_t length;

	*settings =
		(struct config_check){.statuses = ranges, .status_count = bytes_one(in) % (RANGES_MAX + 1)};
	for (unsigned int i = 0; i < settings->status_count; i++) {
		ranges[i].first = bytes_two(in);
		ranges[i].last = bytes_two(in);
	}
	text = bytes_take(in, bytes_one(in), &length);
	settings->body = bytes_text(text, length);
	if (!*settings->body) { /* as config_compile() has it */
		free(settings->body);
		settings->body = NULL;
	}
	return settings->body;
}

/* One piece, to be freed. */
static char *read_piece(struct bytes *in, size_t *ret_length)
{
	uint8_t head = bytes_one(in);
	const uint8_t *bytes;
	char *piece;

	if (head < 0xf0) {
		bytes = bytes_take(in, head, ret_length);
		piece = memory_zeroed(*ret_length, 1);
		memcpy(piece, bytes, *ret_length);
		return piece;
	}
	*ret_length = (head - 0xefu) * FILL;
	piece = memory_zeroed(*ret_length, 1);
	memset(piece, bytes_one(in), *ret_length);
	return piece;
}

static void add_piece(char **whole, size_t *length, const char *piece, size_t n)
{
	*whole = memory_resized(*whole, *length + n, 1);
	memcpy(*whole + *length, piece, n);
	*length += n;
}

static bool is_right(const struct config_check *settings, long status, const char *whole, size_t length)
{
	bool right = false;

	for (unsigned int i = 0; i < settings->status_count; i++)
		right |= status >= ranges[i].first && status <= ranges[i].last;
	length = length < 64 << 10 ? length : 64 << 10;
	return right &&
	       (!settings->body || (length && memmem(whole, length, settings->body, strlen(settings->body))));
}

static void check(const struct answer *answer, const struct config_check *settings, long status, bool right)
{
	char text[PROBE_TEXT_MAX + 1];
	enum probe_result result;

	memset(text, 'x', sizeof(text));
	result = answer_judge(answer, settings, status, text);
	must(result == (right ? PROBE_SUCCEEDED : PROBE_FAILED));
	must(text[PROBE_TEXT_MAX] == 'x');
	if (right)
		return;
	must(memchr(text, 0, PROBE_TEXT_MAX));
	must(!strncmp(text, "HTTP ", 5) || !strncmp(text, "body lacks '", 12));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, data + size};
	struct answer pieces = {}, at_once = {};
	auto_free char *whole = NULL, *wanted = NULL;
	struct config_check settings;
	size_t length = 0, n, taken = 0;
	bool more = true, right;
	long status;

	wanted = read_settings(&in, &settings);
	status = bytes_two(&in);
	while (more && in.at < in.end) {
		auto_free char *piece = read_piece(&in, &n);
		size_t took = answer_take(&pieces, &settings, piece, n);

		add_piece(&whole, &length, piece, n);
		taken += took;
		more = took == n;
		must(took <= n && more == !pieces.is_cut);
	}
	must(taken == (length < ANSWER_BODY_MAX ? length : ANSWER_BODY_MAX) && taken == pieces.length);
	right = is_right(&settings, status, whole, length);
	check(&pieces, &settings, status, right);
	answer_take(&at_once, &settings, whole, length);
	check(&at_once, &settings, status, right);
	answer_clear(&pieces);
	answer_clear(&at_once);
	return 0;
}
