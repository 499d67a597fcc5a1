/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a program is not where it should be: what is missing is named, the kernel that has it, and what would do instead. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/refusal.h"

#define NO_NATIVE "libbpf: Kernel error message: Underlying driver does not support XDP in native mode"

static void sentence_is(struct refusal r, int code, const char *wanted)
{
	struct err err = {};

	r.interface = r.interface ?: "eth0";
	r.program = r.program ?: "leat";
	r.report = r.report ?: "";
	r.kernel = r.kernel ?: "6.12.9-amd64";
	assert_int_equal(refusal_say(&r, &err), code);
	if (!strstr(err.text, wanted))
		fail_msg("found '%s', wanted '%s'", err.text, wanted);
}

#define SAYS(code, wanted, ...) sentence_is((struct refusal){ __VA_ARGS__ }, code, wanted)

static void a_driver_without_native_xdp(void **state)
{
	SAYS(-EOPNOTSUPP, "eth0: its driver cannot run XDP natively (Linux 6.12.9-amd64); it takes a driver or kernel that can, or "
	     "mode generic", .error = -EOPNOTSUPP, .mtu = 1500);
	SAYS(-EOPNOTSUPP, "eth0: its driver cannot run XDP natively (Linux", .error = -EOPNOTSUPP, .report = NO_NATIVE);
	/* Its MTU is not what is wrong with it. */
	SAYS(-EOPNOTSUPP, "lo: its driver cannot run XDP natively (Linux", .error = -EOPNOTSUPP, .interface = "lo", .mtu = 65536,
	     .report = NO_NATIVE);
}

static void frames_of_several_buffers(void **state)
{
	static const int errors[] = { -EOPNOTSUPP, -EINVAL, -ERANGE, -EMSGSIZE };
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		SAYS(errors[i], "cannot run XDP natively at MTU 9000, where a frame spans several buffers (too large): drivers have "
		     "learnt that one by one since Linux 5.18, and this is 6.12.9-amd64; it takes an MTU of 3000 at most",
		     .error = errors[i], .mtu = 9000, .report = "too large");
		SAYS(errors[i], "cannot run XDP natively at MTU 3001", .error = errors[i], .mtu = 3001);
	}
	SAYS(-EOPNOTSUPP, "cannot run XDP natively (Linux", .error = -EOPNOTSUPP, .mtu = 3000);
	SAYS(-EINVAL, "the program cannot be attached: Invalid argument (odd)", .error = -EINVAL, .mtu = 3000, .report = "odd");
	/* Generic mode takes any. */
	SAYS(-EINVAL, "the program cannot be attached: Invalid argument", .error = -EINVAL, .mtu = 9000, .generic = true);
	SAYS(-EOPNOTSUPP, "the program cannot be attached: Operation not supported", .error = -EOPNOTSUPP, .generic = true);
}

static void bonds(void **state)
{
	SAYS(-EOPNOTSUPP, "bond0: this bond runs no native XDP program (No native XDP support for the current bonding mode): that needs "
	     "Linux 5.15, members that all do", .error = -EOPNOTSUPP, .bond = true, .interface = "bond0",
	     .report = "No native XDP support for the current bonding mode");
	SAYS(-EOPNOTSUPP, "(Operation not supported): that needs", .error = -EOPNOTSUPP, .bond = true, .mtu = 9000);
}

static void taken(void **state)
{
	SAYS(-EBUSY, "another XDP program holds the interface, and this kernel and this libxdp cannot run leat-decap beside it",
	     .error = -EEXIST, .program = "leat-decap");
	SAYS(-EBUSY, "`xdp-loader unload eth0 --all` removes it", .error = -EBUSY, .kernel = "5.4.0");
}

static void an_old_kernel_comes_first(void **state)
{
	struct err err = {};

	SAYS(-EINVAL, "the program cannot be attached (no such flag): leat needs Linux 6.1, this is 5.10.0-28", .error = -EINVAL,
	     .mtu = 9000, .report = "no such flag", .kernel = "5.10.0-28");
	SAYS(-EOPNOTSUPP, "leat needs Linux 6.1, this is 6.0", .error = -EOPNOTSUPP, .kernel = "6.0");
	SAYS(-EOPNOTSUPP, "its driver cannot", .error = -EOPNOTSUPP, .kernel = "6.1");
	SAYS(-EOPNOTSUPP, "its driver cannot", .error = -EOPNOTSUPP, .kernel = "10.0.1");
	SAYS(-EOPNOTSUPP, "its driver cannot", .error = -EOPNOTSUPP, .kernel = "unheard of");
	assert_int_equal(refusal_say_load(-EINVAL, "unknown func", "5.4.0", &err), -EINVAL);
	assert_string_equal(err.text, "the BPF program cannot be loaded: leat needs Linux 6.1, this is 5.4.0: unknown func");
	assert_int_equal(refusal_say_load(-EPERM, "", "6.1.0", &err), -EPERM);
	assert_string_equal(err.text, "the BPF program cannot be loaded: Operation not permitted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_driver_without_native_xdp),
		cmocka_unit_test(frames_of_several_buffers),
		cmocka_unit_test(bonds),
		cmocka_unit_test(taken),
		cmocka_unit_test(an_old_kernel_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
