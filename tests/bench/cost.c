/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a packet costs: leat's loaded program on a slot that is not tracked, and with a pin that hits, beside floors that are
 * measured in the same rounds (cost.bpf.c). The driver's own cost is that of `bounce` and is subtracted. Medians of
 * interleaved rounds: absolute times mean little on a shared machine, ratios of one run do.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/addr.h"
#include "base/auto.h"
#include "bench/pcc.h"
#include "leat/tunnel.h"
#include "net/ways_header.h"
#include "packet/loaded.h"
#include "bench/cost.skel.h"

#define ROUNDS_MAX 99

enum { BOUNCE, FIXED, UNTRACKED, TRACKED, LRU, GRE, GUE, FOU, LISTED_FEW, LISTED, TARGETS };

static const char *const names[TARGETS] = { "bounce", "fixed header", "leat, untracked", "leat, pinned", "LRU hash, 40-byte key",
					    "untracked, gre", "untracked, gue", "untracked, fou", "10 prefixes", "100000 prefixes" };
/* leat's; 0: another program. */
static const enum leat_mode modes[TARGETS] = { [UNTRACKED] = LEAT_MODE_IPIP, [TRACKED] = LEAT_MODE_IPIP, [GRE] = LEAT_MODE_GRE,
					       [GUE] = LEAT_MODE_GUE, [FOU] = LEAT_MODE_FOU, [LISTED_FEW] = LEAT_MODE_IPIP,
					       [LISTED] = LEAT_MODE_IPIP };
/* Of the access list. */
static const uint32_t prefixes[TARGETS] = { [LISTED_FEW] = 10, [LISTED] = 100000 };

static struct cost_bpf *driver;
static struct loaded *leat;

static void give_up(const char *why)
{
	fprintf(stderr, "cost: %s\n", why);
	exit(1);
}

/* --- what is run ---------------------------------------------------------------------------------------- */

static void packet_prepare(void)
{
	struct ethhdr eth = { .h_dest = { 2 }, .h_source = { 2, 1 }, .h_proto = htons(ETH_P_IP) };
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP, .tot_len = htons(40), .daddr = htonl(0xc000020a) };
	struct tcphdr tcp = { .source = htons(4000), .dest = htons(80), .doff = 5, .ack = 1 };

	memcpy(driver->bss->prepared, &eth, sizeof(eth));
	memcpy(driver->bss->prepared + sizeof(eth), &ip, sizeof(ip));
	memcpy(driver->bss->prepared + sizeof(eth) + sizeof(ip), &tcp, sizeof(tcp));
}

static void slots_set(bool tracked)
{
	struct world *w = &leat->world;
	uint64_t table = w->pools[world_find_pool(w, "pool")].table;
	uint32_t i, *slots = w->slots + LEAT_TABLE_OFFSET(table);

	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		slots[i] = LEAT_SLOT(LEAT_SLOT_CURRENT(slots[i]), tracked ? LEAT_SLOT_CURRENT(slots[i]) : 0, tracked);
}

/* As pcc_leat.c makes ways, in another mode. */
static void mode_set(enum leat_mode mode)
{
	struct way_exit exit = { .ifindex = LOADED_INGRESS, .mtu = 1500 };
	unsigned int i;

	for (i = 1; i < LEAT_BACKENDS_MAX; i++) {
		struct leat_backend *b = &leat->world.backends[i];
		struct way_outer outer = { .source = b->addr, .destination = b->addr, .port = LEAT_GUE_PORT };

		if (!addr_is_zero(&b->addr))
			ways_header_build(mode, &exit, &outer, &b->ways[b->active & 1]);
	}
}

/*
 * Edges all over the flows' addresses, each there twice, so that everybody is let in: as many as so many prefixes have that
 * do not touch.
 */
static void list_set(uint32_t count)
{
	struct world *w = &leat->world;
	uint32_t i, flows = driver->bss->flow_mask + 1;

	for (i = 0; i < count; i++)
		w->edges4[2 * i] = w->edges4[2 * i + 1] = 0x64000000 + (uint64_t)i * flows / count;
	w->guards[1].edges4 = LEAT_EDGES(0, 0, 2 * count);
	for (i = 1; i < LEAT_SERVICES_MAX; i++)
		if (w->services[i].kind == LEAT_SERVICE_PORT)
			w->services[i].flags = LEAT_SERVICE_FLAGS(0, 0, count ? 1 : 0);
}

