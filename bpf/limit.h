/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Token buckets, one a CPU for each purpose: how often leat itself may speak (RFC 1812 4.3.2.8, RFC 4443 2.4 f), and how
 * many flows it may pin. A bucket is the time at which it will be full again; taking a token moves that time away by one
 * interval.
 */
#ifndef BPF_LIMIT_H
#define BPF_LIMIT_H

#include "explain.h"
#include "service.h"

static __always_inline struct leat_limiter *limiter_get(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&limiters, &cpu);
}

static __always_inline bool limit_take(__u64 *full_at, __u64 interval, __u32 burst)
{
	__u64 now = bpf_ktime_get_ns(), full = *full_at > now ? *full_at : now;

	if (full - now > (burst - 1) * interval)
		return false;
	*full_at = full + interval;
	return true;
}

/* An ICMP error. */
static __always_inline bool limit_allows(void)
{
	const struct leat_control *all = control_get();
	struct leat_limiter *limiter = limiter_get();
	__u64 interval;

	if (!all || !limiter)
		return false;
	interval = READ_ONCE(all->icmp_interval_ns);
	if (!interval || explaining)
		return interval;
	return limit_take(&limiter->full_at_ns, interval, LEAT_ICMP_BURST);
}

/* A new pin; no interval: no limit. */
static __always_inline bool limit_allows_pin(const struct leat_control *all)
{
	struct leat_limiter *limiter = limiter_get();
	__u64 interval = READ_ONCE(all->pin_interval_ns);

	return !interval || (limiter && limit_take(&limiter->pins_full_at_ns, interval, LEAT_PIN_BURST));
}

#endif
