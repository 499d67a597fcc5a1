/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaching: see attach_program.h. Where the kernel can replace functions of a loaded program (freplace), libxdp
 * puts ours into its dispatcher, beside other XDP programs. Where it cannot, ours is attached alone.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <xdp/libxdp.h>

#include "base/auto.h"
#include "dataplane/attach_multi.h"
#include "dataplane/attach_program.h"
#include "dataplane/object.h"
#include "dataplane/refusal.h"

struct attempt {
	const struct attachable *what;
	int ifindex;
	bool generic, frags;
	void *skeleton;
	struct bpf_object *object;
};

static int refused(const struct attempt *a, const char *interface, int e, struct err *err)
{
	struct utsname kernel = {};
	struct refusal refusal = {
		.interface = interface,
		.program = a->what->name,
		.error = e,
		.generic = a->generic,
		.bond = interface_is_bond(interface),
		.mtu = interface_mtu(interface),
		.report = reports_last(),
		.kernel = uname(&kernel) ? "" : kernel.release,
	};

	return refusal_say(&refusal, err);
}

static int fill(const struct attempt *a)
{
	return a->what->loaded ? a->what->loaded(a->what->context, a->skeleton) : 0;
}

/* By libxdp, in its dispatcher if it can. It loads the object itself. */
static int attach_shared(struct attempt *a)
{
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts, .obj = a->object, .prog_name = a->what->name);
	struct xdp_program *program = xdp_program__create(&opts);
	int e = libxdp_get_error(program);

	if (e)
		return e;
	e = xdp_program__set_xdp_frags_support(program, a->frags);
	if (!e)
		e = xdp_program__attach(program, a->ifindex, a->generic ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
	if (!e)
		e = fill(a);
	xdp_program__close(program);
	return e;
}

/* Alone: one store in the kernel puts ours in place of `old`, or of nothing if that is 0. */
static int attach_alone(struct attempt *a, int old)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old);
	struct bpf_program *program = bpf_object__find_program_by_name(a->object, a->what->name);
	int e;

	if (a->frags)
		bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
	e = bpf_object__load(a->object);
	if (!e)
		e = fill(a);
	if (!e)
		e = bpf_xdp_attach(a->ifindex, bpf_program__fd(program),
				   (old ? XDP_FLAGS_REPLACE : XDP_FLAGS_UPDATE_IF_NOEXIST) |
					   (a->generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE),
				   &opts);
	return e;
}

/* -ENOMSG: the object cannot be opened, and err says why. */
static int attempt_run(struct attempt *a, bool alone, int old, struct err *err)
{
	int e;

	reports_clear();
	a->skeleton = a->what->open(a->what->context, a->frags, &a->object, err);
	if (!a->skeleton)
		return -ENOMSG;
	e = alone ? attach_alone(a, old) : attach_shared(a);
	a->what->destroy(a->skeleton);
	return e;
}

int program_attach(const struct attachable *what, const char *interface, int ifindex, bool generic, int old,
		   struct err *err)
{
	struct attempt a = { .what = what, .ifindex = ifindex, .generic = generic,
			     .frags = interface_needs_frags(interface) };
	bool alone = old > 0;
	int e = attempt_run(&a, alone, old, err);

	/*
	 * Linux 6.12.y lets a program that changes packets replace only a function that may, too, and libxdp's
	 * dispatcher has no such functions before mid-2025 (xdp-tools 509). It tells by EINVAL, and libxdp gives up.
	 */
	if (!alone && e == -EINVAL)
		e = attempt_run(&a, true, 0, err);
	if (!e || e == -ENOMSG)
		return e;
	return refused(&a, interface, e, err);
}
