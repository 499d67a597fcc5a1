/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BPF object and its maps: see dataplane.h. Maps are pinned, so the data path needs nobody to hold them,
 * and mapped into memory, so that the daemon writes and reads them without system calls.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>

#include "base/auto.h"
#include "dataplane/object.h"
#include "dataplane/refusal.h"

/* flow_sets 0: as many as the object says. */
static void object_size(struct leat_bpf *skeleton, unsigned int cpus, uint32_t flow_sets)
{
#define X(name, type, elements, per_cpu) bpf_map__set_max_entries(skeleton->maps.name, (elements) * ((per_cpu) ? cpus : 1));
	LEAT_MAPS(X)
#undef X
	bpf_map__set_max_entries(skeleton->maps.limiters, cpus);
	if (flow_sets)
		bpf_map__set_max_entries(skeleton->maps.flows, flow_sets);
}

static struct leat_bpf *object_open(unsigned int cpus, uint32_t flow_sets, bool frags, struct err *err)
{
	struct leat_bpf *skeleton = leat_bpf__open();

	if (!skeleton) {
		err_set(err, -errno, "the BPF object cannot be opened: %s", strerror(errno));
		return NULL;
	}
	object_size(skeleton, cpus, flow_sets);
	skeleton->rodata->frags = frags;
	return skeleton;
}

struct leat_bpf *object_for_attach(struct dataplane *dataplane, bool frags, struct err *err)
{
	struct leat_bpf *skeleton = object_open(dataplane->cpus, 0, frags, err);
	struct bpf_map *map, *own;

	if (!skeleton)
		return NULL;
	bpf_object__for_each_map(map, skeleton->obj) {
		if (bpf_map__is_internal(map))
			continue;
		own = bpf_object__find_map_by_name(dataplane->skeleton->obj, bpf_map__name(map));
		if (!own || bpf_map__reuse_fd(map, bpf_map__fd(own))) {
			err_set(err, -EINVAL, "map %s cannot be shared", bpf_map__name(map));
			leat_bpf__destroy(skeleton);
			return NULL;
		}
	}
	return skeleton;
}

/* --- maps as memory ----------------------------------------------------------------------------- */

static size_t map_size(const struct bpf_map *map)
{
	return (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);
}

