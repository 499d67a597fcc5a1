/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands: see command.h. docs/leat.8 tells the same at length. */
#include "cli/actions.h"
#include "cli/command.h"

static const struct option_spec pool_options[] = {
	{"mode", 0, OPTION_CHOICE, "l2|ipip|gre|gue|gue1|fou", "mode", "how packets travel to the backends"},
	{"tunnel-port", 0, OPTION_NUMBER, "PORT", "tunnel-port",
	 "gue, gue1, fou: the backends' UDP port; fou: IPv6 goes to the next; 0: the mode's own"},
	{"scheduler", 0, OPTION_CHOICE, "mh|sh|rr|wrr|lc|wlc|random|p2c|lrt", "scheduler",
	 "how a flow that begins finds its backend"},
	{"source-prefix-ipv4", 0, OPTION_NUMBER, "N", "source-prefix-ipv4",
	 "sh, affinity: clients of one prefix go together, 1 to 32"},
	{"source-prefix-ipv6", 0, OPTION_NUMBER, "N", "source-prefix-ipv6", "the same for IPv6, 1 to 128"},
	{"affinity", 0, OPTION_TEXT, "TIME", "affinity",
	 "a client's flows go together until it is idle so long, such as 10m; '': no"},
	{"slow-start", 0, OPTION_TEXT, "TIME", "slow-start",
	 "a backend that came up gets its whole weight after, such as 30s; '': at once"},
	{"table-size", 0, OPTION_NUMBER, "N", "table-size", "slots of the table, a prime from 251 to 131071"},
	{"on-all-down", 0, OPTION_CHOICE, "fail-open|refuse", "on-all-down",
	 "when all backends are down: keep the last table, or send to nobody"},
	{"check", 0, OPTION_CHOICE, "none|tcp|http|https|dns|icmp|udp|tls|grpc|exec", "check.type", "how backends are probed"},
	{"check-port", 0, OPTION_NUMBER, "N", "check.port", "port to probe; that of the services"},
	{"check-via", 0, OPTION_CHOICE, "backend|vip", "check.via",
	 "vip: probe through the service's address and the pool's mode, as clients' packets go"},
	{"check-interval", 0, OPTION_TEXT, "TIME", "check.interval", "between probes, such as 2s"},
	{"check-fast-interval", 0, OPTION_TEXT, "TIME", "check.fast-interval",
	 "between probes while the outcome contradicts the state, such as 500ms"},
	{"check-timeout", 0, OPTION_TEXT, "TIME", "check.timeout", "a probe fails after, such as 1s"},
	{"check-rise", 0, OPTION_NUMBER, "N", "check.rise", "successes in a row that bring a backend up"},
	{"check-fall", 0, OPTION_NUMBER, "N", "check.fall", "failures in a row that take it down"},
	{"check-path", 0, OPTION_TEXT, "PATH", "check.path", "http, https: path to ask for"},
	{"check-host", 0, OPTION_TEXT, "HOST", "check.host", "http, https, tls, grpc: Host header and TLS name"},
	{"check-status", 0, OPTION_TEXT, "LIST", "check.status",
	 "http, https: good statuses, such as 200-399"},
	{"check-body", 0, OPTION_TEXT, "TEXT", "check.body", "http, https: text the answer must contain"},
	{"check-name", 0, OPTION_TEXT, "NAME", "check.name", "dns: the name to ask for"},
	{"check-record", 0, OPTION_TEXT, "TYPE", "check.record", "dns: the type of record to ask for; A"},
	{"check-rcode", 0, OPTION_TEXT, "CODE", "check.rcode", "dns: the good response code; NOERROR"},
	{"check-answer", 0, OPTION_TEXT, "TEXT", "check.answer", "dns: what must be among the answers, such as 192.0.2.1"},
	{"check-send", 0, OPTION_TEXT, "TEXT", "check.send", "udp: what to send, text or 0x and hexadecimal digits"},
	{"check-expect", 0, OPTION_TEXT, "TEXT", "check.expect", "udp: how the answer must begin, likewise; '': none is needed"},
	{"check-alpn", 0, OPTION_TEXT, "LIST", "check.alpn", "tls: protocols of which the server must take one, such as h2"},
	{"check-expires-in", 0, OPTION_TEXT, "TIME", "check.expires-in",
	 "tls: fails if the certificate ends sooner, such as 7d"},
	{"check-service", 0, OPTION_TEXT, "NAME", "check.service", "grpc: the service to ask for; '': the whole server"},
	{"check-tls", 0, OPTION_YES_NO, "yes|no", "check.tls", "grpc: inside TLS"},
	{"check-command", 0, OPTION_TEXT, "COMMAND", "check.command", "exec: the file to run and its arguments"},
	{"check-user", 0, OPTION_TEXT, "USER", "check.user", "exec: who runs it; nobody"},
	{"check-verify", 0, OPTION_YES_NO, "yes|no", "check.verify", "https, tls, grpc: verify the certificate"},
	{},
};

