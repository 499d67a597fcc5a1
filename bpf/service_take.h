/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part of find service: whoever has found the packet's service, by whatever way, says so here. */
#ifndef BPF_SERVICE_TAKE_H
#define BPF_SERVICE_TAKE_H

#include "packet.h"

static __always_inline void service_take(struct packet *p, __u32 number, const struct leat_service *service)
{
	__u32 flags = READ_ONCE(service->flags);

	p->service = number;
	p->pool = READ_ONCE(service->pool);
	p->is_sticky = flags & LEAT_SERVICE_STICKY;
	p->guard = LEAT_SERVICE_GUARD(flags);
	p->quic = LEAT_SERVICE_QUIC(flags);
}

#endif
