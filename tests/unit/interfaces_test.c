/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces follow the configuration, and a bond that takes no program is attached by its members, which come and go. Holds
 * daemon/interfaces.c itself, over a kernel of a few devices.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define dataplane_attach      fake_attach
#define dataplane_detach      fake_detach
#define dataplane_attachments fake_attachments
#define dataplane_remove      fake_remove
#define ways_is_bond          fake_is_bond
#define ways_bond_of          fake_bond_of
#define ways_members          fake_members
#define ways_set_whole        fake_set_whole
#define if_nametoindex        fake_index
#define change_doc            fake_change
#include "daemon/interfaces.c"

/* --- the kernel ---------------------------------------------------------------------------------- */

enum { NONE, NATIVE, GENERIC };

struct device {
	const char *name, *bond; /* whose member it is; NULL: none's */
	bool exists, is_bond;
	bool can;    /* its driver, or for a bond its mode, takes native programs */
	int program; /* NONE, ... */
	bool whole;  /* what ways were told */
	unsigned int tries;
};

static struct device devices[6];
enum { ETH0, ETH1, ETH2, ETH3, BOND0, DEVICES };

static struct device *device_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < DEVICES; i++)
		if (devices[i].exists && !strcmp(devices[i].name, name))
			return &devices[i];
	return NULL;
}

static bool is_member(const struct device *device, const char *bond)
{
	return device->exists && device->bond && !strcmp(device->bond, bond);
}

/* As bond_xdp_set(): by mode, and if all members can and have none of their own. */
static bool takes_native(const struct device *device)
{
	bool takes = device->can;
	unsigned int i;

	for (i = 0; i < DEVICES && device->is_bond; i++)
		if (is_member(&devices[i], device->name))
			takes &= devices[i].can && !devices[i].program;
	return takes;
}

int fake_attach(struct dataplane *dataplane, const char *name, bool generic, struct dataplane_attachment *ret, struct err *err)
{
	struct device *device = device_of(name);

	if (!device)
		return err_set(err, -ENODEV, "%s: is not there", name);
	device->tries++;
	if (!device->program && !generic && !takes_native(device))
		return err_set(err, -EOPNOTSUPP, "%s: cannot", name);
	if (device->bond && device_of(device->bond)->program)
		return err_set(err, -EBUSY, "%s: its bond has a program", name);
	device->program = generic ? GENERIC : NATIVE;
	*ret = (struct dataplane_attachment){ .ifindex = device - devices + 1, .native = !generic, .program_id = 7 };
	return 0;
}

int fake_detach(const char *name, struct err *err)
{
	struct device *device = device_of(name);

	if (device)
		device->program = NONE;
	return 0;
}

void fake_attachments(void (*found)(void *context, const char *interface, const struct dataplane_attachment *a), void *context)
{
	unsigned int i;

	for (i = 0; i < DEVICES; i++)
		if (devices[i].exists && devices[i].program)
			found(context, devices[i].name, NULL);
}

int fake_remove(const char *pins, struct err *err)
{
	return 0;
}

bool fake_is_bond(const struct ways *ways, const char *name)
{
	return device_of(name) && device_of(name)->is_bond;
}

const char *fake_bond_of(const struct ways *ways, const char *name)
{
	return device_of(name) ? device_of(name)->bond : NULL;
}

void fake_members(const struct ways *ways, const char *bond, void (*each)(void *context, const char *member), void *context)
{
	unsigned int i;

	for (i = 0; i < DEVICES; i++)
		if (is_member(&devices[i], bond))
			each(context, devices[i].name);
}

void fake_set_whole(struct ways *ways, uint32_t ifindex, bool whole)
{
	devices[ifindex - 1].whole = whole;
}

unsigned int fake_index(const char *name)
{
	return device_of(name) ? device_of(name) - devices + 1 : 0;
}

int fake_change(struct daemon *d, struct doc *doc, struct err *err)
{
	return -EINVAL; /* nobody asks for it here */
}

/* --- the daemon ---------------------------------------------------------------------------------- */