#define SERVICE_STICKY \
	{"sticky", 0, OPTION_TEXT, "TIME", "sticky", \
	 "all but tcp: a flow stays with its backend until idle so long, such as 60s; '': no"}
#define SERVICE_QUIC \
	{"quic-server-id-length", 0, OPTION_NUMBER, "N", "quic.server-id-length", \
	 "udp: packets go by QUIC connection ids, with server ids of so many octets, 1 to 15; 0: no"}, \
	{"quic-config", 0, OPTION_NUMBER, "N", "quic.config", "the config rotation of those connection ids, 0 to 6; 0"}
#define SERVICE_ACCESS \
	{"access", 0, OPTION_TEXT, "LIST", "access", "the access list that says whom it lets in; '': everybody"}
#define BACKEND_SERVER_ID \
	{"server-id", 0, OPTION_TEXT, "HEX", "server-id", "its server id in QUIC connection ids, such as 0a1b; '': none"}

static const struct option_spec service_add_options[] = {
	{"pool", 0, OPTION_TEXT, "POOL", "pool", "the pool that serves it", true},
	SERVICE_STICKY,
	SERVICE_QUIC,
	SERVICE_ACCESS,
	{},
};

static const struct option_spec service_set_options[] = {
	{"pool", 0, OPTION_TEXT, "POOL", "pool", "the pool that serves it"},
	SERVICE_STICKY,
	SERVICE_QUIC,
	SERVICE_ACCESS,
	{},
};

static const struct option_spec access_options[] = {
	{"allow", 0, OPTION_LIST, "PREFIX,...", "allow", "what is let in, such as 192.0.2.0/24,2001:db8::/32; '': nothing is listed"},
	{"deny", 0, OPTION_LIST, "PREFIX,...", "deny", "what is not; the longest prefix decides; '': nothing is listed"},
	{"allow-file", 0, OPTION_TEXT, "FILE", NULL, "the same from a file, a prefix a line; what follows # is a remark"},
	{"deny-file", 0, OPTION_TEXT, "FILE", NULL, "likewise"},
	{"packets-per-second", 0, OPTION_NUMBER, "N", "limits.packets-per-second", "of each service that names the list; 0: no limit"},
	{"flows-per-second", 0, OPTION_NUMBER, "N", "limits.flows-per-second", "new TCP connections, likewise"},
	{"source-packets-per-second", 0, OPTION_NUMBER, "N", "limits.source-packets-per-second", "of each source at each service; 0: no limit"},
	{"source-flows-per-second", 0, OPTION_NUMBER, "N", "limits.source-flows-per-second", "new TCP connections, likewise"},
	{"source-prefix-ipv4", 0, OPTION_NUMBER, "N", "limits.source-prefix-ipv4", "sources of one prefix share their limits, 1 to 32; 32"},
	{"source-prefix-ipv6", 0, OPTION_NUMBER, "N", "limits.source-prefix-ipv6", "the same for IPv6, 1 to 128; 64"},
	{"burst", 0, OPTION_TEXT, "TIME", "limits.burst", "as much as in this time may come at once, such as 500ms; '': 1s"},
	{},
};

static const struct option_spec backend_add_options[] = {
	{"weight", 0, OPTION_NUMBER, "N", "weight", "share of the slots, 0 to 65535; 1"},
	BACKEND_SERVER_ID,
	{},
};

static const struct option_spec backend_set_options[] = {
	{"weight", 0, OPTION_NUMBER, "N", "weight", "share of the slots, 0 to 65535"},
	BACKEND_SERVER_ID,
	{},
};

static const struct option_spec backend_drain_options[] = {
	{"deadline", 0, OPTION_TEXT, "TIME", "drain-deadline",
	 "then its connections are given up, such as 5m"},
	{},
};

static const struct option_spec explain_options[] = {
	{"connection-id", 0, OPTION_TEXT, "HEX", NULL, "udp: of a QUIC packet with a short header"},
	{},
};

static const struct option_spec stats_options[] = {
	{"all", 'a', OPTION_FLAG, NULL, NULL, "show counters that are zero, too"},
	{},
};

