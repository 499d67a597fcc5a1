/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's part of `leat bench`: see measure.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/ip.h>

#include "base/auto.h"
#include "base/clock.h"
#include "dataplane/measure.h"
#include "dataplane/object.h"
#include "bench.skel.h"

struct measure {
	struct leat_bpf *leat;
	struct bench_bpf *bench;
	uint32_t attached; /* at the far end: enum measured + 1; 0: nothing */
	bool has_sink;
};

/* --- loading ------------------------------------------------------------------------------------------ */

static void outer_set(struct bench_bpf *bench)
{
	struct iphdr outer = { .version = 4, .ihl = 5, .ttl = 64, .protocol = 4 };

	memcpy(bench->bss->outer, &outer, sizeof(outer));
}

int measure_open(struct dataplane *dataplane, uint32_t lru_flows, struct measure **ret, struct err *err)
{
	struct measure *m = memory_zeroed(1, sizeof(*m));
	int e = -EINVAL;

	m->leat = object_for_attach(dataplane, false, err);
	if (m->leat)
		e = leat_bpf__load(m->leat);
	if (m->leat && e)
		err_set(err, e, "the program cannot be loaded: %s: %s", strerror(-e), reports_last());
	m->bench = e ? NULL : bench_bpf__open();
	if (m->bench) {
		/* The kernel gives each CPU a share of them, and evicts before all are in use. */
		bpf_map__set_max_entries(m->bench->maps.lru, lru_flows ? 2 * lru_flows : 1);
		e = bench_bpf__load(m->bench);
		if (e)
			err_set(err, e, "the programs to measure against cannot be loaded: %s: %s", strerror(-e), reports_last());
	}
	if (e) {
		measure_close(m);
		return e;
	}
	outer_set(m->bench);
	*ret = m;
	return 0;
}

void measure_close(struct measure *measure)
{
	if (!measure)
		return;
	bench_bpf__destroy(measure->bench);
	leat_bpf__destroy(measure->leat);
	free(measure);
}

void measure_traffic_set(struct measure *measure, const struct measure_traffic *traffic)
{
	struct bench_bpf__bss *bss = measure->bench->bss;
	uint16_t first;

	memcpy(bss->prepared, traffic->frame, sizeof(bss->prepared));
	bss->is_ipv6 = traffic->is_ipv6;
	bss->flow_mask = traffic->flows - 1;
	measure->bench->data->service_count = traffic->services;
	memcpy(&first, traffic->frame + (traffic->is_ipv6 ? 14 + 38 : 14 + 18), sizeof(first));
	bss->first_service = ntohs(first);
}

/* --- test runs ------------------------------------------------------------------------------------------ */

static int program_of(const struct measure *m, enum measured which)
{
	switch (which) {
	case MEASURE_BOUNCE: return bpf_program__fd(m->bench->progs.bounce);
	case MEASURE_FIXED: return bpf_program__fd(m->bench->progs.fixed);
	case MEASURE_LRU: return bpf_program__fd(m->bench->progs.lru_fixed);
	default: return bpf_program__fd(m->leat->progs.leat);
	}
}

int measure_run(struct measure *measure, enum measured which, uint32_t packets, double *ret, struct err *err)
{
	uint8_t frame[LEAT_BENCH_FRAME] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame), .repeat = packets);
	int zero = 0, program = program_of(measure, which);

	if (bpf_map_update_elem(bpf_map__fd(measure->bench->maps.target), &zero, &program, BPF_ANY) ||
	    bpf_prog_test_run_opts(bpf_program__fd(measure->bench->progs.drive), &opts))
		return err_set(err, -errno, "the kernel refuses a test run: %s", strerror(errno));
	if (opts.retval == XDP_ABORTED)
		return err_set(err, -EIO, "a program under test was not called");
	*ret = opts.duration;
	return 0;
}

/* --- frames that leave ------------------------------------------------------------------------------------ */

int measure_link_up(int *ret_far, struct err *err)
{
	if (system("ip link add " MEASURE_NEAR " type veth peer name " MEASURE_FAR " && ip link set " MEASURE_NEAR
		   " up && ip link set " MEASURE_FAR " up"))
		return err_set(err, -EIO, "no veth pair can be made: see above");
	*ret_far = if_nametoindex(MEASURE_FAR);
	return 0;
}

static int attach(struct measure *m, enum measured which, struct err *err)
{
	int near = if_nametoindex(MEASURE_NEAR), far = if_nametoindex(MEASURE_FAR), e = 0;

	if (!m->has_sink)
		e = bpf_xdp_attach(near, bpf_program__fd(m->bench->progs.sink), XDP_FLAGS_DRV_MODE, NULL);
	if (!e && m->attached != which + 1)
		e = bpf_xdp_attach(far, program_of(m, which), XDP_FLAGS_DRV_MODE, NULL);
	if (e)
		return err_set(err, e, "a program cannot be attached to the veth pair: %s", strerror(-e));
	m->has_sink = true;
	m->attached = which + 1;
	return 0;
}

int measure_link(struct measure *measure, enum measured which, uint32_t packets, double *ret, struct err *err)
{
	uint8_t frame[LEAT_BENCH_FRAME] = {};
	struct xdp_md context = { .data_end = sizeof(frame), .ingress_ifindex = if_nametoindex(MEASURE_NEAR) };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = packets, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);
	const volatile __u64 *sunk = &measure->bench->bss->sunk;
	__u64 before = *sunk;
	uint64_t start;
	int e = attach(measure, which, err);

	if (e)
		return e;
	start = clock_us();
	if (bpf_prog_test_run_opts(bpf_program__fd(measure->bench->progs.generate), &opts))
		return err_set(err, -errno, "the kernel cannot send frames of a test run: %s; Linux 5.18 can", strerror(errno));
	*ret = (*sunk - before) * 1e6 / (clock_us() - start);
	return 0;
}
