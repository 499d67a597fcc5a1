/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps and packets of a case: see world.h. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include "base/auto.h"
#include "bench/world.h"
#include "leat/tunnel.h"
#include "model/plan.h"
#include "net/ways_header.h"

#define SEED         1
#define PORT         80
#define PORT_OTHER   81
#define SERVICES4    0xc6120000u /* 198.18.0.0/16, for benchmarks (RFC 2544) */
#define BACKENDS4    0xc6130000u /* 198.19.0.0/16 */
#define SOURCES4     0x0a000000u /* as bench.bpf.c draws them */
#define SOURCES6_HIGH 0x2001000200000001ull
#define TIMEOUT      300         /* ticks */
#define TABLE_BIG    131071      /* slots, where the default is too few for the backends */

static struct leat_addr mapped(uint32_t addr)
{
	return (struct leat_addr){ .word = { 0, 0, htonl(0xffff), htonl(addr) } };
}

/* 2001:2::/48, for benchmarks (RFC 5180) */
static struct leat_addr service_addr(const struct bench_case *c, unsigned int number)
{
	if (c->is_ipv6)
		return (struct leat_addr){ .word = { htonl(0x20010002), 0, 0, htonl(number) } };
	return mapped(SERVICES4 + number);
}

/* --- maps -------------------------------------------------------------------------------------------- */

static struct want_member member_make(const struct bench_case *c, unsigned int number, uint32_t ifindex)
{
	struct want_member m = { .addr = mapped(BACKENDS4 + 1 + number), .weight = 10, .effective_weight = 10,
				 .in_table = true, .lives = true, .latency_us = 100 };
	struct way_exit exit = { .ifindex = ifindex, .mtu = 1500, .to = { 2, 1 }, .from = { 2 } };
	struct way_outer outer = { .source = mapped(BACKENDS4), .destination = m.addr, .port = LEAT_GUE_PORT };

	ways_header_build(c->mode, &exit, &outer, &m.way);
	return m;
}

/* Nobody sends yet. */
static void no_grace(void *context)
{
}

/*
 * Edges all over the flows' addresses, each twice, so that everybody is let in: as many as so many prefixes have that do not
 * touch.
 */
static struct access_edges edges_make(const struct bench_case *c)
{
	struct access_edges e = { .count4 = 2 * c->prefixes, .count6 = 2 * c->prefixes };
	uint32_t i, addr;

	e.edges4 = memory_zeroed(e.count4, sizeof(*e.edges4));
	e.edges6 = memory_zeroed(e.count6, sizeof(*e.edges6));
	for (i = 0; i < 2 * c->prefixes; i++) {
		addr = (uint64_t)(i / 2) * c->flows / c->prefixes;
		e.edges4[i] = SOURCES4 + addr;
		e.edges6[i] = (struct leat_edge6){ SOURCES6_HIGH, addr };
	}
	return e;
}

int bench_world_fill(struct world *world, const struct bench_case *c, uint32_t ifindex, struct err *err)
{
	auto_free struct want_member *members = memory_zeroed(c->backends, sizeof(*members));
	auto_free struct config_service *services = memory_zeroed(c->services, sizeof(*services));
	struct want_pool pool = { .name = "pool", .table_size = c->backends > 1000 ? TABLE_BIG : LEAT_TABLE_SIZE_DEFAULT,
				  .scheduler = c->scheduler, .tracks = c->scheduler != LEAT_SCHEDULER_MH,
				  .lists_members = c->scheduler == LEAT_SCHEDULER_LEAST, .sticky_ticks = 1,
				  .members = members, .member_count = c->backends };
	struct config_access access = { .name = (char *)"list", .edges = edges_make(c) };
	struct want want = { .seed = SEED, .fragment_sets = LEAT_FRAGMENT_SETS_MAX, .timeout = { TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT }, .pools = &pool, .pool_count = 1,
			     .access = &access, .access_count = c->prefixes || c->is_limited, .services = services, .service_count = c->services };
	struct table_cache *cache = table_cache_new();
	struct plan_sink sink = { .grace = no_grace };
	struct plan *plan;
	unsigned int i;
	int e;

	if (c->is_limited)
		access.guard = (struct leat_guard){ .interval_ns = { 1, 1, 1, 1 }, .burst_ns = 1000000000, .limits = 1 };
	for (i = 0; i < c->backends; i++)
		members[i] = member_make(c, i, ifindex);
	for (i = 0; i < c->services; i++) {
		services[i].access = want.access_count;
		services[i].key = (struct leat_service_key){ .addr = service_addr(c, i), .port = htons(PORT),
							     .protocol = IPPROTO_TCP };
	}
	e = plan_make(world, &want, cache, &plan, err);
	if (!e) {
		plan_run(plan, world, &sink);
		plan_free(plan);
	}
	table_cache_free(cache);
	access_clear(&access.edges);
	return e;
}

/* --- packets ------------------------------------------------------------------------------------------ */

static uint8_t *put_ip4(const struct bench_case *c, uint8_t *at)
{
	static const uint16_t fragment[] = { [BENCH_WHOLE] = 0x4000, [BENCH_FIRST] = 0x2000, [BENCH_LATER] = 3 };
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP, .frag_off = htons(fragment[c->fragment]),
			    .tot_len = htons(LEAT_BENCH_FRAME - sizeof(struct ethhdr)), .daddr = service_addr(c, 0).word[3] };

	memcpy(at, &ip, sizeof(ip));
	return at + sizeof(ip);
}

static uint8_t *put_ip6(const struct bench_case *c, uint8_t *at)
{
	struct ipv6hdr ip = { .version = 6, .hop_limit = 64, .nexthdr = IPPROTO_TCP,
			      .payload_len = htons(LEAT_BENCH_FRAME - sizeof(struct ethhdr) - sizeof(struct ipv6hdr)) };
	struct leat_addr to = service_addr(c, 0), from = { .word = { htonl(0x20010002), htonl(1) } };

	memcpy(&ip.daddr, &to, sizeof(to));
	memcpy(&ip.saddr, &from, sizeof(from));
	memcpy(at, &ip, sizeof(ip));
	return at + sizeof(ip);
}

void bench_traffic(const struct bench_case *c, struct measure_traffic *ret)
{
	struct ethhdr eth = { .h_dest = { 2 }, .h_source = { 2, 2 }, .h_proto = htons(c->is_ipv6 ? ETH_P_IPV6 : ETH_P_IP) };
	struct tcphdr tcp = { .source = htons(4000), .dest = htons(c->is_nobodys ? PORT_OTHER : PORT), .doff = 5,
			      .syn = c->is_new, .ack = !c->is_new };
	uint8_t *at = ret->frame + sizeof(eth);

	*ret = (struct measure_traffic){ .is_ipv6 = c->is_ipv6, .flows = c->flows, .services = c->services };
	memcpy(ret->frame, &eth, sizeof(eth));
	at = c->is_ipv6 ? put_ip6(c, at) : put_ip4(c, at);
	memcpy(at, &tcp, sizeof(tcp));
}
