/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last room, and the only one that knows XDP's actions: turns a verdict into an action and counts it,
 * once, for the whole, for the service if one was found, and for the backend if the packet goes there.
 */
#ifndef BPF_LEAVE_H
#define BPF_LEAVE_H

#include "explain.h"
#include "knobs.h"
#include "maps.h"
#include "packet.h"

/* Not atomic: each CPU has counters of its own, and XDP does not interrupt itself. */
static __always_inline void count(void *counters, __u32 index, __u32 bytes)
{
	struct leat_counter *counter = bpf_map_lookup_elem(counters, &index);

	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

static __always_inline void leave_count(const struct packet *p, enum leat_verdict verdict)
{
	__u32 cpu;

	if (explaining) {
		explained = verdict;
		return;
	}
	cpu = bpf_get_smp_processor_id();
	count(&verdict_counters, cpu * LEAT_VERDICTS_MAX + verdict, p->bytes);
	if (p->service)
		count(&service_counters, cpu * LEAT_SERVICES_MAX + p->service, p->bytes);
	if (verdict == LEAT_FORWARDED)
		count(&backend_counters, cpu * LEAT_BACKENDS_MAX + p->backend, p->bytes);
}

static __always_inline int leave_by(struct xdp_md *ctx, const struct packet *p)
{
	if (!p->out || p->out == ctx->ingress_ifindex)
		return XDP_TX;
	if (bond && p->out == bond)
		return XDP_TX; /* the kernel chooses the member, as it does for its own: xdp_master_redirect() */
	return bpf_redirect_map(&devices, p->out, XDP_DROP);
}

static __always_inline int leave_action(struct xdp_md *ctx, const struct packet *p, enum leat_verdict verdict)
{
	enum { PASS, DROP, TX } action = DROP;

	switch (verdict) {
#define X(name, action_, help)                                                                               \
	case LEAT_##name:                                                                                    \
		action = action_;                                                                            \
		break;
		LEAT_VERDICTS(X)
#undef X
	case LEAT_NEXT:
		break;
	}
	if (action == TX)
		return leave_by(ctx, p);
	return action == PASS ? XDP_PASS : XDP_DROP;
}

static __always_inline int leave(struct xdp_md *ctx, const struct packet *p, enum leat_verdict verdict)
{
	int action = leave_action(ctx, p, verdict);

	/* The interface that the way names is not (or no longer) one that may be redirected to. */
	if (verdict == LEAT_FORWARDED && action == XDP_DROP)
		verdict = LEAT_BACKEND_UNRESOLVED;
	leave_count(p, verdict);
	return action;
}

#endif
