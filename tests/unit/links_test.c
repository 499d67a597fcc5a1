/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the interface that a route names down to the one that frames leave by, and the tags on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "unit/link_message.h"

#define ETH  { .ifindex = 3 }
#define VLAN { .ifindex = 10, .kind = "vlan", .parent = 3, .vlan = 5, .protocol = ETH_P_8021Q }

static int begin(void **state)
{
	static struct links links;

	*state = &links;
	return 0;
}

static int end(void **state)
{
	links_free(*state);
	return 0;
}

/* "if3 02 mtu 1500" and a tag each, outermost first; or why not. 02 is where the frame's source address ends. */
static const char *descent(const struct links *links, uint32_t ifindex)
{
	static char text[128];
	struct way_exit exit = {}, untouched = {};
	const char *obstacle = links_descend(links, ifindex, &exit);
	uint32_t i;
	int n;

	if (obstacle) {
		assert_memory_equal(&exit, &untouched, sizeof(exit));
		return obstacle;
	}
	n = snprintf(text, sizeof(text), "if%u %02x mtu %u", exit.ifindex, exit.from[5], exit.mtu);
	for (i = 0; i < exit.tag_count; i++)
		n += snprintf(text + n, sizeof(text) - n, " %04x %u", ntohs(exit.tags[i].protocol), ntohs(exit.tags[i].tci));
	for (; i < WAYS_TAGS_MAX; i++)
		assert_memory_equal(&exit.tags[i], &untouched.tags[i], sizeof(exit.tags[i]));
	return text;
}

static void untagged(void **state)
{
	struct links *links = *state;

	assert_string_equal(descent(links, 3), "its interface is not known");
	tell(links, (struct told_link)ETH);
	assert_string_equal(descent(links, 3), "if3 03 mtu 1500");
	tell(links, (struct told_link){ .ifindex = 3, .mtu = 9000 });
	assert_string_equal(descent(links, 3), "if3 03 mtu 9000");
}

/* Frames have the link address of the VLAN device, and leave by its parent. */
static void one_tag(void **state)
{
	struct links *links = *state;

	tell(links, (struct told_link)VLAN);
	assert_string_equal(descent(links, 10), "its interface is a VLAN whose parent is not here");
	tell(links, (struct told_link)ETH);
	assert_string_equal(descent(links, 10), "if3 0a mtu 1500 8100 5");
	tell(links, (struct told_link){ .ifindex = 11, .kind = "vlan", .parent = 3, .vlan = 4094, .protocol = ETH_P_8021AD });
	assert_string_equal(descent(links, 11), "if3 0b mtu 1500 88a8 4094");
	/* Kernels before 3.10 do not say which protocol: there is one. */
	tell(links, (struct told_link){ .ifindex = 12, .kind = "vlan", .parent = 3, .vlan = 6 });
	assert_string_equal(descent(links, 12), "if3 0c mtu 1500 8100 6");
	tell(links, (struct told_link){ .ifindex = 10, .kind = "vlan", .parent = 3, .vlan = 5, .mtu = 1400 });
	assert_string_equal(descent(links, 10), "if3 0a mtu 1400 8100 5");
}

static void two_tags(void **state)
{
	struct links *links = *state;

	tell(links, (struct told_link){ .ifindex = 12, .kind = "vlan", .parent = 11, .vlan = 300, .protocol = ETH_P_8021Q });
	tell(links, (struct told_link){ .ifindex = 11, .kind = "vlan", .parent = 3, .vlan = 200, .protocol = ETH_P_8021AD });
	tell(links, (struct told_link)ETH);
	/* The outer tag first. A redirected frame may have one tag more than the interface's MTU. */
	assert_string_equal(descent(links, 12), "if3 0c mtu 1496 88a8 200 8100 300");
	tell(links, (struct told_link){ .ifindex = 3, .mtu = 1504 });
	assert_string_equal(descent(links, 12), "if3 0c mtu 1500 88a8 200 8100 300");
	tell(links, (struct told_link){ .ifindex = 13, .kind = "vlan", .parent = 12, .vlan = 400 });
	assert_string_equal(descent(links, 13), "its interface has more than two VLAN tags");
	links_on_message(links, link_message(&(struct told_link){ .ifindex = 11 }, RTM_DELLINK));
	assert_string_equal(descent(links, 12), "its interface is a VLAN whose parent is not here");
}

