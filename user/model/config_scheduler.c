/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a pool's flows find their backends: the scheduler and what goes with it. See config_parts.h. */
#include <errno.h>

#include "base/auto.h"
#include "model/config_parts.h"

static const struct {
	const char *word;
	enum leat_scheduler scheduler;
} schedulers[] = {
	[DOC_SCHEDULER_UNSET] = {"mh", LEAT_SCHEDULER_MH},
#define X(name, word, what) [DOC_SCHEDULER_##name] = {word, LEAT_SCHEDULER_##what},
	DOC_SCHEDULERS(X)
#undef X
};

const char *config_scheduler_name(enum doc_scheduler scheduler)
{
	return scheduler < ARRAY_SIZE(schedulers) ? schedulers[scheduler].word : "unknown";
}

static int prefix_compile(const struct doc_pool *doc, const struct config_pool *pool, const char *key,
			  unsigned int length, unsigned int max, unsigned int *ret, struct err *err)
{
	*ret = length ? length : max;
	if (length > max)
		return err_set(err, -EINVAL, "pools[%s].%s: %u is out of range; allowed are 1 to %u", doc->name,
			       key, length, max);
	/* The whole length says nothing new, and is how an edit takes a shorter one back. */
	if (length && length < max && !pool->by_client)
		return err_set(err, -EINVAL,
			       "pools[%s].%s: without scheduler sh or affinity a flow goes by more than its "
			       "client's address; allowed is %u",
			       doc->name, key, max);
	return 0;
}

int config_scheduler_compile(const struct doc_pool *doc, struct config_pool *pool, struct err *err)
{
	bool has_check = doc->check && doc->check->type != DOC_CHECK_NONE;
	int e = config_duration(doc->affinity, CONFIG_TIMEOUT_MIN_MS, CONFIG_TIMEOUT_MAX_MS, &pool->affinity_ms, err,
				"pools[%s].affinity", doc->name);

	pool->scheduler_name = doc->scheduler ? doc->scheduler : DOC_SCHEDULER_MH;
	pool->scheduler = schedulers[pool->scheduler_name].scheduler;
	pool->ignores_weights = doc->scheduler == DOC_SCHEDULER_RR || doc->scheduler == DOC_SCHEDULER_LC;
	pool->by_client = doc->scheduler == DOC_SCHEDULER_SH || pool->affinity_ms;
	if (!e && doc->scheduler == DOC_SCHEDULER_LRT && !has_check)
		e = err_set(err, -EINVAL,
			    "pools[%s].scheduler: lrt goes by the response times of probes; give the pool a check",
			    doc->name);
	if (!e && doc->scheduler == DOC_SCHEDULER_LRT && doc->check->type == DOC_CHECK_UDP && !doc->check->expect)
		e = err_set(err, -EINVAL,
			    "pools[%s].scheduler: lrt goes by the response times of probes, and a udp check without expect "
			    "has none", doc->name);
	if (!e)
		e = prefix_compile(doc, pool, "source-prefix-ipv4", doc->source_prefix_ipv4, 32, &pool->prefix4, err);
	if (!e)
		e = prefix_compile(doc, pool, "source-prefix-ipv6", doc->source_prefix_ipv6, 128, &pool->prefix6,
				   err);
	return e ? e : config_duration(doc->slow_start, CONFIG_TIMEOUT_MIN_MS, CONFIG_TIMEOUT_MAX_MS,
				       &pool->slow_start_ms, err, "pools[%s].slow-start", doc->name);
}
