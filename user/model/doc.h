/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as written: what a file, the API and the state file hold. Strings as typed, 0 or
 * NULL where nothing was said. `config_compile()` checks it and gives it meaning; docs/config.md
 * explains every key. user/source reads and writes it as YAML.
 */
#ifndef MODEL_DOC_H
#define MODEL_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/shape.h"

#define DOC_ICMP_RATE_MAX 1000000
#define DOC_FRAGMENTS_MAX 65536u
#define DOC_FLOWS_MIN     8192u
#define DOC_FLOWS_MAX     (1u << 26)
#define DOC_PIN_RATE_MAX  100000000

/* name, as written, what the program does for it: LEAT_SCHEDULER_... */
#define DOC_SCHEDULERS(X) \
	X(MH, "mh", MH) \
	X(SH, "sh", MH) \
	X(RR, "rr", TURN) \
	X(WRR, "wrr", TURN) \
	X(LC, "lc", LEAST) \
	X(WLC, "wlc", LEAST) \
	X(RANDOM, "random", RANDOM) \
	X(P2C, "p2c", TWO) \
	X(LRT, "lrt", LATENCY)

enum doc_scheduler {
	DOC_SCHEDULER_UNSET,
#define X(name, word, what) DOC_SCHEDULER_##name,
	DOC_SCHEDULERS(X)
#undef X
};

/* name, as written */
#define DOC_CHECKS(X) \
	X(NONE, "none") \
	DOC_CHECKS_BUT_NONE(X)
#define DOC_CHECKS_BUT_NONE(X) \
	X(TCP, "tcp") \
	X(HTTP, "http") \
	X(HTTPS, "https") \
	X(DNS, "dns") \
	X(ICMP, "icmp") \
	X(UDP, "udp") \
	X(TLS, "tls") \
	X(GRPC, "grpc") \
	X(EXEC, "exec")

enum doc_check_type {
	DOC_CHECK_UNSET,
#define X(name, word) DOC_CHECK_##name,
	DOC_CHECKS(X)
#undef X
};

/* Texts of a check that mean something to some types only: member, key, those types, as words and as a set. */
#define DOC_CHECK_TEXTS(X) \
	X(path, "path", "http and https have", DOC_IS(HTTP) | DOC_IS(HTTPS)) \
	X(host, "host", "http, https, tls and grpc have", DOC_IS(HTTP) | DOC_IS(HTTPS) | DOC_IS(TLS) | DOC_IS(GRPC)) \
	X(status, "status", "http and https have", DOC_IS(HTTP) | DOC_IS(HTTPS)) \
	X(body, "body", "http and https have", DOC_IS(HTTP) | DOC_IS(HTTPS)) \
	X(name, "name", "dns has", DOC_IS(DNS)) \
	X(record, "record", "dns has", DOC_IS(DNS)) \
	X(rcode, "rcode", "dns has", DOC_IS(DNS)) \
	X(answer, "answer", "dns has", DOC_IS(DNS)) \
	X(send, "send", "udp has", DOC_IS(UDP)) \
	X(expect, "expect", "udp has", DOC_IS(UDP)) \
	X(alpn, "alpn", "tls has", DOC_IS(TLS)) \
	X(expires_in, "expires-in", "tls has", DOC_IS(TLS)) \
	X(service, "service", "grpc has", DOC_IS(GRPC)) \
	X(command, "command", "exec has", DOC_IS(EXEC)) \
	X(user, "user", "exec has", DOC_IS(EXEC))
#define DOC_IS(type) (1u << DOC_CHECK_##type)

/* name, as written, UDP port of its tunnels if none is said; 0: it has none */
#define DOC_MODES(X) \
	X(L2, "l2", 0) \
	X(IPIP, "ipip", 0) \
	X(GRE, "gre", 0) \
	X(GUE, "gue", LEAT_GUE_PORT) \
	X(GUE1, "gue1", LEAT_GUE_PORT) \
	X(FOU, "fou", LEAT_FOU_PORT)

enum doc_mode {
	DOC_MODE_UNSET,
#define X(name, word, port) DOC_MODE_##name,
	DOC_MODES(X)
#undef X
};

enum doc_via { DOC_VIA_UNSET, DOC_VIA_BACKEND, DOC_VIA_VIP };
enum doc_all_down { DOC_ALL_DOWN_UNSET, DOC_ALL_DOWN_FAIL_OPEN, DOC_ALL_DOWN_REFUSE };
enum doc_state { DOC_STATE_UNSET, DOC_STATE_ENABLED, DOC_STATE_DRAINING, DOC_STATE_DISABLED };
enum doc_protocol {
	DOC_PROTOCOL_UNSET,
#define X(name, word, number) DOC_PROTOCOL_##name,
	SHAPE_PROTOCOLS(X)
#undef X
};
enum doc_attach { DOC_ATTACH_UNSET, DOC_ATTACH_NATIVE, DOC_ATTACH_GENERIC };