static const struct option_spec bench_options[] = {
	{"rounds", 0, OPTION_NUMBER, "N", NULL, "each figure is the median of so many interleaved rounds, 1 to 99; 9"},
	{"packets", 0, OPTION_NUMBER, "N", NULL, "in a round, 1000 to 100000000; 500000"},
	{"only", 0, OPTION_CHOICE, "flows|pinned|new|mode|size|access|other|link", NULL, "one group of cases"},
	{},
};

static const struct option_spec apply_options[] = {
	{"file", 'f', OPTION_TEXT, "FILE", NULL, "the configuration; - is standard input", true},
	{"dry-run", 'n', OPTION_FLAG, NULL, NULL, "say what would change and change nothing"},
	{},
};

static const struct option_spec export_options[] = {
	{"output", 'o', OPTION_TEXT, "FILE", NULL, "write to this file; standard output"},
	{},
};

static const struct option_spec attach_options[] = {
	{"mode", 0, OPTION_CHOICE, "native|generic", "mode", "in the driver, or after it (slow)"},
	{},
};

const struct option_spec global_options[] = {
	{"json", 'j', OPTION_FLAG, NULL, NULL, "print the API's JSON"},
	{"socket", 's', OPTION_TEXT, "PATH", NULL, "the daemon's socket; $LEAT_SOCKET, /run/leat/leatd.sock"},
	{"help", 'h', OPTION_FLAG, NULL, NULL, "print what can be typed here"},
	{"version", 'V', OPTION_FLAG, NULL, NULL, "print the version"},
	{},
};

const struct command_group command_groups[] = {
	{"service", "what clients address: protocol, address, port"},
	{"pool", "a set of backends and how they are used"},
	{"backend", "an address and a weight in a pool"},
	{"access", "lists of prefixes: whom services let in"},
	{},
};

const struct command commands[] = {
	{"status", "", "the daemon, its interfaces and totals", status_show},
	{"service list", "", "services and their backends, as ipvsadm lists them", service_list},
	{"service show", "PROTOCOL ADDRESS:PORT", "one service", service_show},
	{"service add", "PROTOCOL +ADDRESS:PORT", "balance this address and port", service_add,
	 service_add_options},
	{"service set", "PROTOCOL ADDRESS:PORT", "give it another pool, or make it sticky", service_set,
	 service_set_options},
	{"service del", "PROTOCOL ADDRESS:PORT", "leave it to the kernel again", service_del},
	{"pool list", "", "all pools", pool_list},
	{"pool show", "POOL", "one pool with its backends", pool_show},
	{"pool add", "+POOL", "make a pool", pool_add, pool_options},
	{"pool set", "POOL", "change a pool", pool_set, pool_options},
	{"pool del", "POOL", "remove a pool that no service uses", pool_del},
	{"backend list", "[POOL]", "backends of all pools, or of one", backend_list},
	{"backend show", "POOL ADDRESS", "one backend", backend_show},
	{"backend add", "POOL +ADDRESS", "put a backend into a pool", backend_add, backend_add_options},
	{"backend set", "POOL ADDRESS", "change its weight or server id", backend_set, backend_set_options},
	{"backend del", "POOL ADDRESS", "take it out of the pool for good", backend_del},
	{"backend drain", "POOL ADDRESS", "no new connections; those it has go on", backend_drain,
	 backend_drain_options},
	{"backend enable", "POOL ADDRESS", "use it (again)", backend_enable},
	{"backend disable", "POOL ADDRESS", "give up its connections, too, and do not probe it", backend_disable},
	{"access list", "", "all access lists", access_list},
	{"access show", "LIST", "one access list with its prefixes", access_show},
	{"access add", "+LIST", "make an access list", access_add, access_options},
	{"access set", "LIST", "give it other prefixes or limits", access_set, access_options},
	{"access del", "LIST", "remove an access list that no service uses", access_del},
	{"stats", "", "packets and bytes by verdict, service and backend", stats_show, stats_options},
	{"explain", "PROTOCOL SOURCE:PORT ADDRESS:PORT", "where a packet goes, and why", explain_flow,
	 explain_options},
	{"apply", "", "replace the whole configuration: all or nothing", config_apply, apply_options},
	{"diff", "FILE", "what apply would change", config_diff},
	{"export", "", "print the configuration", config_export, export_options},
	{"attach", "+IFACE", "balance what an interface receives", interface_attach, attach_options},
	{"detach", "[IFACE]", "leave an interface; without one: all, and remove the data path",
	 interface_detach},
	{"bench", "", "measure what a packet costs on this machine (needs root, no daemon)", bench_run, bench_options},
	{"help", "...", "print what can be typed after these words", help_words},
	{"complete", "...", "print what can be typed next (for the shell's completion)", complete_words, NULL,
	 true},
	{},
};
