/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat-decap's program on a backend: strips IPIP from packets to this host's tunnel addresses. */
#ifndef DATAPLANE_DECAP_H
#define DATAPLANE_DECAP_H

#include <stdbool.h>

#include "base/err.h"
#include "leat/decap.h"

/* Attaches; a decap that is there is replaced. addrs: outer destinations that are stripped; at least one. */
int decap_attach(const char *interface, bool generic, const struct leat_addr *addrs, unsigned int count, struct err *err);
int decap_detach(const char *interface, struct err *err);
/* -ENOENT: not attached. */
int decap_stats(const char *interface, __u64 ret_counts[LEAT_DECAP_COUNT], struct err *err);

#endif
