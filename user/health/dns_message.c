/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS query and what is made of its answer: see dns_message.h. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "health/dns_message.h"
#include "model/dns_names.h"

/*
 *       0               1
 *  0  | id                            |
 *  2  |QR| opcode |AA|TC|RD|RA|Z| rcode |
 *  4  | questions | answers | authorities | additionals, two bytes each
 */
#define HEADER      12
#define FLAG_QR     0x8000u
#define FLAG_OPCODE 0x7800u
#define FLAG_TC     0x0200u
#define FLAG_RD     0x0100u
#define CLASS_IN    1
#define STEPS_MAX   256  /* labels and pointers of a name, which has at most 127 labels */
#define TEXT_MAX    1024 /* of a name or a record; more cannot be asked for */

/* Reads a message; once something is missing, is_bad stays. */
struct reader {
	const uint8_t *bytes;
	size_t length, at;
	bool is_bad;
};

struct shown {
	char s[TEXT_MAX];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void show(struct shown *shown, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(shown->s + shown->length, sizeof(shown->s) - shown->length, format, args);
	va_end(args);
	shown->length += n;
	if (shown->length >= sizeof(shown->s))
		shown->length = sizeof(shown->s) - 1;
}

static void show_bytes(struct shown *shown, const uint8_t *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length && shown->length < sizeof(shown->s) - 1; i++)
		shown->s[shown->length++] = bytes[i] < ' ' || bytes[i] >= 0x7f ? '?' : bytes[i];
	shown->s[shown->length] = 0;
}

static unsigned int read_number(struct reader *r, unsigned int bytes)
{
	unsigned int number = 0;

	if (r->length - r->at < bytes) {
		r->is_bad = true;
		return 0;
	}
	while (bytes--)
		number = number << 8 | r->bytes[r->at++];
	return number;
}

/* A name, with dots between its labels. A pointer leads only back (RFC 1035 4.1.4), and a name has few
 * labels. */
static void read_name(struct reader *r, struct shown *ret)
{
	struct reader at = *r;
	size_t before = r->at, start = ret->length;
	bool jumped = false;
	unsigned int step;

	for (step = 0;; step++) {
		unsigned int label = read_number(&at, 1);

		at.is_bad |= step > STEPS_MAX;

		if (label >= 0xc0) {
			size_t to = (label & 0x3f) << 8 | read_number(&at, 1);

			if (!jumped)
				r->at = at.at;
			jumped = true;
			at.is_bad |= to >= before;
			at.at = before = to;
		} else if (label > 63 || at.length - at.at < label) {
			at.is_bad = true;
		} else if (label) {
			show_bytes(ret, at.bytes + at.at, label);
			show(ret, ".");
			at.at += label;
		}
		if (at.is_bad || !label)
			break;
	}
	if (!jumped)
		r->at = at.at;
	r->is_bad |= at.is_bad;
	if (!at.is_bad && ret->length > start + 1)
		ret->s[--ret->length] = 0; /* the last dot */
}

/* --- the question --------------------------------------------------------------------------------- */

static size_t put16(uint8_t *at, unsigned int number)
{
	at[0] = number >> 8;
	at[1] = number;
	return 2;
}

size_t dns_ask(const struct config_check *settings, uint16_t id, uint8_t ret[DNS_QUERY_MAX])
{
	const char *name = strcmp(settings->name, ".") ? settings->name : "";
	size_t n = HEADER, label;

	memset(ret, 0, HEADER);
	put16(ret, id);
	put16(ret + 2, FLAG_RD); /* what clients set */
	put16(ret + 4, 1);
	for (; *name; name += name[label] ? label + 1 : label) {
		label = strcspn(name, ".");
		ret[n++] = label;
		memcpy(ret + n, name, label);
		n += label;
	}
	ret[n++] = 0;
	n += put16(ret + n, settings->record);
	return n + put16(ret + n, CLASS_IN);
}

/* --- the answer ----------------------------------------------------------------------------------- */

/* Names and addresses are the same in capital letters and with a last dot. */
static bool is_same(const char *found, const char *wanted)
{
	size_t length = strlen(wanted);

	if (length > 1 && wanted[length - 1] == '.')
		length--;
	return !strncasecmp(found, wanted, length) && !found[length];
}

