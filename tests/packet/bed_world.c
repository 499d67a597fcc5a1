/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills the maps as the daemon does: a want, a plan, its stores. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/shape.h"
#include "model/plan.h"
#include "net/ways_header.h"
#include "packet/bed.h"
#include "packet/bed_world.h"

#define LOOPBACK    LOADED_INGRESS

const struct bed_line bed_lines[BED_POOLS] = {
#define LINE(port) [(port)-PORT_IPIP]
	LINE(PORT_IPIP) = {LEAT_MODE_IPIP, BACKEND, 1, LOOPBACK, 1500},
	LINE(PORT_IPIP6) = {LEAT_MODE_IPIP, BACKEND6, 1, LOOPBACK, 1500},
	LINE(PORT_L2) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500},
	LINE(PORT_EMPTY) = {LEAT_MODE_IPIP, BACKEND, 0},
	LINE(PORT_UNRESOLVED) = {LEAT_MODE_IPIP, BACKEND, 1, 0},
	LINE(PORT_REDIRECT) = {LEAT_MODE_IPIP, BACKEND, 1, -1, 1500},
	LINE(PORT_ASTRAY) = {LEAT_MODE_IPIP, BACKEND, 1, BED_ASTRAY, 1500},
	LINE(PORT_IPIP_TAG) = {LEAT_MODE_IPIP, BACKEND, 1, LOOPBACK, 1500, {100}},
	LINE(PORT_IPIP6_TAGS) = {LEAT_MODE_IPIP, BACKEND6, 1, LOOPBACK, 1500, {200, 300}},
	LINE(PORT_L2_TAG) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, {100}},
	LINE(PORT_SPREAD) = {LEAT_MODE_IPIP, "10.0.0.101", 5, LOOPBACK, 1500, {}, "10.0.0.0", "0.0.255.255"},
	LINE(PORT_SPREAD6) = {LEAT_MODE_IPIP, "fd00::65", 5, LOOPBACK, 1500, {}, "fd00::", "0.0.255.255"},
	LINE(PORT_NARROW) = {LEAT_MODE_IPIP, BACKEND, 1, LOOPBACK, 1280},
	LINE(PORT_JUMBO) = {LEAT_MODE_IPIP, BACKEND, 1, LOOPBACK, 9000},
	LINE(PORT_GRE) = {LEAT_MODE_GRE, BACKEND, 1, LOOPBACK, 1500},
	LINE(PORT_GRE6) = {LEAT_MODE_GRE, BACKEND6, 1, LOOPBACK, 1500},
	LINE(PORT_GUE) = {LEAT_MODE_GUE, BACKEND, 1, LOOPBACK, 1500},
	LINE(PORT_GUE6) = {LEAT_MODE_GUE, BACKEND6, 1, LOOPBACK, 1500},
	LINE(PORT_GUE1) = {LEAT_MODE_GUE1, BACKEND, 1, LOOPBACK, 1500},
	LINE(PORT_GUE16) = {LEAT_MODE_GUE1, BACKEND6, 1, LOOPBACK, 1500},
	LINE(PORT_FOU) = {LEAT_MODE_FOU, BACKEND, 1, LOOPBACK, 1500},
	LINE(PORT_FOU6) = {LEAT_MODE_FOU, BACKEND6, 1, LOOPBACK, 1500},
	LINE(PORT_GRE_TAG) = {LEAT_MODE_GRE, BACKEND, 1, LOOPBACK, 1500, {100}},
	LINE(PORT_GUE6_TAGS) = {LEAT_MODE_GUE, BACKEND6, 1, LOOPBACK, 1500, {200, 300}},
	LINE(PORT_GUARDED) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, .access = 1},
	LINE(PORT_LIMITED) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, .access = 3},
	LINE(PORT_LIMITED_SOURCE_FLOWS) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, .access = 4},
	LINE(PORT_LIMITED_PACKETS) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, .access = 5},
	LINE(PORT_LIMITED_FLOWS) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, .access = 6},
	LINE(PORT_MEMBERS) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, .access = 2},
	LINE(PORT_FOU_SPREAD) = {LEAT_MODE_FOU, "10.0.0.101", 5, LOOPBACK, 1500, {}, "10.0.0.0", "0.0.255.255"},
	LINE(PORT_L2_TAGS) = {LEAT_MODE_L2, BACKEND, 1, LOOPBACK, 1500, {200, 300}},
};

