/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration with its meaning: addresses parsed, defaults filled in, names resolved, everything
 * checked. Made from a doc, never changed afterwards.
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "leat/maps.h"
#include "model/access.h"
#include "model/doc.h"

struct config_range {
	uint16_t first, last;
};

/* Texts of a check that are kept as they were written. NULL: as docs/config.md has it. */
#define CONFIG_CHECK_TEXTS(X) \
	X(path) X(host) X(body) X(name) X(answer) X(send) X(expect) X(alpn) X(service) X(command) X(user)

#define CONFIG_CHECK_BYTES_MAX 1024 /* of send and expect */

struct config_check {
	enum doc_check_type type;
	uint16_t port;
	uint32_t interval_ms, fast_interval_ms, timeout_ms;
	unsigned int rise, fall;
#define X(member) char *member;
	CONFIG_CHECK_TEXTS(X)
#undef X
	struct config_range *statuses;
	unsigned int status_count;
	uint16_t record;     /* dns: type of a record, as RFC 1035 3.2.2 numbers them */
	uint16_t rcode;      /* dns */
	uint32_t expires_s;  /* tls: a certificate that ends sooner is a failure; 0: whenever it ends */
	bool tls;
	bool verify;
	struct leat_addr vips[2]; /* via: vip: addresses of the pool's services, IPv4 and IPv6; all zero: none, straight to the backend */
};

struct config_member {
	struct leat_addr addr;
	uint16_t weight;
	enum doc_state state;
	uint32_t drain_deadline_ms; /* while draining: after this it counts as disabled; 0: never */
	struct leat_server_id server_id; /* all zero: none */
};

struct config_pool {
	char *name;
	enum leat_scheduler scheduler;
	enum doc_scheduler scheduler_name; /* as written: config_scheduler_name() */
	bool ignores_weights;              /* rr, lc: every weight but 0 counts as 1 */
	bool by_client;                    /* sh, affinity: the source port is not hashed */
	unsigned int prefix4, prefix6;     /* leading bits of a client's address that are hashed; 32, 128 */
	uint32_t affinity_ms;              /* 0: none */
	uint32_t slow_start_ms;            /* 0: none */
	enum leat_mode mode;
	uint16_t tunnel_port; /* 0: the mode has none */
	uint32_t table_size;
	enum doc_all_down all_down;
	struct config_check check;
	struct config_member *members; /* in the doc's order */
	unsigned int member_count;
};

struct config_limits {
	uint32_t rates[LEAT_RATES]; /* a second; 0: no limit */
	uint32_t burst_ms;
	unsigned int prefix4, prefix6;
};

struct config_access {
	char *name;
	struct access_prefix *prefixes; /* sorted by access_compare(), none twice */
	unsigned int prefix_count;
	unsigned int allow_count, deny_count; /* of them */
	struct access_edges edges;
	struct config_limits limits;
	struct leat_guard guard; /* the same as packets are to meet them; edges and name are not set */
};

#define CONFIG_ACCESS_MAX (LEAT_GUARDS_MAX - 1)

struct config_service {
	struct leat_service_key key;
	unsigned int pool;  /* index in pools */
	uint32_t sticky_ms; /* 0: not sticky, always so with tcp */
	uint8_t quic;       /* LEAT_QUIC(); 0: packets do not go by connection ids, always so with TCP */
	unsigned int access; /* index in access, from 1; 0: everybody is let in */
};

struct config_interface {
	char *name;
	enum doc_attach mode;
};

struct config_source {
	bool set;
	struct leat_addr addr; /* host bits 0 */
	__be32 mask;           /* host bits of the last 32 */
};

struct config_flows {
	uint32_t size; /* flows, a power of two: LEAT_FLOW_SETS(size) sets, when the maps are made anew */
	uint32_t idle_ms, opening_ms, closing_ms;
	uint32_t pin_rate; /* a second and CPU; 0: no limit */
	uint32_t tick_ms;  /* such that the longest of all timeouts, affinity and sticky included, is CONFIG_TICKS; at least 100 */
};

#define CONFIG_TICKS 480
_Static_assert(CONFIG_TICKS < LEAT_FLOW_AGES / 2, "no timeout is ambiguous");

struct config {
	uint64_t seed; /* 0 if the doc gives none */
	uint32_t icmp_rate;
	uint32_t fragment_sets; /* LEAT_FRAGMENT_WAYS datagrams each; a power of two, or 0 */
	struct config_flows flows;
	struct config_source source4, source6;
	struct config_interface *interfaces;
	unsigned int interface_count;
	struct config_access *access;
	unsigned int access_count;
	struct config_pool *pools;
	unsigned int pool_count;
	struct config_service *services;
	unsigned int service_count;
};

/* -EINVAL: err names the path, such as "pools[web].backends[2].address", what was found and what is allowed. */
int config_compile(const struct doc *doc, struct config **ret, struct err *err);
void config_free(struct config *config);

/* "0a1b" of a server id, "" of none. buf of ADDR_TEXT_MAX. */
const char *config_server_id_format(const struct leat_server_id *id, char *buf);

/* What the service is on; -EINVAL: something of it is missing or not as it should be. */
int config_service_key(const struct doc_service *service, struct leat_service_key *ret);

/* "wlc" */
const char *config_scheduler_name(enum doc_scheduler scheduler);

/* "source-packets-per-second" */
const char *config_rate_name(enum leat_rate rate);

/* "gue1" */
const char *config_mode_name(enum leat_mode mode);

/* A check's settings, wherever they are kept. copy: ret is overwritten. */
bool config_check_equal(const struct config_check *a, const struct config_check *b);
void config_check_copy(struct config_check *ret, const struct config_check *check);
void config_check_clear(struct config_check *check);

/* Where probes of that backend go to, in the pool's mode: of its own family if there is one; NULL: straight to the backend. */
const struct leat_addr *config_check_vip(const struct config_check *check, const struct leat_addr *backend);

/* "https" */
const char *config_check_name(enum doc_check_type type);
/* "AAAA"; "TYPE99" where there is no name for it. buf of ADDR_TEXT_MAX. */
const char *config_record_name(unsigned int record, char *buf);
/* "NXDOMAIN"; "RCODE12". buf of ADDR_TEXT_MAX. */
const char *config_rcode_name(unsigned int rcode, char *buf);
/* What send and expect stand for: the text itself, or bytes in hexadecimal after 0x. -EINVAL: not such, or more than the room. */
int config_bytes(const char *text, uint8_t ret[CONFIG_CHECK_BYTES_MAX], size_t *ret_length);
/* "7d", "36h" of expires_s. buf of ADDR_TEXT_MAX. */
const char *config_expires_format(uint32_t seconds, char *buf);

#endif
