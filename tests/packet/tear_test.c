/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No packet sees half a change: a program walks whole tables in the kernel while they are replaced. The last
 * test replaces them the wrong way and must be caught, or the others prove nothing.
 */
#include <linux/membarrier.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "base/addr.h"
#include "model/plan.h"
#include "packet/bed.h"
#include "tests/packet/tear.skel.h"

#define SIZE            LEAT_TABLE_SIZE_DEFAULT
#define REPLACEMENTS    1000
#define PLANS           100
#define REGIONS         16          /* tables side by side, each used again only after a grace period */
#define FIRST_REGION    (32 * SIZE) /* beyond the bed's own tables */
#define POOL            4000
#define WALKS_AT_A_TIME 20

struct reader {
	struct tear_bpf *skeleton;
	pthread_t thread;
	bool stop;
};

static void grace(void *context)
{
	assert_int_equal(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0), 0);
}

/* --- reading -------------------------------------------------------------------------------------------- */

static void *read_on(void *context)
{
	struct reader *r = context;
	uint8_t frame[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = WALKS_AT_A_TIME);

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED))
		if (bpf_prog_test_run_opts(bpf_program__fd(r->skeleton->progs.tear), &opts))
			abort();
	return NULL;
}

static uint64_t walks(const struct reader *r)
{
	return __atomic_load_n(&r->skeleton->bss->walks, __ATOMIC_RELAXED);
}

/* Walks that met slots of two tables. */
static uint64_t mixtures(const struct reader *r)
{
	return __atomic_load_n(&r->skeleton->bss->mixtures, __ATOMIC_RELAXED);
}

static void reader_start(struct reader *r, unsigned int pool)
{
	memset(r, 0, sizeof(*r));
	r->skeleton = tear_bpf__open();
	assert_non_null(r->skeleton);
	r->skeleton->rodata->watched = pool;
	assert_int_equal(bpf_map__reuse_fd(r->skeleton->maps.pools, bpf_map__fd(bed.skeleton->maps.pools)),
			 0);
	assert_int_equal(bpf_map__reuse_fd(r->skeleton->maps.slots, bpf_map__fd(bed.skeleton->maps.slots)),
			 0);
	assert_int_equal(tear_bpf__load(r->skeleton), 0);
	assert_int_equal(pthread_create(&r->thread, NULL, read_on, r), 0);
	while (!walks(r))
		usleep(100);
}

/* Returns the mixtures. */
static uint64_t reader_stop(struct reader *r, const char *what, unsigned int changes)
{
	uint64_t met;

	__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
	pthread_join(r->thread, NULL);
	met = mixtures(r);
	printf("%s: %u changes, %ju walks, %ju of them met a mixture\n", what, changes, (uintmax_t)walks(r),
	       (uintmax_t)met);
	tear_bpf__destroy(r->skeleton);
	return met;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static void fill(uint32_t offset, uint32_t value)
{
	uint32_t i;

	for (i = 0; i < SIZE; i++)
		__atomic_store_n(&bed.world.slots[offset + i], value, __ATOMIC_RELAXED);
}

static void switch_to(uint32_t offset)
{
	__atomic_store_n(&bed.world.pools[POOL].table, LEAT_TABLE(offset, SIZE, 0), __ATOMIC_RELEASE);
}

/* As the daemon does: beside the table in use, switched by one store; used again after a grace period. */
static void tables_written_beside(void **state)
{
	struct reader reader;
	unsigned int i;
	uint32_t offset;

	fill(FIRST_REGION, 1);
	switch_to(FIRST_REGION);
	reader_start(&reader, POOL);
	for (i = 1; i <= REPLACEMENTS; i++) {
		if (i % (REGIONS - 1) == 0)
			grace(NULL);
		offset = FIRST_REGION + i % REGIONS * SIZE;
		fill(offset, i % 32767 + 1);
		switch_to(offset);
	}
	assert_int_equal(reader_stop(&reader, "written beside", REPLACEMENTS), 0);
}

/* The daemon's own code: a pool whose one backend is replaced by another. */
static void tables_switched_by_plans(void **state)
{
	struct want_member member = {.weight = 1,
				     .effective_weight = 1,
				     .in_table = true,
				     .lives = true,
				     .way = bed.world.backends[1].ways[0]};
	struct want_pool pool = {.name = "torn", .table_size = SIZE, .members = &member, .member_count = 1};
	struct config_service service = {.key = {.port = htons(99), .protocol = IPPROTO_UDP}};
	struct want want = {.seed = bed.world.control->seed,
			    .pools = &pool,
			    .pool_count = 1,
			    .services = &service,
			    .service_count = 1};
	struct plan_sink sink = {.grace = grace};
	struct table_cache *cache = table_cache_new();
	struct reader reader = {};
	struct plan *plan;
	struct err err;
	unsigned int i;

	assert_int_equal(addr_parse(VIP, &service.key.addr), 0);
	assert_int_equal(addr_parse(BACKEND, &member.addr), 0);
	for (i = 0; i <= PLANS; i++) {
		member.addr.byte[14] = i / 200;
		member.addr.byte[15] = i % 200 + 1;
		if (plan_make(&bed.world, &want, cache, &plan, &err))
			fail_msg("%s", err.text);
		plan_run(plan, &bed.world, &sink);
		plan_free(plan);
		if (!reader.skeleton)
			reader_start(&reader, world_find_pool(&bed.world, "torn"));
	}
	table_cache_free(cache);
	assert_int_equal(reader_stop(&reader, "switched by plans", PLANS), 0);
}

static void tables_written_in_place_are_caught(void **state)
{
	struct reader reader;
	unsigned int i;

	fill(FIRST_REGION, 1);
	switch_to(FIRST_REGION);
	reader_start(&reader, POOL);
	/* Until caught, with an end: how often the two meet is the scheduler's choice. */
	for (i = 1; i <= REPLACEMENTS || (!mixtures(&reader) && i < 100 * REPLACEMENTS); i++)
		fill(FIRST_REGION, i % 32767 + 1);
	assert_int_not_equal(reader_stop(&reader, "written in place", i - 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_written_beside),
		cmocka_unit_test(tables_switched_by_plans),
		cmocka_unit_test(tables_written_in_place_are_caught),
	};

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		printf("one CPU: nothing is read while something is written, the last test cannot succeed\n");
	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