struct doc_check {
	enum doc_check_type type; /* none */
	uint16_t port;            /* that of the pool's services, if they agree */
	enum doc_via via;         /* backend: straight to its address; vip: to the service's, as clients' packets go */
	char *interval;           /* 2s */
	char *fast_interval;      /* 500ms: while the outcome differs from the state */
	char *timeout;            /* 1s */
	uint8_t rise;             /* 2 successes in a row: up */
	uint8_t fall;             /* 3 failures in a row: down */
#define X(member, key, types, set) char *member; /* docs/config.md has what they mean */
	DOC_CHECK_TEXTS(X)
#undef X
	bool *tls;    /* grpc: inside TLS; no */
	bool *verify; /* https, tls, grpc inside TLS: verify the certificate; no */
};

struct doc_backend {
	char *address;
	uint16_t *weight; /* 0 .. 65535; 1 */
	enum doc_state state;
	char *drain_deadline; /* draining: after this it counts as disabled; none */
	char *server_id;      /* hexadecimal, 1 to 15 octets: in the connection ids that its QUIC servers choose; none */
};

struct doc_pool {
	char *name; /* [A-Za-z0-9._-], 1 to 55 characters */
	enum doc_scheduler scheduler; /* mh */
	uint8_t source_prefix_ipv4;   /* 1 .. 32: so much of a client's address is hashed; less only with sh or affinity; 32 */
	uint8_t source_prefix_ipv6;   /* 1 .. 128; 128 */
	char *affinity;               /* a client's flows go together for so long after its last packet; none */
	char *slow_start;             /* a backend that comes up gets its whole weight after this; at once */
	enum doc_mode mode;  /* ipip */
	uint16_t *tunnel_port; /* gue, gue1, fou: UDP destination; fou: of IPv4 inside, IPv6 goes to the next; 0: the mode's own */
	uint32_t table_size; /* prime, 251 .. 131071; 65537 */
	enum doc_all_down all_down;
	struct doc_check *check;
	struct doc_backend *backends;
	uint32_t backend_count;
};

#define DOC_RATE_MAX 10000000

/* Tokens that packets take. Rates: a second, 1 .. DOC_RATE_MAX; 0: no limit. Order as in enum leat_rate. */
struct doc_limits {
	uint32_t *source_packets, *source_flows; /* of a source prefix at a service */
	uint32_t *packets, *flows;               /* of a service */
	char *burst;                             /* as much as in this time at once; 1s */
	uint8_t source_prefix_ipv4;              /* 1 .. 32; 32 */
	uint8_t source_prefix_ipv6;              /* 1 .. 128; 64 */
};

/* Whom the services that name it let in. Of prefixes that lie in one another the longest decides. */
struct doc_access {
	char *name; /* as a pool's */
	char **allow; /* prefixes; if there is any, what is in none is denied, else allowed */
	uint32_t allow_count;
	char **deny;
	uint32_t deny_count;
	struct doc_limits *limits;
};

struct doc_quic {
	uint8_t *server_id_length; /* octets, 1 .. 15; 0: packets do not go by connection ids */
	uint8_t *config;           /* config rotation, 0 .. 6; 0 */
};

struct doc_service {
	enum doc_protocol protocol;
	char *address; /* or prefix */
	char *port;    /* 1 .. 65535, 8000-8999, any; of a protocol without ports any or nothing */
	char *pool;
	char *sticky; /* all but tcp: a flow stays with its backend until it is idle for so long; the table alone decides */
	struct doc_quic *quic; /* udp: packets go by their connection ids */
	char *access; /* name of an access list; everybody */
};

struct doc_interface {
	char *name;
	enum doc_attach mode; /* native */
};

struct doc_source { /* outer source of tunnels */
	char *ipv4; /* address or prefix, whose host bits vary by flow; the route's own source address */
	char *ipv6;
};

struct doc_flows {
	uint32_t size;         /* flows that the flow table is for, DOC_FLOWS_MIN .. DOC_FLOWS_MAX; 1048576 */
	char *idle_timeout;    /* 15m: established */
	char *opening_timeout; /* 1m: only SYNs seen */
	char *closing_timeout; /* 2m: FIN or RST seen */
	uint32_t *pin_rate;    /* new pins a second and CPU, 0 .. DOC_PIN_RATE_MAX, 0: no limit; 200000 */
};

struct doc {
	char *seed;       /* hexadecimal, 1 to 16 digits; drawn at first start and kept */
	uint32_t *icmp_rate; /* ICMP errors a second and CPU, 0 .. DOC_ICMP_RATE_MAX, 0: none; 100 */
	uint32_t *fragments; /* datagrams in fragments that are remembered, 0 .. DOC_FRAGMENTS_MAX, 0: none; 8192 */
	struct doc_flows *flows;
	struct doc_source *source;
	struct doc_interface *interfaces;
	uint32_t interface_count;
	struct doc_access *access;
	uint32_t access_count;
	struct doc_pool *pools;
	uint32_t pool_count;
	struct doc_service *services;
	uint32_t service_count;
};

#endif
