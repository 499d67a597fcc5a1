/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat on interfaces: how it gets there is in attach_program.c, and it stays when the daemon goes. A leat that is there
 * already is left alone if it is this very program on these maps, and else replaced without a moment in which packets pass
 * it by: alone by the kernel's atomic replace, in a dispatcher by adding the new before removing the old.
 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "base/auto.h"
#include "dataplane/attach_multi.h"
#include "dataplane/attach_program.h"
#include "dataplane/object.h"

/* The program in place does the same on the same maps: equal tag (a hash of the instructions), one of its maps is ours. */
static bool is_same(struct dataplane *d, int fd)
{
	struct bpf_prog_info own = {}, there = {};
	struct bpf_map_info control = {};
	__u32 own_maps[32] = {}, there_maps[32] = {}, length = sizeof(control), i;

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

struct leat_place {
	struct dataplane *dataplane;
	__u32 bond; /* the interface, if it is one */
};

static void *leat_open(void *context, bool frags, struct bpf_object **ret, struct err *err)
{
	const struct leat_place *place = context;
	struct leat_bpf *skeleton = object_for_attach(place->dataplane, frags, err);

	if (!skeleton)
		return NULL;
	skeleton->rodata->bond = place->bond;
	*ret = skeleton->obj;
	return skeleton;
}

static void leat_destroy(void *skeleton)
{
	leat_bpf__destroy(skeleton);
}

static int attach(struct dataplane *d, const struct attached *old, int ifindex, const char *interface, bool generic,
		  struct err *err)
{
	struct leat_place place = { d, interface_is_bond(interface) ? ifindex : 0 };
	struct attachable what = { .name = "leat", .open = leat_open, .destroy = leat_destroy, .context = &place };
	bool alone = old && !old->dispatcher;

	return program_attach(&what, interface, ifindex, generic, alone ? xdp_program__fd(old->program) : 0, err);
}

static void describe(const char *interface, const struct attached *a, struct dataplane_attachment *ret)
{
	*ret = (struct dataplane_attachment){
		.ifindex = a->ifindex,
		.native = a->native,
		.dispatcher = a->dispatcher,
		.frags = interface_needs_frags(interface),
		.bond = interface_is_bond(interface),
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
		e = attach(d, old, ifindex, interface, generic, err);
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
