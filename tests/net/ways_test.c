/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways follow the kernel: neighbours, routes, links and addresses change under them, in namespaces of their own. */
#include <string.h>

#include "net/ways_lab.h"

static void link_address_is_resolved(void **state)
{
	struct leat_addr source = address("10.1.0.1");
	struct leat_way w;

	assert_string_equal(exit_of("10.1.0.2"), "none");
	await_exit("10.1.0.2", "a0 " A1_MAC);
	assert_true(lab.changes > 0);
	await_exit("fd00:1::2", "a0 " A1_MAC);
	w = way("10.1.0.2", LEAT_MODE_IPIP);
	assert_int_equal(w.outer_len, 20);
	assert_memory_equal(w.header + 14 + 12, &source.word[3], 4);
	assert_int_equal(w.mtu, 1500);
	w = way("fd00:1::2", LEAT_MODE_IPIP);
	source = address("fd00:1::1");
	assert_int_equal(w.outer_len, 40);
	assert_memory_equal(w.header + 14 + 8, &source, 16);
}

static void gateway_is_the_next_hop(void **state)
{
	here("ip route add 192.0.2.0/24 via 10.1.0.2 mtu 1400");
	here("ip route add 198.51.100.0/24 via inet6 fd00:2::2");
	here("ip route add 2001:db8::/32 via fd00:2::2");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	assert_int_equal(way("192.0.2.9", LEAT_MODE_IPIP).mtu, 1400);
	await_exit("198.51.100.9", "b0 " B1_MAC);
	await_exit("2001:db8::9", "b0 " B1_MAC);
}

static void link_address_change_is_followed(void **state)
{
	await_exit("10.1.0.2", "a0 " A1_MAC);
	there("ip link set a1 address 02:00:00:00:0a:99");
	there("ping -c 1 -W 2 -q 10.1.0.1 > /dev/null");
	await_exit("10.1.0.2", "a0 02:00:00:00:0a:99");
	here("ip link set a0 address 02:00:00:00:0a:77");
	await(way("10.1.0.2", LEAT_MODE_L2).header[11] == 0x77);
}

static void route_change_is_followed(void **state)
{
	here("ip route add 192.0.2.0/24 via 10.1.0.2");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	here("ip route add 192.0.2.9/32 via 10.2.0.2");
	await_exit("192.0.2.9", "b0 " B1_MAC);
	here("ip route del 192.0.2.9/32");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	here("ip route add 192.0.2.0/24 via 10.2.0.2 table 7");
	here("ip rule add to 192.0.2.9 table 7");
	await_exit("192.0.2.9", "b0 " B1_MAC);
	here("ip rule del to 192.0.2.9 table 7");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	here("ip link set a0 mtu 1300");
	await(way("192.0.2.9", LEAT_MODE_IPIP).mtu == 1300);
}

static void link_down_and_up_are_followed(void **state)
{
	here("ip route add 192.0.2.0/24 via 10.1.0.2");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	there("ip link set a1 down");
	await_exit("192.0.2.9", "none");
	there("ip link set a1 up");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	here("ip route add 192.0.2.0/24 via 10.2.0.2 metric 100");
	here("ip link set a0 down"); /* takes its routes along, without a message for each */
	await_exit("192.0.2.9", "b0 " B1_MAC);
	here("ip link del b0");
	await_exit("192.0.2.9", "none");
}

static void where_there_is_no_way(void **state)
{
	here("ip route add blackhole 192.0.2.1");
	here("ip route add unreachable 192.0.2.2");
	here("ip route add prohibit 2001:db8::3");
	here("ip route add blackhole 2001:db8::4");
	here("ip tuntap add t0 mode tun && ip link set t0 up && ip route add 192.0.2.5 dev t0");
	assert_string_equal(exit_of("192.0.2.1"), "none");
	assert_string_equal(exit_of("192.0.2.2"), "none");
	assert_string_equal(exit_of("2001:db8::3"), "none");
	assert_string_equal(exit_of("2001:db8::4"), "none");
	assert_string_equal(exit_of("192.0.2.5"), "none");
	assert_string_equal(exit_of("192.0.2.6"), "none");
	assert_string_equal(exit_of("10.1.0.1"), "none");
	assert_string_equal(exit_of("fd00:1::1"), "none");
	here("ip route add default via 10.1.0.2");
	await_exit("192.0.2.6", "a0 " A1_MAC);
	here("ip route replace 192.0.2.1 via 10.1.0.2");
	await_exit("192.0.2.1", "a0 " A1_MAC);
}

