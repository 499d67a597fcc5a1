/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bpf/decap.bpf.c and leat-decap share. */
#ifndef LEAT_DECAP_H
#define LEAT_DECAP_H

#include "hash.h"

/*        name       help */
#define LEAT_DECAP_OUTCOMES(X) \
	X(STRIPPED,  "tunnelled to one of this host's tunnel addresses: outer header removed") \
	X(OTHER,     "not tunnelled as leat does it, or to another address: left as it was") \
	X(MALFORMED, "tunnelled to this host, but no whole IP packet inside, or one that cannot bear the congestion mark: dropped")

enum leat_decap_outcome {
#define X(name, help) LEAT_DECAP_##name,
	LEAT_DECAP_OUTCOMES(X)
#undef X
	LEAT_DECAP_COUNT,
};

/*
 * Maps: decap_addrs, HASH of struct leat_addr -> __u8, LEAT_DECAP_ADDRS_MAX entries: outer destinations to strip;
 * decap_counters, PERCPU_ARRAY of __u64 packets by outcome.
 */
#define LEAT_DECAP_ADDRS_MAX 64
/* Rodata: udp_ports, outer UDP destinations to strip, in network byte order; the first 0 ends them. */
#define LEAT_DECAP_PORTS_MAX 16

#endif
