/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of flows: moves the clock of pins, sweeps, and remembers of members what no map holds: since when they
 * are in the table (slow start) and since when they drain (deadline). After a restart members in the table count as there for
 * long, and deadlines begin again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "daemon/daemon.h"
#include "model/sweep.h"

#define STEP_MS       50 /* a part of a pass, under a millisecond of work */
#define PASS_STEPS    20
#define RAMP_STEPS    10 /* a slow start is so many tables */

struct remembered {
	const char *pool;
	struct leat_addr addr;
	bool in_table;
	uint64_t table_since_us; /* 0: long ago */
	uint64_t drain_since_us; /* 0: does not drain */
};

struct flows {
	struct sweep *sweep;
	struct event *timer;
	uint64_t ticked_us; /* when the clock last moved */
	uint32_t tick_ms;
	bool is_first; /* nothing has been reconciled yet */
	struct remembered *members; /* those of the config last reconciled, sorted */
	unsigned int member_count;
	char **pools; /* their names */
	unsigned int pool_count;
};

/* --- the clock and the sweeper ------------------------------------------------------------------- */

/*
 * By one tick at most: when the daemon was held up, packets went on refreshing pins by the clock that stood still, and
 * all of them would look as old as the pause.
 */
static void clock_move(struct daemon *d)
{
	struct flows *f = d->flows;
	struct leat_control *control = dataplane_world(d->dataplane)->control;
	uint64_t now = clock_us(), gone = now - f->ticked_us, tick = f->tick_ms * 1000ull;

	if (f->tick_ms != d->config->flows.tick_ms) {
		f->tick_ms = d->config->flows.tick_ms;
		f->ticked_us = now;
	} else if (gone >= tick) {
		f->ticked_us = gone < 2 * tick ? f->ticked_us + tick : now;
		__atomic_store_n(&control->clock, control->clock + 1, __ATOMIC_RELAXED);
	}
}

static uint32_t idle_ticks(const struct config *config)
{
	return config->flows.idle_ms / config->flows.tick_ms + 1;
}

static void on_step(evutil_socket_t fd, short events, void *context)
{
	struct daemon *d = context;
	struct world *world = dataplane_world(d->dataplane);

	clock_move(d);
	if (!sweep_is_needed(d->flows->sweep, world))
		return;
	if (sweep_step(d->flows->sweep, world, (world->control->flow_mask + 1) / PASS_STEPS + 1, idle_ticks(d->config)) &&
	    d->is_settling)
		reconcile_soon(d);
}

int flows_start(struct daemon *d, struct err *err)
{
	static const struct timeval step = { .tv_usec = STEP_MS * 1000 };

	d->flows = memory_zeroed(1, sizeof(*d->flows));
	d->flows->is_first = true;
	d->flows->sweep = sweep_new();
	d->flows->timer = event_new(d->base, -1, EV_PERSIST, on_step, d);
	if (!d->flows->timer || event_add(d->flows->timer, &step))
		return err_set(err, -ENOMEM, "the event loop cannot be set up");
	return 0;
}

static void members_free(struct flows *f)
{
	unsigned int i;

	for (i = 0; i < f->pool_count; i++)
		free(f->pools[i]);
	free(f->pools);
	free(f->members);
}

void flows_stop(struct daemon *d)
{
	if (!d->flows)
		return;
	sweep_free(d->flows->sweep);
	if (d->flows->timer)
		event_free(d->flows->timer);
	members_free(d->flows);
	free(d->flows);
	d->flows = NULL;
}

struct sweep_pool flows_of_pool(const struct daemon *d, unsigned int number)
{
	return sweep_pool(d->flows->sweep, number);
}

bool flows_are_renewed(const struct daemon *d, unsigned int number)
{
	return sweep_is_renewed(d->flows->sweep, dataplane_world(d->dataplane), number);
}

bool flows_are_settled(const struct daemon *d, const struct config *config, unsigned int number)
{
	return sweep_is_settled(d->flows->sweep, dataplane_world(d->dataplane), number, idle_ticks(config));
}

/* --- members ------------------------------------------------------------------------------------------ */

static int member_compare(const void *a, const void *b)
{
	const struct remembered *x = a, *y = b;
	int order = strcmp(x->pool, y->pool);

	return order ? order : addr_compare(&x->addr, &y->addr);
}

/* NULL: not there at the last reconcile. */
static struct remembered *member_of(const struct flows *f, const struct config_pool *pool, const struct config_member *member)
{
	struct remembered like = { .pool = pool->name, .addr = member->addr };

	return f->member_count ? bsearch(&like, f->members, f->member_count, sizeof(like), member_compare) : NULL;
}

