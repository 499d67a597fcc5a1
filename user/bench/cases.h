/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `leat bench` measures: the rows of its table. */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "leat/maps.h"

enum bench_fragment { BENCH_WHOLE, BENCH_FIRST, BENCH_LATER };

struct bench_case {
	const char *group, *name;
	uint32_t flows; /* a power of two */
	uint32_t services, backends;
	enum leat_mode mode;
	enum leat_scheduler scheduler;
	uint32_t prefixes; /* of the access list; 0: there is none */
	bool is_limited;   /* by an access list, of source and service; nobody meets a limit */
	bool is_ipv6;    /* clients and services; backends are IPv4 */
	bool is_new;     /* every packet is the SYN of a flow that was not there */
	bool is_nobodys; /* for another port than the services' */
	enum bench_fragment fragment; /* of a datagram for each flow; IPv4 */
	bool has_lru;    /* beside an LRU hash map of as many flows */
};

extern const struct bench_case bench_cases[];
extern const unsigned int bench_case_count;

/* Whether that is a group of cases, or "link". */
bool bench_is_group(const char *name);

#endif
