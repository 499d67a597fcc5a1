/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configurations, drawn by changes: see settings.h. */
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "fuzz/settings.h"

const char *const settings_interface_names[INTERFACE_COUNT] = {"ingress", "other", "peer", "astray"};

#define ASTRAY 12345 /* an interface's number that no interface has */
#define RESEED 100   /* configurations between two seeds */
#define FLOOD  8   /* of so many changes one is of everything, the others are of members */
#define BIG    60    /* of so many new pools one has a table of the default size */

/* --- taking away ------------------------------------------------------------------------------------------
 */

void settings_remove_service(struct settings *s, unsigned int index)
{
	s->services[index] = s->services[--s->service_count];
}

void settings_remove_member(struct settings *s, unsigned int pool, unsigned int index)
{
	s->members[pool][index] = s->members[pool][--s->pools[pool].member_count];
}

void settings_remove_pool(struct settings *s, unsigned int index)
{
	unsigned int last = --s->pool_count, i = 0;

	while (i < s->service_count)
		if (s->services[i].pool == index)
			settings_remove_service(s, i);
		else
			i++;
	s->pools[index] = s->pools[last];
	memcpy(s->members[index], s->members[last], sizeof(s->members[index]));
	for (i = 0; i < s->service_count; i++)
		if (s->services[i].pool == last)
			s->services[i].pool = index;
}

/* --- pools and members ------------------------------------------------------------------------------------
 */

static uint16_t draw_weight(struct random *r)
{
	static const uint16_t weights[] = {0, 1, 1, 1, 1, 2, 3, 10, 100, 32768, 65535};

	return random_one_in(r, 4) ? random_below(r, 65536) : random_pick(r, weights);
}

static bool has_member(const struct settings *s, unsigned int pool, const struct leat_addr *addr)
{
	unsigned int i;

	for (i = 0; i < s->pools[pool].member_count; i++)
		if (addr_equal(&s->members[pool][i].addr, addr))
			return true;
	return false;
}

static void add_member(struct settings *s, unsigned int pool, struct random *r)
{
	unsigned int number = random_between(r, 1, 60);
	struct reference_member m = {.weight = draw_weight(r), .latency_us = random_below(r, 5000)};

	settings_standing_draw(&m, r);
	m.addr = random_one_in(r, 3) ? settings_ipv6(0xfd000000, pool, number)
				     : settings_ipv4(10u << 24 | pool << 8 | number);
	if (s->pools[pool].member_count == SETTINGS_MEMBERS_MAX || has_member(s, pool, &m.addr))
		return;
	settings_way_draw(s, &m.addr, r, &m.way);
	settings_id_draw(s, pool, &m, r);
	s->members[pool][s->pools[pool].member_count++] = m;
}

static uint32_t draw_size(struct random *r)
{
	static const uint32_t primes[] = {251, 251, 257, 263, 509};

	return random_one_in(r, BIG) ? 65537 : random_pick(r, primes);
}

static bool has_pool(const struct settings *s, unsigned int name)
{
	unsigned int i;

	for (i = 0; i < s->pool_count; i++)
		if (s->pools[i].name == name)
			return true;
	return false;
}

static void draw_mode(struct reference_pool *pool, struct random *r)
{
	static const enum reference_mode modes[] = {REFERENCE_L2,  REFERENCE_L2,  REFERENCE_IPIP, REFERENCE_IPIP,
						    REFERENCE_GRE, REFERENCE_GUE, REFERENCE_GUE1, REFERENCE_FOU};

	pool->mode = random_pick(r, modes);
	pool->tunnel_port = random_one_in(r, 4) ? 255 : random_between(r, 1, 65534);
}

static void add_pool(struct settings *s, struct random *r)
{
	static const unsigned int most[] = {0, 1, 1, 2, 3, 4, 6};
	unsigned int i, members, pool = s->pool_count, name;

	if (pool == SETTINGS_POOLS_MAX)
		return;
	do /* few names, so that a pool that is gone comes back as another */
		name = random_below(r, 2 * SETTINGS_POOLS_MAX);
	while (has_pool(s, name));
	s->pools[pool] = (struct reference_pool){
		.table_size = draw_size(r),
		.name = name,
	};
	draw_mode(&s->pools[pool], r);
	settings_flows_draw(&s->pools[pool], r);
	s->pool_count++;
	members = random_one_in(r, 16) ? SETTINGS_MEMBERS_MAX : random_pick(r, most);
	for (i = 0; i < members; i++)
		add_member(s, pool, r);
}