static void no_exit(void **state)
{
	struct links *links = *state;

	tell(links, (struct told_link){ .ifindex = 3, .down = true });
	tell(links, (struct told_link)VLAN);
	assert_string_equal(descent(links, 10), "its interface is down or has no carrier");
	tell(links, (struct told_link){ .ifindex = 3, .no_ethernet = true });
	assert_string_equal(descent(links, 3), "its interface is not Ethernet");
	/* The parent's number is of another namespace: here it is somebody else's. */
	tell(links, (struct told_link){ .ifindex = 10, .kind = "vlan", .parent = 3, .elsewhere = true, .vlan = 5 });
	assert_string_equal(descent(links, 10), "its interface is a VLAN whose parent is not here");
	/* A ring, which the kernel does not build. */
	tell(links, (struct told_link){ .ifindex = 10, .kind = "vlan", .parent = 10, .vlan = 5 });
	assert_string_equal(descent(links, 10), "its interface has more than two VLAN tags");
}

#define BOND(...)   ((struct told_link){ .ifindex = 20, .kind = "bond", ##__VA_ARGS__ })
#define MEMBER(n, ...) ((struct told_link){ .ifindex = n, .master = 20, .slave_kind = "bond", ##__VA_ARGS__ })

/* The link address is the bond's, the way out a member's. */
static void a_bond_leaves_by_a_member(void **state)
{
	struct links *links = *state;

	tell(links, BOND());
	assert_string_equal(descent(links, 20), "its interface is a bond without a member that sends");
	tell(links, MEMBER(5));
	tell(links, MEMBER(4));
	tell(links, (struct told_link){ .ifindex = 3, .master = 21, .slave_kind = "bridge" });
	assert_string_equal(descent(links, 20), "if4 14 mtu 1500");
	tell(links, MEMBER(4, .down = true));
	assert_string_equal(descent(links, 20), "if5 14 mtu 1500");
	tell(links, MEMBER(4, .failed = true));
	assert_string_equal(descent(links, 20), "if5 14 mtu 1500");
	tell(links, MEMBER(4, .backup = true));
	assert_string_equal(descent(links, 20), "if5 14 mtu 1500");
	tell(links, (struct told_link){ .ifindex = 5 }); /* taken out of the bond */
	assert_string_equal(descent(links, 20), "its interface is a bond without a member that sends");
	tell(links, MEMBER(4));
	assert_string_equal(descent(links, 20), "if4 14 mtu 1500");
	tell(links, BOND(.down = true));
	assert_string_equal(descent(links, 20), "its interface is down or has no carrier");
}

static void the_active_member_is_followed(void **state)
{
	struct links *links = *state;

	tell(links, BOND(.active = 5));
	tell(links, MEMBER(4));
	tell(links, MEMBER(5));
	assert_string_equal(descent(links, 20), "if5 14 mtu 1500");
	assert_true(tell(links, BOND(.active = 4)));
	assert_string_equal(descent(links, 20), "if4 14 mtu 1500");
	tell(links, MEMBER(4, .down = true)); /* the bond has not noticed yet */
	assert_string_equal(descent(links, 20), "if5 14 mtu 1500");
}

static void a_whole_bond_chooses_itself(void **state)
{
	struct links *links = *state;

	tell(links, BOND(.active = 5));
	tell(links, MEMBER(5));
	tell(links, (struct told_link){ .ifindex = 30, .kind = "vlan", .parent = 20, .vlan = 7 });
	assert_string_equal(descent(links, 30), "if5 1e mtu 1500 8100 7");
	assert_true(links_set_whole(links, 20, true));
	assert_false(links_set_whole(links, 20, true));
	assert_string_equal(descent(links, 30), "if20 1e mtu 1500 8100 7");
	tell(links, BOND(.active = 0)); /* told anew, whole as before */
	assert_string_equal(descent(links, 20), "if20 14 mtu 1500");
	assert_true(links_set_whole(links, 20, false));
	assert_false(links_set_whole(links, 21, false));
	assert_string_equal(descent(links, 20), "if5 14 mtu 1500");
}

static void only_changes_are_told(void **state)
{
	struct links *links = *state;

	assert_true(tell(links, (struct told_link)VLAN));
	assert_false(tell(links, (struct told_link)VLAN));
	assert_true(tell(links, (struct told_link){ .ifindex = 10, .kind = "vlan", .parent = 3, .vlan = 6 }));
	assert_true(tell(links, (struct told_link)ETH));
	assert_true(links_on_message(links, link_message(&(struct told_link)ETH, RTM_DELLINK)));
	assert_false(links_on_message(links, link_message(&(struct told_link)ETH, RTM_DELLINK)));
}

#define WITH_LINKS(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LINKS(untagged),
		WITH_LINKS(one_tag),
		WITH_LINKS(two_tags),
		WITH_LINKS(no_exit),
		WITH_LINKS(a_bond_leaves_by_a_member),
		WITH_LINKS(the_active_member_is_followed),
		WITH_LINKS(a_whole_bond_chooses_itself),
		WITH_LINKS(only_changes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
