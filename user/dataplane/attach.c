/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaching the program to interfaces, by libxdp.
 *
 * Where the kernel can replace functions of a loaded program (freplace), libxdp puts leat into its
 * dispatcher, beside other XDP programs. Where it cannot, leat is attached alone. Both stay when the
 * daemon goes. A leat that is there already is left alone if it is this very program on these maps, and else
 * replaced without a moment in which packets pass it by: alone by the kernel's atomic replace, in
 * a dispatcher by adding the new before removing the old.
 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <xdp/libxdp.h>

#include "base/auto.h"
#include "base/log.h"
#include "dataplane/attach_multi.h"
#include "dataplane/object.h"

static int program_info(int fd, struct bpf_prog_info *ret, __u32 *ret_maps, unsigned int map_room)
{
	__u32 length = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	ret->nr_map_ids = map_room;
	ret->map_ids = (uintptr_t)ret_maps;
	return bpf_obj_get_info_by_fd(fd, ret, &length);
}

/* The program in place does the same on the same maps: equal tag (a hash of the instructions), one of its maps is ours. */
static bool is_same(struct dataplane *d, int fd)
{
	struct bpf_prog_info own = {}, there = {};
	struct bpf_map_info control = {};
	__u32 own_maps[32], there_maps[32], length = sizeof(control), i;

	if (fd < 0 || program_info(bpf_program__fd(d->skeleton->progs.leat), &own, own_maps, 32) ||
	    program_info(fd, &there, there_maps, 32) ||
	    bpf_obj_get_info_by_fd(bpf_map__fd(d->skeleton->maps.control), &control, &length))
		return false;
	if (memcmp(own.tag, there.tag, sizeof(own.tag)))
		return false;
	for (i = 0; i < there.nr_map_ids && i < 32; i++)
		if (there_maps[i] == control.id)
			return true;
	return false;
}

static int refused(const char *interface, int e, bool generic, struct err *err)
{
	const char *why = reports_last()[0] ? reports_last() : strerror(-e);

	if (e == -EOPNOTSUPP && !generic)
		return err_set(err, e, "%s: its driver cannot run XDP natively; generic mode works on every driver and is "
				       "several times slower: mode generic", interface);
	return err_set(err, e, "%s: the program cannot be attached: %s (%s)", interface, strerror(-e), why);
}

/* Alone: one store in the kernel puts leat in place of `old`, or of nothing if that is 0. */
static int attach_alone(struct dataplane *d, int ifindex, bool generic, int old, bool frags, struct err *err)
{
	struct leat_bpf *skeleton = object_for_attach(d, frags, err);
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old);
	int e;

	if (!skeleton)
		return -EINVAL;
	e = leat_bpf__load(skeleton);
	if (!e)
		e = bpf_xdp_attach(ifindex, bpf_program__fd(skeleton->progs.leat),
				   (old ? XDP_FLAGS_REPLACE : XDP_FLAGS_UPDATE_IF_NOEXIST) |
					   (generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE),
				   &opts);
	leat_bpf__destroy(skeleton);
	return e;
}

static int attach_new(struct dataplane *d, int ifindex, bool generic, bool frags, struct err *err)
{
	struct leat_bpf *skeleton = object_for_attach(d, frags, err);
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts);
	struct xdp_program *program;
	int e;

	if (!skeleton)
		return -EINVAL;
	opts.obj = skeleton->obj;
	opts.prog_name = "leat";
	program = xdp_program__create(&opts);
	e = libxdp_get_error(program);
	if (!e) {
		e = xdp_program__set_xdp_frags_support(program, frags);
		if (!e)
			e = xdp_program__attach(program, ifindex, generic ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
		xdp_program__close(program);
	}
	leat_bpf__destroy(skeleton);
	return e;
}

/*
 * Linux 6.12.y lets a program that changes packets replace only a function that may, too, and libxdp's dispatcher
 * has no such functions before mid-2025 (xdp-tools 509). It tells by EINVAL, and libxdp gives up.
 */
