/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Promise 1 by trial: flows begin, send and end while backends fail, return, drain, change weight, come and go, and the pool
 * changes its scheduler, its table's size and what it hashes. The rule is the program's, the changes are the daemon's (want,
 * plan, sweep), the clock is moved here. No flow of a backend that lives ever changes it; and with the rule broken on purpose, or its
 * assumption, many do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "model/plan.h"
#include "model/sweep.h"
#include "unit/flow_rule.h"
#include "unit/world_memory.h"

#define MEMBERS    24
#define FLOWS      4000 /* at the same time */
#define TICKS      3000
#define CHANGE     5    /* ticks from one change to the next */
#define IDLE       24
#define GAP        20   /* most ticks between two packets of a flow */
#define CLIENTS    100
#define SETS       8192

/* --- what is simulated ------------------------------------------------------------------------------------ */

enum breach {
	NONE,
	PREVIOUS_FORGOTTEN, /* previous is not kept */
	NO_PINS,            /* pins are lost */
	UNTRACKED_AT_ONCE,  /* slots do not wait for older flows */
	SILENT,             /* flows are silent for longer than the idle time */
	FORGETFUL,          /* pins from before a change of what is hashed are not looked for */
	HIDING,             /* a client's pin goes before those of its older connections */
};

struct flow {
	struct rule_packet packet;
	uint32_t source, backend, begun, next, packets_left;
	bool is_begun, is_lost; /* its backend does not live any more */
};

static struct {
	struct config config;
	struct config_pool pool;
	struct config_member members[MEMBERS];
	struct config_service services[2];
	bool is_down[MEMBERS], is_there[MEMBERS];
	unsigned int index[MEMBERS]; /* of the config's members in is_down */
	struct world world;
	struct table_cache *cache;
	struct sweep *sweep;
	struct flow flows[FLOWS];
	uint32_t died[LEAT_BACKENDS_MAX]; /* the tick + 1 after which it was last seen not to live */
	uint32_t now;
	uint32_t tuples; /* none is used twice */
	unsigned long begun, ended, broken, judged, changes;
	unsigned int hashes, renewals; /* changes of what is hashed, and ends of looking back */
	enum breach breach;
} sim;

/* --- the daemon's side -------------------------------------------------------------------------------------- */

static enum health asked_health(void *context, unsigned int pool, unsigned int member)
{
	return sim.is_down[sim.index[member]] ? HEALTH_DOWN : HEALTH_UP;
}

static bool asked_doubtful(void *context, unsigned int pool, unsigned int member)
{
	return false;
}

static unsigned int asked_ramp(void *context, unsigned int pool, unsigned int member)
{
	return sim.now % 7 ? 1000 : 300;
}

static bool asked_overdue(void *context, unsigned int pool, unsigned int member)
{
	return false;
}

static uint32_t asked_latency(void *context, unsigned int pool, unsigned int member)
{
	return 100 * (1 + member);
}

static bool asked_settled(void *context, unsigned int pool)
{
	return sweep_is_settled(sim.sweep, &sim.world, pool, IDLE + 1);
}

static bool asked_renewed(void *context, unsigned int pool)
{
	return sweep_is_renewed(sim.sweep, &sim.world, pool);
}

static void asked_way(void *context, unsigned int pool, unsigned int member, struct leat_way *ret)
{
}

static void no_grace(void *context)
{
}

static void members_gather(void)
{
	unsigned int i, count = 0;
	static struct config_member members[MEMBERS];

	for (i = 0; i < MEMBERS; i++)
		if (sim.is_there[i]) {
			sim.index[count] = i;
			members[count++] = sim.members[i];
		}
	sim.pool.members = members;
	sim.pool.member_count = count;
}

static void deaths_note(void)
{
	unsigned int i;

	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		if (!sim.world.backends[i].lives)
			sim.died[i] = sim.now + 1;
}

static void rule_break(void)
{
	uint64_t table = sim.world.pools[1].table;
	__u32 *slots = &sim.world.slots[LEAT_TABLE_OFFSET(table)];
	uint32_t i, current;

	for (i = 0; sim.breach == PREVIOUS_FORGOTTEN && i < LEAT_TABLE_SIZE(table); i++) {
		current = LEAT_SLOT_CURRENT(slots[i]);
		if (LEAT_SLOT_TRACKED(slots[i]))
			slots[i] = LEAT_SLOT(current, current, 1);
	}
	if (sim.breach == NO_PINS)
		memset(sim.world.flows, 0, SETS * sizeof(*sim.world.flows));
}

