/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a backend answers to a DNS probe. Whatever the bytes, the judgement ends, says something that can be shown, and
 * is a success only if the response code and what was to be answered are there.
 *
 * An input: the settings' record (by its place among RECORDS), response code and answer (by place), a flag, then the message;
 * with the flag its header and question are those of a good answer, and only what follows is the input's.
 */
#include "inputs/inputs.h"

#include <arpa/inet.h>

#include "base/auto.h"
#include "health/dns_message.h"
#include "model/dns_names.h"

#define ID   0x1234
#define NAME "www.a.test"

static const uint16_t records[] = {DNS_A, DNS_AAAA, DNS_CNAME, DNS_MX, DNS_NS, DNS_PTR, DNS_SOA, DNS_SRV, DNS_TXT};
static char *const answers[] = {NULL, "192.0.2.1", "2001:db8::1", "b.test.", "10 mail.test", "0 0 443 b.test", "text"};

/* A copy of just these bytes, so that a byte beyond them is found. */
static uint8_t *read_message(struct bytes *in, const struct config_check *settings, size_t *ret_length)
{
	uint8_t question[DNS_QUERY_MAX];
	bool is_good = bytes_one(in) & 1;
	size_t head = is_good ? dns_ask(settings, ID, question) : 0, rest = in->end - in->at;
	uint8_t *message = memory_zeroed(1, head + rest);

	memcpy(message, question, head);
	if (is_good) {
		message[2] |= 0x80;
		message[3] = settings->rcode;
		message[7] = rest ? in->at[0] : 0; /* answers */
	}
	if (rest)
		memcpy(message + head, in->at, rest);
	*ret_length = head + rest;
	return message;
}

static void check(const struct config_check *settings, const uint8_t *message, size_t length)
{
	char text[PROBE_TEXT_MAX + 1];
	enum probe_result result = PROBE_UNASKED;
	struct in_addr addr;

	memset(text, 'x', sizeof(text));
	if (!dns_judge(settings, ID, message, length, &result, text)) {
		must(result == PROBE_UNASKED);
		return;
	}
	must(text[PROBE_TEXT_MAX] == 'x' && memchr(text, 0, PROBE_TEXT_MAX));
	for (const char *c = text; *c; c++)
		must(*c >= ' ' && *c < 0x7f);
	must(length >= 12 && message[0] == ID >> 8 && message[1] == (ID & 0xff) && message[2] & 0x80);
	must(result == PROBE_SUCCEEDED || result == PROBE_FAILED);
	if (result == PROBE_FAILED)
		return;
	must((message[3] & 15) == settings->rcode);
	if (settings->answer && settings->record == DNS_A)
		must(inet_pton(AF_INET, settings->answer, &addr) == 1 && memmem(message, length, &addr, sizeof(addr)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, data + size};
	struct config_check settings = {.type = DOC_CHECK_DNS, .name = NAME};
	uint8_t *message;
	size_t length;

	settings.record = records[bytes_one(&in) % ARRAY_SIZE(records)];
	settings.rcode = bytes_one(&in) % 6;
	settings.answer = settings.rcode ? NULL : answers[bytes_one(&in) % ARRAY_SIZE(answers)];
	message = read_message(&in, &settings, &length);
	check(&settings, message, length);
	free(message);
	return 0;
}
