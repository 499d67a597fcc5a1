/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start, stop and reconcile: see daemon.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "model/want.h"
#include "net/via.h"
#include "source/source.h"

/* --- reconcile ---------------------------------------------------------------------------------- */

static void grace(void *context)
{
	dataplane_grace();
}

static void forget(void *context, char what, unsigned int number)
{
	dataplane_forget(context, what, number);
}

static void log_plan(const struct plan *plan)
{
	struct plan_summary s;

	plan_summarise(plan, &s);
	log_info("data path: services +%u -%u ~%u, backends +%u -%u, ways changed %u, tables switched %u, slots moved %lu%s",
		 s.services_added, s.services_removed, s.services_changed, s.backends_added, s.backends_removed,
		 s.ways_changed, s.tables_switched, s.slots_moved, s.access_changed ? ", access lists changed" : "");
}

static void log_all_down(struct daemon *d, const struct want *want)
{
	unsigned int i;

	for (i = 0; i < want->pool_count; i++) {
		const struct config_pool *pool = &d->config->pools[i];

		if (want->pools[i].all_down == d->all_down[i])
			continue;
		d->all_down[i] = want->pools[i].all_down;
		if (!d->all_down[i])
			log_notice("pool %s: has a usable backend again", pool->name);
		else if (pool->all_down == DOC_ALL_DOWN_REFUSE)
			log_error("pool %s: ALL BACKENDS ARE DOWN: refusing its traffic (on-all-down: refuse)", pool->name);
		else
			log_error("pool %s: ALL BACKENDS ARE DOWN: keeping the last table and hoping (on-all-down: fail-open)",
				  pool->name);
	}
}

int reconcile_check(struct daemon *d, const struct config *config, struct err *err)
{
	struct want *want = want_of(d, config, false);
	struct plan *plan = NULL;
	int e = plan_make(dataplane_world(d->dataplane), want, d->tables, &plan, err);

	plan_free(plan);
	want_free(want);
	return e;
}

int reconcile(struct daemon *d, struct err *err)
{
	struct plan_sink sink = { grace, forget, d->dataplane };
	struct want *want = want_of(d, d->config, true);
	struct plan *plan = NULL;
	int e = plan_make(dataplane_world(d->dataplane), want, d->tables, &plan, err);

	if (!e && !plan_is_empty(plan)) {
		plan_run(plan, dataplane_world(d->dataplane), &sink);
		if (!plan_is_only_loads(plan))
			log_plan(plan);
	}
	if (!e) {
		log_all_down(d, want);
		flows_follow(d, want);
	}
	plan_free(plan);
	want_free(want);
	return e;
}

static void reconcile_now(evutil_socket_t fd, short events, void *context)
{
	struct err err;

	if (reconcile(context, &err))
		log_error("the data path could not follow: %s", err.text);
}

void reconcile_soon(struct daemon *d)
{
	event_active(d->soon, EV_TIMEOUT, 0);
}

static void on_ways(void *context)
{
	reconcile_soon(context);
}

static void on_health(void *context, const char *pool, const struct leat_addr *addr, enum health old, enum health new,
		      const char *text)
{
	char buf[ADDR_TEXT_MAX];

	if (old == new)
		log_warning("backend %s/%s: is down, and not only out of reach: %s", pool, addr_format(addr, buf), text);
	else
		log_line(new == HEALTH_DOWN ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE, "backend %s/%s: %s -> %s: %s", pool,
		 addr_format(addr, buf), health_name(old), health_name(new), text);
	reconcile_soon(context);
}

static bool is_cut_off(void *context, const struct leat_addr *addr)
{
	return ways_are_cut_off(((struct daemon *)context)->ways, addr);
}

/* --- signals and the tick ----------------------------------------------------------------------- */

static void on_stop(evutil_socket_t signal, short events, void *context)
{
	struct daemon *d = context;

	log_notice("stopping on signal %d; the data path goes on forwarding", (int)signal);
	sd_notify(0, "STOPPING=1");
	event_base_loopbreak(d->base);
}

static void on_reload(evutil_socket_t signal, short events, void *context)
{
	struct daemon *d = context;
	struct err err;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)clock_us());
	if (change_reload(d, &err))
		log_error("reload refused, nothing changed: %s", err.text);
	else
		log_notice("reloaded %s", d->options.config);
	sd_notify(0, "READY=1");
}

static void on_tick(evutil_socket_t fd, short events, void *context)
{
	struct daemon *d = context;

	interfaces_follow(d);
	if (flows_move(d))
		reconcile_soon(d);
}

