/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat in the harness: the loaded program answers each packet (BPF_PROG_TEST_RUN), user/model makes the changes as the daemon
 * does, the sweeper goes on with the clock that the trace moves.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/auto.h"
#include "bench/pcc.h"
#include "model/plan.h"
#include "model/sweep.h"
#include "net/ways_header.h"
#include "packet/loaded.h"

#define PASS_STEPS 20 /* as in the daemon: of 50 ms */
#define STEP_MS    50

struct packet_bytes {
	struct ethhdr eth;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

static struct {
	struct loaded loaded;
	bool is_loaded;
	struct table_cache *tables;
	struct sweep *sweep;
	struct packet_bytes packet;
	struct bpf_test_run_opts run;
	uint8_t out[256];
	struct pcc_leat_figures figures;
	double tracked_sum;
	unsigned int tracked_samples;
	uint64_t events[LEAT_FLOW_EVENT_COUNT];
} leat;

static void give_up(const char *why)
{
	fprintf(stderr, "pcc: %s\n", why);
	exit(1);
}

/* --- changes ------------------------------------------------------------------------------------------------ */

static struct leat_way way_to(unsigned int member)
{
	struct way_outer outer = { .destination = pcc_member_addr(member) };
	struct way_exit exit = { .ifindex = LOADED_INGRESS, .mtu = 1500 };
	struct leat_way way;

	outer.source = outer.destination;
	ways_header_build(LEAT_MODE_IPIP, &exit, &outer, &way);
	return way;
}

static unsigned int want_members(const struct pcc_world *world, struct want_member *members)
{
	unsigned int i, count = 0;

	for (i = 1; i <= world->member_count; i++) {
		const struct pcc_member *m = &world->members[i];

		if (m->state == PCC_ABSENT)
			continue;
		members[count++] = (struct want_member){
			.addr = pcc_member_addr(i), .weight = m->weight, .effective_weight = m->weight,
			.in_table = m->state == PCC_UP, .lives = pcc_lives(m), .latency_us = 1, .way = way_to(i),
		};
	}
	return count;
}

static void no_grace(void *context)
{
}

static void leat_change(const struct pcc_world *world)
{
	auto_free struct want_member *members = memory_zeroed(world->member_count, sizeof(*members));
	struct config_service service = { .key = { .port = htons(80), .protocol = IPPROTO_TCP } };
	struct want_pool pool = {
		.name = "pool", .table_size = PCC_TABLE, .sticky_ticks = 1, .members = members,
		.member_count = want_members(world, members),
	};
	uint16_t idle = PCC_IDLE_MS / PCC_TICK_MS;
	struct want want = { .seed = PCC_SEED, .timeout = { idle, idle, idle, idle }, .pools = &pool, .pool_count = 1,
			     .services = &service, .service_count = 1 };
	struct plan_sink sink = { no_grace, NULL, NULL };
	struct plan *plan;
	struct err err;

	service.key.addr = (struct leat_addr){ .word = { 0, 0, htonl(0xffff), htonl(0xc000020a) } };
	if (plan_make(&leat.loaded.world, &want, leat.tables, &plan, &err))
		give_up(err.text);
	plan_run(plan, &leat.loaded.world, &sink);
	plan_free(plan);
	sweep_follow(leat.sweep, &leat.loaded.world);
}

/* --- time ------------------------------------------------------------------------------------------------------ */

static uint64_t events(enum leat_flow_event event)
{
	uint64_t total = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < leat.loaded.cpus; cpu++)
		total += leat.loaded.flow_counters[cpu * LEAT_FLOW_EVENTS_MAX + event];
	return total - leat.events[event];
}

static void sample(void)
{
	struct sweep_pool found = sweep_pool(leat.sweep, world_find_pool(&leat.loaded.world, "pool"));

	if (found.pins > leat.figures.pins_most)
		leat.figures.pins_most = found.pins;
	leat.tracked_sum += (double)found.tracked / PCC_TABLE;
	leat.tracked_samples++;
}

