/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people type as an address, a prefix, an endpoint or a duration. What is understood is written as a
 * text that means the same, and that text is written as itself. Anything can be quoted in a sentence.
 */
#include "inputs/inputs.h"

#include <arpa/inet.h>

#include "base/addr.h"
#include "base/quote.h"

static void check_addr(const char *text)
{
	char written[ADDR_TEXT_MAX], again[ADDR_TEXT_MAX];
	struct leat_addr addr, same;

	if (addr_parse(text, &addr))
		return;
	must(strlen(addr_format(&addr, written)) < INET6_ADDRSTRLEN);
	must(!addr_parse(written, &same));
	must(addr_equal(&addr, &same) && !addr_compare(&addr, &same));
	must(!strcmp(addr_format(&same, again), written));
	must(!addr_is_zero(&addr) || !addr_is_host(&addr));
	must(addr_is_ipv4(&addr) == !strchr(written, ':'));
}

static void check_endpoint(const char *text)
{
	char written[ADDR_TEXT_MAX];
	struct leat_addr addr, same;
	uint16_t port, same_port;

	if (endpoint_parse(text, &addr, &port))
		return;
	must(strlen(endpoint_format(&addr, port, written)) < ADDR_TEXT_MAX - 1);
	must(!endpoint_parse(written, &same, &same_port));
	must(addr_equal(&addr, &same) && port == same_port);
	must(addr_parse(text, &same)); /* no text is both */
}

static void check_prefix(const char *text)
{
	struct leat_addr addr, alone;
	unsigned int length;

	if (prefix_parse(text, &addr, &length)) {
		must(addr_parse(text, &alone));
		return;
	}
	must(length <= (addr_is_ipv4(&addr) ? 32 : 128));
	must(strchr(text, '/') || (!addr_parse(text, &alone) && addr_equal(&addr, &alone)));
}

static void check_duration(const char *text)
{
	char written[ADDR_TEXT_MAX], again[ADDR_TEXT_MAX];
	uint32_t ms, same;

	if (duration_parse(text, &ms))
		return;
	must(ms <= INT32_MAX);
	must(!duration_parse(duration_format(ms, written), &same));
	must(ms == same && !strcmp(duration_format(same, again), written));
}

static void check_quote(const char *text)
{
	static const char *const names[] = {"weight", "state", "address", "table-size", ""};
	const char *nearest = quote_nearest(text, names, 5, sizeof(*names));
	char shown[QUOTE_MAX];
	size_t length = strlen(quote(text, shown)), i;

	must(length >= 2 && length < QUOTE_MAX && shown[0] == '\'' && shown[length - 1] == '\'');
	for (i = 0; i < length; i++)
		must((unsigned char)shown[i] >= ' ' && shown[i] != 0x7f);
	must(!nearest || quote_distance(text, nearest) == quote_distance(nearest, text));
	must(!quote_distance(text, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = bytes_text(data, size);

	check_addr(text);
	check_endpoint(text);
	check_prefix(text);
	check_duration(text);
	check_quote(text);
	free(text);
	return 0;
}
