/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often leat itself may speak: one token bucket a CPU for all ICMP errors (RFC 1812 4.3.2.8, RFC 4443 2.4
 * f). The bucket is the time at which it will be full again; taking a token moves that time away by one
 * interval.
 */
#ifndef BPF_LIMIT_H
#define BPF_LIMIT_H

#include "explain.h"
#include "service.h"

static __always_inline bool limit_allows(void)
{
	const struct leat_control *all = control_get();
	__u32 cpu = bpf_get_smp_processor_id();
	struct leat_limiter *limiter = bpf_map_lookup_elem(&limiters, &cpu);
	__u64 interval, now, full;

	if (!all || !limiter)
		return false;
	interval = READ_ONCE(all->icmp_interval_ns);
	if (!interval || explaining)
		return interval;
	now = bpf_ktime_get_ns();
	full = limiter->full_at_ns > now ? limiter->full_at_ns : now;
	if (full - now > (LEAT_ICMP_BURST - 1) * interval)
		return false;
	limiter->full_at_ns = full + interval;
	return true;
}

#endif