static void outer_source_is_the_configured_one(void **state)
{
	struct config_source source = { .set = true, .addr = address("10.9.0.16"), .mask = htonl(0xf) },
			     none = {};
	struct leat_way w;

	await_exit("10.1.0.2", "a0 " A1_MAC);
	ways_set_source(lab.ways, &source, &none);
	w = way("10.1.0.2", LEAT_MODE_IPIP);
	assert_memory_equal(w.header + 14 + 12, &source.addr.word[3], 4);
	assert_int_equal(w.source_mask, htonl(0xf));
	ways_set_source(lab.ways, &none, &none);
	assert_int_equal(way("10.1.0.2", LEAT_MODE_IPIP).source_mask, 0);
}

/* Without any IPv4 address: l2 needs none, ipip cannot do without. */
static void without_source_there_is_l2_only(void **state)
{
	here("ip addr del 10.1.0.1/24 dev a0 && ip addr del 10.2.0.1/24 dev b0");
	here("ip route add 10.3.0.0/24 dev a0 && ip neigh add 10.3.0.2 lladdr " A1_MAC " dev a0");
	await_exit("10.3.0.2", "a0 " A1_MAC);
	assert_int_equal(way("10.3.0.2", LEAT_MODE_IPIP).ifindex, 0);
	lab.changes = 0;
	here("ip addr add 10.3.0.1/32 dev a0");
	await(way("10.3.0.2", LEAT_MODE_IPIP).ifindex);
	assert_true(lab.changes > 0);
}

static bool neighbour_shows(const char *addr, const char *pattern)
{
	char command[128];

	snprintf(command, sizeof(command), "ip neigh show %s | grep -qE '%s'", addr, pattern);
	return !system(command);
}

static void failed_neighbour_keeps_its_link_address(void **state)
{
	here("sysctl -qw net.ipv4.neigh.a0.retrans_time_ms=50 net.ipv4.neigh.a0.mcast_solicit=1");
	await_exit("10.1.0.2", "a0 " A1_MAC);
	there("ip addr del 10.1.0.2/24 dev a1");
	here("ip neigh flush dev a0");
	await(neighbour_shows("10.1.0.2", "FAILED"));
	turn(0.1);
	assert_string_equal(exit_of("10.1.0.2"), "a0 " A1_MAC);
	there("ip addr add 10.1.0.2/24 dev a1");
	await(neighbour_shows("10.1.0.2", "REACHABLE"));
	assert_string_equal(exit_of("10.1.0.2"), "a0 " A1_MAC);
}

static void stale_neighbours_are_refreshed_and_permanent_ones_left(void **state)
{
	here("sysctl -qw net.ipv4.neigh.a0.base_reachable_time_ms=200 "
	     "net.ipv4.neigh.a0.delay_first_probe_time=1");
	here("ip neigh add 10.1.0.7 lladdr 02:00:00:00:0a:07 dev a0 nud permanent");
	await_exit("10.1.0.7", "a0 02:00:00:00:0a:07");
	await_exit("10.1.0.2", "a0 " A1_MAC);
	await(neighbour_shows("10.1.0.2", "DELAY|PROBE"));
	await(neighbour_shows("10.1.0.2", "REACHABLE"));
	assert_true(neighbour_shows("10.1.0.7", "PERMANENT"));
}

