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
	uint32_t drain_deadline_ms; /* as configured; 0: none */
	struct leat_server_id server_id; /* all zero: none */
	uint32_t drain_left_s;      /* draining with a deadline: until then, rounded up; 0: it is over */
	enum health health;
	bool in_table;
	bool lives;                /* keeps the flows it has */
	bool is_starting;          /* slowly: its weight grows */
	uint16_t effective_weight; /* in the table: less than weight while it starts */
	uint32_t connections;      /* pins that name it */
	uint32_t latency_us;       /* smoothed response time of its probes; 0: unknown */
	uint32_t slots;          /* it owns in the pool's table */
	struct leat_counter forwarded;
	char *check;             /* last outcome: "HTTP 200 in 1 ms", "connection refused"; NULL: no check or none yet */
	bool resolved;           /* way known */
	char *interface;         /* to leave by; NULL if not resolved */
	char *link_address;      /* next hop's, aa:bb:cc:dd:ee:ff */
	uint16_t vlans[2];       /* numbers of its tags, outermost first; 0: no more */
	uint16_t mtu;
};

struct snapshot_pool {
	char *name;
	enum doc_scheduler scheduler;
	unsigned int prefix4, prefix6; /* shown if by_client */
	bool by_client;
	uint32_t affinity_ms, slow_start_ms; /* 0: none */
	enum leat_mode mode;
	uint16_t tunnel_port; /* 0: the mode has none */
	uint32_t table_size;
	enum doc_all_down all_down;
	struct config_check check; /* borrowed from the config: valid as long as the snapshot is used at once */
	bool is_all_down;
	bool is_settling;  /* a new table size, scheduler or hash waits (docs/flows.md) */
	bool looks_back;   /* there may be pins from before the last change of what is hashed: */
	uint32_t older;
	uint32_t slots;    /* of the table in use: not table_size while is_settling; 0: no table */
	uint32_t tracked;  /* slots */
	uint32_t pins;     /* flows; by enum leat_flow_state: */
	uint32_t states[4];
	uint32_t astray;   /* pins at another backend than their slot's current */
	uint32_t oldest_s; /* since the longest tracked slot changed */
	struct snapshot_backend *backends;
	unsigned int backend_count;
};

struct snapshot_service {
	struct leat_service_key key;
	char *pool;
	uint32_t sticky_ms; /* 0: not sticky */
	struct leat_counter received;
	uint8_t quic;       /* LEAT_QUIC(); 0: not by connection ids */
	char *access;       /* list that says whom it lets in; NULL: everybody */
};

struct snapshot_interface {
	char *name;
	bool attached;
	char *mode;        /* "native", "generic", "native (dispatcher)", "native (members)"; NULL if not attached */
	char *problem;     /* why it is not attached, or one of its members is not; NULL if all is */
	char *member_of;   /* the bond as whose member it is attached; NULL: for itself */
	uint32_t program_id; /* 0: by its members */
	bool dispatcher;   /* beside other programs; else alone */
	bool frags;        /* loaded as xdp.frags */
	bool bond;
};

struct snapshot_flows {
	uint32_t size;     /* flows, as configured; capacity is twice that once the maps are made anew */
	uint32_t capacity; /* words of the table in use */
	uint32_t pins;     /* words in use */
	uint64_t memory;   /* bytes */
	uint32_t clock, tick_ms;
	uint64_t events[LEAT_FLOW_EVENT_COUNT];
};

struct snapshot {
	const char *version;
	char kernel[65]; /* as uname(2) says */
	uint64_t uptime_s;
	uint64_t seed;
	uint64_t configuration; /* counts changes since the daemon started */
	uint32_t icmp_rate;
	uint32_t fragments; /* datagrams that are remembered */
	struct snapshot_interface *interfaces;
	unsigned int interface_count;
	struct snapshot_pool *pools;
	unsigned int pool_count;
	const struct config_access *access; /* borrowed, as checks are */
	unsigned int access_count;
	struct snapshot_service *services;
	unsigned int service_count;
	struct snapshot_flows flows;
	struct leat_counter verdicts[LEAT_VERDICT_COUNT];
};

/*
 * A backend's state in one word: "disabled" (also when its deadline is over), "down", "draining" (also by weight 0),
 * "unknown" (not yet probed), "starting", "up"; the first that holds.
 */
const char *snapshot_backend_condition(const struct snapshot_backend *backend);

void snapshot_free(struct snapshot *snapshot);

#endif