static int attach_first(struct dataplane *d, int ifindex, const char *interface, bool generic, bool frags, struct err *err)
{
	int e = attach_new(d, ifindex, generic, frags, err);

	if (e != -EINVAL)
		return e ? refused(interface, e, generic, err) : 0;
	reports_clear();
	e = attach_alone(d, ifindex, generic, 0, frags, err);
	if (e == -EBUSY || e == -EEXIST)
		return err_set(err, -EBUSY,
			       "%s: another XDP program holds the interface, and this kernel and this libxdp cannot run leat "
			       "beside it; `xdp-loader status %s` names it, `xdp-loader unload %s --all` removes it",
			       interface, interface, interface);
	return e ? refused(interface, e, generic, err) : 0;
}

static int attach_somehow(struct dataplane *d, const struct attached *old, int ifindex, const char *interface, bool generic,
			  struct err *err)
{
	bool frags = interface_needs_frags(interface);
	int e;

	reports_clear();
	if (!old || old->dispatcher)
		return attach_first(d, ifindex, interface, generic, frags, err);
	e = attach_alone(d, ifindex, generic, xdp_program__fd(old->program), frags, err);
	return e ? refused(interface, e, generic, err) : 0;
}

static void describe(const char *interface, const struct attached *a, struct dataplane_attachment *ret)
{
	*ret = (struct dataplane_attachment){
		.ifindex = a->ifindex,
		.native = a->native,
		.dispatcher = a->dispatcher,
		.frags = interface_needs_frags(interface),
		.program_id = xdp_program__id(a->program),
	};
}

int dataplane_attach(struct dataplane *d, const char *interface, bool generic, struct dataplane_attachment *ret,
		     struct err *err)
{
	struct attached *old, *new;
	int ifindex = if_nametoindex(interface), e = 0;

	if (!ifindex)
		return err_set(err, -ENODEV, "%s: no such interface here; `ip link` shows those there are", interface);
	e = attached_find(ifindex, "leat", &old);
	if (e == -EBUSY)
		return err_set(err, e, "%s: another XDP program holds the interface and shares it with nobody; `bpftool net "
				       "show dev %s` names it, `ip link set dev %s xdp off` removes it",
			       interface, interface, interface);
	if (old && old->native != !generic) {
		attached_remove(old);
		attached_free(old);
		old = NULL;
	}
	e = pins_restore(d, err);
	if (!e && (!old || !is_same(d, xdp_program__fd(old->program)))) {
		e = attach_somehow(d, old, ifindex, interface, generic, err);
		if (!e && old && old->dispatcher)
			attached_remove(old);
	}
	attached_free(old);
	if (e)
		return e;
	if (attached_find(ifindex, "leat", &new) || !new)
		return err_set(err, -EIO, "%s: the program was attached and is gone", interface);
	describe(interface, new, ret);
	attached_free(new);
	return dataplane_allow_device(d, ifindex, err);
}

int dataplane_detach(const char *interface, struct err *err)
{
	int ifindex = if_nametoindex(interface), e;
	struct attached *old;

	if (!ifindex)
		return 0; /* gone, and its program with it */
	reports_catch();
	e = attached_find(ifindex, "leat", &old);
	if (e || !old)
		return 0;
	reports_clear();
	e = attached_remove(old);
	attached_free(old);
	return e ? err_set(err, e, "%s: the program cannot be detached: %s (%s)", interface, strerror(-e), reports_last()) : 0;
}

void dataplane_attachments(void (*found)(void *context, const char *interface, const struct dataplane_attachment *a),
			   void *context)
{
	struct if_nameindex *interfaces = if_nameindex(), *i;
	struct dataplane_attachment attachment;
	struct attached *a;

	reports_catch();
	for (i = interfaces; i && i->if_index; i++) {
		if (attached_find(i->if_index, "leat", &a) || !a)
			continue;
		describe(i->if_name, a, &attachment);
		attached_free(a);
		found(context, i->if_name, &attachment);
	}
	if (interfaces)
		if_freenameindex(interfaces);
}
