/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who owned a flow's slot, and when: the chaos test's witness. Reads the pinned maps every 2 ms, keeps each table that
 * differs from the one before, and answers questions that come as lines on standard input:
 *
 *   flow POOL SERVICE SOURCE FROM TO   owners of the flow's slot from FROM to TO, in order, an address each or "-".
 *                                      SERVICE and SOURCE are endpoints of TCP, times seconds of CLOCK_MONOTONIC
 *   owners POOL                        who owns slots now, sorted
 *
 *   slots PINS POOL...
 *
 * Maps that are replaced (their pins were removed while no leatd ran) are followed. It writes to no map.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "leat/maps.h"
#include "model/world.h"

#define POLL_MS	      2
#define POLLS_A_LOOK  10 /* between looks at the pins */
#define OWNERS_MAX    256

struct table {
	double since;
	unsigned int size;
	uint8_t *owner; /* by slot: number in owners */
};

struct watched {
	const char *name;
	struct table *tables; /* in order of time */
	size_t count;
};

static struct leat_addr owners[OWNERS_MAX]; /* every address seen; 0 is nobody */
static unsigned int owner_count = 1;
static struct world world;
static __u32 map_ids[4];

static double now(void)
{
	return clock_us() / 1e6;
}

static unsigned int owner_number(const struct leat_addr *addr)
{
	unsigned int i;

	for (i = 0; i < owner_count; i++)
		if (addr_equal(&owners[i], addr))
			return i;
	if (owner_count < OWNERS_MAX)
		owners[owner_count++] = *addr;
	return owner_count - 1;
}

/* --- the maps ----------------------------------------------------------------------------------- */

static void *map_open(const char *pins, const char *name, size_t size, __u32 *ret_id)
{
	auto_free char *path = string_format("%s/%s", pins, name);
	auto_close int fd = bpf_obj_get(path);
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	void *memory;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length))
		return NULL;
	*ret_id = info.id;
	memory = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static void map_close(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}

static void world_close(struct world *w)
{
	map_close(w->control, sizeof(*w->control));
	map_close(w->pools, sizeof(*w->pools) * LEAT_POOLS_MAX);
	map_close(w->slots, sizeof(*w->slots) * LEAT_SLOTS_MAX);
	map_close(w->backends, sizeof(*w->backends) * LEAT_BACKENDS_MAX);
}

/* Takes the pinned maps if all are there and others than before. */
static void world_look(const char *pins)
{
	struct world new = {};
	__u32 ids[4] = {};

	new.control = map_open(pins, "control", sizeof(*new.control), &ids[0]);
	new.pools = map_open(pins, "pools", sizeof(*new.pools) * LEAT_POOLS_MAX, &ids[1]);
	new.slots = map_open(pins, "slots", sizeof(*new.slots) * LEAT_SLOTS_MAX, &ids[2]);
	new.backends = map_open(pins, "backends", sizeof(*new.backends) * LEAT_BACKENDS_MAX, &ids[3]);
	if (new.control && new.pools && new.slots && new.backends && memcmp(ids, map_ids, sizeof(ids))) {
		memcpy(map_ids, ids, sizeof(ids));
		world_close(&world);
		world = new;
	} else {
		world_close(&new);
	}
}

/* --- watching ----------------------------------------------------------------------------------- */

/* False: the table was switched meanwhile. */
static bool table_read(unsigned int pool, struct table *ret)
{
	__u64 table = __atomic_load_n(&world.pools[pool].table, __ATOMIC_ACQUIRE);
	unsigned int last = 0, owner = 0, i;

	ret->size = LEAT_TABLE_SIZE(table);
	ret->owner = memory_zeroed(ret->size, 1);
	for (i = 0; i < ret->size; i++) {
		unsigned int backend = LEAT_SLOT_CURRENT(world.slots[LEAT_TABLE_OFFSET(table) + i]);

		if (backend != last)
			owner = backend ? owner_number(&world.backends[backend].addr) : 0;
		last = backend;
		ret->owner[i] = owner;
	}
	if (__atomic_load_n(&world.pools[pool].table, __ATOMIC_ACQUIRE) == table)
		return true;
	free(ret->owner);
	return false;
}

static void watch(struct watched *w)
{
	struct table *last = w->count ? &w->tables[w->count - 1] : NULL, new;
	unsigned int pool = world.pools ? world_find_pool(&world, w->name) : 0;

	if (!pool || !table_read(pool, &new))
		return;
	if (last && last->size == new.size && !memcmp(last->owner, new.owner, new.size)) {
		free(new.owner);
		return;
	}
	new.since = now();
	w->tables = memory_resized(w->tables, w->count + 1, sizeof(*w->tables));
	w->tables[w->count++] = new;
}

/* --- answering ---------------------------------------------------------------------------------- */

static const char *owner_text(unsigned int owner, char *buf)
{
	return owner ? addr_format(&owners[owner], buf) : "-";
}

static void answer_flow(const struct watched *w, const char *service, const char *source, double from, double to)
{
	struct leat_service_key key = { .protocol = 6 };
	struct leat_addr client;
	uint16_t port, source_port;
	unsigned int owner, last = OWNERS_MAX;
	char buf[ADDR_TEXT_MAX];
	__u64 hash;
	size_t i;

	if (!world.control || endpoint_parse(service, &key.addr, &port) || endpoint_parse(source, &client, &source_port))
		return;
	key.port = htons(port);
	hash = leat_hash_flow(&world.control->factors, &key, &client, htons(source_port));
	for (i = 0; i < w->count && w->tables[i].since <= to; i++) {
		if (i + 1 < w->count && w->tables[i + 1].since <= from)
			continue;
		owner = w->tables[i].size ? w->tables[i].owner[leat_hash_slot(hash, w->tables[i].size)] : 0;
		if (owner != last)
			printf("%s ", owner_text(owner, buf));
		last = owner;
	}
}

static void answer_owners(const struct watched *w)
{
	const struct table *t = &w->tables[w->count - 1];
	bool owns[OWNERS_MAX] = {};
	char buf[ADDR_TEXT_MAX];
	unsigned int i;

	for (i = 0; w->count && i < t->size; i++)
		owns[t->owner[i]] = true;
	for (i = 0; i < owner_count; i++)
		if (owns[i])
			printf("%s ", owner_text(i, buf));
}

static void answer(struct watched *all, int count, const char *line)
{
	char what[16], pool[64], service[ADDR_TEXT_MAX], source[ADDR_TEXT_MAX];
	double from, to;
	int n = sscanf(line, "%15s %63s %63s %63s %lf %lf", what, pool, service, source, &from, &to), i;

	for (i = 0; i < count; i++) {
		if (strcmp(all[i].name, pool))
			continue;
		if (n == 6)
			answer_flow(&all[i], service, source, from, to);
		else
			answer_owners(&all[i]);
	}
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	struct watched all[16] = {};
	int count = argc - 2, turn, i;
	char line[512];

	if (count < 1 || count > 16)
		return 2;
	setvbuf(stdin, NULL, _IONBF, 0); /* poll() must see what is there */
	for (i = 0; i < count; i++)
		all[i].name = argv[2 + i];
	for (turn = 0;; turn++) {
		if (turn % POLLS_A_LOOK == 0)
			world_look(argv[1]);
		for (i = 0; i < count; i++)
			watch(&all[i]);
		if (poll(&input, 1, POLL_MS) <= 0)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		answer(all, count, line);
	}
}
