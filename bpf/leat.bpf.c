/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leat in the NIC driver's receive path. A packet passes the rooms in the order below, in one direction; each
 * answers "next" or the verdict by which the packet leaves.
 */
#include "parse.h"
#include "service.h"
#include "fragments.h"
#include "guard.h"
#include "quoted.h"
#include "select.h"
#include "probe.h"
#include "forward.h"
#include "leave.h"

/* What does not say itself which flow it is of: fragments, ICMP. */
static __always_inline enum leat_verdict hear(struct xdp_md *ctx, struct packet *p)
{
	return unlikely(p->fragment != FRAGMENT_NONE) ? fragment_follow(p) : hear_icmp(ctx, p);
}

/* Which backend; none of it changes a byte but hear, which may turn the frame round. */
static __always_inline enum leat_verdict choose(struct xdp_md *ctx, struct packet *p, enum leat_verdict parsed)
{
	enum leat_verdict verdict = parsed;

	if (verdict == LEAT_NEXT)
		verdict = find_service(p);
	else if (verdict == LEAT_NOT_SERVICE && p->key.protocol)
		verdict = find_other(p);
	TRY(verdict);
	TRY(hear(ctx, p));
	TRY(admit(p));
	TRY(choose_backend(ctx, p));
	return remember_fragment(p);
}

static __always_inline enum leat_verdict handle(struct xdp_md *ctx, struct packet *p)
{
	enum leat_verdict parsed = parse(ctx, p); /* touches no map, changes no byte */

	TRY(is_probe() ? choose_probed(p, parsed) : choose(ctx, p, parsed)); /* reads maps */
	TRY(find_way(p));                                                    /* reads maps, changes no byte */
	return forward(ctx, p);                                              /* changes the frame */
}

SEC("xdp")
int leat(struct xdp_md *ctx)
{
	struct packet p = {.defect = LEAT_NEXT};

	return leave(ctx, &p, handle(ctx, &p));
}

const char GPL[] SEC("license") = "GPL";
