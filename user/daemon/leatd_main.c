/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leatd: the daemon's command line. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/quote.h"
#include "daemon/daemon.h"
#include "net/via.h"
#include "source/source.h"

static const char usage[] =
	"Usage: leatd [OPTION]...\n"
	"Keeps leat's data path as the configuration wants it. Runs in the foreground, logs to standard error.\n"
	"\n"
	"  --config FILE   configuration (/etc/leat/leat.yaml)\n"
	"  --state FILE    the running configuration, kept across restarts (/var/lib/leat/running.yaml)\n"
	"  --socket PATH   where the leat command finds the daemon (/run/leat/leatd.sock)\n"
	"  --pins DIR      where BPF maps are pinned (/sys/fs/bpf/leat)\n"
	"  --check FILE    check a configuration, touch nothing; exits 0 if it is good\n"
	"  --detach        detach from every interface and remove the pinned maps; leatd must not run\n"
	"  --debug         log more\n"
	"  --version       print the version\n"
	"  --help          print this\n"
	"\n"
	"Signals: HUP reloads the configuration file, all or nothing; TERM and INT stop the daemon, and the data path\n"
	"goes on forwarding. Exit status: 0 success, 1 failure, 2 wrong usage.\n";

enum { OPT_CONFIG = 1, OPT_STATE, OPT_SOCKET, OPT_PINS, OPT_CHECK, OPT_DETACH, OPT_DEBUG, OPT_VERSION, OPT_HELP };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, OPT_CONFIG }, { "state", required_argument, NULL, OPT_STATE },
	{ "socket", required_argument, NULL, OPT_SOCKET }, { "pins", required_argument, NULL, OPT_PINS },
	{ "check", required_argument, NULL, OPT_CHECK },   { "detach", no_argument, NULL, OPT_DETACH },
	{ "debug", no_argument, NULL, OPT_DEBUG },	   { "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },	   {},
};

struct asked {
	struct daemon_options options;
	const char *check;
	bool detach;
};

#define DONE(status) ((status) + 1) /* the process ends with it */

__attribute__((format(printf, 1, 2))) static int wrong(const char *format, ...)
{
	char shown[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(shown, sizeof(shown), format, args);
	va_end(args);
	fprintf(stderr, "leatd: %s; `leatd --help` shows what there is\n", shown);
	return DONE(2);
}

/* An option with a value stands once: which of two is meant, nobody can say. */
static int value_read(const char **ret, unsigned int *seen, int option, const char *name)
{
	if (*seen & 1u << option)
		return wrong("--%s is given twice", name);
	if (!*optarg)
		return wrong("--%s needs a value, not an empty one", name);
	*seen |= 1u << option;
	*ret = optarg;
	return 0;
}

/* What the options say together. */
static int options_check(const struct asked *asked, unsigned int seen)
{
	const unsigned int files = 1u << OPT_CONFIG | 1u << OPT_STATE, places = 1u << OPT_SOCKET | 1u << OPT_PINS;

	if (asked->check && asked->detach)
		return wrong("--check and --detach exclude each other");
	if (asked->check && seen & (files | places))
		return wrong("--check takes no other option");
	if (asked->detach && seen & files)
		return wrong("--detach takes no other options than --pins and --socket");
	return 0;
}

/* The option that getopt does not know: a letter may stand among others, before the word it goes on from. */
static const char *option_typed(char **argv)
{
	static char letter[] = "-?";

	letter[1] = optopt;
	return optopt > OPT_HELP ? letter : argv[optind - 1];
}

/* 0: go on, or DONE. */
static int options_read(int argc, char **argv, struct asked *ret)
{
	unsigned int seen = 0;
	char shown[QUOTE_MAX];
	int option, done = 0;

	opterr = 0;
	while (!done && (option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		switch (option) {
		case OPT_CONFIG: done = value_read(&ret->options.config, &seen, option, "config"); break;
		case OPT_STATE: done = value_read(&ret->options.state, &seen, option, "state"); break;
		case OPT_SOCKET: done = value_read(&ret->options.socket, &seen, option, "socket"); break;
		case OPT_PINS: done = value_read(&ret->options.pins, &seen, option, "pins"); break;
		case OPT_CHECK: done = value_read(&ret->check, &seen, option, "check"); break;
		case OPT_DETACH: ret->detach = true; break;
		case OPT_DEBUG: log_set_level(LOG_LEVEL_DEBUG); break;
		case OPT_VERSION: puts("leatd " LEAT_VERSION); return DONE(0);
		case OPT_HELP: fputs(usage, stdout); return DONE(0);
		case ':': return wrong("%s needs a value", argv[optind - 1]);
		default:
			if (optopt > 0 && optopt <= OPT_HELP)
				return wrong("%.*s takes no value", (int)strcspn(argv[optind - 1], "="), argv[optind - 1]);
			return wrong("there is no option %s", quote(option_typed(argv), shown));
		}
	}
	if (done)
		return done;
	if (optind < argc)
		return wrong("%s is too much: leatd takes options only", quote(argv[optind], shown));
	return options_check(ret, seen);
}

static int fail(const struct err *err)
{
	fprintf(stderr, "leatd: %s\n", err->text);
	return 1;
}

static int check(const char *path)
{
	auto_free char *text = NULL;
	struct config *config = NULL;
	struct doc *doc = NULL;
	struct err err;
	size_t length;
	int e = file_read(path, &text, &length, &err);

	if (!e)
		e = source_parse(path, text, length, &doc, &err);
	if (!e) {
		e = config_compile(doc, &config, &err);
		if (e)
			err_prefix(&err, e, "%s", path);
	}
	if (!e)
		printf("%s: good: %u services, %u pools, %u interfaces\n", path, config->service_count, config->pool_count,
		       config->interface_count);
	config_free(config);
	source_free(doc);
	return e ? fail(&err) : 0;
}

/* A daemon that runs would attach again, onto maps that nobody finds any more. */
static int detach(const struct daemon_options *options)
{
	struct err err;

	if (serve_is_running(options->socket)) {
		err_set(&err, -EBUSY, "%s: a daemon answers on this socket; `leat detach` detaches by it, or stop it first",
			options->socket);
		return fail(&err);
	}
	if (dataplane_is_used(options->pins)) {
		err_set(&err, -EBUSY, "%s: a daemon uses the maps pinned there; `leat detach` detaches by it, or stop it first",
			options->pins);
		return fail(&err);
	}
	via_sweep();
	return dataplane_remove(options->pins, &err) ? fail(&err) : 0;
}

static int run(const struct daemon_options *options)
{
	struct daemon daemon = { .options = *options };
	struct err err;
	int e;

	signal(SIGPIPE, SIG_IGN);
	e = daemon_start(&daemon, &err);
	if (e) {
		log_error("%s", err.text);
	} else {
		log_notice("leatd " LEAT_VERSION " ready: %u services, %u pools, socket %s", daemon.config->service_count,
			   daemon.config->pool_count, options->socket);
		sd_notify(0, "READY=1");
		event_base_dispatch(daemon.base);
	}
	daemon_stop(&daemon);
	return e ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct asked asked = {
		.options = {
			.config = "/etc/leat/leat.yaml",
			.state = "/var/lib/leat/running.yaml",
			.socket = "/run/leat/leatd.sock",
			.pins = DATAPLANE_PINS,
		},
	};
	int done = options_read(argc, argv, &asked);

	if (done)
		return done - DONE(0);
	if (asked.check)
		return check(asked.check);
	if (asked.detach)
		return detach(&asked.options);
	return run(&asked.options);
}
