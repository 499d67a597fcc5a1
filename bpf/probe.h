/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A side entrance to forward, for the daemon's own packets: a health check that goes through the VIP has chosen its backend
 * already. Only in the copy of the program that the daemon asks (explain.h), which sends nothing: the daemon sends the
 * frame that comes out. Reads maps; changes no byte.
 */
#ifndef BPF_PROBE_H
#define BPF_PROBE_H

#include "explain.h"
#include "select.h"

static __always_inline bool is_probe(void)
{
	return explaining && probed;
}

static __always_inline enum leat_verdict choose_probed(struct packet *p, enum leat_verdict parsed)
{
	const struct leat_control *all = control_get();

	TRY(parsed);
	if (p->defect != LEAT_NEXT)
		return p->defect;
	if (!all)
		return LEAT_NO_BACKEND;
	p->hash = flow_hash(all, p, 0); /* the outer source varies by it, as any flow's */
	p->backend = probed;
	return LEAT_NEXT;
}

#endif