const struct bed_shape bed_shapes[BED_SHAPES] = {
	{"any/198.18.0.0/16:any", PORT_L2},
	{"any/198.18.0.0/24:any", PORT_L2_TAG},
	{"tcp/198.18.0.0/24:any", PORT_EMPTY},
	{"tcp/198.18.0.0/24:8000-8999", PORT_UNRESOLVED},
	{"tcp/198.18.0.0/24:8080", PORT_L2},
	{"tcp/198.18.0.10:8081", PORT_L2_TAG},
	{"udp/198.18.0.10:8000-8999", PORT_EMPTY},
	{"sctp/198.19.0.1:9000", PORT_L2},
	{"gre/198.19.0.0/24:any", PORT_L2_TAG},
	{"any/[2001:db8:5::]/48:any", PORT_L2},
	{"udp/[2001:db8:5::]/48:8000-8999", PORT_EMPTY},
	{"sctp/[2001:db8:5:1::1]:9000", PORT_L2_TAG},
	{"esp/[2001:db8:6::]/48:any", PORT_L2},
};

static struct leat_addr address(const char *text)
{
	struct leat_addr addr;

	assert_int_equal(addr_parse(text, &addr), 0);
	return addr;
}

uint64_t bed_hash(uint8_t protocol, const char *from, uint16_t source, const char *to, uint16_t destination)
{
	struct leat_service_key key = {.addr = address(to), .port = htons(destination), .protocol = protocol};
	struct leat_addr client = address(from);

	return leat_hash_flow(&bed.world.control->factors, &key, &client, htons(source));
}

static void mac(uint8_t *at, const char *text)
{
	sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", at, at + 1, at + 2, at + 3, at + 4, at + 5);
}

static struct leat_way way(const struct bed_line *line, const struct leat_addr *backend, int other_interface)
{
	struct way_outer outer = {.destination = *backend, .port = TUNNEL_PORT};
	struct way_exit exit = {.mtu = line->mtu};
	struct leat_way ret;
	unsigned int i;

	exit.ifindex = line->interface == -1 ? other_interface : line->interface;
	mac(exit.to, NEXT_MAC);
	mac(exit.from, OUT_MAC);
	for (i = 0; i < 2 && line->tags[i]; i++) {
		exit.tags[i].protocol = htons(i ? ETH_P_8021Q : line->tags[1] ? ETH_P_8021AD : ETH_P_8021Q);
		exit.tags[i].tci = htons(line->tags[i]);
	}
	exit.tag_count = i;
	outer.source = address(line->source ?: addr_is_ipv4(backend) ? OUTER : OUTER6);
	if (line->source)
		outer.source = address(line->source);
	if (line->source_mask)
		inet_pton(AF_INET, line->source_mask, &outer.source_mask);
	ways_header_build(line->mode, &exit, &outer, &ret);
	return ret;
}

static void want_line(struct want_pool *pool, const struct bed_line *line, int other_interface)
{
	unsigned int i;

	pool->name = string_format("pool-%td", line - bed_lines);
	pool->table_size = LEAT_TABLE_SIZE_MIN;
	pool->member_count = line->members;
	pool->members = memory_zeroed(BED_MEMBERS_MAX, sizeof(*pool->members));
	for (i = 0; i < line->members; i++) {
		struct want_member *member = &pool->members[i];

		member->addr = address(line->backend);
		member->addr.byte[15] += i;
		member->weight = member->effective_weight = 1;
		member->in_table = member->lives = true;
		member->way = way(line, &member->addr, other_interface);
	}
}

