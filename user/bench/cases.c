/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cases: see cases.h. Each differs in one thing from the first: 1 thousand flows of TCP over IPv4, one service, 100 backends,
 * ipip, scheduled by hash.
 */
#include <string.h>

#include "base/auto.h"
#include "bench/cases.h"

#define FLOWS_ENDLESS (1u << 24)
#define CASE(group_, name_, ...)                                                                             \
	{                                                                                                    \
		.group = group_, .name = name_, .flows = 1 << 10, .services = 1, .backends = 100,            \
		.mode = LEAT_MODE_IPIP, .scheduler = LEAT_SCHEDULER_MH, __VA_ARGS__                          \
	}
/* All slots are tracked where flows are not scheduled by hash: so every packet looks for its flow's pin. */
#define PINNED(name, flows_) CASE("pinned", name, .flows = flows_, .scheduler = LEAT_SCHEDULER_TURN, .has_lru = true)
#define NEW(name, scheduler_) CASE("new", name, .flows = FLOWS_ENDLESS, .is_new = true, .scheduler = scheduler_)

/* The first field of a case may be said twice: what differs comes last. */
#pragma GCC diagnostic ignored "-Woverride-init"

const struct bench_case bench_cases[] = {
	CASE("flows", "IPv4, 1k flows"),
	CASE("flows", "IPv4, 1 flow", .flows = 1),
	CASE("flows", "IPv4, 16k flows", .flows = 1 << 14),
	CASE("flows", "IPv4, 128k flows", .flows = 1 << 17),
	CASE("flows", "IPv4, 1M flows", .flows = 1 << 20),
	CASE("flows", "IPv6, 1k flows", .is_ipv6 = true),
	CASE("flows", "IPv6, 1M flows", .is_ipv6 = true, .flows = 1 << 20),
	PINNED("pinned, 1k flows", 1 << 10),
	PINNED("pinned, 16k flows", 1 << 14),
	PINNED("pinned, 128k flows", 1 << 17),
	PINNED("pinned, 1M flows", 1 << 20),
	NEW("SYN, by hash (mh)", LEAT_SCHEDULER_MH),
	NEW("SYN, in turn (rr)", LEAT_SCHEDULER_TURN),
	NEW("SYN, random", LEAT_SCHEDULER_RANDOM),
	NEW("SYN, least connections (lc)", LEAT_SCHEDULER_LEAST),
	NEW("SYN, less of two (p2c)", LEAT_SCHEDULER_TWO),
	NEW("SYN, quicker of two (lrt)", LEAT_SCHEDULER_LATENCY),
	CASE("mode", "l2", .mode = LEAT_MODE_L2),
	CASE("mode", "gre", .mode = LEAT_MODE_GRE),
	CASE("mode", "gue", .mode = LEAT_MODE_GUE),
	CASE("mode", "gue1", .mode = LEAT_MODE_GUE1),
	CASE("mode", "fou", .mode = LEAT_MODE_FOU),
	CASE("size", "100 services", .services = 100),
	CASE("size", "10,000 services, 1,000 backends", .services = 10000, .backends = 1000, .flows = 1 << 17),
	CASE("size", "3 backends", .backends = 3),
	CASE("size", "1,000 backends", .backends = 1000),
	CASE("size", "30,000 backends", .backends = 30000, .flows = 1 << 17),
	CASE("access", "access list of 10 prefixes", .prefixes = 10),
	CASE("access", "100,000 prefixes", .prefixes = 100000),
	CASE("access", "100,000 prefixes, 1M flows", .prefixes = 100000, .flows = 1 << 20),
	CASE("access", "100,000 prefixes, IPv6", .prefixes = 100000, .is_ipv6 = true),
	CASE("access", "limits of source and service", .is_limited = true),
	CASE("access", "limits, 1M flows", .is_limited = true, .flows = 1 << 20),
	CASE("other", "not for a service", .is_nobodys = true),
	CASE("other", "first fragments", .fragment = BENCH_FIRST),
	CASE("other", "later fragments", .fragment = BENCH_LATER),
};
const unsigned int bench_case_count = ARRAY_SIZE(bench_cases);

bool bench_is_group(const char *name)
{
	unsigned int i;

	for (i = 0; i < bench_case_count; i++)
		if (!strcmp(bench_cases[i].group, name))
			return true;
	return !strcmp(name, "link");
}
