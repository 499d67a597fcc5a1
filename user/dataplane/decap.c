/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat-decap's program, attached and read: see decap.h. Nothing is pinned: its maps live as long as it is attached. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "base/auto.h"
#include "dataplane/attach_multi.h"
#include "dataplane/attach_program.h"
#include "dataplane/decap.h"
#include "dataplane/object.h"
#include "decap.skel.h"

static int addrs_fill(void *context, void *skeleton)
{
	const struct decap_ends *ends = context;
	struct bpf_map *map = ((struct decap_bpf *)skeleton)->maps.decap_addrs;
	__u8 present = 1;
	unsigned int i;

	for (i = 0; i < ends->addr_count; i++)
		if (bpf_map_update_elem(bpf_map__fd(map), &ends->addrs[i], &present, BPF_ANY))
			return -errno;
	return 0;
}

static void *decap_open(void *context, bool frags, struct bpf_object **ret, struct err *err)
{
	struct decap_bpf *skeleton = decap_bpf__open();
	const struct decap_ends *ends = context;
	unsigned int i;

	if (!skeleton) {
		err_set(err, -errno, "the BPF object cannot be opened: %s", strerror(errno));
		return NULL;
	}
	for (i = 0; i < ends->port_count; i++)
		skeleton->rodata->udp_ports[i] = htons(ends->ports[i]);
	*ret = skeleton->obj;
	return skeleton;
}

static void decap_destroy(void *skeleton)
{
	decap_bpf__destroy(skeleton);
}

int decap_attach(const char *interface, bool generic, const struct decap_ends *ends, struct err *err)
{
	struct attachable what = { .name = "decap", .open = decap_open, .loaded = addrs_fill, .destroy = decap_destroy,
				   .context = (void *)ends };
	int e;

	reports_catch();
	e = decap_detach(interface, err); /* there is such an interface, or it says so */
	return e ? e : program_attach(&what, interface, if_nametoindex(interface), generic, 0, err);
}

int decap_detach(const char *interface, struct err *err)
{
	int ifindex = if_nametoindex(interface), e;
	struct attached *old;

	if (!ifindex)
		return err_set(err, -ENODEV, "%s: no such interface here; `ip link` shows those there are", interface);
	e = attached_find(ifindex, "decap", &old);
	if (e == -EBUSY)
		return err_set(err, e, "%s: another XDP program holds the interface and shares it with nobody; `bpftool net "
				       "show dev %s` names it", interface, interface);
	if (!old)
		return 0;
	e = attached_remove(old);
	attached_free(old);
	return e ? err_set(err, e, "%s: the program cannot be detached: %s", interface, strerror(-e)) : 0;
}

/* The map of this name among those that the program uses: a descriptor, or -ENOENT. */
static int map_of(int program, const char *name)
{
	__u32 maps[8] = {}, length = sizeof(struct bpf_prog_info), i;
	struct bpf_prog_info info = { .nr_map_ids = ARRAY_SIZE(maps), .map_ids = (uintptr_t)maps };

	if (bpf_obj_get_info_by_fd(program, &info, &length))
		return -errno;
	for (i = 0; i < info.nr_map_ids && i < ARRAY_SIZE(maps); i++) {
		struct bpf_map_info map = {};
		int fd = bpf_map_get_fd_by_id(maps[i]);

		length = sizeof(map);
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &map, &length) && !strncmp(map.name, name, sizeof(map.name) - 1))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -ENOENT;
}

static int counts_read(int map, __u64 ret_counts[LEAT_DECAP_COUNT])
{
	int cpus = libbpf_num_possible_cpus(), cpu;
	auto_free __u64 *values = memory_zeroed(cpus, sizeof(__u64));
	__u32 outcome;

	for (outcome = 0; outcome < LEAT_DECAP_COUNT; outcome++) {
		ret_counts[outcome] = 0;
		if (bpf_map_lookup_elem(map, &outcome, values))
			return -errno;
		for (cpu = 0; cpu < cpus; cpu++)
			ret_counts[outcome] += values[cpu];
	}
	return 0;
}

int decap_stats(const char *interface, __u64 ret_counts[LEAT_DECAP_COUNT], struct err *err)
{
	int ifindex = if_nametoindex(interface), e;
	auto_close int map = -1;
	struct attached *there;

	reports_catch();
	if (!ifindex || attached_find(ifindex, "decap", &there) || !there)
		return err_set(err, -ENOENT, "%s: leat-decap is not attached; `leat-decap attach %s --address ADDR`", interface,
			       interface);
	map = map_of(xdp_program__fd(there->program), "decap_counters");
	attached_free(there);
	e = map < 0 ? map : counts_read(map, ret_counts);
	return e ? err_set(err, e, "%s: its counters cannot be read: %s", interface, strerror(-e)) : 0;
}