static void reconcile(void)
{
	static const struct want_sources sources = { asked_health,  asked_doubtful, asked_ramp, asked_overdue, asked_latency,
						     asked_settled, asked_renewed,  asked_way,  NULL };
	static const struct plan_sink sink = { .grace = no_grace };
	uint64_t hashed = sim.world.pools[1].hashed;
	struct want *want;
	struct plan *plan;
	struct err err;

	members_gather();
	want = want_make(&sim.config, &sources, &sim.world);
	if (plan_make(&sim.world, want, sim.cache, &plan, &err))
		fail_msg("%s", err.text);
	plan_run(plan, &sim.world, &sink);
	plan_free(plan);
	want_free(want);
	sim.hashes += (uint32_t)hashed != (uint32_t)sim.world.pools[1].hashed;
	sim.renewals += LEAT_HASHED_LOOKS_BACK(hashed) && !LEAT_HASHED_LOOKS_BACK(sim.world.pools[1].hashed);
	rule_break();
	sweep_follow(sim.sweep, &sim.world);
	deaths_note();
}

/* To another hash; sooner or later to all of them, from all of them. */
static void change_hash(void)
{
	static const unsigned int prefixes[] = { 32, 32, 28 };
	unsigned int i = rule_random(3);

	sim.pool.by_client = i > 0;
	sim.pool.prefix4 = prefixes[i];
}

/* One of everything that people and probes do. */
static void change(void)
{
	static const uint32_t sizes[] = { 1009, 2003, 4099 };
	unsigned int i = rule_random(MEMBERS);
	struct config_member *m = &sim.members[i];

	switch (rule_random(13)) {
	case 0:
	case 1:
	case 2:
	case 3:
		sim.is_down[i] = !sim.is_down[i];
		break;
	case 4:
	case 5:
		m->state = m->state == DOC_STATE_DRAINING ? DOC_STATE_ENABLED : DOC_STATE_DRAINING;
		break;
	case 6:
	case 7:
		m->weight = rule_random(5);
		break;
	case 8:
	case 9:
		sim.is_there[i] = !sim.is_there[i];
		break;
	case 10:
		if (!rule_random(3))
			sim.pool.scheduler = rule_random(LEAT_SCHEDULER_LATENCY + 1);
		break;
	case 11:
		if (!rule_random(3))
			sim.pool.table_size = sizes[rule_random(3)];
		break;
	case 12:
		change_hash();
		break;
	}
	sim.changes++;
	reconcile();
}

/* --- flows ------------------------------------------------------------------------------------------------------ */

/* Clients come and go: of a thousand at a time each begins flows for CLIENTS ticks. */
static void flow_begin(struct flow *f)
{
	unsigned int kind = rule_random(4) ? 0 : 1; /* TCP, UDP */
	uint32_t client = sim.now * (1000 / CLIENTS) + rule_random(1000);

	*f = (struct flow){ .packets_left = 2 + rule_random(30), .next = sim.now + 1 + rule_random(GAP) };
	f->packet = (struct rule_packet){ .pool = 1, .key = sim.services[kind].key, .port = htons(++sim.tuples), .is_tcp = !kind };
	f->packet.source = (struct leat_addr){ .word = { 0, 0, htonl(0xffff), htonl(0x0a000000 + client) } };
}

static void flow_judge(struct flow *f, uint32_t backend)
{
	if (!f->is_begun) {
		f->is_begun = true;
		f->backend = backend;
		f->begun = sim.now;
		sim.begun++;
		return;
	}
	if (f->is_lost || !f->backend || sim.died[f->backend] > f->begun) {
		f->is_lost = true;
		return;
	}
	if (backend != f->backend) {
		sim.broken++;
		f->is_lost = true;
	}
}

static void flow_send(struct flow *f)
{
	f->packet.is_syn = !f->is_begun;
	f->packet.is_fin = f->packets_left == 1;
	flow_judge(f, rule_send(&sim.world, &f->packet));
	f->next = sim.now + 1 + rule_random(sim.breach == SILENT ? 6 * GAP : GAP);
	if (--f->packets_left)
		return;
	sim.ended++;
	sim.judged += !f->is_lost;
	flow_begin(f);
}

/* --- the trial -------------------------------------------------------------------------------------------------- */

