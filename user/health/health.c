/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of checks: made from a config, kept in order of pool and address. See health.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "base/auto.h"
#include "health/check.h"

struct health_checks {
	struct check_env env;
	struct check **all; /* sorted */
	size_t count;
};

static int pointer_compare(const void *a, const void *b)
{
	return check_compare(*(struct check *const *)a, *(struct check *const *)b);
}

static struct check **checks_find(const struct health_checks *checks, const struct check *like)
{
	return checks->count ? bsearch(&like, checks->all, checks->count, sizeof(like), pointer_compare)
			     : NULL;
}

/* All checks that config asks for, sorted, none running. */
static struct check **checks_make(struct check_env *env, const struct config *config, size_t *ret_count)
{
	struct check **all = NULL;
	size_t room = 0, n = 0;
	unsigned int p, m;

	for (p = 0; p < config->pool_count; p++)
		room += config->pools[p].member_count;
	all = memory_zeroed(room, sizeof(struct check *));
	for (p = 0; p < config->pool_count; p++) {
		const struct config_pool *pool = &config->pools[p];

		for (m = 0; m < pool->member_count; m++) {
			const struct config_member *member = &pool->members[m];

			if (member->state != DOC_STATE_DISABLED)
				all[n] = check_make(env, pool->name, &member->addr, &pool->check);
			if (all[n])
				n++;
		}
	}
	qsort(all, n, sizeof(struct check *), pointer_compare);
	*ret_count = n;
	return all;
}

static void check_inherit(struct check *check, const struct check *old)
{
	check->dampener.health = old->dampener.health;
	check->dampener.doubtful = old->dampener.doubtful;
	check->result = old->result;
	check->latency_us = old->latency_us;
	memcpy(check->text, old->text, sizeof(check->text));
}

void health_configure(struct health_checks *checks, const struct config *config,
		      enum health (*initial)(void *context, const char *pool, const struct leat_addr *addr),
		      void *context)
{
	struct check **all, **old;
	size_t count, i;

	all = checks_make(&checks->env, config, &count);
	for (i = 0; i < count; i++) {
		old = checks_find(checks, all[i]);
		if (old && target_equal(&(*old)->target, &all[i]->target)) {
			struct check *same = *old;

			/* Swapped, so that the old set keeps its order and is freed as a whole. */
			*old = all[i];
			all[i] = same;
			continue;
		}
		if (old)
			check_inherit(all[i], *old);
		else
			all[i]->dampener.health = initial(context, all[i]->pool, &all[i]->target.addr);
		check_run(all[i]);
	}
	for (i = 0; i < checks->count; i++)
		check_free(checks->all[i]);
	free(checks->all);
	checks->all = all;
	checks->count = count;
}

enum health health_of(struct health_checks *checks, const char *pool, const struct leat_addr *addr,
		      const char **ret_text)
{
	struct check like = { .pool = (char *)pool, .target.addr = *addr };
	struct check **found = checks_find(checks, &like);

	if (ret_text)
		*ret_text = found && (*found)->text[0] ? (*found)->text : NULL;
	return found ? (*found)->dampener.health : HEALTH_UP;
}

bool health_is_doubtful(struct health_checks *checks, const char *pool, const struct leat_addr *addr)
{
	struct check like = { .pool = (char *)pool, .target.addr = *addr };
	struct check **found = checks_find(checks, &like);

	return found && (*found)->dampener.health == HEALTH_DOWN && (*found)->dampener.doubtful;
}

uint32_t health_latency_us(struct health_checks *checks, const char *pool, const struct leat_addr *addr)
{
	struct check like = { .pool = (char *)pool, .target.addr = *addr };
	struct check **found = checks_find(checks, &like);

	return found ? (*found)->latency_us : 0;
}

/* Every probe under way holds a descriptor; nothing here or in libcurl and libevent's epoll uses select(2). */
static void descriptors_allow(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int health_start(struct event_base *base, health_changed changed, void *context, struct health_checks **ret,
		 struct err *err)
{
	struct health_checks *checks = memory_zeroed(1, sizeof(*checks));
	int e = http_open(base, &checks->env.loop.http);

	if (e) {
		free(checks);
		return err_set(err, e, "health checks: libcurl does not start");
	}
	checks->env.loop.exec = exec_open(base);
	descriptors_allow();
	checks->env.loop.base = base;
	checks->env.changed = changed;
	checks->env.context = context;
	/* Nodes of a fleet must not probe in step either; 0, should this fail, is no disaster. */
	if (getrandom(&checks->env.draws, sizeof(checks->env.draws), GRND_NONBLOCK) < 0)
		checks->env.draws = 0;
	*ret = checks;
	return 0;
}

void health_ask_cut_off(struct health_checks *checks, health_is_cut_off is_cut_off)
{
	checks->env.is_cut_off = is_cut_off;
}

void health_lead_by(struct health_checks *checks, const struct health_lead *lead)
{
	checks->env.loop.lead = lead;
}

void health_stop(struct health_checks *checks)
{
	size_t i;

	if (!checks)
		return;
	for (i = 0; i < checks->count; i++)
		check_free(checks->all[i]);
	free(checks->all);
	http_close(checks->env.loop.http);
	exec_close(checks->env.loop.exec);
	free(checks);
}
