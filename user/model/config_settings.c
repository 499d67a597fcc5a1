/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A check's settings as a whole, and the names in them: see config.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/config.h"
#include "model/dns_names.h"

bool config_check_equal(const struct config_check *a, const struct config_check *b)
{
#define X(member) &&string_equal(a->member, b->member)
	return a->type == b->type && a->port == b->port && a->interval_ms == b->interval_ms &&
	       a->fast_interval_ms == b->fast_interval_ms && a->timeout_ms == b->timeout_ms &&
	       a->rise == b->rise && a->fall == b->fall && a->tls == b->tls && a->verify == b->verify &&
	       a->record == b->record && a->rcode == b->rcode && addr_equal(&a->vips[0], &b->vips[0]) &&
	       addr_equal(&a->vips[1], &b->vips[1]) &&
	       a->expires_s == b->expires_s CONFIG_CHECK_TEXTS(X) && a->status_count == b->status_count &&
	       (!a->status_count ||
		!memcmp(a->statuses, b->statuses, a->status_count * sizeof(*a->statuses)));
#undef X
}

void config_check_copy(struct config_check *ret, const struct config_check *check)
{
	size_t bytes = check->status_count * sizeof(*check->statuses);

	*ret = *check;
#define X(member) ret->member = string_copy(check->member);
	CONFIG_CHECK_TEXTS(X)
#undef X
	ret->statuses = memory_zeroed(check->status_count, sizeof(*check->statuses));
	if (bytes)
		memcpy(ret->statuses, check->statuses, bytes);
}

void config_check_clear(struct config_check *check)
{
#define X(member) free(check->member);
	CONFIG_CHECK_TEXTS(X)
#undef X
	free(check->statuses);
	*check = (struct config_check){};
}

const struct leat_addr *config_check_vip(const struct config_check *check, const struct leat_addr *backend)
{
	unsigned int own = !addr_is_ipv4(backend);

	if (!addr_is_zero(&check->vips[own]))
		return &check->vips[own];
	return addr_is_zero(&check->vips[!own]) ? NULL : &check->vips[!own];
}

const char *config_check_name(enum doc_check_type type)
{
	switch (type) {
#define X(name, word)                                                                                        \
	case DOC_CHECK_##name:                                                                               \
		return word;
		DOC_CHECKS(X)
#undef X
	case DOC_CHECK_UNSET:
		break;
	}
	return "none";
}

static const struct dns_name records[] = {DNS_RECORDS}, rcodes[] = {DNS_RCODES};

static const char *number_name(const struct dns_name *names, size_t count, const char *other,
			       unsigned int number, char *buf)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (names[i].number == number)
			return names[i].word;
	snprintf(buf, ADDR_TEXT_MAX, "%s%u", other, number);
	return buf;
}

const char *config_record_name(unsigned int record, char *buf)
{
	return number_name(records, ARRAY_SIZE(records), "TYPE", record, buf); /* RFC 3597 5 */
}

const char *config_rcode_name(unsigned int rcode, char *buf)
{
	return number_name(rcodes, ARRAY_SIZE(rcodes), "RCODE", rcode, buf);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

int config_bytes(const char *text, uint8_t ret[CONFIG_CHECK_BYTES_MAX], size_t *ret_length)
{
	bool is_hex = !strncmp(text, "0x", 2);
	size_t length = is_hex ? strlen(text) / 2 - 1 : strlen(text), i;

	if (!length || length > CONFIG_CHECK_BYTES_MAX || (is_hex && strlen(text) % 2))
		return -EINVAL;
	for (i = 0; i < length; i++) {
		int high = is_hex ? hex_digit(text[2 * i + 2]) : 0,
		    low = is_hex ? hex_digit(text[2 * i + 3]) : text[i];

		if (is_hex && (high < 0 || low < 0))
			return -EINVAL;
		ret[i] = is_hex ? high << 4 | low : low;
	}
	*ret_length = length;
	return 0;
}

const char *config_expires_format(uint32_t seconds, char *buf)
{
	static const struct {
		uint32_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
	size_t i = 0;

	while (units[i].seconds > 1 && (seconds % units[i].seconds || !seconds))
		i++;
	snprintf(buf, ADDR_TEXT_MAX, "%u%s", seconds / units[i].seconds, units[i].name);
	return buf;
}