static int program_of(int which)
{
	switch (which) {
	case BOUNCE: return bpf_program__fd(driver->progs.bounce);
	case FIXED: return bpf_program__fd(driver->progs.fixed);
	case LRU: return bpf_program__fd(driver->progs.lru_fixed);
	}
	return bpf_program__fd(leat->skeleton->progs.leat);
}

/* Nanoseconds a packet. */
static double run(int which, uint32_t packets)
{
	uint8_t frame[54] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame), .repeat = packets);
	int zero = 0, program = program_of(which);

	if (modes[which]) {
		slots_set(which == TRACKED);
		mode_set(modes[which]);
		list_set(prefixes[which]);
	}
	if (bpf_map_update_elem(bpf_map__fd(driver->maps.target), &zero, &program, BPF_ANY) ||
	    bpf_prog_test_run_opts(bpf_program__fd(driver->progs.drive), &opts))
		give_up("the kernel refuses a test run");
	if (opts.retval != XDP_TX)
		give_up("a program under test did not send its packet");
	return opts.duration;
}

/* --- figures ---------------------------------------------------------------------------------------------- */

static int double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(uint32_t flows, unsigned int rounds, uint32_t packets)
{
	double times[TARGETS][ROUNDS_MAX], cost[TARGETS];
	unsigned int round;
	int which;

	driver->bss->flow_mask = flows - 1;
	memset(leat->world.flows, 0, (size_t)LEAT_FLOW_SETS_DEFAULT * sizeof(*leat->world.flows));
	run(TRACKED, 4 * flows); /* pins them; so the LRU */
	run(LRU, 4 * flows);
	for (round = 0; round < rounds; round++)
		for (which = 0; which < TARGETS; which++)
			times[which][round] = run(which, packets);
	printf("%9u", flows);
	for (which = 0; which < TARGETS; which++) {
		qsort(times[which], rounds, sizeof(double), double_compare);
		cost[which] = times[which][rounds / 2] - times[BOUNCE][rounds / 2];
		printf(which ? "  %14.0f" : "  %14.0f*", which ? cost[which] : times[which][rounds / 2]);
	}
	printf("  %8.2f  %8.2f\n", cost[UNTRACKED] / cost[FIXED], (cost[TRACKED] - cost[UNTRACKED]) / (cost[LRU] - cost[FIXED]));
	fflush(stdout);
}

/* --- command line ------------------------------------------------------------------------------------------ */

static struct pcc_world hundred_backends(void)
{
	struct pcc_world world = { .now_ms = 1000, .member_count = 100 };
	unsigned int i;

	for (i = 1; i <= world.member_count; i++)
		world.members[i] = (struct pcc_member){ .state = PCC_UP, .weight = 10 };
	return world;
}

int main(int argc, char **argv)
{
	static struct pcc_world world;
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 11;
	uint32_t flows;
	int which;

	if (!rounds || rounds > ROUNDS_MAX || argc > 2) {
		fprintf(stderr, "Usage: cost [ROUNDS]   1 to %d, 11 if not said. Needs root.\n", ROUNDS_MAX);
		return 2;
	}
	world = hundred_backends();
	pcc_leat.open(&world, LEAT_FLOW_SETS_DEFAULT * LEAT_FLOW_WAYS);
	pcc_leat.change(&world);
	leat = pcc_leat_loaded();
	driver = cost_bpf__open_and_load();
	if (!driver)
		give_up("the driver cannot be loaded");
	packet_prepare();
	printf("Nanoseconds a packet above `bounce` (*: its own time, the driver's included); medians of %u interleaved rounds.\n\n%9s",
	       rounds, "flows");
	for (which = 0; which < TARGETS; which++)
		printf("  %14.14s", names[which]);
	printf("  %8s  %8s\n", "untr/fix", "pin/lru");
	for (flows = 1 << 10; flows <= 1 << 20; flows <<= 5)
		measure(flows, rounds, 500000);
	printf("\nuntr/fix: leat, untracked, to the fixed header; pin/lru: what a pin adds to what a look-up in the LRU adds.\n");
	return 0;
}