static int events_start(struct daemon *d, struct err *err)
{
	static const struct timeval second = { .tv_sec = 1 };

	d->signals[0] = evsignal_new(d->base, SIGTERM, on_stop, d);
	d->signals[1] = evsignal_new(d->base, SIGINT, on_stop, d);
	d->signals[2] = evsignal_new(d->base, SIGHUP, on_reload, d);
	d->soon = event_new(d->base, -1, 0, reconcile_now, d);
	d->tick = event_new(d->base, -1, EV_PERSIST, on_tick, d);
	if (!d->soon || !d->tick || event_add(d->signals[0], NULL) || event_add(d->signals[1], NULL) ||
	    event_add(d->signals[2], NULL) || event_add(d->tick, &second))
		return err_set(err, -ENOMEM, "the event loop cannot be set up");
	return 0;
}

/* --- what the API calls -------------------------------------------------------------------------- */

static struct snapshot *call_snapshot(void *context)
{
	return answer_snapshot(context);
}

static char *call_export(void *context)
{
	return source_write(((struct daemon *)context)->doc, NULL);
}

static int call_apply(void *context, const char *text, size_t length, bool dry_run, struct diff **ret_diff,
		      struct err *err)
{
	return change_apply(context, "configuration", text, length, dry_run, ret_diff, err);
}

static int call_edit(void *context, const struct serve_edit *edit, struct err *err)
{
	return change_edit(context, edit, err);
}

static int call_explain(void *context, const struct explain_question *question, struct explain_answer *ret_answer,
			struct explain_run *ret_run, struct err *err)
{
	return answer_explain(context, question, ret_answer, ret_run, err);
}

static const struct world *call_world(void *context)
{
	return dataplane_world(((struct daemon *)context)->dataplane);
}

static int call_detach_all(void *context, struct err *err)
{
	return interfaces_detach_all(context, err);
}

/* --- start and stop ------------------------------------------------------------------------------ */

/* The size of the flow table is needed before the maps are there, and so before the doc can be put in place. */
static int dataplane_start(struct daemon *d, const struct doc *doc, struct err *err)
{
	struct dataplane_options options = { .pins = d->options.pins };
	struct config *config;
	int e = config_compile(doc, &config, err);

	if (e)
		return e;
	options.flow_sets = LEAT_FLOW_SETS(config->flows.size);
	config_free(config);
	return dataplane_open(&options, &d->dataplane, err);
}

static int rooms_start(struct daemon *d, const struct doc *doc, struct err *err)
{
	int e = dataplane_start(d, doc, err);

	if (!e)
		via_sweep(); /* should one that was killed have left something */
	if (!e)
		e = ways_start(d->base, on_ways, d, &d->ways, err);
	if (!e)
		e = health_start(d->base, on_health, d, &d->health, err);
	if (!e) {
		health_ask_cut_off(d->health, is_cut_off);
		e = flows_start(d, err);
	}
	return e;
}

static int serve_open(struct daemon *d, struct err *err)
{
	struct serve_calls calls = {
		.snapshot = call_snapshot,
		.export = call_export,
		.apply = call_apply,
		.edit = call_edit,
		.explain = call_explain,
		.world = call_world,
		.detach_all = call_detach_all,
		.context = d,
	};

	return serve_start(d->base, d->options.socket, &calls, &d->serve, err);
}

int daemon_start(struct daemon *d, struct err *err)
{
	struct doc *doc;
	int e;

	d->started_us = clock_us();
	d->base = event_base_new();
	d->tables = table_cache_new();
	/* First of all, and asked nothing before the loop runs: where another leatd answers, this one touches nothing. */
	e = serve_open(d, err);
	if (!e && dataplane_is_used(d->options.pins))
		e = err_set(err, -EBUSY, "%s: another leatd uses the maps pinned there", d->options.pins);
	if (!e)
		e = state_load(d, &doc, err);
	if (e)
		return e;
	e = events_start(d, err);
	if (!e)
		e = rooms_start(d, doc, err);
	if (e) {
		source_free(doc);
		return e;
	}
	log_notice("%s maps at %s", dataplane_is_adopted(d->dataplane) ? "adopted the" : "made new", d->options.pins);
	e = change_doc(d, doc, err);
	if (e)
		return e;
	interfaces_sweep(d);
	return 0;
}

void daemon_stop(struct daemon *d)
{
	size_t i;

	serve_stop(d->serve);
	flows_stop(d);
	health_stop(d->health);
	lead_stop(d);
	ways_stop(d->ways);
	dataplane_close(d->dataplane);
	table_cache_free(d->tables);
	interfaces_free(d);
	config_free(d->config);
	source_free(d->doc);
	free(d->all_down);
	for (i = 0; i < ARRAY_SIZE(d->signals); i++)
		if (d->signals[i])
			event_free(d->signals[i]);
	if (d->soon)
		event_free(d->soon);
	if (d->tick)
		event_free(d->tick);
	if (d->base)
		event_base_free(d->base);
}