/* --- services ---------------------------------------------------------------------------------------------
 */

static bool has_service(const struct settings *s, const struct reference_service *service)
{
	unsigned int i;

	for (i = 0; i < s->service_count; i++)
		if (addr_equal(&s->services[i].addr, &service->addr) && s->services[i].host_bits == service->host_bits &&
		    s->services[i].port == service->port && s->services[i].last_port == service->last_port &&
		    s->services[i].protocol == service->protocol)
			return true;
	return false;
}

/* A handful of addresses and ports, so that services differ in one thing only. */
static void add_service(struct settings *s, struct random *r)
{
	static const uint16_t ports[] = {80, 81, 443, 53, 1, 256, 65535};
	struct reference_service service = {
		.protocol = random_one_in(r, 2) ? IPPROTO_TCP : IPPROTO_UDP,
		.port = random_pick(r, ports),
		.addr = random_one_in(r, 2) ? settings_ipv4(0xc000020a + random_below(r, 3))
					    : settings_ipv6(0x20010db8, 0, 0x10 + random_below(r, 3)),
	};

	service.is_sticky = service.protocol == IPPROTO_UDP && !random_one_in(r, 3);
	if (random_one_in(r, 5))
		settings_shape_draw(&service, r);
	if (!s->pool_count || s->service_count == SETTINGS_SERVICES_MAX || has_service(s, &service))
		return;
	service.pool = random_below(r, s->pool_count);
	settings_quic_draw(s, &service, r);
	settings_access_draw(s, &service, r);
	s->services[s->service_count++] = service;
}

/* --- changes ----------------------------------------------------------------------------------------------
 */

static void change_member(struct settings *s, unsigned int pool, struct random *r)
{
	struct reference_member *m = &s->members[pool][random_below(r, s->pools[pool].member_count)];

	switch (random_below(r, 9)) {
	case 8:
		settings_id_draw(s, pool, m, r);
		break;
	case 0:
		m->weight = draw_weight(r);
		break;
	case 3 ... 5:
		settings_standing_draw(m, r);
		break;
	case 2:
		settings_remove_member(s, pool, m - s->members[pool]);
		break;
	default:
		settings_way_draw(s, &m->addr, r, &m->way);
	}
}

static void change_pool(struct settings *s, struct random *r)
{
	unsigned int pool = random_below(r, s->pool_count);

	switch (random_below(r, 20)) {
	case 0:
		settings_remove_pool(s, pool);
		break;
	case 1:
		draw_mode(&s->pools[pool], r);
		break;
	case 2:
		s->pools[pool].table_size = draw_size(r);
		break;
	case 3 ... 4:
		settings_flows_change(&s->pools[pool], r);
		break;
	case 5 ... 8:
		add_member(s, pool, r);
		break;
	default:
		if (s->pools[pool].member_count)
			change_member(s, pool, r);
	}
}

static void change_headroom(struct settings *s, struct random *r)
{
	static const unsigned int taken[] = {120, 160, 168, 172, 176, 192, 208, 212, 212, 212};

	s->metadata = random_one_in(r, 2) ? LOADED_HEADROOM_SET : random_pick(r, taken);
}

static void change_rest(struct settings *s, struct random *r)
{
	bool *allowed = &s->allowed[random_between(r, INTERFACE_OTHER, INTERFACE_PEER)];

	switch (random_below(r, 4)) {
	case 3:
		settings_timeouts_draw(s, r);
		break;
	case 0:
		s->may_reply = !s->may_reply;
		break;
	case 1:
		change_headroom(s, r);
		break;
	default:
		*allowed = !*allowed;
	}
}

static void change_service(struct settings *s, struct random *r)
{
	unsigned int service;

	if (!s->service_count)
		return;
	service = random_below(r, s->service_count);
	if (random_one_in(r, 3))
		settings_remove_service(s, service);
	else if (random_one_in(r, 4))
		settings_quic_draw(s, &s->services[service], r);
	else if (random_one_in(r, 3))
		settings_access_draw(s, &s->services[service], r);
	else if (random_one_in(r, 3))
		s->services[service].is_sticky ^= s->services[service].protocol != IPPROTO_TCP;
	else
		s->services[service].pool = random_below(r, s->pool_count);
}