unsigned int flows_ramp(struct daemon *d, const struct config_pool *pool, const struct config_member *member)
{
	struct remembered *m = member_of(d->flows, pool, member);
	uint64_t step;

	if (!pool->slow_start_ms || d->flows->is_first)
		return 1000;
	if (!m || !m->in_table)
		return 1000 / RAMP_STEPS;
	if (!m->table_since_us)
		return 1000;
	step = (clock_us() - m->table_since_us) * RAMP_STEPS / 1000 / pool->slow_start_ms + 1;
	if (step < RAMP_STEPS)
		return step * 1000 / RAMP_STEPS;
	m->table_since_us = 0;
	return 1000;
}

/* Milliseconds that a draining member has left; 0: the deadline is over, or there is none. */
static uint32_t drain_left_ms(struct daemon *d, const struct config_pool *pool, const struct config_member *member)
{
	const struct remembered *m = member_of(d->flows, pool, member);
	uint64_t gone_ms;

	if (!member->drain_deadline_ms)
		return 0;
	gone_ms = m && m->drain_since_us ? (clock_us() - m->drain_since_us) / 1000 : 0;
	return gone_ms < member->drain_deadline_ms ? member->drain_deadline_ms - gone_ms : 0;
}

uint32_t flows_drain_left_s(struct daemon *d, const struct config_pool *pool, const struct config_member *member)
{
	return (drain_left_ms(d, pool, member) + 999) / 1000;
}

bool flows_is_overdue(struct daemon *d, const struct config_pool *pool, const struct config_member *member)
{
	return member->state == DOC_STATE_DRAINING && member->drain_deadline_ms && !drain_left_ms(d, pool, member);
}

static void member_follow(struct remembered *m, const struct config_member *member, bool in_table)
{
	if (in_table && !m->in_table)
		m->table_since_us = clock_us();
	m->in_table = in_table;
	if (member->state != DOC_STATE_DRAINING)
		m->drain_since_us = 0;
	else if (!m->drain_since_us)
		m->drain_since_us = clock_us();
}

/* Whoever is no longer configured is forgotten. */
static void members_follow(struct daemon *d, const struct want *want)
{
	struct flows *f = d->flows, new = { .pool_count = want->pool_count };
	unsigned int i, j, all = 0;

	for (i = 0; i < want->pool_count; i++)
		all += want->pools[i].member_count;
	new.pools = memory_zeroed(want->pool_count, sizeof(*new.pools));
	new.members = memory_zeroed(all, sizeof(*new.members));
	for (i = 0; i < want->pool_count; i++) {
		const struct config_pool *pool = &d->config->pools[i];

		new.pools[i] = string_copy(pool->name);
		for (j = 0; j < pool->member_count; j++) {
			const struct remembered *old = member_of(f, pool, &pool->members[j]);
			struct remembered *m = &new.members[new.member_count++];

			*m = old ? *old : (struct remembered){ .addr = pool->members[j].addr, .in_table = f->is_first };
			m->pool = new.pools[i];
			member_follow(m, &pool->members[j], want->pools[i].members[j].in_table);
		}
	}
	qsort(new.members, new.member_count, sizeof(*new.members), member_compare);
	members_free(f);
	f->members = new.members;
	f->member_count = new.member_count;
	f->pools = new.pools;
	f->pool_count = new.pool_count;
}

void flows_follow(struct daemon *d, const struct want *want)
{
	unsigned int i;

	clock_move(d);
	sweep_follow(d->flows->sweep, dataplane_world(d->dataplane));
	d->is_settling = false;
	for (i = 0; i < want->pool_count; i++)
		d->is_settling |= want->pools[i].waits || LEAT_HASHED_LOOKS_BACK(want->pools[i].hashed);
	members_follow(d, want);
	d->flows->is_first = false;
}

static bool member_moves(const struct daemon *d, const struct config_pool *pool, const struct config_member *member)
{
	const struct remembered *m;

	if (!pool->slow_start_ms && !member->drain_deadline_ms)
		return false;
	m = member_of(d->flows, pool, member);
	return m && ((pool->slow_start_ms && m->table_since_us) || (member->drain_deadline_ms && m->drain_since_us));
}

/* Whether time alone changes what is wanted: a slow start or a deadline under way, latencies that are scheduled by. */
bool flows_move(struct daemon *d)
{
	unsigned int i, j;

	for (i = 0; i < d->config->pool_count; i++) {
		const struct config_pool *pool = &d->config->pools[i];

		if (pool->scheduler == LEAT_SCHEDULER_LATENCY)
			return true;
		for (j = 0; j < pool->member_count; j++)
			if (member_moves(d, pool, &pool->members[j]))
				return true;
	}
	return false;
}
