/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leatd: the daemon's command line. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/daemon.h"
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
	"  --detach        detach from every interface and remove the pinned maps; leatd need not run\n"
	"  --debug         log more\n"
	"  --version       print the version\n"
	"  --help          print this\n"
	"\n"
	"Signals: HUP reloads the configuration file, all or nothing; TERM and INT stop the daemon, and the data path\n"
	"goes on forwarding. Exit status: 0 success, 1 failure, 2 wrong usage.\n";

enum { OPT_CONFIG = 1, OPT_STATE, OPT_SOCKET, OPT_PINS, OPT_CHECK, OPT_DETACH, OPT_DEBUG, OPT_VERSION, OPT_HELP, OPT_FOREGROUND };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, OPT_CONFIG }, { "state", required_argument, NULL, OPT_STATE },
	{ "socket", required_argument, NULL, OPT_SOCKET }, { "pins", required_argument, NULL, OPT_PINS },
	{ "check", required_argument, NULL, OPT_CHECK },   { "detach", no_argument, NULL, OPT_DETACH },
	{ "debug", no_argument, NULL, OPT_DEBUG },	   { "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },	   { "foreground", no_argument, NULL, OPT_FOREGROUND },
	{},
};

struct asked {
	struct daemon_options options;
	const char *check;
	bool detach;
};

/* 0: go on; otherwise the process is done: exit status + 1. */
static int options_read(int argc, char **argv, struct asked *ret)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case OPT_CONFIG: ret->options.config = optarg; break;
		case OPT_STATE: ret->options.state = optarg; break;
		case OPT_SOCKET: ret->options.socket = optarg; break;
		case OPT_PINS: ret->options.pins = optarg; break;
		case OPT_CHECK: ret->check = optarg; break;
		case OPT_DETACH: ret->detach = true; break;
		case OPT_DEBUG: log_set_level(LOG_LEVEL_DEBUG); break;
		case OPT_VERSION: puts("leatd " LEAT_VERSION); return 1;
		case OPT_HELP: fputs(usage, stdout); return 1;
		case OPT_FOREGROUND: break; /* the foreground is the only ground */
		default: fputs("leatd: `leatd --help` shows what there is\n", stderr); return 3;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "leatd: unexpected argument '%s'; `leatd --help` shows what there is\n", argv[optind]);
		return 3;
	}
	return 0;
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

static int detach(const char *pins)
{
	struct err err;

	return dataplane_remove(pins, &err) ? fail(&err) : 0;
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
		return done - 1;
	if (asked.check)
		return check(asked.check);
	if (asked.detach)
		return detach(asked.options.pins);
	return run(&asked.options);
}
