/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random configuration, in the reference model's words, with what else a packet's fate depends on. Each is
 * made from the one before by changes, as a daemon meets them. No pointers: a copy is a copy.
 */
#ifndef FUZZ_SETTINGS_H
#define FUZZ_SETTINGS_H

#include "fuzz/random.h"
#include "packet/loaded.h"
#include "reference/reference.h"

#define SETTINGS_POOLS_MAX    10
#define SETTINGS_MEMBERS_MAX  40
#define SETTINGS_SERVICES_MAX 64
#define SETTINGS_ACCESS_MAX   4

/* The interfaces that ways may leave by. */
enum settings_interface {
	INTERFACE_INGRESS, /* that packets come in by */
	INTERFACE_OTHER,   /* allowed or not, as drawn */
	INTERFACE_PEER,    /* the same */
	INTERFACE_ASTRAY,  /* there is none of this number */
	INTERFACE_COUNT,
};
extern const char *const settings_interface_names[INTERFACE_COUNT];

struct settings {
	uint64_t seed;
	bool may_reply;        /* ICMP errors: as many as there is reason for, or none */
	unsigned int metadata; /* bytes of the headroom that are taken */
	uint16_t timeout[3];   /* of flows, by the first of enum reference_state; the idle time is ESTABLISHED's */
	bool forwards_fragments;
	bool limits_pins;      /* the budget of new pins is spent: see settings_limits_pins() */
	uint32_t interfaces[INTERFACE_COUNT];
	bool allowed[INTERFACE_COUNT];
	unsigned int pool_count, service_count, access_count;
	struct reference_pool pools[SETTINGS_POOLS_MAX]; /* members: set by settings_config; name 7: "p7" in the maps */
	struct reference_member members[SETTINGS_POOLS_MAX][SETTINGS_MEMBERS_MAX];
	struct reference_service services[SETTINGS_SERVICES_MAX];
	struct reference_access access[SETTINGS_ACCESS_MAX]; /* name 3: "a3" in the maps */
};

/* Nothing configured. */
void settings_start(const struct loaded *loaded, struct settings *ret);
/* Makes number `number` of the seed's configurations out of the one before. */
void settings_change(struct settings *s, uint64_t seed, uint64_t number);

/* The same for the model. It points into s, whose pools learn where their members are; context and chosen stay. */
void settings_config(struct settings *s, struct reference_config *ret);

/* Removing keeps what is left consistent: a pool's services go with it. */
void settings_remove_service(struct settings *s, unsigned int index);
void settings_remove_member(struct settings *s, unsigned int pool, unsigned int index);
/* Its services let everybody in then. */
void settings_remove_access(struct settings *s, unsigned int index);
void settings_remove_pool(struct settings *s, unsigned int index);

/* What decides about flows, drawn: settings_flows.c. */
void settings_flows_draw(struct reference_pool *pool, struct random *r);
void settings_flows_change(struct reference_pool *pool, struct random *r);
void settings_standing_draw(struct reference_member *member, struct random *r);
void settings_drain(struct settings *s, unsigned int pool);
void settings_timeouts_draw(struct settings *s, struct random *r);
bool settings_limits_pins(const struct settings *s);
void settings_flows_foresee(struct settings *s); /* no scheduler draws */

/* QUIC: settings_quic.c */
void settings_id_draw(const struct settings *s, unsigned int pool, struct reference_member *m, struct random *r);
void settings_quic_draw(const struct settings *s, struct reference_service *service, struct random *r);

/* Octets of a pool's server ids; of those that its services do not look for. */
static inline unsigned int settings_id_length(const struct reference_pool *pool, bool is_odd)
{
	static const unsigned int lengths[] = {1, 2, 4, 6, 7, 8, 9, 14, 15};

	return lengths[(pool->name + is_odd) % ARRAY_SIZE(lengths)];
}

/* What a service is on, more than one address, port or protocol: settings_shapes.c. And its key in the maps. */
void settings_shape_draw(struct reference_service *service, struct random *r);
struct leat_service_key settings_key(const struct reference_service *service);
/* One of the service's addresses and ports, and a protocol. */
void settings_aim_draw(const struct reference_service *service, struct random *r, struct leat_addr *ret_addr, uint8_t *ret_protocol,
		       uint16_t *ret_port);

/* access lists, drawn: settings_access.c */
void settings_access_change(struct settings *s, struct random *r);
void settings_access_draw(const struct settings *s, struct reference_service *service, struct random *r);

/* ways, drawn: settings_way.c */
void settings_way_draw(const struct settings *s, const struct leat_addr *backend, struct random *r,
		       struct reference_way *ret);

/* An IPv4 address, mapped. */
static inline struct leat_addr settings_ipv4(uint32_t addr)
{
	return (struct leat_addr){.word = {0, 0, __builtin_bswap32(0xffff), __builtin_bswap32(addr)}};
}

static inline struct leat_addr settings_ipv6(uint32_t first, uint32_t second, uint32_t last)
{
	return (struct leat_addr){
		.word = {__builtin_bswap32(first), __builtin_bswap32(second), 0, __builtin_bswap32(last)}};
}

#endif
