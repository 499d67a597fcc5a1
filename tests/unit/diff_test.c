/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two configurations, and the lines that tell what changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "model/diff.h"

/* A configuration with two pools, two services and an interface; tests change what they are about. */
struct sample {
	struct config config;
	struct config_interface interfaces[2];
	struct config_pool pools[3];
	struct config_member members[3][4];
	struct config_service services[3];
};

static struct leat_addr addr(const char *text)
{
	struct leat_addr ret;

	assert_int_equal(addr_parse(text, &ret), 0);
	return ret;
}

static void service_set(struct config_service *s, int protocol, const char *address, unsigned int port, unsigned int pool)
{
	*s = (struct config_service){ { .addr = addr(address), .port = htons(port), .protocol = protocol }, pool };
}

static void pool_set(struct sample *s, unsigned int i, char *name, unsigned int members)
{
	char text[32];
	unsigned int m;

	s->pools[i] = (struct config_pool){ .name = name, .mode = LEAT_MODE_IPIP, .table_size = 1009,
					    .members = s->members[i], .member_count = members };
	for (m = 0; m < members; m++) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i, m + 1);
		s->members[i][m] = (struct config_member){ addr(text), 1, DOC_STATE_ENABLED };
	}
}

static void sample_set(struct sample *s)
{
	memset(s, 0, sizeof(*s));
	s->config = (struct config){ .seed = 5, .icmp_rate = 100, .interfaces = s->interfaces, .interface_count = 1,
				     .pools = s->pools, .pool_count = 2, .services = s->services, .service_count = 2 };
	s->interfaces[0] = (struct config_interface){ "eth0", DOC_ATTACH_NATIVE };
	s->interfaces[1] = (struct config_interface){ "eth1", DOC_ATTACH_NATIVE };
	pool_set(s, 0, "web", 3);
	pool_set(s, 1, "dns", 2);
	pool_set(s, 2, "new", 2);
	service_set(&s->services[0], IPPROTO_TCP, "192.0.2.10", 80, 0);
	service_set(&s->services[1], IPPROTO_UDP, "2001:db8::10", 53, 1);
	service_set(&s->services[2], IPPROTO_TCP, "192.0.2.10", 443, 2);
}

/* "+ service tcp/192.0.2.10:443 (pool new)", one a line; then "pool web: 336 of 1009". */
static char *diff_text(const struct sample *old, const struct sample *new)
{
	struct diff *diff = diff_make(&old->config, &new->config);
	struct text text = {};
	unsigned int i;

	text_add(&text, "%s", "");
	for (i = 0; i < diff->line_count; i++) {
		const struct diff_line *l = &diff->lines[i];

		text_add(&text, "%c %s %s", "+~-"[l->kind], l->what, l->name);
		text_add(&text, l->detail ? " (%s)\n" : "\n", l->detail);
	}
	for (i = 0; i < diff->pool_count; i++)
		text_add(&text, "pool %s: %u of %u\n", diff->pools[i].name, diff->pools[i].moved, diff->pools[i].slots);
	diff_free(diff);
	return text.s;
}

static struct sample old, new;

static int start(void **state)
{
	sample_set(&old);
	sample_set(&new);
	return 0;
}

static void check(const char *expected)
{
	auto_free char *text = diff_text(&old, &new);

	assert_string_equal(text, expected);
}

static void the_same_differs_in_nothing(void **state)
{
	struct config_member member = new.members[0][0];
	struct config_service service = new.services[0];

	check("");
	new.members[0][0] = new.members[0][2];
	new.members[0][2] = member;
	new.services[0] = new.services[1];
	new.services[1] = service;
	check("");
}

static void services_come_change_and_go(void **state)
{
	new.services[0].pool = 1;
	new.services[1] = new.services[2];
	new.services[1].pool = 0;
	check("~ service tcp/192.0.2.10:80 (pool web -> dns)\n"
	      "+ service tcp/192.0.2.10:443 (pool web)\n"
	      "- service udp/[2001:db8::10]:53\n");
}

static void backends_come_change_and_go(void **state)
{
	new.members[0][0].addr = addr("10.0.0.9");
	new.members[0][1].weight = 5;
	new.members[0][2].state = DOC_STATE_DRAINING;
	new.members[1][1].state = DOC_STATE_UNSET; /* as good as enabled */
	check("+ backend web/10.0.0.9 (weight 1)\n"
	      "~ backend web/10.0.0.2 (weight 1 -> 5)\n"
	      "~ backend web/10.0.0.3 (state enabled -> draining)\n"
	      "- backend web/10.0.0.1\n"
	      "pool web: 699 of 1009\n");
}

