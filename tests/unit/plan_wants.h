/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What plans are made for in tests: wants built by hand or drawn at random, and what must hold of the maps then. */
#ifndef UNIT_PLAN_WANTS_H
#define UNIT_PLAN_WANTS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "model/plan.h"
#include "model/table.h"
#include "unit/world_memory.h"

#define WANT_POOLS_MAX 64
#define WANT_SERVICES_MAX 256
#define WANT_ACCESS_MAX 6

/* A want with room for its parts. */
struct wanted {
	struct want want;
	struct want_pool pools[WANT_POOLS_MAX];
	char names[WANT_POOLS_MAX][8];
	struct want_member members[WANT_POOLS_MAX][64];
	struct config_service services[WANT_SERVICES_MAX];
	struct config_access access[WANT_ACCESS_MAX];
	char access_names[WANT_ACCESS_MAX][8];
	__u32 edges4[WANT_ACCESS_MAX][8];
	struct leat_edge6 edges6[WANT_ACCESS_MAX][8];
};

static uint64_t random_state = 1;

static inline uint32_t random_below(uint32_t n)
{
	random_state += 0x9e3779b97f4a7c15ull;
	return leat_hash_slot(leat_hash_mix(random_state), n);
}

static inline struct leat_addr address(unsigned int a, unsigned int b)
{
	struct leat_addr addr = {};

	if (b % 3 == 2) {
		addr.word[0] = htonl(0x20010db8);
		addr.word[3] = htonl(a << 16 | b);
	} else {
		addr.word[2] = htonl(0xffff);
		addr.word[3] = htonl(a << 24 | b);
	}
	return addr;
}

static inline struct leat_way way_of(unsigned char fill)
{
	struct leat_way way = { .ifindex = fill, .mtu = 1500, .mode = LEAT_MODE_IPIP, .link_len = 14, .outer_len = 20 };

	memset(way.header, fill, sizeof(way.header));
	return way;
}

static inline void wanted_start(struct wanted *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->want.seed = seed;
	w->want.pools = w->pools;
	w->want.services = w->services;
	w->want.access = w->access;
}

static inline struct want_pool *wanted_pool(struct wanted *w, unsigned int name, uint32_t size)
{
	unsigned int i = w->want.pool_count++;

	snprintf(w->names[i], sizeof(w->names[i]), "p%u", name);
	w->pools[i] = (struct want_pool){ .name = w->names[i], .table_size = size, .members = w->members[i] };
	return &w->pools[i];
}

static inline void wanted_member(struct want_pool *pool, unsigned int i, uint16_t weight, bool in_table)
{
	pool->members[pool->member_count++] = (struct want_member){
		.addr = address(10, i + 1), .weight = weight, .effective_weight = weight, .in_table = in_table,
		.lives = in_table, .way = way_of(i + 1),
	};
}

/* Down, or up again. */
static inline void wanted_up(struct want_member *member, bool is_up)
{
	member->in_table = member->lives = is_up;
}

static inline void wanted_service(struct wanted *w, unsigned int vip, unsigned int port, unsigned int pool)
{
	w->services[w->want.service_count++] = (struct config_service){
		.key = { .addr = address(192, vip + 1), .port = htons(port),
			 .protocol = port % 2 ? IPPROTO_UDP : IPPROTO_TCP },
		.pool = pool,
	};
}

/* To a pair of addresses, a range of ports, or both: no two become one. */
static inline void wanted_widen(struct leat_service_key *key)
{
	unsigned int what = random_below(3);

	if (what) {
		key->host_bits = 1;
		key->addr.byte[15] &= ~1;
	}
	if (what < 2)
		key->last_port = htons(LEAT_PORT_LAST);
}

static inline void wanted_scheduler(struct want_pool *pool, enum leat_scheduler scheduler)
{
	pool->scheduler = scheduler;
	pool->tracks = scheduler != LEAT_SCHEDULER_MH;
	pool->lists_members = scheduler == LEAT_SCHEDULER_LEAST;
}

