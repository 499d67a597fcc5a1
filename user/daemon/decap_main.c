/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat-decap: the command on backends. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "dataplane/decap.h"
#include "leat/tunnel.h"

static const char usage[] =
	"Usage: leat-decap attach INTERFACE --address ADDR [--address ADDR]... [--udp-port PORT]... [--generic]\n"
	"       leat-decap detach INTERFACE\n"
	"       leat-decap stats INTERFACE [--json]\n"
	"\n"
	"On a backend: strips the headers that leat put around packets (modes ipip, gre, gue, gue1, fou), in XDP, and leaves\n"
	"the rest to the kernel. ADDR: this backend's address in leat's pool, the only outer destination that is stripped.\n"
	"The program stays attached until it is detached; the command does not go on running.\n"
	"\n"
	"  --address ADDR   IPv4 or IPv6; may be given up to 64 times\n"
	"  --udp-port PORT  modes gue, gue1, fou: the pool's tunnel-port; may be given up to 16 times; fou needs it and the\n"
	"                   one after it (5555 and 5556). Without this option: 6080, which is gue's and gue1's. 0: no UDP\n"
	"  --generic        for drivers without native XDP: several times slower\n"
	"  --json           numbers for programs\n"
	"  --version, --help\n"
	"\n"
	"Exit status: 0 success, 1 failure, 2 wrong usage.\n";

struct asked {
	const char *verb, *interface;
	struct decap_ends ends;
	bool generic, json;
};

__attribute__((format(printf, 1, 2))) static int wrong(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "leat-decap: %s; `leat-decap --help` shows what there is\n", text);
	return 2;
}

static int finish(int e, const struct err *err)
{
	if (e)
		fprintf(stderr, "leat-decap: %s\n", err->text);
	return e ? 1 : 0;
}

static int stats(const struct asked *asked)
{
	static const char *const names[] = {
#define X(name, help) #name,
		LEAT_DECAP_OUTCOMES(X)
#undef X
	};
	static const char *const helps[] = {
#define X(name, help) help,
		LEAT_DECAP_OUTCOMES(X)
#undef X
	};
	__u64 counts[LEAT_DECAP_COUNT];
	struct err err;
	json_t *json;
	int e = decap_stats(asked->interface, counts, &err), i;

	if (e)
		return finish(e, &err);
	json = json_object();
	for (i = 0; i < LEAT_DECAP_COUNT; i++) {
		json_object_set_new(json, names[i], json_integer(counts[i]));
		if (!asked->json)
			printf("%-10s %12llu  %s\n", names[i], (unsigned long long)counts[i], helps[i]);
	}
	if (asked->json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0)
		putchar('\n');
	json_decref(json);
	return 0;
}

static int run(struct asked *asked)
{
	struct err err;

	if (!strcmp(asked->verb, "stats"))
		return stats(asked);
	if (!strcmp(asked->verb, "detach"))
		return finish(decap_detach(asked->interface, &err), &err);
	if (!asked->ends.port_count)
		asked->ends.ports[asked->ends.port_count++] = LEAT_GUE_PORT;
	return finish(decap_attach(asked->interface, asked->generic, &asked->ends, &err), &err);
}

/* That the command is one, and has what it takes and nothing else. */
static int check(const struct asked *asked, int words, char **word)
{
	bool attach = words && !strcmp(word[0], "attach"), stats = words && !strcmp(word[0], "stats");
	char shown[QUOTE_MAX];

	if (!words)
		return wrong("a command is missing; there are attach, detach, stats");
	if (!attach && !stats && strcmp(word[0], "detach"))
		return wrong("%s is not a command; there are attach, detach, stats", quote(word[0], shown));
	if (words < 2)
		return wrong("%s lacks INTERFACE", word[0]);
	if (words > 2)
		return wrong("%s is too much: %s takes one interface", quote(word[2], shown), word[0]);
	if (attach && !asked->ends.addr_count)
		return wrong("attach lacks --address ADDR, the outer destination to strip");
	if (!attach && asked->ends.addr_count)
		return wrong("%s takes no --address; attach does", word[0]);
	if (!attach && asked->ends.port_count)
		return wrong("%s takes no --udp-port; attach does", word[0]);
	if (!attach && asked->generic)
		return wrong("%s takes no --generic; attach does", word[0]);
	return asked->json && !stats ? wrong("%s takes no --json; stats does", word[0]) : 0;
}