/* As `dig +short` shows it. Its bytes are there. */
static void show_record(struct reader *r, unsigned int type, size_t length, struct shown *ret)
{
	const uint8_t *data = r->bytes + r->at;
	char addr[INET6_ADDRSTRLEN];
	size_t end = r->at + length, n;

	if ((type == DNS_A && length == 4) || (type == DNS_AAAA && length == 16)) {
		show(ret, "%s", inet_ntop(type == DNS_A ? AF_INET : AF_INET6, data, addr, sizeof(addr)));
	} else if (type == DNS_CNAME || type == DNS_NS || type == DNS_PTR || type == DNS_SOA) {
		read_name(r, ret); /* of SOA the first name: the primary server */
	} else if (type == DNS_MX) {
		show(ret, "%u ", read_number(r, 2));
		read_name(r, ret);
	} else if (type == DNS_SRV) {
		for (n = 0; n < 3; n++)
			show(ret, "%u ", read_number(r, 2));
		read_name(r, ret);
	} else if (type == DNS_TXT) {
		while (r->at < end && !r->is_bad) {
			n = read_number(r, 1);
			r->is_bad |= n > end - r->at;
			if (!r->is_bad)
				show_bytes(ret, r->bytes + r->at, n);
			r->at += n;
		}
	}
}

/* The next answer, "" if it is of another type. */
static void read_answer(struct reader *r, unsigned int wanted, struct shown *ret)
{
	struct shown owner = {};
	unsigned int type, length;
	size_t end;

	read_name(r, &owner);
	type = read_number(r, 2);
	read_number(r, 2); /* class */
	read_number(r, 4); /* time to live */
	length = read_number(r, 2);
	if (r->is_bad || r->length - r->at < length) {
		r->is_bad = true;
		return;
	}
	end = r->at + length;
	if (type == wanted)
		show_record(r, type, length, ret);
	r->at = end;
}

static enum probe_result judge_answers(const struct config_check *settings, struct reader *r,
				       unsigned int count, char *text)
{
	struct shown first = {};
	char record[ADDR_TEXT_MAX];
	unsigned int i, found = 0;

	for (i = 0; i < count && !r->is_bad; i++) {
		struct shown answer = {};

		read_answer(r, settings->record, &answer);
		if (r->is_bad || !answer.length)
			continue;
		if (is_same(answer.s, settings->answer)) {
			snprintf(text, PROBE_TEXT_MAX, "NOERROR, %.150s", answer.s);
			return PROBE_SUCCEEDED;
		}
		if (!found++)
			first = answer;
	}
	if (r->is_bad)
		snprintf(text, PROBE_TEXT_MAX, "an answer that breaks off");
	else if (!found)
		snprintf(text, PROBE_TEXT_MAX, "no %s record", config_record_name(settings->record, record));
	else
		snprintf(text, PROBE_TEXT_MAX, "%.100s%s, %.100s is right", first.s,
			 found > 1 ? " and others" : "", settings->answer);
	return PROBE_FAILED;
}

/* Whether the message repeats the question, or fails in a way that leaves it out. */
static bool is_ours(const struct config_check *settings, struct reader *r, unsigned int questions,
		    unsigned int rcode)
{
	const char *wanted = strcmp(settings->name, ".") ? settings->name : "";
	struct shown name = {};
	unsigned int record, class;

	if (!questions)
		return rcode;
	read_name(r, &name);
	record = read_number(r, 2);
	class = read_number(r, 2);
	return !r->is_bad && questions == 1 && is_same(name.s, wanted) && record == settings->record &&
	       class == CLASS_IN;
}

bool dns_judge(const struct config_check *settings, uint16_t id, const uint8_t *message, size_t length,
	       enum probe_result *ret_result, char *text)
{
	struct reader r = {.bytes = message, .length = length};
	unsigned int got = read_number(&r, 2), flags = read_number(&r, 2), questions = read_number(&r, 2),
		     answers = read_number(&r, 2), rcode = flags & 15;
	char found[ADDR_TEXT_MAX], wanted[ADDR_TEXT_MAX];

	read_number(&r, 4);
	if (r.is_bad || got != id || (flags & (FLAG_QR | FLAG_OPCODE)) != FLAG_QR ||
	    !is_ours(settings, &r, questions, rcode))
		return false;
	*ret_result = rcode == settings->rcode ? PROBE_SUCCEEDED : PROBE_FAILED;
	snprintf(text, PROBE_TEXT_MAX, "%s", config_rcode_name(rcode, found));
	if (*ret_result != PROBE_SUCCEEDED)
		snprintf(text, PROBE_TEXT_MAX, "%s, %s is right", config_rcode_name(rcode, found),
			 config_rcode_name(settings->rcode, wanted));
	else if (settings->answer)
		*ret_result = judge_answers(settings, &r, answers, text);
	if (settings->answer && *ret_result != PROBE_SUCCEEDED && rcode == settings->rcode && flags & FLAG_TC)
		snprintf(text, PROBE_TEXT_MAX, "the answer is too long for UDP, and what fits lacks %.100s",
			 settings->answer);
	return true;
}