static struct config_interface wanted[2];
static struct config config = { .interfaces = wanted };
static struct daemon d = { .config = &config };

static int begin(void **state)
{
	static const struct device there[] = { { "eth0", NULL, true, false, true },
					       { "eth1", "bond0", true, false, true },
					       { "eth2", "bond0", true, false, true },
					       { "eth3", NULL, true, false, true },
					       { "bond0", NULL, true, true, false } };

	memcpy(devices, there, sizeof(there));
	wanted[0] = (struct config_interface){ .name = (char *)"bond0", .mode = DOC_ATTACH_NATIVE };
	config.interface_count = 1;
	log_set_level(0);
	return 0;
}

static int end(void **state)
{
	interfaces_free(&d);
	d.interfaces = NULL;
	d.interface_count = 0;
	return 0;
}

/* "bond0+ eth1+(bond0) eth2-(bond0)": in the order of the devices, with a '!' where there is a problem. */
static const char *states(void)
{
	static char text[256];
	unsigned int i;
	int n = 0;

	text[0] = 0;
	for (i = 0; i < DEVICES; i++) {
		const struct interface_state *s = find(&d, devices[i].name);

		if (!s)
			continue;
		n += snprintf(text + n, sizeof(text) - n, "%s%s%s", n ? " " : "", s->name, s->attached ? "+" : "-");
		n += snprintf(text + n, sizeof(text) - n, "%s%s", s->by_members ? "m" : "", s->problem ? "!" : "");
		if (s->bond)
			n += snprintf(text + n, sizeof(text) - n, "(%s)", s->bond);
	}
	return text;
}

/* What has a program, by number: "-N-G-" */
static const char *programs(void)
{
	static char text[DEVICES + 1];
	unsigned int i;

	for (i = 0; i < DEVICES; i++)
		text[i] = "-NG"[devices[i].program];
	return text;
}

static void becomes(const char *wanted_states, const char *wanted_programs)
{
	interfaces_follow(&d);
	assert_string_equal(states(), wanted_states);
	assert_string_equal(programs(), wanted_programs);
}

static void an_interface_that_is_no_bond(void **state)
{
	wanted[0].name = (char *)"eth0";
	becomes("eth0+", "N----");
	devices[ETH3].can = false;
	wanted[0].name = (char *)"eth3";
	becomes("eth3-!", "-----");
	wanted[0].mode = DOC_ATTACH_GENERIC;
	becomes("eth3+", "---G-");
}

static void a_bond_that_takes_the_program(void **state)
{
	devices[BOND0].can = true;
	becomes("bond0+", "----N");
	assert_true(devices[BOND0].whole);
	becomes("bond0+", "----N");
	assert_int_equal(devices[ETH1].tries, 0);
	config.interface_count = 0;
	becomes("", "-----");
	assert_false(devices[BOND0].whole);
}

static void members_come_and_go(void **state)
{
	becomes("eth1+(bond0) eth2+(bond0) bond0+m", "-NN--");
	assert_false(devices[BOND0].whole);
	devices[ETH3].bond = "bond0";
	becomes("eth1+(bond0) eth2+(bond0) eth3+(bond0) bond0+m", "-NNN-");
	devices[ETH1].bond = NULL;
	becomes("eth2+(bond0) eth3+(bond0) bond0+m", "--NN-");
	devices[ETH2].exists = false;
	becomes("eth3+(bond0) bond0+m", "--NN-"); /* its program went with it */
	assert_int_equal(devices[BOND0].tries, 1); /* each try loads a program: once is enough */
	config.interface_count = 0;
	devices[ETH2].program = NONE;
	becomes("", "-----");
}

static void a_member_that_cannot(void **state)
{
	struct err err;

	devices[BOND0].can = true; /* if it were not for eth2 */
	devices[ETH2].can = false;
	becomes("eth1+(bond0) eth2-!(bond0) bond0+m!", "-N---");
	becomes("eth1+(bond0) eth2-!(bond0) bond0+m!", "-N---");
	assert_string_equal(find(&d, "bond0")->problem, "eth2: cannot");
	assert_int_equal(interfaces_try(&d, "bond0", DOC_ATTACH_NATIVE, &err), 0);
	devices[ETH2].can = true;
	becomes("eth1+(bond0) eth2+(bond0) bond0+m", "-NN--");
}

