/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat-decap's program on a backend: strips tunnels' headers from packets to this host's tunnel addresses. */
#ifndef DATAPLANE_DECAP_H
#define DATAPLANE_DECAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "leat/decap.h"

/* What is stripped. */
struct decap_ends {
	struct leat_addr addrs[LEAT_DECAP_ADDRS_MAX]; /* outer destinations: at least one */
	unsigned int addr_count;
	uint16_t ports[LEAT_DECAP_PORTS_MAX]; /* with UDP between: its destinations */
	unsigned int port_count;
};

/* Attaches; a decap that is there is replaced. */
int decap_attach(const char *interface, bool generic, const struct decap_ends *ends, struct err *err);
int decap_detach(const char *interface, struct err *err);
/* -ENOENT: not attached. */
int decap_stats(const char *interface, __u64 ret_counts[LEAT_DECAP_COUNT], struct err *err);

#endif