static struct config_access lists[] = {
	{.name = "guarded"},
	{.name = "members"},
	{.name = "no-source-packets", .guard = {.interval_ns = {[LEAT_RATE_SOURCE_PACKETS] = 1}, .limits = 1}},
	{.name = "no-source-flows", .guard = {.interval_ns = {[LEAT_RATE_SOURCE_FLOWS] = 1}, .limits = 1}},
	{.name = "no-packets", .guard = {.interval_ns = {[LEAT_RATE_SERVICE_PACKETS] = 1}, .limits = 1}},
	{.name = "no-flows", .guard = {.interval_ns = {[LEAT_RATE_SERVICE_FLOWS] = 1}, .limits = 1}},
};

static unsigned int prefixes_add(const char *texts, bool denies, struct access_prefix *ret)
{
	auto_free char *copy = string_copy(texts);
	char *text, *rest = copy;
	unsigned int length, count = 0;

	while ((text = strsep(&rest, " "))) {
		if (!*text)
			continue;
		assert_int_equal(prefix_parse(text, &ret[count].addr, &length), 0);
		ret[count].length = length;
		ret[count++].denies = denies;
	}
	return count;
}

static void list_set(struct config_access *list, const char *allow, const char *deny)
{
	struct access_prefix prefixes[32];
	unsigned int allowed = prefixes_add(allow, false, prefixes);

	access_clear(&list->edges);
	access_resolve(prefixes, allowed + prefixes_add(deny, true, prefixes + allowed), allowed, &list->edges);
}

void bed_list_set(const char *allow, const char *deny)
{
	list_set(&lists[0], allow, deny);
	list_set(&lists[1], "198.51.100.0/24 2001:db8:c::/48", "198.51.100.128/25 2001:db8:c:8000::/49");
}

void bed_rates_set(const uint64_t interval_ns[LEAT_RATES], uint64_t burst_ns, unsigned int prefix4, unsigned int prefix6)
{
	struct leat_guard *guard = &lists[0].guard;
	unsigned int i;

	guard->limits = 0;
	for (i = 0; i < LEAT_RATES; i++) {
		guard->interval_ns[i] = interval_ns[i];
		guard->limits |= interval_ns[i] != 0;
	}
	guard->burst_ns = burst_ns;
	guard->cut4 = 32 - prefix4;
	guard->cut6 = 128 - prefix6;
}

static unsigned int want_services(struct config_service *services)
{
	static const char *const vips[] = {VIP, VIP6};
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
	unsigned int pool, i, count = 0;

	for (pool = 0; pool < BED_POOLS; pool++)
		for (i = 0; i < 4; i++)
			services[count++] = (struct config_service){
				.key = {.addr = address(vips[i / 2]),
					.port = htons(PORT_IPIP + pool),
					.protocol = protocols[i % 2]},
				.pool = pool,
				.access = bed_lines[pool].access,
			};
	for (i = 0; i < BED_SHAPES; i++, count++) {
		services[count] = (struct config_service){.pool = bed_shapes[i].port - PORT_IPIP};
		assert_int_equal(shape_name_parse(bed_shapes[i].name, &services[count].key), 0);
	}
	return count;
}

/* Before any packet. */
static void no_grace(void *context)
{
}

void bed_fill(struct world *world, int other_interface)
{
	struct config_service services[BED_SERVICES];
	struct want_pool pools[BED_POOLS] = {};
	struct want want = {.seed = BED_SEED,
			    .icmp_interval_ns = 1,
			    .fragment_sets = 1024,
			    .access = lists,
			    .access_count = ARRAY_SIZE(lists),
			    .pools = pools,
			    .pool_count = BED_POOLS,
			    .services = services,
			    .service_count = want_services(services)};
	struct table_cache *cache = table_cache_new();
	struct plan_sink sink = {.grace = no_grace};
	struct plan *plan;
	struct err err;
	unsigned int i;

	for (i = 0; i < BED_POOLS; i++)
		want_line(&pools[i], &bed_lines[i], other_interface);
	if (plan_make(world, &want, cache, &plan, &err))
		fail_msg("%s", err.text);
	plan_run(plan, world, &sink);
	plan_free(plan);
	table_cache_free(cache);
	for (i = 0; i < BED_POOLS; i++) {
		free((char *)pools[i].name);
		free(pools[i].members);
	}
}
