/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leat is and does at one moment. The daemon fills it; every renderer (JSON, tables) formats it; none reads a map. */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/config.h"
#include "model/dampener.h"

struct snapshot_backend {
	struct leat_addr addr;
	uint16_t weight;
	enum doc_state state;
	enum health health;
	bool in_table;
	uint32_t slots;          /* it owns in the pool's table */
	struct leat_counter forwarded;
	char *check;             /* last outcome: "HTTP 200 in 1 ms", "connection refused"; NULL: no check or none yet */
	bool resolved;           /* way known */
	char *interface;         /* to leave by; NULL if not resolved */
	char *link_address;      /* next hop's, aa:bb:cc:dd:ee:ff */
	uint16_t vlan;           /* 0: none */
	uint16_t mtu;
};

struct snapshot_pool {
	char *name;
	enum leat_mode mode;
	uint32_t table_size;
	enum doc_all_down all_down;
	struct config_check check; /* borrowed from the config: valid as long as the snapshot is used at once */
	bool is_all_down;
	struct snapshot_backend *backends;
	unsigned int backend_count;
};

struct snapshot_service {
	struct leat_service_key key;
	char *pool;
	struct leat_counter received;
};

struct snapshot_interface {
	char *name;
	bool attached;
	char *mode;        /* "native", "generic", "native (dispatcher)"; NULL if not attached */
	char *problem;     /* why it is not attached; NULL if it is */
	uint32_t program_id;
	bool frags;        /* loaded as xdp.frags */
};

struct snapshot {
	const char *version;
	uint64_t uptime_s;
	uint64_t seed;
	uint64_t configuration; /* counts changes since the daemon started */
	uint32_t icmp_rate;
	struct snapshot_interface *interfaces;
	unsigned int interface_count;
	struct snapshot_pool *pools;
	unsigned int pool_count;
	struct snapshot_service *services;
	unsigned int service_count;
	struct leat_counter verdicts[LEAT_VERDICT_COUNT];
};

void snapshot_free(struct snapshot *snapshot);

#endif