static void no_member_that_can(void **state)
{
	struct err err;

	devices[ETH1].can = devices[ETH2].can = false;
	assert_int_equal(interfaces_try(&d, "bond0", DOC_ATTACH_NATIVE, &err), -EOPNOTSUPP);
	assert_string_equal(err.text, "bond0: cannot; eth1: cannot");
	becomes("eth1-!(bond0) eth2-!(bond0) bond0-!", "-----");
	becomes("eth1-!(bond0) eth2-!(bond0) bond0-!", "-----");
	devices[BOND0].can = devices[ETH1].can = devices[ETH2].can = true; /* another mode, other members */
	interfaces_follow(&d);
	becomes("bond0+", "----N");
	assert_true(devices[BOND0].whole);
}

static void no_member_at_all(void **state)
{
	struct err err;

	devices[ETH1].bond = devices[ETH2].bond = NULL;
	assert_int_equal(interfaces_try(&d, "bond0", DOC_ATTACH_NATIVE, &err), -EOPNOTSUPP);
	assert_string_equal(err.text, "bond0: cannot; it has no member to attach to");
	becomes("bond0-!", "-----");
	devices[ETH2].bond = "bond0";
	becomes("eth2+(bond0) bond0+m", "--N--");
	devices[ETH2].bond = NULL;
	becomes("bond0-!", "-----");
	assert_string_equal(find(&d, "bond0")->problem, "bond0: it is attached by its members; it has no member to attach to");
}

static void a_restart_finds_what_there_was(void **state)
{
	becomes("eth1+(bond0) eth2+(bond0) bond0+m", "-NN--");
	devices[BOND0].can = true;
	devices[ETH0].program = NATIVE; /* of a configuration before */
	end(state);
	becomes("eth1+(bond0) eth2+(bond0) bond0+m", "NNN--");
	interfaces_sweep(&d);
	assert_string_equal(programs(), "-NN--");
}

static void generic_is_the_bonds_own(void **state)
{
	becomes("eth1+(bond0) eth2+(bond0) bond0+m", "-NN--");
	wanted[0].mode = DOC_ATTACH_GENERIC;
	interfaces_follow(&d);
	becomes("bond0+", "----G");
	assert_true(devices[BOND0].whole);
	/* A native program elsewhere must not hand packets to members that may take none. */
	wanted[1] = (struct config_interface){ .name = (char *)"eth0", .mode = DOC_ATTACH_NATIVE };
	config.interface_count = 2;
	becomes("eth0+ bond0+", "N---G");
	assert_false(devices[BOND0].whole);
}

static void a_member_that_is_configured_itself_stays(void **state)
{
	wanted[1] = (struct config_interface){ .name = (char *)"eth1", .mode = DOC_ATTACH_NATIVE };
	config.interface_count = 2;
	interfaces_follow(&d);
	assert_string_equal(programs(), "-NN--");
	wanted[0] = wanted[1];
	config.interface_count = 1;
	becomes("eth1+", "-N---");
}

static void a_bond_that_goes(void **state)
{
	becomes("eth1+(bond0) eth2+(bond0) bond0+m", "-NN--");
	devices[BOND0].exists = false;
	devices[ETH1].bond = devices[ETH2].bond = NULL;
	becomes("bond0-!", "-----");
	begin(state);
	interfaces_follow(&d);
	becomes("eth1+(bond0) eth2+(bond0) bond0+m", "-NN--");
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(an_interface_that_is_no_bond),
		FRESH(a_bond_that_takes_the_program),
		FRESH(members_come_and_go),
		FRESH(a_member_that_cannot),
		FRESH(no_member_that_can),
		FRESH(no_member_at_all),
		FRESH(a_restart_finds_what_there_was),
		FRESH(generic_is_the_bonds_own),
		FRESH(a_member_that_is_configured_itself_stays),
		FRESH(a_bond_that_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
