/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading and running the program: see loaded.h. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <net/if.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/auto.h"
#include "packet/loaded.h"

/* Metadata lies right before the frame: a way to fill the headroom, which the kernel zeroes. */
#define HEADROOM_MAX 252

/* --- loading -------------------------------------------------------------------------------------------- */

static int load(struct loaded *l, bool frags, uint32_t bond, struct err *err)
{
	struct leat_bpf *s = leat_bpf__open();
	int e;

	if (!s)
		return err_set(err, -errno, "the program cannot be opened: %s", strerror(errno));
	l->skeleton = s;
	l->cpus = libbpf_num_possible_cpus();
#define X(name, type, elements, per_cpu)                                                                     \
	bpf_map__set_max_entries(s->maps.name, (elements) * ((per_cpu) ? l->cpus : 1));
	LEAT_MAPS(X)
#undef X
	bpf_map__set_max_entries(s->maps.limiters, l->cpus);
	s->rodata->frags = frags;
	s->rodata->bond = bond;
	if (frags)
		bpf_program__set_flags(s->progs.leat, BPF_F_XDP_HAS_FRAGS);
	e = leat_bpf__load(s);
	return e ? err_set(err, e, "the program cannot be loaded: %s", strerror(-e)) : 0;
}

static int map_memory(struct loaded *l, struct err *err)
{
	struct {
#define X(name, type, elements, per_cpu) type *name;
		LEAT_MAPS(X)
#undef X
	} m;

#define X(name, type, elements, per_cpu)                                                                     \
	m.name = mmap(NULL, sizeof(type) * (elements) * ((per_cpu) ? l->cpus : 1), PROT_READ | PROT_WRITE,   \
		      MAP_SHARED, bpf_map__fd(l->skeleton->maps.name), 0);                                   \
	if (m.name == MAP_FAILED)                                                                            \
		return err_set(err, -errno, "map %s cannot be mapped: %s", #name, strerror(errno));
	LEAT_MAPS(X)
#undef X
	l->fragments = mmap(NULL, sizeof(*l->fragments) * LEAT_FRAGMENT_SETS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED,
			    bpf_map__fd(l->skeleton->maps.fragments), 0);
	if (l->fragments == MAP_FAILED)
		return err_set(err, -errno, "map fragments cannot be mapped: %s", strerror(errno));
	l->world = (struct world){
		.control = m.control,
		.buckets = m.buckets,
		.services = m.services,
		.pools = m.pools,
		.slots = m.slots->slot,
		.backends = m.backends,
		.loads = m.loads,
		.flows = m.flows,
		.server_ids = m.server_ids,
		.spans = m.spans,
		.port_spans = m.port_spans,
		.guards = m.guards,
		.service_tokens = m.service_tokens,
		.source_tokens = m.source_tokens,
		.edges4 = m.edges4->edge,
		.edges6 = m.edges6,
	};
	m.control->flow_mask = LEAT_FLOW_SETS_DEFAULT - 1;
	l->verdicts = m.verdict_counters;
	l->services = m.service_counters;
	l->backends = m.backend_counters;
	l->flow_counters = (uint64_t *)m.flow_counters;
	return 0;
}

/* A namespace with a loopback, where test runs receive, and a veth pair, one end of which may be redirected
 * to. */
static int make_interfaces(struct loaded *l, struct err *err)
{
	if (unshare(CLONE_NEWNET))
		return err_set(err, -errno, "no network namespace: %s", strerror(errno));
	if (system("ip link add other type veth peer name peer"))
		return err_set(err, -EIO, "no veth pair: ip failed");
	l->other_interface = if_nametoindex("other");
	l->peer_interface = if_nametoindex("peer");
	if (!l->other_interface || !l->peer_interface || if_nametoindex("lo") != LOADED_INGRESS)
		return err_set(err, -ENODEV, "the interfaces of the namespace are not as they should be");
	return 0;
}

int loaded_up(bool frags, uint32_t bond, struct loaded *ret, struct err *err)
{
	int e;

	*ret = (struct loaded){.headroom_set = LOADED_HEADROOM_SET};
	e = load(ret, frags, bond, err);
	if (!e)
		e = make_interfaces(ret, err);
	if (!e)
		e = map_memory(ret, err);
	if (!e && loaded_allow(ret, ret->other_interface, true))
		e = err_set(err, -EIO, "the devmap cannot be written");
	return e;
}

void loaded_down(struct loaded *loaded)
{
	leat_bpf__destroy(loaded->skeleton);
}

int loaded_allow(const struct loaded *loaded, uint32_t interface, bool allowed)
{
	struct bpf_devmap_val device = {.ifindex = interface};
	int devices = bpf_map__fd(loaded->skeleton->maps.devices), e;

	if (allowed)
		return bpf_map_update_elem(devices, &interface, &device, BPF_ANY);
	e = bpf_map_delete_elem(devices, &interface);
	return e == -ENOENT ? 0 : e;
}

static int limiters_set(const struct loaded *loaded, const struct leat_limiter *limiter)
{
	uint32_t cpu;
	int e = 0;

	for (cpu = 0; !e && cpu < loaded->cpus; cpu++)
		e = bpf_map_update_elem(bpf_map__fd(loaded->skeleton->maps.limiters), &cpu, limiter, BPF_ANY);
	return e;
}

int loaded_limiters_fill(const struct loaded *loaded)
{
	return limiters_set(loaded, &(struct leat_limiter){});
}

int loaded_pins_spend(const struct loaded *loaded)
{
	return limiters_set(loaded, &(struct leat_limiter){.pins_full_at_ns = UINT64_MAX / 2});
}

void loaded_fragments_forget(const struct loaded *loaded)
{
	memset(loaded->fragments, 0, sizeof(*loaded->fragments) * LEAT_FRAGMENT_SETS_MAX);
}

/* --- running -------------------------------------------------------------------------------------------- */

int loaded_run(const struct loaded *loaded, const struct frame *in, struct frame *out, int *ret_action)
{
	uint8_t with_meta[HEADROOM_MAX + FRAME_MAX], left[HEADROOM_MAX + FRAME_MAX];
	unsigned int meta = loaded->headroom_set;
	struct xdp_md context = {.data = meta, .data_end = meta + in->length};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = with_meta, .data_size_in = meta + in->length,
		    .data_out = left, .data_size_out = sizeof(left), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = 1);
	int e;

	memset(with_meta, 0xff, meta);
	memcpy(with_meta + meta, in->bytes, in->length);
	e = bpf_prog_test_run_opts(bpf_program__fd(loaded->skeleton->progs.leat), &opts);
	if (e)
		return e;
	if (opts.data_size_out < meta || opts.data_size_out - meta > sizeof(out->bytes))
		return -EMSGSIZE;
	out->length = opts.data_size_out - meta;
	memcpy(out->bytes, left + meta, out->length);
	*ret_action = opts.retval;
	return 0;
}

struct leat_counter loaded_count(const struct loaded *loaded, const struct leat_counter *counters,
				 unsigned int of, unsigned int number)
{
	struct leat_counter total = {};
	unsigned int cpu;

	for (cpu = 0; cpu < loaded->cpus; cpu++) {
		total.packets += counters[(size_t)cpu * of + number].packets;
		total.bytes += counters[(size_t)cpu * of + number].bytes;
	}
	return total;
}

const char *verdict_name(enum leat_verdict verdict)
{
	switch (verdict) {
#define X(name, action, help)                                                                                \
	case LEAT_##name:                                                                                    \
		return #name;
		LEAT_VERDICTS(X)
#undef X
	default:
		return "none, or several";
	}
}
