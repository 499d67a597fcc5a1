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

static __always_inline enum leat_verdict handle_probe(struct xdp_md *ctx, struct packet *p)
{
	TRY(parse(ctx, p));
	TRY(choose_probed(p)); /* reads maps, changes no byte */
	TRY(find_way(p));
	return forward(ctx, p);
}

/* What does not say itself which flow it is of: fragments, ICMP. */
static __always_inline enum leat_verdict hear(struct xdp_md *ctx, struct packet *p)
{
	return unlikely(p->fragment != FRAGMENT_NONE) ? fragment_follow(p) : hear_icmp(ctx, p);
}

static __always_inline enum leat_verdict handle(struct xdp_md *ctx, struct packet *p)
{
	enum leat_verdict verdict = parse(ctx, p); /* touches no map, changes no byte */

	if (verdict == LEAT_NEXT)
		verdict = find_service(p); /* reads maps, changes no byte */
	else if (verdict == LEAT_NOT_SERVICE)
		verdict = find_other(p);
	TRY(verdict);
	TRY(hear(ctx, p));           /* reads maps; may turn the frame round */
	TRY(admit(p));               /* reads maps, changes no byte */
	TRY(choose_backend(ctx, p)); /* reads maps, changes no byte */
	TRY(remember_fragment(p));   /* changes no byte */
	TRY(find_way(p));            /* reads maps, changes no byte */
	return forward(ctx, p);      /* changes the frame */
}

SEC("xdp")
int leat(struct xdp_md *ctx)
{
	struct packet p = {.defect = LEAT_NEXT};

	return leave(ctx, &p, is_probe() ? handle_probe(ctx, &p) : handle(ctx, &p));
}

const char GPL[] SEC("license") = "GPL";
