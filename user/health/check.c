/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One check's round: timer, probe, outcome, dampener, timer. Intervals run from start to start of the probes and
 * vary a little, so that a thousand checks do not fall into step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "health/check.h"

#define FIRST_SPREAD_MS 200
#define SPREAD_PERCENT  5 /* of the interval, both ways */

static const struct probe_kind *const kinds[] = {
	[DOC_CHECK_TCP] = &probe_tcp,
	[DOC_CHECK_HTTP] = &probe_http,
	[DOC_CHECK_HTTPS] = &probe_https,
	[DOC_CHECK_DNS] = &probe_dns,
	[DOC_CHECK_ICMP] = &probe_icmp,
	[DOC_CHECK_UDP] = &probe_udp,
	[DOC_CHECK_TLS] = &probe_tls,
	[DOC_CHECK_GRPC] = &probe_grpc,
	[DOC_CHECK_EXEC] = &probe_exec,
};

static uint64_t check_draw(struct check *check, uint64_t below)
{
	return below ? leat_hash_mix(++check->env->draws) % below : 0;
}

static void check_wait(struct check *check, uint64_t us)
{
	struct timeval timeout = { us / 1000000, us % 1000000 };

	event_add(check->timer, &timeout);
}

static void check_wait_interval(struct check *check)
{
	const struct config_check *s = &check->target.settings;
	bool fast = check->dampener.health == HEALTH_UNKNOWN || dampener_is_changing(&check->dampener);
	uint64_t interval = (fast ? s->fast_interval_ms : s->interval_ms) * 1000ull;
	uint64_t spread = interval * SPREAD_PERCENT / 100, now = clock_us(), next;

	next = check->began_us + interval - spread + check_draw(check, 2 * spread);
	check_wait(check, next > now ? next - now : 0);
}

static void check_note(struct check *check, enum probe_result result, const char *text)
{
	char addr[ADDR_TEXT_MAX];

	if (result == PROBE_UNASKED && check->result != PROBE_UNASKED)
		log_warning("pool %s: cannot check %s: %s", check->pool,
			    addr_format(&check->target.addr, addr), text);
	check->result = result;
	snprintf(check->text, sizeof(check->text), "%s", text);
}

/* As TCP smooths its round trips (RFC 6298 2.3). */
static void check_smooth(struct check *check)
{
	uint64_t took = clock_us() - check->began_us + 1;

	if (check->latency_us)
		took = (7ull * check->latency_us + took) / 8;
	check->latency_us = took < UINT32_MAX ? took : UINT32_MAX;
}

static bool check_is_cut_off(const struct check *check)
{
	return check->env->is_cut_off && check->env->is_cut_off(check->env->context, &check->target.addr);
}

/* True if anything changed that others go by. */
static bool check_decide(struct check *check, bool success)
{
	const struct config_check *s = &check->target.settings;
	bool sure = dampener_doubt(&check->dampener, success, check->began_cut_off || check_is_cut_off(check), s->fall);

	return dampener_step(&check->dampener, success, s->rise, s->fall) || sure;
}

static void check_on_outcome(void *context, enum probe_result result, const char *text)
{
	struct check *check = context;
	enum health old = check->dampener.health;
	bool changed = false;

	check->probe = NULL;
	check_note(check, result, text);
	if (result == PROBE_SUCCEEDED)
		check_smooth(check);
	if (result != PROBE_UNASKED)
		changed = check_decide(check, result == PROBE_SUCCEEDED);
	check_wait_interval(check);
	if (changed) /* last: whoever is told may free this check */
		check->env->changed(check->env->context, check->pool, &check->target.addr, old,
				    check->dampener.health, check->text);
}

static void check_on_timer(evutil_socket_t fd, short what, void *context)
{
	struct check *check = context;

	check->began_us = clock_us();
	check->began_cut_off = check_is_cut_off(check);
	if (check->through)
		through_ask(check->through, check_on_outcome, check);
	else
		check->probe = check->kind->start(&check->env->loop, &check->target, check_on_outcome, check);
}

struct check *check_make(struct check_env *env, const char *pool, const struct leat_addr *addr,
			 const struct config_check *settings)
{
	struct check *check;

	if ((size_t)settings->type >= ARRAY_SIZE(kinds) || !kinds[settings->type])
		return NULL;
	check = memory_zeroed(1, sizeof(*check));
	check->env = env;
	check->kind = kinds[settings->type];
	check->pool = string_copy(pool);
	check->timer = evtimer_new(env->loop.base, check_on_timer, check);
	target_set(&check->target, addr, settings);
	check->target.pool = check->pool;
	check->through = through_make(&env->loop, check->kind, &check->target);
	return check;
}

void check_run(struct check *check)
{
	uint32_t spread = check->target.settings.interval_ms;

	if (spread > FIRST_SPREAD_MS)
		spread = FIRST_SPREAD_MS;
	check_wait(check, check_draw(check, spread * 1000ull));
}

void check_free(struct check *check)
{
	if (!check)
		return;
	if (check->probe)
		check->kind->cancel(check->probe);
	through_free(check->through);
	event_free(check->timer);
	target_clear(&check->target);
	free(check->pool);
	free(check);
}

int check_compare(const struct check *a, const struct check *b)
{
	int order = strcmp(a->pool, b->pool);

	return order ? order : addr_compare(&a->target.addr, &b->target.addr);
}