/* Any of 40 ids, no two the same: what one member had another may have next. */
static inline void wanted_draw_ids(struct want_pool *pool)
{
	unsigned int first = random_below(40), i;

	for (i = 0; i < pool->member_count; i++)
		if (random_below(4))
			pool->members[i].server_id = (struct leat_server_id){ .byte = { 2, 7, (first + i) % 40 } };
}

static inline void wanted_draw_flows(struct wanted *w)
{
	unsigned int i, j;

	w->want.pin_interval_ns = random_below(3);
	w->want.fragment_sets = random_below(2) * 1024;
	w->want.timeout[random_below(4)] = random_below(400);
	for (i = 0; i < w->want.pool_count; i++) {
		struct want_pool *pool = &w->pools[i];

		wanted_scheduler(pool, random_below(2) ? LEAT_SCHEDULER_MH : random_below(LEAT_SCHEDULER_LATENCY + 1));
		pool->sticky_ticks = random_below(3);
		wanted_draw_ids(pool);
		pool->hashed = random_below(5) ? 0 : LEAT_HASHED(LEAT_GRAIN_CLIENT(random_below(33), random_below(129)));
		for (j = 0; j < pool->member_count; j++) {
			pool->members[j].lives |= !random_below(2);
			pool->members[j].latency_us = random_below(3);
		}
	}
	for (i = 0; i < w->want.service_count; i++) {
		bool is_udp = w->services[i].key.protocol == IPPROTO_UDP;

		w->services[i].sticky_ms = is_udp ? random_below(2) : 0;
		w->services[i].quic = is_udp && !random_below(3) ? LEAT_QUIC(random_below(7), 2) : 0;
	}
}

/* Lists that come, go and change, and services that go over to others. */
static inline void wanted_draw_access(struct wanted *w)
{
	unsigned int name, i, j;

	for (name = 0; name < WANT_ACCESS_MAX; name++) {
		struct config_access *access = &w->access[w->want.access_count];
		bool is_usual = random_below(2);

		i = w->want.access_count;
		if (!random_below(3))
			continue;
		snprintf(w->access_names[i], sizeof(w->access_names[i]), "a%u", name);
		for (j = 0; j < 8; j++) {
			w->edges4[i][j] = is_usual ? name + j * 100 : random_below(100) + j * 100;
			w->edges6[i][j] = (struct leat_edge6){ name, w->edges4[i][j] };
		}
		*access = (struct config_access){
			.name = w->access_names[i],
			.edges = { false, random_below(2), is_usual ? 3 : random_below(9), random_below(9), w->edges4[i], w->edges6[i] },
		};
		if (random_below(2))
			access->guard = (struct leat_guard){ .interval_ns = { random_below(3) }, .burst_ns = random_below(3),
							     .cut4 = random_below(2), .cut6 = random_below(2), .limits = 1 };
		w->want.access_count++;
	}
	for (i = 0; i < w->want.service_count; i++)
		w->services[i].access = random_below(w->want.access_count + 1);
}

static inline void wanted_draw(struct wanted *w, uint64_t seed)
{
	static const uint32_t sizes[] = { 251, 257, 509, 1009 };
	unsigned int i, j;

	wanted_start(w, seed);
	w->want.icmp_interval_ns = random_below(4);
	for (i = 0; i < 10; i++) {
		struct want_pool *pool = random_below(3) ? wanted_pool(w, i, sizes[random_below(4)]) : NULL;

		for (j = 0; pool && j < 20; j++)
			if (random_below(2))
				wanted_member(pool, j, random_below(6), random_below(4));
		if (pool && pool->member_count && !random_below(3))
			pool->members[0].way = way_of(random_below(256));
	}
	for (i = 0; w->want.pool_count && i < 60; i++)
		if (random_below(3))
			wanted_service(w, i / 10, 80 + i % 10, random_below(w->want.pool_count));
	for (i = 0; i < w->want.service_count && random_below(3); i++)
		if (random_below(2))
			wanted_widen(&w->services[i].key);
	wanted_draw_flows(w);
	wanted_draw_access(w);
}

#endif
