/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat explain: where a packet goes and why, and whether the loaded program agrees with the tables. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "base/shape.h"
#include "cli/actions.h"
#include "cli/client.h"
#include "cli/parse.h"
#include "cli/print.h"

#define DUMP_ROW 16

/* The value of the two hexadecimal digits at text, -1 if they are none. */
static int hex_byte(const char *text)
{
	unsigned int value;

	if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
		return -1;
	sscanf(text, "%2x", &value);
	return value;
}

static void dump_row(const char *hex, size_t offset, size_t count)
{
	printf("  %04zx ", offset);
	for (size_t i = 0; i < DUMP_ROW; i++) {
		if (i < count)
			printf(" %.2s", hex + 2 * (offset + i));
		else
			fputs("   ", stdout);
	}
	fputs("  ", stdout);
	for (size_t i = 0; i < count; i++) {
		int byte = hex_byte(hex + 2 * (offset + i));

		putchar(byte >= ' ' && byte < 0x7f ? byte : '.');
	}
	putchar('\n');
}

static void dump(const char *hex)
{
	size_t length = 0;

	while (hex[2 * length] && hex_byte(hex + 2 * length) >= 0)
		length++;
	for (size_t i = 0; i < length; i += DUMP_ROW)
		dump_row(hex, i, length - i < DUMP_ROW ? length - i : DUMP_ROW);
}

static bool leaves(const char *xdp_action)
{
	return !strcmp(xdp_action, "XDP_TX") || !strcmp(xdp_action, "XDP_REDIRECT");
}

static void print_answer(const json_t *json)
{
	const json_t *verdict = json_object_get(json, "verdict");

	print_line("flow", "%s %s -> %s", print_text(json, "protocol"), print_text(json, "source"),
		   print_text(json, "destination"));
	print_line("service", "%s", print_text(json, "service"));
	if (json_is_string(json_object_get(json, "pool")))
		print_line("pool", "%s", print_text(json, "pool"));
	if (json_is_string(json_object_get(json, "access")))
		print_line("access", "%s", print_text(json, "access"));
	if (json_is_integer(json_object_get(json, "slot"))) {
		print_line("slot", "%lld of %lld%s", print_number(json, "slot"), print_number(json, "slots"),
			   print_flag(json, "tracked") ? ", tracked" : "");
		print_line("backend", "%s", print_text(json, "backend"));
		print_line("runner-up", "%s", print_text(json, "runner-up"));
	}
	if (print_flag(json, "tracked")) {
		print_line("previous", "%s", print_text(json, "previous"));
		print_line("pinned to", "%s", print_text(json, "pin"));
	}
	if (json_is_string(json_object_get(json, "by-connection-id")))
		print_line("by id", "%s", print_text(json, "by-connection-id"));
	print_line("why", "%s", print_text(json, "why"));
	print_line("verdict", "%s (%s): %s", print_text(verdict, "name"), print_text(json, "xdp-action"),
		   print_text(verdict, "help"));
	if (leaves(print_text(json, "xdp-action"))) {
		const char *hex = print_text(json, "left");

		print_line("packet", "%s, %zu bytes", print_text(json, "left-decoded"), strlen(hex) / 2);
		dump(hex);
	}
}

static int endpoints_check(const struct call *call)
{
	static const char *const names[] = {"PROTOCOL", "SOURCE:PORT", "ADDRESS:PORT"};
	struct leat_addr addr;
	char shown[QUOTE_MAX];
	uint8_t protocol;
	uint16_t port;

	if (shape_protocol_parse(call->args[0], &protocol) || !protocol)
		return parse_complain(call, "PROTOCOL: %s is not a protocol; allowed are tcp, udp, sctp, gre, esp",
				      quote(call->args[0], shown));
	for (int i = 1; i <= 2; i++) {
		if (endpoint_parse(call->args[i], &addr, &port))
			return parse_complain(call, "%s: %s is not such as 192.0.2.10:80 or [2001:db8::1]:80%s", names[i],
					      quote(call->args[i], shown), endpoint_fault(call->args[i]));
	}
	return CLI_OK;
}

int explain_flow(struct call *call)
{
	auto_free char *source = NULL, *destination = NULL, *path = NULL, *id = NULL;
	json_auto_t *json = NULL;
	int e = endpoints_check(call);

	if (e)
		return e;
	source = client_escape(call->args[1]);
	destination = client_escape(call->args[2]);
	id = client_escape(call_option(call, "connection-id") ?: "");
	path = string_format("/v1/explain?protocol=%s&source=%s&destination=%s%s%s", call->args[0], source, destination,
			     call_option(call, "connection-id") ? "&connection-id=" : "", id);
	e = client_get(call, path, &json);
	if (e)
		return e;
	if (!print_as_json(call, json))
		print_answer(json);
	if (print_flag(json, "agree"))
		return CLI_OK;
	fflush(stdout);
	fprintf(stderr, "leat: THE LOADED PROGRAM AND THE TABLES DISAGREE: %s\n",
		print_text(json, "disagreement"));
	return CLI_REFUSED;
}
