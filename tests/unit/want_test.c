/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is in the table: members drawn as letters, one row a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "model/table.h"
#include "model/want.h"
#include "unit/world_memory.h"

#define MEMBERS_MAX 8
#define POOL 3

static struct world world;
static struct config_member members[MEMBERS_MAX];
static struct config_pool pool = { .name = "web", .table_size = 251, .members = members };
static struct config config = { .seed = 9, .icmp_rate = 100, .fragment_sets = 4, .pools = &pool, .pool_count = 1 };
static const char *health, *states;

static enum health health_asked(void *context, unsigned int p, unsigned int m)
{
	assert_int_equal(p, 0);
	return health[m] == 'u' ? HEALTH_UP : strchr("d?", health[m]) ? HEALTH_DOWN : HEALTH_UNKNOWN;
}

static bool doubtful_asked(void *context, unsigned int p, unsigned int m)
{
	return health[m] == '?';
}

static void way_asked(void *context, unsigned int p, unsigned int m, struct leat_way *ret)
{
	ret->ifindex = 10 + m;
}

static unsigned int no_ramp(void *context, unsigned int p, unsigned int m)
{
	return 1000;
}

static bool overdue_asked(void *context, unsigned int p, unsigned int m)
{
	return states[m] == 'O';
}

static uint32_t no_latency(void *context, unsigned int p, unsigned int m)
{
	return 0;
}

static bool never_settled(void *context, unsigned int number)
{
	assert_int_equal(number, POOL);
	return false;
}

static const struct want_sources sources = { health_asked, doubtful_asked, no_ramp,       overdue_asked,
					     no_latency,   never_settled,  never_settled, way_asked, NULL };

static void world_set(const char *table)
{
	unsigned int i, count = 0, owners[MEMBERS_MAX];

	strcpy(world.pools[POOL].name, "web");
	for (i = 0; table[i]; i++) {
		world.backends[20 + i].pool = POOL;
		world.backends[20 + i].addr = members[i].addr;
		if (table[i] == 'T')
			owners[count++] = 20 + i;
	}
	world.pools[POOL].table = LEAT_TABLE(1000, count ? 251 : 0, 0);
	for (i = 0; count && i < 251; i++)
		world.slots[1000 + i] = owners[i % count];
}

/*
 * states: e enabled, 0 enabled with weight 0, D draining, X disabled. health: u up, d down, ? down and doubtful, - not known yet.
 * O draining, and its deadline is over. table: T in the table now. Expected: T in the table, l not there but keeps its flows.
 */
struct row {
	const char *what, *states, *health, *table;
	enum doc_all_down all_down;
	const char *expected;
	bool is_all_down;
};

static void check(const struct row *row)
{
	struct want *want;
	char got[MEMBERS_MAX + 1] = "";
	unsigned int i;

	pool.member_count = strlen(row->states);
	pool.all_down = row->all_down;
	for (i = 0; i < pool.member_count; i++) {
		members[i] = (struct config_member){ .weight = row->states[i] == '0' ? 0 : 1 + i };
		members[i].addr.word[3] = htonl(i + 1);
		members[i].state = strchr("DO", row->states[i]) ? DOC_STATE_DRAINING :
				   row->states[i] == 'X' ? DOC_STATE_DISABLED :
							   DOC_STATE_ENABLED;
	}
	world_set(row->table);
	health = row->health;
	states = row->states;
	want = want_make(&config, &sources, &world);
	for (i = 0; i < pool.member_count; i++) {
		got[i] = want->pools[0].members[i].in_table ? 'T' : want->pools[0].members[i].lives ? 'l' : '.';
		assert_true(want->pools[0].members[i].lives || got[i] != 'T');
		assert_int_equal(want->pools[0].members[i].way.ifindex, 10 + i);
		assert_int_equal(want->pools[0].members[i].weight, members[i].weight);
	}
	if (strcmp(got, row->expected) || want->pools[0].all_down != row->is_all_down)
		fail_msg("%s: got %s%s", row->what, got, want->pools[0].all_down ? ", all down" : "");
	want_free(want);
}

#define OPEN DOC_ALL_DOWN_FAIL_OPEN
#define REFUSE DOC_ALL_DOWN_REFUSE

static void rules(void **state)
{
	static const struct row rows[] = {
		{ "those up are in", "eee", "udu", "TTT", OPEN, "T.T", false },
		{ "an unknown newcomer waits", "eee", "u-u", "T.T", OPEN, "TlT", false },
		{ "unknown and in the table: stays", "eee", "u-d", "TTT", OPEN, "TT.", false },
		{ "up beats unknown", "eee", "u-d", "...", OPEN, "Tl.", false },
		{ "nobody up: the unknown", "eee", "-d-", "...", OPEN, "T.T", false },
		{ "no weight, draining, disabled: never", "e0DX", "uuuu", "TTTT", OPEN, "Tll.", false },
		{ "draining and down: its flows are lost", "e0D", "udd", "TTT", OPEN, "T..", false },
		{ "draining and unknown: they are not", "e0D", "u--", "TTT", OPEN, "Tll", false },
		{ "down and doubtful: out of the table, and keeps its flows", "eDe", "u?d", "TTT", OPEN, "Tl.", false },
		{ "of several that may only have been out of reach one is up first", "eee", "?u?", "TTT", OPEN, "lTl", false },
		{ "doubtful counts as down", "eXO", "???", "TTT", OPEN, "T..", true },
		{ "a deadline ends draining", "eDO", "uuu", "TTT", OPEN, "Tl.", false },
		{ "all down, fail-open: the table stays", "eee", "ddd", ".TT", OPEN, ".TT", true },
		{ "all down, fail-open, who left the table stays out", "eXe", "ddd", "TT.", OPEN, "T..", true },
		{ "all down, fail-open, no table: everybody", "e0eX", "dddd", "....", OPEN, "T.T.", true },
		{ "all down, fail-open, only others in the table: everybody", "eDe", "ddd", ".T.", OPEN, "T.T", true },
		{ "all down, not said: as fail-open", "ee", "dd", "T.", DOC_ALL_DOWN_UNSET, "T.", true },
		{ "all down, refuse: nobody", "eee", "ddd", "TTT", REFUSE, "...", true },
		{ "refuse, one unknown", "eee", "d-d", "TTT", REFUSE, ".T.", false },
		{ "down, and one that drains is up: all down all the same", "eD", "du", "TT", REFUSE, ".l", true },
		{ "nobody enabled is not all down", "DX0", "uuu", "TTT", OPEN, "l.l", false },
		{ "no member", "", "", "", OPEN, "", false },
	};
	size_t i;

	world = world_new();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
	world_end(&world);
}

static void settings_are_taken_over(void **state)
{
	struct config_service service = { .pool = 0 };
	struct want *want;

	world = world_new();
	pool.member_count = 0;
	config.services = &service;
	config.service_count = 1;
	want = want_make(&config, &sources, &world);
	assert_int_equal(want->seed, 9);
	assert_int_equal(want->icmp_interval_ns, 10000000);
	assert_int_equal(want->fragment_sets, 4);
	assert_ptr_equal(want->services, &service);
	assert_int_equal(want->service_count, 1);
	assert_string_equal(want->pools[0].name, "web");
	assert_int_equal(want->pools[0].table_size, 251);
	want_free(want);
	config.icmp_rate = 0;
	want = want_make(&config, &sources, &world);
	assert_int_equal(want->icmp_interval_ns, 0);
	want_free(want);
	want_free(NULL);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rules), cmocka_unit_test(settings_are_taken_over) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