static void leat_step(const struct pcc_world *world)
{
	struct leat_control *control = leat.loaded.world.control;

	control->clock = world->now_ms / PCC_TICK_MS;
	if (world->now_ms % STEP_MS)
		return;
	if (sweep_is_needed(leat.sweep, &leat.loaded.world))
		sweep_step(leat.sweep, &leat.loaded.world, (control->flow_mask + 1) / PASS_STEPS + 1,
			   PCC_IDLE_MS / PCC_TICK_MS);
	if (world->now_ms % 1000 == 0)
		sample();
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

static void packet_prepare(void)
{
	leat.packet = (struct packet_bytes){
		.eth = { .h_dest = { 2 }, .h_source = { 2, 1 }, .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof(struct iphdr) + sizeof(struct tcphdr)), .daddr = htonl(0xc000020a) },
		.tcp = { .dest = htons(80), .doff = 5 },
	};
	leat.run = (struct bpf_test_run_opts){
		.sz = sizeof(leat.run), .data_in = &leat.packet, .data_size_in = sizeof(leat.packet), .data_out = leat.out, .repeat = 1,
	};
}

static unsigned int leat_send(const struct pcc_world *world, const struct pcc_packet *packet)
{
	const struct iphdr *outer = (const void *)(leat.out + sizeof(struct ethhdr));
	__be32 source;
	uint16_t port;

	pcc_tuple(packet->tuple, &source, &port);
	leat.packet.ip.saddr = source;
	leat.packet.tcp.source = htons(port);
	leat.packet.tcp.syn = packet->is_first;
	leat.packet.tcp.ack = !packet->is_first;
	leat.packet.tcp.fin = packet->is_last;
	leat.run.data_size_out = sizeof(leat.out);
	if (bpf_prog_test_run_opts(bpf_program__fd(leat.loaded.skeleton->progs.leat), &leat.run))
		give_up("the kernel refuses a test run");
	leat.figures.packets++;
	return ntohl(outer->daddr) & 0xffffff;
}

/* --- open and close -------------------------------------------------------------------------------------------------- */

static void leat_open(const struct pcc_world *world, uint32_t flow_words)
{
	struct world *w = &leat.loaded.world;
	enum leat_flow_event event;
	struct err err;

	if (!leat.is_loaded && loaded_up(false, 0, &leat.loaded, &err))
		give_up(err.text);
	leat.is_loaded = true;
	/* What the last scene left: all of it away. */
	memset(w->flows, 0, (size_t)LEAT_FLOW_SETS_DEFAULT * sizeof(*w->flows));
	memset(w->loads, 0, LEAT_BACKENDS_MAX * sizeof(*w->loads));
	memset(w->backends, 0, LEAT_BACKENDS_MAX * sizeof(*w->backends));
	memset(w->pools, 0, LEAT_POOLS_MAX * sizeof(*w->pools));
	memset(w->services, 0, LEAT_SERVICES_MAX * sizeof(*w->services));
	w->control->index = 0;
	w->control->flow_mask = flow_words / LEAT_FLOW_WAYS - 1;
	leat.figures = (struct pcc_leat_figures){};
	leat.tracked_sum = leat.tracked_samples = 0;
	for (event = 0; event < LEAT_FLOW_EVENT_COUNT; event++)
		leat.events[event] += events(event);
	leat.tables = table_cache_new();
	leat.sweep = sweep_new();
	packet_prepare();
}

struct pcc_leat_figures pcc_leat_figures(void)
{
	struct pcc_leat_figures f = leat.figures;

	f.tracked_share = leat.tracked_samples ? leat.tracked_sum / leat.tracked_samples : 0;
	f.looked = events(LEAT_FLOW_HIT) + events(LEAT_FLOW_PINNED) + events(LEAT_FLOW_REPINNED) + events(LEAT_FLOW_UNPINNED);
	f.evicted = events(LEAT_FLOW_EVICTED);
	return f;
}

struct loaded *pcc_leat_loaded(void)
{
	return &leat.loaded;
}

static void leat_close(void)
{
	table_cache_free(leat.tables);
	sweep_free(leat.sweep);
}

const struct pcc_policy pcc_leat = { "leat", leat_open, leat_change, leat_step, leat_send, leat_close };