static void pools_come_change_and_go(void **state)
{
	new.pools[1] = new.pools[2];
	new.services[1].pool = 1;
	new.pools[0].mode = LEAT_MODE_L2;
	new.pools[0].all_down = DOC_ALL_DOWN_REFUSE;
	new.pools[0].check.interval_ms = 500;
	check("~ pool web (mode ipip -> l2, on-all-down -> refuse, check changed)\n"
	      "+ pool new\n"
	      "+ backend new/10.0.2.1 (weight 1)\n"
	      "+ backend new/10.0.2.2 (weight 1)\n"
	      "- backend dns/10.0.1.1\n"
	      "- backend dns/10.0.1.2\n"
	      "- pool dns\n"
	      "~ service udp/[2001:db8::10]:53 (pool dns -> new)\n");
}

static void tunnels_change(void **state)
{
	new.pools[0].mode = LEAT_MODE_GUE;
	new.pools[0].tunnel_port = 6080;
	old.pools[1].mode = LEAT_MODE_FOU;
	old.pools[1].tunnel_port = 5555;
	new.pools[1].mode = LEAT_MODE_GUE1;
	new.pools[1].tunnel_port = 7000;
	check("~ pool web (mode ipip -> gue, tunnel-port none -> 6080)\n"
	      "~ pool dns (mode fou -> gue1, tunnel-port 5555 -> 7000)\n");
}

static void flows_and_schedulers_change(void **state)
{
	static struct config_access office = { .name = "office", .allow_count = 2 };
	static struct access_prefix any;
	static struct config_access guarded[] = {
		{ .name = "guarded", .limits = { { 0, 0, 10 }, 1000, 32, 64 } },
		{ .name = "guarded", .limits = { { 5, 0, 0 }, 500, 32, 48 }, .deny_count = 1, .prefix_count = 1, .prefixes = &any },
	};
	struct config_access now[] = { office, guarded[1] };

	new.config.flows = (struct config_flows){ .size = 8192, .idle_ms = 900000, .opening_ms = 60000, .closing_ms = 120000,
						  .pin_rate = 5 };
	old.config.flows = (struct config_flows){ .size = 16384, .idle_ms = 600000, .opening_ms = 1000, .closing_ms = 500,
						  .pin_rate = 0, .tick_ms = 100 };
	new.pools[0].scheduler_name = DOC_SCHEDULER_SH;
	new.pools[0].prefix4 = 24;
	new.pools[0].prefix6 = 64;
	old.pools[1].affinity_ms = 600000;
	new.pools[1].slow_start_ms = 30000;
	new.members[1][0].state = DOC_STATE_DRAINING;
	new.members[1][0].drain_deadline_ms = 300000;
	old.members[1][1].state = new.members[1][1].state = DOC_STATE_DISABLED;
	new.services[1].sticky_ms = 60000;
	old.config.access = guarded;
	old.config.access_count = 1;
	new.config.access = now;
	new.config.access_count = 2;
	new.services[1].access = 1;
	new.services[1].quic = LEAT_QUIC(2, 4);
	new.members[1][0].server_id = (struct leat_server_id){ .byte = { 2, 0x0a, 0x1b } };
	old.members[1][1].server_id = new.members[1][0].server_id;
	check("~ setting flows.size (16384 -> 8192, when the maps are made anew)\n"
	      "~ setting flows.idle-timeout (10m -> 15m)\n"
	      "~ setting flows.opening-timeout (1s -> 1m)\n"
	      "~ setting flows.closing-timeout (500ms -> 2m)\n"
	      "~ setting flows.pin-rate (0 -> 5)\n"
	      "+ access list office (allow 2, deny 0)\n"
	      "~ access list guarded (allow 0, deny 0 -> allow 0, deny 1, limits.source-packets-per-second 0 -> 5, "
	      "limits.packets-per-second 10 -> 0, limits.burst 1s -> 500ms, limits.source-prefix-ipv6 64 -> 48)\n"
	      "~ pool web (scheduler mh -> sh, source-prefix-ipv4 0 -> 24, source-prefix-ipv6 0 -> 64)\n"
	      "~ pool dns (affinity 10m -> none, slow-start none -> 30s)\n"
	      "~ backend dns/10.0.1.1 (state enabled -> draining, drain-deadline none -> 5m, server-id none -> 0a1b)\n"
	      "~ backend dns/10.0.1.2 (server-id 0a1b -> none)\n"
	      "~ service udp/[2001:db8::10]:53 (sticky none -> 1m, access none -> office, quic.server-id-length 0 -> 4, quic.config 0 -> 2)\n"
	      "pool dns: 1009 of 1009\n");
}