static void *map_memory(const struct bpf_map *map)
{
	void *p = mmap(NULL, map_size(map), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return p == MAP_FAILED ? NULL : p;
}

static int maps_map(struct dataplane *d, struct err *err)
{
	struct {
#define X(name, type, elements, per_cpu) type *name;
		LEAT_MAPS(X)
#undef X
	} m;

#define X(name, type, elements, per_cpu) \
	m.name = map_memory(d->skeleton->maps.name); \
	if (!m.name) \
		return err_set(err, -errno, "map " #name " cannot be mapped into memory: %s", strerror(errno));
	LEAT_MAPS(X)
#undef X
	d->world = (struct world){ .control = m.control, .buckets = m.buckets, .services = m.services, .pools = m.pools,
				   .slots = m.slots->slot, .backends = m.backends, .loads = m.loads, .flows = m.flows,
				   .server_ids = m.server_ids, .spans = m.spans, .port_spans = m.port_spans,
				   .guards = m.guards, .service_tokens = m.service_tokens, .source_tokens = m.source_tokens,
				   .edges4 = m.edges4->edge, .edges6 = m.edges6 };
	d->verdicts = m.verdict_counters;
	d->services = m.service_counters;
	d->backends = m.backend_counters;
	d->flow_counters = m.flow_counters;
	return 0;
}

static void maps_unmap(struct dataplane *d)
{
	struct {
#define X(name, type, elements, per_cpu) type *name;
		LEAT_MAPS(X)
#undef X
	} m = { .control = d->world.control, .buckets = d->world.buckets, .services = d->world.services, .pools = d->world.pools,
		.slots = (void *)d->world.slots, .backends = d->world.backends, .loads = d->world.loads, .flows = d->world.flows,
		.server_ids = d->world.server_ids, .spans = d->world.spans, .port_spans = d->world.port_spans,
		.guards = d->world.guards, .service_tokens = d->world.service_tokens, .source_tokens = d->world.source_tokens,
		.edges4 = (void *)d->world.edges4, .edges6 = d->world.edges6,
		.flow_counters = d->flow_counters, .verdict_counters = d->verdicts, .service_counters = d->services,
		.backend_counters = d->backends };

#define X(name, type, elements, per_cpu) \
	if (m.name) \
		munmap(m.name, map_size(d->skeleton->maps.name));
	LEAT_MAPS(X)
#undef X
}

/* --- opening ------------------------------------------------------------------------------------ */

static int load(struct dataplane *d, const struct dataplane_options *options, struct err *err)
{
	struct utsname kernel;
	int e;

	d->skeleton = object_open(d->cpus, options->flow_sets, false, err);
	if (!d->skeleton)
		return -EINVAL;
	d->skeleton->rodata->explaining = true;
	if (options->pins) {
		e = pins_prepare(options->pins, err);
		if (!e)
			e = pins_lock(d, err);
		if (e)
			return e;
		e = pins_set(d->skeleton, options->pins);
		if (e)
			return err_set(err, e, "%s: pin paths refused: %s", options->pins, strerror(-e));
	}
	reports_clear();
	e = leat_bpf__load(d->skeleton);
	if (e && strstr(reports_last(), "parameter mismatch"))
		return err_set(err, -EPROTO,
			       "%s: the maps pinned there are of another leat's layout; `leatd --detach` removes them "
			       "(and stops forwarding until leatd has started again)",
			       options->pins);
	if (e)
		return refusal_say_load(e, reports_last(), uname(&kernel) ? "" : kernel.release, err);
	e = pins_restore(d, err);
	return e ? e : maps_map(d, err);
}

static int version_check(struct dataplane *d, const struct dataplane_options *options, struct err *err)
{
	struct leat_control *control = d->world.control;

	d->adopted = control->version != 0;
	if (d->adopted && control->version != LEAT_MAPS_VERSION)
		return err_set(err, -EPROTO, "%s: the maps pinned there are of layout %llu, this leat's is %d; `leatd --detach` "
					     "removes them (and stops forwarding until leatd has started again)",
			       options->pins, (unsigned long long)control->version, LEAT_MAPS_VERSION);
	control->version = LEAT_MAPS_VERSION;
	control->flow_mask = bpf_map__max_entries(d->skeleton->maps.flows) - 1;
	return 0;
}

int dataplane_open(const struct dataplane_options *options, struct dataplane **ret, struct err *err)
{
	struct dataplane *d = memory_zeroed(1, sizeof(*d));
	int cpus, e;

	reports_catch();
	cpus = libbpf_num_possible_cpus();
	if (cpus < 0) {
		free(d);
		return err_set(err, cpus, "cannot count CPUs: %s", strerror(-cpus));
	}
	d->cpus = cpus;
	d->pins = string_copy(options->pins);
	d->lock = -1;
	e = load(d, options, err);
	if (!e)
		e = version_check(d, options, err);
	if (e) {
		dataplane_close(d);
		return e;
	}
	*ret = d;
	return 0;
}

void dataplane_close(struct dataplane *d)
{
	if (!d)
		return;
	maps_unmap(d);
	leat_bpf__destroy(d->skeleton);
	if (d->lock >= 0)
		close(d->lock);
	free(d->pins);
	free(d);
}

struct world *dataplane_world(struct dataplane *d)
{
	return &d->world;
}

bool dataplane_is_adopted(const struct dataplane *d)
{
	return d->adopted;
}

void dataplane_grace(void)
{
	/* membarrier(2): MEMBARRIER_CMD_GLOBAL waits for an RCU grace period; XDP programs run inside RCU. */
	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		return;
	/* Refused on nohz_full kernels: no packet stays in the program for a second. */
	sleep(1);
}

/* --- counters ----------------------------------------------------------------------------------- */

static struct leat_counter sum(const struct leat_counter *counters, unsigned int cpus, unsigned int stride,
			       unsigned int index)
{
	struct leat_counter total = {};
	unsigned int cpu;

	for (cpu = 0; cpu < cpus; cpu++) {
		const struct leat_counter *c = &counters[(size_t)cpu * stride + index];

		total.packets += __atomic_load_n(&c->packets, __ATOMIC_RELAXED);
		total.bytes += __atomic_load_n(&c->bytes, __ATOMIC_RELAXED);
	}
	return total;
}

struct leat_counter dataplane_verdict(const struct dataplane *d, enum leat_verdict verdict)
{
	return sum(d->verdicts, d->cpus, LEAT_VERDICTS_MAX, verdict);
}

struct leat_counter dataplane_service(const struct dataplane *d, unsigned int service)
{
	return sum(d->services, d->cpus, LEAT_SERVICES_MAX, service);
}

struct leat_counter dataplane_backend(const struct dataplane *d, unsigned int backend)
{
	return sum(d->backends, d->cpus, LEAT_BACKENDS_MAX, backend);
}

uint64_t dataplane_flow_events(const struct dataplane *d, enum leat_flow_event event)
{
	uint64_t total = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < d->cpus; cpu++)
		total += __atomic_load_n(&d->flow_counters[cpu * LEAT_FLOW_EVENTS_MAX + event], __ATOMIC_RELAXED);
	return total;
}

void dataplane_forget(struct dataplane *d, char what, unsigned int number)
{
	struct leat_counter *counters = what == 's' ? d->services : d->backends;
	unsigned int cpu, stride = what == 's' ? LEAT_SERVICES_MAX : LEAT_BACKENDS_MAX;

	for (cpu = 0; cpu < d->cpus; cpu++)
		counters[(size_t)cpu * stride + number] = (struct leat_counter){};
}

/* --- running the program on one packet ----------------------------------------------------------- */

int dataplane_run(struct dataplane *d, int ifindex, const void *frame, unsigned int length, void *ret_frame,
		  unsigned int *ret_length, enum leat_verdict *ret_verdict)
{
	struct xdp_md context = { .data_end = length, .ingress_ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = length, .data_out = ret_frame,
		    .data_size_out = *ret_length, .repeat = 1);
	int e;

	if (ifindex > 0) {
		run.ctx_in = &context;
		run.ctx_size_in = sizeof(context);
	}
	e = bpf_prog_test_run_opts(bpf_program__fd(d->skeleton->progs.leat), &run);
	if (e)
		return e;
	*ret_length = run.data_size_out;
	*ret_verdict = d->skeleton->bss->explained;
	return run.retval;
}

int dataplane_wrap(struct dataplane *d, unsigned int backend, const void *frame, unsigned int length, void *ret_frame,
		   unsigned int *ret_length, enum leat_verdict *ret_verdict)
{
	int action;

	d->skeleton->bss->probed = backend;
	action = dataplane_run(d, 0, frame, length, ret_frame, ret_length, ret_verdict);
	d->skeleton->bss->probed = 0;
	return action < 0 ? action : 0;
}

int dataplane_allow_device(struct dataplane *d, int ifindex, struct err *err)
{
	struct bpf_devmap_val device = { .ifindex = ifindex };

	if (bpf_map_update_elem(bpf_map__fd(d->skeleton->maps.devices), &ifindex, &device, BPF_ANY))
		return err_set(err, -errno, "interface %d cannot be redirected to: %s", ifindex, strerror(errno));
	return 0;
}
