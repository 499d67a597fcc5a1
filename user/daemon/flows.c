/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of flows: moves the clock of pins, sweeps, and remembers of members what no map holds: since when they
 * are in the table (slow start) and since when they drain (deadline). After a restart members in the table count as there for
 * long, and deadlines begin again.
 */
#include <search.h>
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
	char *pool;
	struct leat_addr addr;
	bool in_table;
	uint64_t table_since_us; /* 0: long ago */
	uint64_t drain_since_us; /* 0: does not drain */
};

struct flows {
	struct sweep *sweep;
	struct event *timer;
	uint64_t began_us; /* when the clock stood at `began` */
	uint32_t began, tick_ms;
	bool is_first; /* nothing has been reconciled yet */
	void *members; /* tsearch(3): of struct remembered */
};

/* --- the clock and the sweeper ------------------------------------------------------------------- */

static void clock_set(struct daemon *d)
{
	struct flows *f = d->flows;
	struct leat_control *control = dataplane_world(d->dataplane)->control;
	uint64_t now = clock_us();

	if (f->tick_ms != d->config->flows.tick_ms) {
		f->tick_ms = d->config->flows.tick_ms;
		f->began = control->clock;
		f->began_us = now;
	}
	__atomic_store_n(&control->clock, f->began + (uint32_t)((now - f->began_us) / 1000 / f->tick_ms), __ATOMIC_RELAXED);
}

static uint32_t idle_ticks(const struct config *config)
{
	return config->flows.idle_ms / config->flows.tick_ms + 1;
}

static void on_step(evutil_socket_t fd, short events, void *context)
{
	struct daemon *d = context;
	struct world *world = dataplane_world(d->dataplane);

	clock_set(d);
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

static void member_free(void *node)
{
	struct remembered *m = node;

	free(m->pool);
	free(m);
}

void flows_stop(struct daemon *d)
{
	if (!d->flows)
		return;
	sweep_free(d->flows->sweep);
	if (d->flows->timer)
		event_free(d->flows->timer);
	tdestroy(d->flows->members, member_free);
	free(d->flows);
	d->flows = NULL;
}

struct sweep_pool flows_of_pool(const struct daemon *d, unsigned int number)
{
	return sweep_pool(d->flows->sweep, number);
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

/* Only of pools and members that have use for it. */
static bool is_worth_it(const struct config_pool *pool, const struct config_member *member)
{
	return pool->slow_start_ms || member->drain_deadline_ms;
}

static struct remembered *member_of(struct flows *f, const struct config_pool *pool, const struct config_member *member)
{
	struct remembered like = { .pool = pool->name, .addr = member->addr }, *new;
	void *found = tfind(&like, &f->members, member_compare);

	if (found)
		return *(struct remembered **)found;
	new = memory_zeroed(1, sizeof(*new));
	new->pool = string_copy(pool->name);
	new->addr = member->addr;
	new->in_table = f->is_first;
	tsearch(new, &f->members, member_compare);
	return new;
}

unsigned int flows_ramp(struct daemon *d, const struct config_pool *pool, const struct config_member *member)
{
	struct remembered *m;
	uint64_t step;

	if (!pool->slow_start_ms)
		return 1000;
	m = member_of(d->flows, pool, member);
	if (!m->in_table)
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
	struct remembered *m;
	uint64_t gone_ms;

	if (!member->drain_deadline_ms)
		return 0;
	m = member_of(d->flows, pool, member);
	gone_ms = m->drain_since_us ? (clock_us() - m->drain_since_us) / 1000 : 0;
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

static void member_follow(struct daemon *d, const struct config_pool *pool, const struct config_member *member, bool in_table)
{
	struct remembered *m = member_of(d->flows, pool, member);

	if (in_table && !m->in_table)
		m->table_since_us = clock_us();
	m->in_table = in_table;
	if (member->state != DOC_STATE_DRAINING)
		m->drain_since_us = 0;
	else if (!m->drain_since_us)
		m->drain_since_us = clock_us();
}

void flows_follow(struct daemon *d, const struct want *want)
{
	unsigned int i, j;

	clock_set(d);
	sweep_follow(d->flows->sweep, dataplane_world(d->dataplane));
	d->is_settling = false;
	for (i = 0; i < want->pool_count; i++) {
		const struct config_pool *pool = &d->config->pools[i];

		d->is_settling |= want->pools[i].waits;
		for (j = 0; j < pool->member_count; j++)
			if (is_worth_it(pool, &pool->members[j]))
				member_follow(d, pool, &pool->members[j], want->pools[i].members[j].in_table);
	}
	d->flows->is_first = false;
}

/* Whether time alone changes what is wanted: a slow start or a deadline under way, latencies that are scheduled by. */
bool flows_move(struct daemon *d)
{
	unsigned int i, j;

	for (i = 0; i < d->config->pool_count; i++) {
		const struct config_pool *pool = &d->config->pools[i];

		if (pool->scheduler == LEAT_SCHEDULER_LATENCY)
			return true;
		for (j = 0; j < pool->member_count; j++) {
			const struct config_member *member = &pool->members[j];

			if (is_worth_it(pool, member) && (member_of(d->flows, pool, member)->table_since_us ||
							  member_of(d->flows, pool, member)->drain_since_us))
				return true;
		}
	}
	return false;
}
