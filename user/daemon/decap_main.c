/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat-decap: the command on backends. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "dataplane/decap.h"

static const char usage[] =
	"Usage: leat-decap attach INTERFACE --address ADDR [--address ADDR]... [--generic]\n"
	"       leat-decap detach INTERFACE\n"
	"       leat-decap stats INTERFACE [--json]\n"
	"\n"
	"On a backend: strips the IPv4 or IPv6 header that leat put around packets, in XDP, and leaves the rest to the\n"
	"kernel. ADDR: this backend's address in leat's pool, the only outer destination that is stripped.\n"
	"The program stays attached until it is detached; the command does not go on running.\n"
	"\n"
	"  --address ADDR  IPv4 or IPv6; may be given up to 64 times\n"
	"  --generic       for drivers without native XDP: several times slower\n"
	"  --json          numbers for programs\n"
	"  --version, --help\n"
	"\n"
	"Exit status: 0 success, 1 failure, 2 wrong usage.\n";

struct asked {
	const char *verb, *interface;
	struct leat_addr addrs[LEAT_DECAP_ADDRS_MAX];
	unsigned int addr_count;
	bool generic, json;
};

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "leat-decap: %s%s%s%s; `leat-decap --help` shows what there is\n", what, value ? " '" : "",
		value ? value : "", value ? "'" : "");
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

static int run(const struct asked *asked)
{
	struct err err;

	if (!strcmp(asked->verb, "stats"))
		return stats(asked);
	if (!strcmp(asked->verb, "detach"))
		return finish(decap_detach(asked->interface, &err), &err);
	if (strcmp(asked->verb, "attach"))
		return wrong("unknown command", asked->verb);
	if (!asked->addr_count)
		return wrong("attach needs --address: the outer destinations to strip", NULL);
	return finish(decap_attach(asked->interface, asked->generic, asked->addrs, asked->addr_count, &err), &err);
}

int main(int argc, char **argv)
{
	enum { ADDRESS = 1, GENERIC, JSON, VERSION, HELP };
	static const struct option options[] = {
		{ "address", required_argument, NULL, ADDRESS }, { "generic", no_argument, NULL, GENERIC },
		{ "json", no_argument, NULL, JSON },		 { "version", no_argument, NULL, VERSION },
		{ "help", no_argument, NULL, HELP },		 {},
	};
	struct asked asked = {};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case ADDRESS:
			if (asked.addr_count == LEAT_DECAP_ADDRS_MAX)
				return wrong("more than 64 addresses", NULL);
			if (addr_parse(optarg, &asked.addrs[asked.addr_count++]))
				return wrong("not an IPv4 or IPv6 address:", optarg);
			break;
		case GENERIC: asked.generic = true; break;
		case JSON: asked.json = true; break;
		case VERSION: puts("leat-decap " LEAT_VERSION); return 0;
		case HELP: fputs(usage, stdout); return 0;
		default: return wrong("unknown option", NULL);
		}
	}
	if (argc - optind != 2)
		return wrong("expected a command and an interface", NULL);
	asked.verb = argv[optind];
	asked.interface = argv[optind + 1];
	return run(&asked);
}
