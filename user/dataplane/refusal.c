/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences: see refusal.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dataplane/refusal.h"

#define GENERIC_INSTEAD "or mode generic, which works on every driver and is several times slower"

/* What leat is tested with (docs/kernels.md). */
static bool is_too_old(const char *kernel)
{
	unsigned int major, minor;

	return sscanf(kernel, "%u.%u", &major, &minor) == 2 && (major < 6 || (major == 6 && minor < 1));
}

/* The kernel's or the library's own words, if they say more than the error's number. */
static const char *words_of(int error, const char *report)
{
	return report[0] ? report : strerror(-error);
}

static int say_bond(const struct refusal *r, struct err *err)
{
	return err_set(err, r->error,
		       "%s: this bond runs no native XDP program (%s): that needs Linux 5.15, members that all do, with no "
		       "program of their own, and mode balance-rr, active-backup, balance-xor or 802.3ad (the last two without "
		       "xmit_hash_policy vlan+srcmac); this is Linux %s", r->interface, words_of(r->error, r->report), r->kernel);
}

/* dev_xdp_attach() in net/core/dev.c says so of a driver without any; what other refusals mean, it does not say. */
static bool has_none(const struct refusal *r)
{
	return strcasestr(r->report, "driver does not support XDP in native mode");
}

static int say_frags(const struct refusal *r, struct err *err)
{
	return err_set(err, r->error,
		       "%s: its driver cannot run XDP natively at MTU %u, where a frame spans several buffers (%s): drivers have "
		       "learnt that one by one since Linux 5.18, and this is %s; it takes an MTU of %d at most, a driver or "
		       "kernel that can, " GENERIC_INSTEAD, r->interface, r->mtu, words_of(r->error, r->report), r->kernel,
		       REFUSAL_MTU_ONE_BUFFER);
}

static int say_native(const struct refusal *r, struct err *err)
{
	return err_set(err, r->error,
		       "%s: its driver cannot run XDP natively (Linux %s); it takes a driver or kernel that can, " GENERIC_INSTEAD,
		       r->interface, r->kernel);
}

static int say_taken(const struct refusal *r, struct err *err)
{
	return err_set(err, -EBUSY,
		       "%s: another XDP program holds the interface, and this kernel and this libxdp cannot run %s beside it; "
		       "`xdp-loader status %s` names it, `xdp-loader unload %s --all` removes it",
		       r->interface, r->program, r->interface, r->interface);
}

int refusal_say(const struct refusal *r, struct err *err)
{
	bool native = !r->generic && r->error == -EOPNOTSUPP;
	bool frags = r->mtu > REFUSAL_MTU_ONE_BUFFER;

	if (r->error == -EBUSY || r->error == -EEXIST)
		return say_taken(r, err);
	if (is_too_old(r->kernel))
		return err_set(err, r->error, "%s: the program cannot be attached (%s): %s needs Linux 6.1, this is %s",
			       r->interface, words_of(r->error, r->report), r->program, r->kernel);
	if (native && r->bond)
		return say_bond(r, err);
	if (native && has_none(r))
		return say_native(r, err);
	/* Drivers that know nothing of frags look at the MTU alone, and differ in the error that they choose. */
	if (!r->generic && frags && (native || r->error == -EINVAL || r->error == -ERANGE || r->error == -EMSGSIZE))
		return say_frags(r, err);
	if (native)
		return say_native(r, err);
	return err_set(err, r->error, "%s: the program cannot be attached: %s (%s)", r->interface, strerror(-r->error),
		       words_of(r->error, r->report));
}

int refusal_say_load(int error, const char *report, const char *kernel, struct err *err)
{
	if (is_too_old(kernel))
		return err_set(err, error, "the BPF program cannot be loaded: leat needs Linux 6.1, this is %s: %s", kernel,
			       words_of(error, report));
	return err_set(err, error, "the BPF program cannot be loaded: %s%s%s", strerror(-error),
		       report[0] ? ": " : "", report);
}