/* Weights that a scheduler ignores move nothing. */
static void ignored_weights_move_no_slots(void **state)
{
	old.pools[0].ignores_weights = new.pools[0].ignores_weights = true;
	new.members[0][1].weight = 5;
	check("~ backend web/10.0.0.2 (weight 1 -> 5)\n");
}

static void settings_and_interfaces_change(void **state)
{
	new.config.icmp_rate = 0;
	new.config.fragment_sets = 2;
	new.config.source4 = (struct config_source){ true, addr("192.0.2.16"), htonl(15) };
	new.interfaces[0].mode = DOC_ATTACH_GENERIC;
	new.config.interface_count = 2;
	check("~ setting icmp-rate (100 -> 0)\n"
	      "~ setting fragments (0 -> 16)\n"
	      "~ setting source.ipv4 (of the route -> 192.0.2.16/28)\n"
	      "~ interface eth0 (mode -> generic)\n"
	      "+ interface eth1\n");
	old.config.interface_count = 0;
	old.config.source6 = (struct config_source){ true, addr("2001:db8::1"), 0 };
	check("~ setting icmp-rate (100 -> 0)\n"
	      "~ setting fragments (0 -> 16)\n"
	      "~ setting source.ipv4 (of the route -> 192.0.2.16/28)\n"
	      "~ setting source.ipv6 (2001:db8::1/128 -> of the route)\n"
	      "+ interface eth0\n"
	      "+ interface eth1\n");
}

/* By another seed every slot is drawn anew: of 3 members 2 thirds go elsewhere, of 2 half. */
static void another_seed_and_no_interface(void **state)
{
	new.config.seed = 0xfeed;
	new.config.interface_count = 0;
	check("~ setting seed (0000000000000005 -> 000000000000feed)\n"
	      "- interface eth0\n"
	      "pool web: 658 of 1009\n"
	      "pool dns: 504 of 1009\n");
}

static struct diff_pool diff_of_pool(void)
{
	struct diff *diff = diff_make(&old.config, &new.config);
	struct diff_pool ret = {};

	if (diff->pool_count)
		ret = diff->pools[0];
	ret.name = NULL;
	diff_free(diff);
	return ret;
}

static void the_share_of_slots_is_that_of_flows(void **state)
{
	struct diff_pool d;

	new.pools[0].member_count = 2; /* a third goes, little else moves */
	d = diff_of_pool();
	assert_int_equal(d.slots, 1009);
	assert_in_range(d.moved, 336, 336 + 20);

	sample_set(&new);
	new.pools[0].table_size = 2003; /* another size is another table: two thirds of the flows change backends */
	d = diff_of_pool();
	assert_int_equal(d.slots, 2003);
	assert_in_range(d.moved, 2003 * 60 / 100, 2003 * 72 / 100);

	old.pools[0].member_count = new.pools[0].member_count = 1; /* whatever the size: all is theirs */
	assert_int_equal(diff_of_pool().slots, 0);

	sample_set(&new);
	new.pools[0].member_count = 0;
	assert_int_equal(diff_of_pool().moved, 1009);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_same_differs_in_nothing, start),
		cmocka_unit_test_setup(services_come_change_and_go, start),
		cmocka_unit_test_setup(backends_come_change_and_go, start),
		cmocka_unit_test_setup(pools_come_change_and_go, start),
		cmocka_unit_test_setup(tunnels_change, start),
		cmocka_unit_test_setup(flows_and_schedulers_change, start),
		cmocka_unit_test_setup(ignored_weights_move_no_slots, start),
		cmocka_unit_test_setup(settings_and_interfaces_change, start),
		cmocka_unit_test_setup(another_seed_and_no_interface, start),
		cmocka_unit_test_setup(the_share_of_slots_is_that_of_flows, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
