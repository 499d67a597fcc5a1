/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many flows: each keeps its backend, which is the one that user space computes; backends and outer sources
 * spread. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/explain.h"
#include "packet/bed.h"

#define FLOWS   3000
#define MEMBERS 5

/* Of an outer header's bytes. */
struct outer {
	uint8_t last;     /* byte of the destination: which backend */
	uint16_t entropy; /* the source's last two bytes */
	uint32_t label;   /* IPv6 */
};

static struct outer outer_of(const struct frame *frame)
{
	const uint8_t *ip = frame->bytes + 14;

	if (ip[0] >> 4 == 4)
		return (struct outer){ip[19], ip[14] << 8 | ip[15], 0};
	return (struct outer){ip[39], ip[22] << 8 | ip[23], (ip[1] & 15) << 16 | ip[2] << 8 | ip[3]};
}

static unsigned int explained(const char *from, uint16_t source, const char *to, uint16_t port)
{
	struct explain_question q = {
		.protocol = IPPROTO_UDP, .source_port = source, .destination_port = port};
	struct explain_answer answer;

	assert_int_equal(addr_parse(from, &q.source), 0);
	assert_int_equal(addr_parse(to, &q.destination), 0);
	explain_tables(&bed.world, &q, &answer);
	assert_int_not_equal(answer.service, 0);
	return bed.world.backends[answer.backend].addr.byte[15];
}

static struct outer forward(const char *from, const char *to, uint16_t source, uint16_t port, struct ran *ran)
{
	auto_free struct frame *frame = strchr(to, ':') ? FRAME(ETH(), IP6(from, to), UDP(source, port))
							: FRAME(ETH(), IP4(from, to), UDP(source, port));

	bed_run(frame, ran);
	assert_int_equal(ran->verdict, LEAT_FORWARDED);
	return outer_of(&ran->frame);
}

static void spread(const char *from_format, const char *to, uint16_t port, uint8_t first_member)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free uint8_t *seen = memory_zeroed(65536, 1);
	unsigned int i, counts[MEMBERS] = {}, sources = 0;
	struct outer outer;
	char from[ADDR_TEXT_MAX];

	for (i = 0; i < FLOWS; i++) {
		snprintf(from, sizeof(from), from_format, i % 200 + 1);
		outer = forward(from, to, 1024 + i, port, ran);
		assert_int_equal(outer.last, explained(from, 1024 + i, to, port));
		assert_in_range(outer.last, first_member, first_member + MEMBERS - 1);
		counts[outer.last - first_member]++;
		sources += !seen[outer.entropy];
		seen[outer.entropy] = 1;
	}
	for (i = 0; i < MEMBERS; i++)
		assert_in_range(counts[i], FLOWS / MEMBERS * 8 / 10, FLOWS / MEMBERS * 12 / 10);
	/* 3,000 balls into 65,536 boxes: 2,932 boxes on average. */
	assert_in_range(sources, 2850, FLOWS);
}

static void ipv4_flows_spread(void **state)
{
	spread("198.51.100.%u", VIP, PORT_SPREAD, 101);
	spread("198.51.100.%u", VIP, PORT_SPREAD6, 0x65);
}

static void ipv6_flows_spread(void **state)
{
	spread("2001:db8:c::%x", VIP6, PORT_SPREAD, 101);
	spread("2001:db8:c::%x", VIP6, PORT_SPREAD6, 0x65);
}

/* The whole outer header, checksum included, for a source that varies. */
static void outer_source_is_drawn_from_the_hash(void **state)
{
	char source[INET_ADDRSTRLEN], backend[INET_ADDRSTRLEN];
	struct in_addr addr;
	uint32_t bits;
	uint16_t port;

	for (port = 1; port < 2000; port++) {
		bits = bed_hash(IPPROTO_UDP, CLIENT, port, VIP, PORT_SPREAD);
		addr.s_addr = inet_addr("10.0.0.0") | (bits & inet_addr("0.0.255.255"));
		inet_ntop(AF_INET, &addr, source, sizeof(source));
		snprintf(backend, sizeof(backend), "10.0.0.%u", explained(CLIENT, port, VIP, PORT_SPREAD));
		sends("IPv4 source", FRAME(ETH(), IP4(CLIENT, VIP), UDP(port, PORT_SPREAD)), LEAT_FORWARDED,
		      FRAME(ETH(.from = OUT_MAC, .to = NEXT_MAC), IP4(source, backend, .df = true),
			    IP4(CLIENT, VIP, .ttl = 63), UDP(port, PORT_SPREAD)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_flows_spread),
		cmocka_unit_test(ipv6_flows_spread),
		cmocka_unit_test(outer_source_is_drawn_from_the_hash),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