static void sim_open(enum breach breach, uint64_t seed)
{
	unsigned int i;

	memset(&sim, 0, sizeof(sim));
	rule_random_state = seed;
	rule_evicted = 0;
	sim.breach = breach;
	rule_breach = breach == FORGETFUL ? RULE_FORGETS : breach == HIDING ? RULE_NEW_FIRST : RULE_KEPT;
	sim.world = world_new();
	free(sim.world.flows);
	sim.world.flows = memory_zeroed(SETS, sizeof(*sim.world.flows));
	sim.world.control->flow_mask = SETS - 1;
	sim.world.control->clock = 1000;
	sim.cache = table_cache_new();
	sim.sweep = sweep_new();
	sim.pool = (struct config_pool){ .name = "p", .table_size = 2003, .prefix4 = 32, .prefix6 = 128 };
	sim.config = (struct config){ .seed = 7, .pools = &sim.pool, .pool_count = 1, .services = sim.services, .service_count = 2,
				      .flows = { .idle_ms = IDLE, .opening_ms = IDLE, .closing_ms = 10, .tick_ms = 1 } };
	for (i = 0; i < MEMBERS; i++) {
		sim.members[i] = (struct config_member){ .weight = 1, .state = DOC_STATE_ENABLED };
		sim.members[i].addr.word[3] = htonl(i + 1);
		sim.is_there[i] = i < MEMBERS - 3;
	}
	for (i = 0; i < 2; i++) {
		sim.services[i].key = (struct leat_service_key){ .port = htons(80), .protocol = i ? IPPROTO_UDP : IPPROTO_TCP };
		sim.services[i].key.addr.word[3] = htonl(0xc0000201);
	}
	sim.services[1].sticky_ms = IDLE;
}

static void sim_close(void)
{
	free(sim.world.flows);
	sim.world.flows = NULL;
	world_end(&sim.world);
	table_cache_free(sim.cache);
	sweep_free(sim.sweep);
}

/* A pass in three ticks. */
static void sim_sweep(void)
{
	uint32_t idle = sim.breach == UNTRACKED_AT_ONCE ? 0 : IDLE + 1;

	sim.world.pools[1].sticky_ticks = sim.breach == UNTRACKED_AT_ONCE ? 0 : IDLE;
	if (sweep_step(sim.sweep, &sim.world, SETS / 3 + 1, idle))
		reconcile();
}

static void connections_check(void)
{
	static uint32_t pins[LEAT_BACKENDS_MAX];
	unsigned int i;

	memset(pins, 0, sizeof(pins));
	for (i = 0; i < SETS * LEAT_FLOW_WAYS; i++)
		pins[LEAT_FLOW_BACKEND(sim.world.flows[i / LEAT_FLOW_WAYS].word[i % LEAT_FLOW_WAYS])]++;
	for (i = 1; i < LEAT_BACKENDS_MAX; i++)
		assert_int_equal(sim.world.loads[i].connections, pins[i]);
}

/* How many flows broke. */
static unsigned long play(const char *what, enum breach breach, uint64_t seed)
{
	unsigned long tracked = 0;
	unsigned int i;

	sim_open(breach, seed);
	reconcile();
	for (i = 0; i < FLOWS; i++)
		flow_begin(&sim.flows[i]);
	for (sim.now = 1; sim.now <= TICKS; sim.now++) {
		sim.world.control->clock++;
		for (i = 0; i < FLOWS; i++)
			if (sim.flows[i].next == sim.now)
				flow_send(&sim.flows[i]);
		if (sim.now % CHANGE == 0 && sim.now % 300 < 240) /* quiet now and then, so that slots settle */
			change();
		sim_sweep();
		tracked += sweep_pool(sim.sweep, 1).tracked;
	}
	if (breach != NO_PINS)
		connections_check();
	print_message("figure: %s: %lu changes, %lu flows ended, %lu of them judged, %lu broken, %lu evicted, "
		      "%lu slots tracked on average, %u hashes, %u of them forgotten\n",
		      what, sim.changes, sim.ended, sim.judged, sim.broken, rule_evicted, tracked / TICKS, sim.hashes, sim.renewals);
	sim_close();
	return sim.broken;
}

static void no_flow_of_a_living_backend_changes_it(void **state)
{
	assert_int_equal(play("the rule", NONE, 1), 0);
	assert_true(sim.judged > 10000);
	assert_true(sim.changes > 200);
	assert_true(sim.hashes > 10 && sim.renewals > 2);
	assert_int_equal(rule_evicted, 0);
	assert_int_equal(play("the rule, another trace", NONE, 2), 0);
}

static void each_part_of_the_rule_is_needed(void **state)
{
	assert_true(play("previous forgotten", PREVIOUS_FORGOTTEN, 1) > 100);
	assert_true(play("pins lost", NO_PINS, 1) > 100);
	assert_true(play("slots settle at once", UNTRACKED_AT_ONCE, 1) > 100);
	assert_true(play("flows silent for longer than the idle time", SILENT, 1) > 100);
	assert_true(play("old pins not looked for", FORGETFUL, 1) > 100);
	assert_true(play("a client's pin hides those of its connections", HIDING, 1) > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_flow_of_a_living_backend_changes_it),
		cmocka_unit_test(each_part_of_the_rule_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
