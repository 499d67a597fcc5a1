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

#define DOC_ICMP_RATE_MAX 1000000

enum doc_check_type { DOC_CHECK_UNSET, DOC_CHECK_NONE, DOC_CHECK_TCP, DOC_CHECK_HTTP, DOC_CHECK_HTTPS };
enum doc_mode { DOC_MODE_UNSET, DOC_MODE_L2, DOC_MODE_IPIP };
enum doc_scheduler { DOC_SCHEDULER_UNSET, DOC_SCHEDULER_MH };
enum doc_all_down { DOC_ALL_DOWN_UNSET, DOC_ALL_DOWN_FAIL_OPEN, DOC_ALL_DOWN_REFUSE };
enum doc_state { DOC_STATE_UNSET, DOC_STATE_ENABLED, DOC_STATE_DRAINING, DOC_STATE_DISABLED };
enum doc_protocol { DOC_PROTOCOL_UNSET, DOC_PROTOCOL_TCP, DOC_PROTOCOL_UDP };
enum doc_attach { DOC_ATTACH_UNSET, DOC_ATTACH_NATIVE, DOC_ATTACH_GENERIC };

struct doc_check {
	enum doc_check_type type; /* none */
	uint16_t port;            /* that of the pool's services, if they agree */
	char *interval;           /* 2s */
	char *fast_interval;      /* 500ms: while the outcome differs from the state */
	char *timeout;            /* 1s */
	uint8_t rise;             /* 2 successes in a row: up */
	uint8_t fall;             /* 3 failures in a row: down */
	char *path;               /* http, https: / */
	char *host;               /* http, https: Host header and TLS name; the backend's address */
	char *status;             /* http, https: "200-399", "200,204,300-302" */
	char *body;               /* http, https: text that the first 64 KiB of the answer must contain */
	bool *verify;             /* https: verify the certificate; no */
};

struct doc_backend {
	char *address;
	uint16_t *weight; /* 0 .. 65535; 1 */
	enum doc_state state;
};

struct doc_pool {
	char *name; /* [A-Za-z0-9._-], 1 to 55 characters */
	enum doc_scheduler scheduler;
	enum doc_mode mode;  /* ipip */
	uint32_t table_size; /* prime, 251 .. 131071; 65537 */
	enum doc_all_down all_down;
	struct doc_check *check;
	struct doc_backend *backends;
	uint32_t backend_count;
};

struct doc_service {
	enum doc_protocol protocol;
	char *address;
	uint16_t port; /* 1 .. 65535 */
	char *pool;
};

struct doc_interface {
	char *name;
	enum doc_attach mode; /* native */
};

struct doc_source { /* outer source of tunnels */
	char *ipv4; /* address or prefix, whose host bits vary by flow; the route's own source address */
	char *ipv6;
};

struct doc {
	char *seed;       /* hexadecimal, 1 to 16 digits; drawn at first start and kept */
	uint32_t *icmp_rate; /* ICMP errors a second and CPU, 0 .. DOC_ICMP_RATE_MAX, 0: none; 100 */
	struct doc_source *source;
	struct doc_interface *interfaces;
	uint32_t interface_count;
	struct doc_pool *pools;
	uint32_t pool_count;
	struct doc_service *services;
	uint32_t service_count;
};

#endif