static int address_read(struct asked *asked, const char *text)
{
	struct decap_ends *ends = &asked->ends;
	struct leat_addr *addr = &ends->addrs[ends->addr_count];
	char shown[QUOTE_MAX];
	unsigned int i;

	if (ends->addr_count == LEAT_DECAP_ADDRS_MAX)
		return wrong("--address: more than %d addresses", LEAT_DECAP_ADDRS_MAX);
	if (addr_parse(text, addr))
		return wrong("--address: %s is not an IPv4 or IPv6 address%s", quote(text, shown), addr_fault(text));
	if (!addr_is_host(addr))
		return wrong("--address: %s is not an address that a host can have", quote(text, shown));
	for (i = 0; i < ends->addr_count; i++)
		if (addr_equal(&ends->addrs[i], addr))
			return wrong("--address: %s is given twice", quote(text, shown));
	ends->addr_count++;
	return 0;
}

static int port_read(struct asked *asked, const char *text)
{
	struct decap_ends *ends = &asked->ends;
	char shown[QUOTE_MAX], *end;
	unsigned long port;
	unsigned int i;

	if (ends->port_count == LEAT_DECAP_PORTS_MAX)
		return wrong("--udp-port: more than %d ports", LEAT_DECAP_PORTS_MAX);
	errno = 0;
	port = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || port > UINT16_MAX)
		return wrong("--udp-port: %s is not a port, a number from 1 to 65535, or 0", quote(text, shown));
	for (i = 0; i < ends->port_count; i++) {
		if (ends->ports[i] == port)
			return wrong("--udp-port: %s is given twice", quote(text, shown));
		if (!ends->ports[i] || !port)
			return wrong("--udp-port: 0 says that there are none, so it stands alone");
	}
	ends->ports[ends->port_count++] = port;
	return 0;
}

int main(int argc, char **argv)
{
	enum { ADDRESS = 1, UDP_PORT, GENERIC, JSON, VERSION, HELP };
	static const struct option options[] = {
		{ "address", required_argument, NULL, ADDRESS }, { "udp-port", required_argument, NULL, UDP_PORT },
		{ "generic", no_argument, NULL, GENERIC },	 { "json", no_argument, NULL, JSON },
		{ "version", no_argument, NULL, VERSION },	 { "help", no_argument, NULL, HELP },
		{},
	};
	struct asked asked = {};
	char letter[] = "-?", shown[QUOTE_MAX];
	int option, e = 0;

	opterr = 0;
	while (!e && (option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (option) {
		case ADDRESS: e = address_read(&asked, optarg); break;
		case UDP_PORT: e = port_read(&asked, optarg); break;
		case GENERIC: asked.generic = true; break;
		case JSON: asked.json = true; break;
		case VERSION: puts("leat-decap " LEAT_VERSION); return 0;
		case HELP: fputs(usage, stdout); return 0;
		case ':': return wrong("%s needs a value", argv[optind - 1]);
		default:
			if (optopt > 0 && optopt <= HELP)
				return wrong("%.*s takes no value", (int)strcspn(argv[optind - 1], "="), argv[optind - 1]);
			letter[1] = optopt;
			return wrong("there is no option %s", quote(optopt > HELP ? letter : argv[optind - 1], shown));
		}
	}
	if (!e)
		e = check(&asked, argc - optind, argv + optind);
	if (e)
		return e;
	asked.verb = argv[optind];
	asked.interface = argv[optind + 1];
	return run(&asked);
}
