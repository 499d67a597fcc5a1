/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pinned maps hold, for the chaos test: prints
 *
 *   {"pools": {"web": {"slots": 1021, "tracked": 12, "owners": ["10.0.0.1", ...]}, ...},
 *    "pins": 34, "uncounted": ["backend 5 (10.0.0.5): 3 pins, 4 connections", ...]}
 *
 * Owners are sorted. Uncounted: whose connections are not the pins that name it. Writes to no map.
 *
 *   maps PINS POOL...
 */
#include <stdio.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "base/addr.h"
#include "base/auto.h"
#include "leat/maps.h"
#include "model/world.h"

static void *map_open(const char *pins, const char *name, size_t size)
{
	auto_free char *path = string_format("%s/%s", pins, name);
	auto_close int fd = bpf_obj_get(path);
	void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

	if (memory != MAP_FAILED)
		return memory;
	fprintf(stderr, "%s cannot be read\n", path);
	exit(1);
}

static void world_open(struct world *w, const char *pins)
{
	w->control = map_open(pins, "control", sizeof(*w->control));
	w->pools = map_open(pins, "pools", sizeof(*w->pools) * LEAT_POOLS_MAX);
	w->slots = map_open(pins, "slots", sizeof(*w->slots) * LEAT_SLOTS_MAX);
	w->backends = map_open(pins, "backends", sizeof(*w->backends) * LEAT_BACKENDS_MAX);
	w->loads = map_open(pins, "loads", sizeof(*w->loads) * LEAT_BACKENDS_MAX);
	w->flows = map_open(pins, "flows", sizeof(*w->flows) * (w->control->flow_mask + 1));
}

static int addr_order(const void *a, const void *b)
{
	return addr_compare(a, b);
}

/* Distinct owners, sorted: how many. ret has room for every backend. */
static unsigned int owners_of(const struct world *w, __u64 table, struct leat_addr *ret)
{
	auto_free bool *owns = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*owns));
	unsigned int count = 0, i;

	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		owns[LEAT_SLOT_CURRENT(w->slots[LEAT_TABLE_OFFSET(table) + i])] = true;
	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		if (owns[i])
			ret[count++] = w->backends[i].addr;
	qsort(ret, count, sizeof(*ret), addr_order);
	return count;
}

static void print_pool(const struct world *w, const char *name)
{
	auto_free struct leat_addr *owners = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*owners));
	__u64 table = w->pools[world_find_pool(w, name)].table;
	unsigned int tracked = 0, count, i;
	char text[ADDR_TEXT_MAX];

	for (i = 0; i < LEAT_TABLE_SIZE(table); i++)
		tracked += LEAT_SLOT_TRACKED(w->slots[LEAT_TABLE_OFFSET(table) + i]);
	printf("\"%s\": {\"slots\": %u, \"tracked\": %u, \"owners\": [", name, LEAT_TABLE_SIZE(table), tracked);
	count = owners_of(w, table, owners);
	for (i = 0; i < count; i++)
		printf("%s\"%s\"", i ? ", " : "", addr_format(&owners[i], text));
	printf("]}");
}

static void print_pins(const struct world *w)
{
	auto_free __u32 *pins = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*pins));
	const char *separator = "";
	char text[ADDR_TEXT_MAX];
	unsigned int all = 0, i, way;

	for (i = 0; i <= w->control->flow_mask; i++)
		for (way = 0; way < LEAT_FLOW_WAYS; way++)
			pins[LEAT_FLOW_BACKEND(w->flows[i].word[way])]++;
	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		all += pins[i];
	printf("\"pins\": %u, \"uncounted\": [", all);
	for (i = 1; i < LEAT_BACKENDS_MAX; i++) {
		if (pins[i] == w->loads[i].connections)
			continue;
		printf("%s\"backend %u (%s): %u pins, %u connections\"", separator, i, addr_format(&w->backends[i].addr, text),
		       pins[i], w->loads[i].connections);
		separator = ", ";
	}
	printf("]");
}

int main(int argc, char **argv)
{
	struct world world = {};
	int i;

	if (argc < 2)
		return 2;
	world_open(&world, argv[1]);
	printf("{\"pools\": {");
	for (i = 2; i < argc; i++) {
		printf("%s", i > 2 ? ", " : "");
		print_pool(&world, argv[i]);
	}
	printf("}, ");
	print_pins(&world);
	printf("}\n");
	return 0;
}
