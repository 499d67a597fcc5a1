/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test bed's loading and running: see bed.h. What is configured is in bed_world.c. */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <net/if.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"
#include "packet/bed_world.h"

/* Metadata lies right before the frame: a way to fill the headroom, which the kernel zeroes. Linux < 6.3: at
 * most 32. */
#define HEADROOM_SET     64
#define HEADROOM_SET_OLD 32
#define HEADROOM_MAX     252
#define LOOPBACK         1

struct bed bed;

/* --- loading -------------------------------------------------------------------------------------------- */

static void load(bool frags)
{
	struct leat_bpf *s = leat_bpf__open();
	int cpus = libbpf_num_possible_cpus();

	assert_non_null(s);
	bed.skeleton = s;
	bed.cpus = cpus;
#define X(name, type, elements, per_cpu)                                                                     \
	bpf_map__set_max_entries(s->maps.name, (elements) * ((per_cpu) ? cpus : 1));
	LEAT_MAPS(X)
#undef X
	bpf_map__set_max_entries(s->maps.limiters, cpus);
	s->rodata->frags = frags;
	if (frags)
		bpf_program__set_flags(s->progs.leat, BPF_F_XDP_HAS_FRAGS);
	assert_int_equal(leat_bpf__load(s), 0);
}

static void *memory_of(struct bpf_map *map, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void map_memory(void)
{
	struct {
#define X(name, type, elements, per_cpu) type *name;
		LEAT_MAPS(X)
#undef X
	} m;

#define X(name, type, elements, per_cpu)                                                                     \
	m.name = memory_of(bed.skeleton->maps.name, sizeof(type) * (elements) * ((per_cpu) ? bed.cpus : 1));
	LEAT_MAPS(X)
#undef X
	bed.world = (struct world){m.control, m.buckets, m.services, m.pools, m.slots->slot, m.backends, m.loads, m.flows};
	m.control->flow_mask = LEAT_FLOW_SETS_DEFAULT - 1;
	bed.verdicts = m.verdict_counters;
	bed.services = m.service_counters;
	bed.backends = m.backend_counters;
}

/* A namespace with a loopback, where test runs receive, and one more interface, allowed to redirect to. */
static void make_interfaces(void)
{
	struct bpf_devmap_val device = {};
	uint32_t index;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_int_equal(system("ip link add other type veth peer name peer"), 0);
	index = if_nametoindex("other");
	assert_int_not_equal(index, 0);
	assert_int_equal(if_nametoindex("lo"), LOOPBACK);
	device.ifindex = index;
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(bed.skeleton->maps.devices), &index, &device, BPF_ANY), 0);
	bed.other_interface = index;
}

static int up(bool frags)
{
	memset(&bed, 0, sizeof(bed));
	load(frags);
	make_interfaces();
	map_memory();
	bed.headroom_set = HEADROOM_SET;
	bed_fill(&bed.world, bed.other_interface);
	return 0;
}

int bed_up(void **state)
{
	return up(false);
}

int bed_up_frags(void **state)
{
	return up(true);
}

int bed_down(void **state)
{
	leat_bpf__destroy(bed.skeleton);
	return 0;
}

void bed_limit(uint64_t interval_ns)
{
	struct leat_limiter full = {};
	uint32_t cpu;

	bed.world.control->icmp_interval_ns = interval_ns;
	for (cpu = 0; cpu < bed.cpus; cpu++)
		assert_int_equal(
			bpf_map_update_elem(bpf_map__fd(bed.skeleton->maps.limiters), &cpu, &full, BPF_ANY),
			0);
}

/* --- running -------------------------------------------------------------------------------------------- */

static struct leat_counter sum(const struct leat_counter *counters, unsigned int stride, unsigned int from,
			       unsigned int to)
{
	struct leat_counter total = {};
	unsigned int cpu, i;

	for (cpu = 0; cpu < bed.cpus; cpu++)
		for (i = from; i < to; i++) {
			total.packets += counters[(size_t)cpu * stride + i].packets;
			total.bytes += counters[(size_t)cpu * stride + i].bytes;
		}
	return total;
}

struct sums {
	struct leat_counter verdicts[LEAT_VERDICTS_MAX], services, backends;
};

/* Of numbered things only the first hundred are there in the bed. */
static void sums_take(struct sums *ret)
{
	unsigned int i;

	for (i = 0; i < LEAT_VERDICTS_MAX; i++)
		ret->verdicts[i] = sum(bed.verdicts, LEAT_VERDICTS_MAX, i, i + 1);
	ret->services = sum(bed.services, LEAT_SERVICES_MAX, 0, 100);
	ret->backends = sum(bed.backends, LEAT_BACKENDS_MAX, 0, 100);
}

static struct leat_counter rise(struct leat_counter before, struct leat_counter after)
{
	return (struct leat_counter){after.packets - before.packets, after.bytes - before.bytes};
}

static void sums_compare(const struct sums *before, const struct sums *after, struct ran *ret)
{
	struct leat_counter all = {}, one;
	unsigned int i;

	ret->verdict = LEAT_VERDICT_COUNT;
	for (i = 0; i < LEAT_VERDICTS_MAX; i++) {
		one = rise(before->verdicts[i], after->verdicts[i]);
		all.packets += one.packets;
		if (one.packets == 1) {
			ret->verdict = i;
			ret->bytes = one.bytes;
		}
	}
	if (all.packets != 1)
		ret->verdict = LEAT_VERDICT_COUNT;
	ret->service = rise(before->services, after->services);
	ret->backend = rise(before->backends, after->backends);
}

static int run(const struct frame *in, struct ran *ret)
{
	uint8_t with_meta[HEADROOM_MAX + FRAME_MAX], out[HEADROOM_MAX + FRAME_MAX];
	unsigned int meta = bed.headroom_set;
	struct xdp_md context = {.data = meta, .data_end = meta + in->length};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = with_meta, .data_size_in = meta + in->length,
		    .data_out = out, .data_size_out = sizeof(out), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = 1);
	int e;

	memset(with_meta, 0xff, meta);
	memcpy(with_meta + meta, in->bytes, in->length);
	e = bpf_prog_test_run_opts(bpf_program__fd(bed.skeleton->progs.leat), &opts);
	if (e)
		return e;
	assert_in_range(opts.data_size_out, meta, sizeof(ret->frame.bytes));
	ret->frame.length = opts.data_size_out - meta;
	memcpy(ret->frame.bytes, out + meta, ret->frame.length);
	ret->action = opts.retval;
	return 0;
}

bool bed_headroom_is_possible(void)
{
	auto_free struct frame *frame = FRAME(ETH(.type = 0x0806), PAYLOAD(46));
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));

	return !run(frame, ran);
}

uint64_t bed_packets(void)
{
	return sum(bed.verdicts, LEAT_VERDICTS_MAX, 0, LEAT_VERDICTS_MAX).packets;
}

void bed_run(const struct frame *in, struct ran *ret)
{
	struct sums before, after;
	int e;

	sums_take(&before);
	e = run(in, ret);
	if (e == -EINVAL && bed.headroom_set > HEADROOM_SET_OLD) {
		bed.headroom_set = HEADROOM_SET_OLD;
		e = run(in, ret);
	}
	if (e)
		fail_msg("the test run is refused: %s", strerror(-e));
	sums_take(&after);
	sums_compare(&before, &after, ret);
}