static void change_once(struct settings *s, struct random *r)
{
	unsigned int kind = random_below(r, 16);

	if (kind == 0 || !s->pool_count)
		add_pool(s, r);
	else if (kind < 7)
		change_pool(s, r);
	else if (kind < 11)
		add_service(s, r);
	else if (kind < 14)
		change_service(s, r);
	else
		change_rest(s, r);
}

/* Members of pools that have services come and go, die, drain and return: often the same ones. */
static void churn(struct settings *s, struct random *r)
{
	unsigned int pool = s->services[random_below(r, s->service_count)].pool, count = s->pools[pool].member_count;
	struct reference_member *m = &s->members[pool][random_one_in(r, 3) ? random_below(r, count) : 0];

	switch (count ? random_below(r, 19) : 0) {
	case 18:
		draw_mode(&s->pools[pool], r);
		break;
	case 0 ... 1:
		add_member(s, pool, r);
		break;
	case 2 ... 3:
		settings_remove_member(s, pool, m - s->members[pool]);
		break;
	case 9 ... 10:
		s->services[random_below(r, s->service_count)].pool = random_below(r, s->pool_count);
		break;
	case 11:
		m->weight = draw_weight(r);
		break;
	case 4:
		settings_flows_change(&s->pools[pool], r);
		break;
	case 5:
		change_once(s, r);
		break;
	case 6 ... 7:
		change_rest(s, r);
		break;
	case 8:
		settings_drain(s, pool);
		break;
	default:
		settings_standing_draw(m, r);
	}
}

/* --- drawing ----------------------------------------------------------------------------------------------
 */

void settings_start(const struct loaded *loaded, struct settings *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->may_reply = true;
	ret->metadata = LOADED_HEADROOM_SET;
	ret->timeout[REFERENCE_OPENING] = 6;
	ret->timeout[REFERENCE_ESTABLISHED] = 40;
	ret->timeout[REFERENCE_CLOSING] = 5;
	ret->interfaces[INTERFACE_INGRESS] = LOADED_INGRESS;
	ret->interfaces[INTERFACE_OTHER] = loaded->other_interface;
	ret->interfaces[INTERFACE_PEER] = loaded->peer_interface;
	ret->interfaces[INTERFACE_ASTRAY] = ASTRAY;
	ret->allowed[INTERFACE_INGRESS] = true; /* of no meaning: it goes back */
	ret->allowed[INTERFACE_OTHER] = true;
}

void settings_change(struct settings *s, uint64_t seed, uint64_t number)
{
	static const unsigned int counts[] = {1, 2, 4, 8, 16, 40}, few[] = {1, 1, 2, 3, 4, 8};
	struct random r = random_start(seed, 'c', number);
	bool is_flood = number % FLOOD == 0;
	unsigned int changes = is_flood ? random_pick(&r, counts) : random_pick(&r, few);

	if (number % RESEED == 0)
		s->seed = random_next(&r) | 1;
	if (random_one_in(&r, 4))
		change_headroom(s, &r);
	while (changes--)
		if (is_flood || !s->service_count)
			change_once(s, &r);
		else
			churn(s, &r);
	if (random_one_in(&r, 3))
		settings_access_change(s, &r);
	while (s->pool_count < 4)
		add_pool(s, &r);
	while (s->service_count < 8)
		add_service(s, &r);
	s->forwards_fragments = !random_one_in(&r, 8);
	s->limits_pins = random_one_in(&r, 16);
	if (s->limits_pins)
		settings_flows_foresee(s);
}

void settings_config(struct settings *s, struct reference_config *ret)
{
	unsigned int i, j, k;

	for (i = 0; i < s->pool_count; i++) {
		s->pools[i].members = s->members[i];
		for (j = 0; j < s->pools[i].member_count; j++)
			for (k = 0; k < INTERFACE_COUNT; k++)
				if (s->members[i][j].way.ifindex == s->interfaces[k])
					s->members[i][j].way.is_allowed = s->allowed[k];
	}
	*ret = (struct reference_config){
		.seed = s->seed,
		.ingress = s->interfaces[INTERFACE_INGRESS],
		.headroom = LOADED_HEADROOM - s->metadata,
		.pools = s->pools,
		.pool_count = s->pool_count,
		.services = s->services,
		.access = s->access,
		.access_count = s->access_count,
		.service_count = s->service_count,
		.forwards_fragments = s->forwards_fragments,
		.limits_pins = settings_limits_pins(s),
		.chosen = ret->chosen,
		.context = ret->context,
	};
	for (i = 0; i < ARRAY_SIZE(s->timeout); i++)
		ret->timeout[i] = s->timeout[i];
}