/* Messages that touch no way call nobody. */
static void what_changes_nothing_is_not_told(void **state)
{
	here("ip route add 192.0.2.0/24 via 10.1.0.2");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	lab.changes = 0;
	here("ip route add 203.0.113.0/24 via 10.2.0.2 && ip route replace 192.0.2.0/24 via 10.1.0.2 && ip "
	     "link add c0 type veth");
	turn(0.05);
	turn(0.05);
	turn(0.05);
	assert_int_equal(lab.changes, 0);
}

static bool keep_one(void *context, const struct leat_addr *addr)
{
	return addr_equal(addr, context);
}

static void pruned_addresses_are_forgotten(void **state)
{
	struct leat_addr one = address("10.1.0.2");

	await_exit("10.1.0.2", "a0 " A1_MAC);
	await_exit("10.2.0.2", "b0 " B1_MAC);
	ways_prune(lab.ways, keep_one, &one);
	lab.changes = 0;
	here("ip link set b0 mtu 1300");
	turn(0.05);
	turn(0.05);
	assert_int_equal(lab.changes, 0);
	await_exit("10.2.0.2", "b0 " B1_MAC);
}

/* Far more messages than the queue holds, while nobody reads; the one that matters is lost with them. */
static void lost_messages_are_made_up_for(void **state)
{
	here("ip route add 192.0.2.0/24 via 10.1.0.2");
	await_exit("192.0.2.9", "a0 " A1_MAC);
	here("seq 20000 | sed 's/.*/route append 203.0.113.1\\/32 dev b0 metric &/' | ip -batch -");
	here("ip route replace 192.0.2.0/24 via 10.2.0.2");
	await_exit("192.0.2.9", "b0 " B1_MAC);
}

static unsigned int count_known(unsigned int many, const char *net)
{
	unsigned int i, known = 0;
	char text[ADDR_TEXT_MAX];

	for (i = 0; i < many; i++) {
		snprintf(text, sizeof(text), "%s.%u.%u", net, i / 250, i % 250 + 1);
		known += way(text, LEAT_MODE_IPIP).ifindex != 0;
	}
	return known;
}

/* Next hops on the link stay below the kernel's default of 1,024 neighbours (gc_thresh3), which namespaces share. */
static void many_resolve_quickly(void **state)
{
	double began;

	there("ip route add local 10.4.0.0/16 dev lo");
	here("ip route add 10.4.0.0/16 dev a0 && ip route add 10.5.0.0/16 via 10.1.0.2");
	began = seconds();
	await(count_known(1000, "10.5") == 1000);
	print_message("figure: 1,000 addresses behind a gateway resolved in %.0f ms\n",
		      (seconds() - began) * 1e3);
	assert_true(seconds() - began < 1);
	began = seconds();
	await(count_known(300, "10.4") == 300);
	print_message("figure: 300 addresses on the link resolved in %.0f ms\n", (seconds() - began) * 1e3);
	assert_true(seconds() - began < 5);
	began = seconds();
	here("ip route replace 10.5.0.0/16 via 10.2.0.2");
	await(!strncmp(exit_of("10.5.0.1"), "b0", 2));
	print_message("figure: moved to another gateway in %.0f ms\n", (seconds() - began) * 1e3);
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, lab_up, lab_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(link_address_is_resolved),
		IN_LAB(gateway_is_the_next_hop),
		IN_LAB(link_address_change_is_followed),
		IN_LAB(route_change_is_followed),
		IN_LAB(link_down_and_up_are_followed),
		IN_LAB(where_there_is_no_way),
		IN_LAB(outer_source_is_the_configured_one),
		IN_LAB(without_source_there_is_l2_only),
		IN_LAB(failed_neighbour_keeps_its_link_address),
		IN_LAB(stale_neighbours_are_refreshed_and_permanent_ones_left),
		IN_LAB(what_changes_nothing_is_not_told),
		IN_LAB(pruned_addresses_are_forgotten),
		IN_LAB(lost_messages_are_made_up_for),
		IN_LAB(many_resolve_quickly),
	};

	if (getuid()) {
		puts("skipped: network namespaces need root");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
