/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services on prefixes, ranges of ports, any port and any protocol: whose a packet is, and that nobody pays who has none. */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "packet/bed.h"

#define OUT()  ETH(.from = OUT_MAC, .to = NEXT_MAC)
#define BACK() ETH(.from = BALANCER_MAC, .to = GATEWAY_MAC)

/* The bed's pools say by how a packet leaves which of them it found. */
#define PLAIN(...)  LEAT_FORWARDED, FRAME(OUT(), __VA_ARGS__)
#define TAGGED(...) LEAT_FORWARDED, FRAME(OUT(), VLAN(100), __VA_ARGS__)
#define EMPTY       LEAT_NO_BACKEND, NULL
#define UNRESOLVED  LEAT_BACKEND_UNRESOLVED, NULL
#define NOBODY      LEAT_NOT_SERVICE, NULL

#define SENT4(to, ...) FRAME(ETH(), IP4(CLIENT, to), __VA_ARGS__)
#define SENT6(to, ...) FRAME(ETH(), IP6(CLIENT6, to), __VA_ARGS__)
#define LEFT4(to)      IP4(CLIENT, to, .ttl = 63)
#define LEFT6(to)      IP6(CLIENT6, to, .ttl = 63)
#define OF(protocol)   .type = protocol

/* sends() with one word for how it leaves. */
#define goes(text, in, ...) sends(text, in, __VA_ARGS__)

static void the_longest_prefix_wins(void **state)
{
	goes("in the wide one", SENT4("198.18.200.1", UDP(4000, 53)), PLAIN(LEFT4("198.18.200.1"), UDP(4000, 53)));
	goes("in the narrow one", SENT4("198.18.0.1", UDP(4000, 53)), TAGGED(LEFT4("198.18.0.1"), UDP(4000, 53)));
	goes("its first address", SENT4("198.18.0.0", UDP(4000, 53)), TAGGED(LEFT4("198.18.0.0"), UDP(4000, 53)));
	goes("its last address", SENT4("198.18.0.255", UDP(4000, 53)), TAGGED(LEFT4("198.18.0.255"), UDP(4000, 53)));
	goes("the address behind it", SENT4("198.18.1.0", UDP(4000, 53)), PLAIN(LEFT4("198.18.1.0"), UDP(4000, 53)));
	goes("the wide one's last address", SENT4("198.18.255.255", UDP(4000, 53)),
	      PLAIN(LEFT4("198.18.255.255"), UDP(4000, 53)));
	goes("behind both", SENT4("198.19.0.0", UDP(4000, 53)), NOBODY);
	goes("before both", SENT4("198.17.255.255", UDP(4000, 53)), NOBODY);
	goes("one address and port within", SENT4("198.18.0.10", TCP(4000, 8081, SYN)),
	      TAGGED(LEFT4("198.18.0.10"), TCP(4000, 8081, SYN)));
	goes("a range on one address within", SENT4("198.18.0.10", UDP(4000, 8500)), EMPTY);
	goes("beside that range", SENT4("198.18.0.10", UDP(4000, 9000)), TAGGED(LEFT4("198.18.0.10"), UDP(4000, 9000)));
}

static void own_protocol_and_few_ports_win(void **state)
{
	goes("TCP rather than any", SENT4("198.18.0.7", TCP(4000, 22, SYN)), EMPTY);
	goes("before the range", SENT4("198.18.0.7", TCP(4000, 7999, SYN)), EMPTY);
	goes("the range's first port", SENT4("198.18.0.7", TCP(4000, 8000, SYN)), UNRESOLVED);
	goes("the range's last port", SENT4("198.18.0.7", TCP(4000, 8999, SYN)), UNRESOLVED);
	goes("behind the range", SENT4("198.18.0.7", TCP(4000, 9000, SYN)), EMPTY);
	goes("one port within the range", SENT4("198.18.0.7", TCP(4000, 8080, SYN)),
	      PLAIN(LEFT4("198.18.0.7"), TCP(4000, 8080, SYN)));
	goes("port 0 is any port", SENT4("198.18.0.7", UDP(4000, 0)), TAGGED(LEFT4("198.18.0.7"), UDP(4000, 0)));
	goes("port 65535 is any port", SENT4("198.18.0.7", UDP(4000, 65535)), TAGGED(LEFT4("198.18.0.7"), UDP(4000, 65535)));
	goes("any in IPv6", SENT6("2001:db8:5:ffff::1", UDP(4000, 7999)), PLAIN(LEFT6("2001:db8:5:ffff::1"), UDP(4000, 7999)));
	goes("the range in IPv6", SENT6("2001:db8:5:ffff::1", UDP(4000, 8000)), EMPTY);
	goes("not beside the prefix", SENT6("2001:db8:4:ffff::1", UDP(4000, 8000)), NOBODY);
}

static void protocols_with_and_without_ports(void **state)
{
	goes("SCTP on one port", FRAME(ETH(), IP4(CLIENT, "198.19.0.1", OF(IPPROTO_SCTP)), SCTP(4000, 9000)),
	      PLAIN(IP4(CLIENT, "198.19.0.1", OF(IPPROTO_SCTP), .ttl = 63), SCTP(4000, 9000)));
	goes("SCTP on another", FRAME(ETH(), IP4(CLIENT, "198.19.0.1", OF(IPPROTO_SCTP)), SCTP(4000, 9001)), NOBODY);
	goes("SCTP over IPv6", FRAME(ETH(), IP6(CLIENT6, "2001:db8:5:1::1", OF(IPPROTO_SCTP)), SCTP(4000, 9000)),
	      TAGGED(IP6(CLIENT6, "2001:db8:5:1::1", OF(IPPROTO_SCTP), .ttl = 63), SCTP(4000, 9000)));
	goes("SCTP is any protocol", FRAME(ETH(), IP4(CLIENT, "198.18.9.9", OF(IPPROTO_SCTP)), SCTP(4000, 9)),
	      PLAIN(IP4(CLIENT, "198.18.9.9", OF(IPPROTO_SCTP), .ttl = 63), SCTP(4000, 9)));
	goes("SCTP cut", FRAME(ETH(), IP4(CLIENT, "198.19.0.1", OF(IPPROTO_SCTP), .longer = -1), SCTP(4000, 9000)), LEAT_L4_TRUNCATED,
	      NULL);
	goes("GRE", FRAME(ETH(), IP4(CLIENT, "198.19.0.77", OF(IPPROTO_GRE)), PAYLOAD(7)),
	      TAGGED(IP4(CLIENT, "198.19.0.77", OF(IPPROTO_GRE), .ttl = 63), PAYLOAD(7)));
	goes("ESP where there is GRE", FRAME(ETH(), IP4(CLIENT, "198.19.0.77", OF(IPPROTO_ESP)), PAYLOAD(7)), NOBODY);
	goes("ESP in IPv6", FRAME(ETH(), IP6(CLIENT6, "2001:db8:6::1", OF(IPPROTO_ESP)), PAYLOAD(7)),
	      PLAIN(IP6(CLIENT6, "2001:db8:6::1", OF(IPPROTO_ESP), .ttl = 63), PAYLOAD(7)));
	goes("no payload at all", FRAME(ETH(), IP6(CLIENT6, "2001:db8:5::1", OF(NO_NEXT))),
	      PLAIN(IP6(CLIENT6, "2001:db8:5::1", OF(NO_NEXT), .ttl = 63)));
	goes("the highest protocol", FRAME(ETH(), IP4(CLIENT, "198.18.9.9", OF(255)), PAYLOAD(7)),
	      PLAIN(IP4(CLIENT, "198.18.9.9", OF(255), .ttl = 63), PAYLOAD(7)));
	goes("GRE to an address of other services", FRAME(ETH(), IP4(CLIENT, VIP, OF(IPPROTO_GRE)), PAYLOAD(7)), NOBODY);
	goes("a mapped address of a service of any protocol",
	      FRAME(ETH(), IP6(CLIENT6, "::ffff:198.18.9.9", OF(IPPROTO_GRE)), PAYLOAD(7)), NOBODY);
}

static void icmp_and_defects_as_for_any_service(void **state)
{
	goes("echo", SENT4("198.18.77.7", ICMP(8, 0, .rest = 5)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP4("198.18.77.7", CLIENT), ICMP(0, 0, .rest = 5)));
	goes("echo, IPv6", SENT6("2001:db8:5::77", ICMP(128, 0, .rest = 5)), LEAT_ECHO_REPLIED,
	      FRAME(BACK(), IP6("2001:db8:5::77", CLIENT6), ICMP(129, 0, .rest = 5)));
	goes("other ICMP, of any protocol's service, too", SENT4("198.18.77.7", ICMP(13, 0), PAYLOAD(12)), LEAT_ICMP_PASSED, NULL);
	goes("an error about a flow",
	      FRAME(ETH(), IP4("203.0.113.9", "198.18.0.7"), ICMP(3, 4), IP4("198.18.0.7", CLIENT), TCP(8080, 4000, ACK)),
	      PLAIN(IP4("203.0.113.9", "198.18.0.7", .ttl = 63), ICMP(3, 4), IP4("198.18.0.7", CLIENT), TCP(8080, 4000, ACK)));
	goes("an error about a flow of SCTP",
	      FRAME(ETH(), IP4("203.0.113.9", "198.19.0.1"), ICMP(3, 4), IP4("198.19.0.1", CLIENT, OF(IPPROTO_SCTP)), SCTP(9000, 4000)),
	      PLAIN(IP4("203.0.113.9", "198.19.0.1", .ttl = 63), ICMP(3, 4), IP4("198.19.0.1", CLIENT, OF(IPPROTO_SCTP)), SCTP(9000, 4000)));
	goes("an error about a flow without ports",
	     FRAME(ETH(), IP4("203.0.113.9", "198.19.0.5"), ICMP(3, 4), IP4("198.19.0.5", CLIENT, OF(IPPROTO_GRE)), PAYLOAD(8)),
	     TAGGED(IP4("203.0.113.9", "198.19.0.5", .ttl = 63), ICMP(3, 4), IP4("198.19.0.5", CLIENT, OF(IPPROTO_GRE)), PAYLOAD(8)));
	goes("an error about an echo reply",
	     FRAME(ETH(), IP4("203.0.113.9", "198.18.77.7"), ICMP(3, 4), IP4("198.18.77.7", CLIENT, OF(IPPROTO_ICMP)), PAYLOAD(8)),
	     LEAT_ICMP_PASSED, NULL);
	goes("from a source no host has", FRAME(ETH(), IP4("127.0.0.1", "198.18.77.7"), UDP(4000, 53)), LEAT_BAD_SOURCE, NULL);
	goes("from a source no host has, without ports",
	      FRAME(ETH(), IP4("127.0.0.1", "198.18.77.7", OF(IPPROTO_GRE)), PAYLOAD(7)), LEAT_BAD_SOURCE, NULL);
	goes("ports cut", FRAME(ETH(), IP4(CLIENT, "198.18.77.7", OF(IPPROTO_UDP)), PAYLOAD(3)), LEAT_L4_TRUNCATED, NULL);
	goes("a hop too many", FRAME(ETH(), IP4(CLIENT, "198.18.77.7", OF(IPPROTO_GRE), .ttl = 1), PAYLOAD(7)), LEAT_TTL_REPLIED,
	      FRAME(BACK(), IP4("198.18.77.7", CLIENT, .df = true, .tos = 0xc0), ICMP(11, 0),
		    IP4(CLIENT, "198.18.77.7", OF(IPPROTO_GRE), .ttl = 1), PAYLOAD(7)));
}

#define PIECE(to, protocol, ...) IP4(CLIENT, to, OF(protocol), .identification = 7, __VA_ARGS__)

/* Where there are no ports, the first fragment still decides. */
static void fragments_follow_the_first_one(void **state)
{
	goes("SCTP, later before first", FRAME(ETH(), PIECE("198.19.0.1", IPPROTO_SCTP, .offset = 4), PAYLOAD(9)), LEAT_FRAGMENT_UNKNOWN,
	     NULL);
	goes("SCTP, first", FRAME(ETH(), PIECE("198.19.0.1", IPPROTO_SCTP, .more = true), SCTP(4000, 9000), PAYLOAD(20)),
	     PLAIN(PIECE("198.19.0.1", IPPROTO_SCTP, .more = true, .ttl = 63), SCTP(4000, 9000), PAYLOAD(20)));
	goes("SCTP, later", FRAME(ETH(), PIECE("198.19.0.1", IPPROTO_SCTP, .offset = 4), PAYLOAD(9)),
	     PLAIN(PIECE("198.19.0.1", IPPROTO_SCTP, .offset = 4, .ttl = 63), PAYLOAD(9)));
	goes("GRE, later before first", FRAME(ETH(), PIECE("198.19.0.77", IPPROTO_GRE, .offset = 1), PAYLOAD(9)), LEAT_FRAGMENT_UNKNOWN, NULL);
	goes("GRE, first", FRAME(ETH(), PIECE("198.19.0.77", IPPROTO_GRE, .more = true), PAYLOAD(8)),
	     TAGGED(PIECE("198.19.0.77", IPPROTO_GRE, .more = true, .ttl = 63), PAYLOAD(8)));
	goes("GRE, later", FRAME(ETH(), PIECE("198.19.0.77", IPPROTO_GRE, .offset = 1), PAYLOAD(9)),
	     TAGGED(PIECE("198.19.0.77", IPPROTO_GRE, .offset = 1, .ttl = 63), PAYLOAD(9)));
	goes("ESP where there is GRE", FRAME(ETH(), PIECE("198.19.0.77", IPPROTO_ESP, .offset = 1), PAYLOAD(9)), NOBODY);
}

/* The word that names the index names the spans, too. */
static void without_spans_nobody_is_there(void **state)
{
	uint64_t was = bed.world.control->index;

	bed.world.control->index = LEAT_INDEX(LEAT_INDEX_HALF(was), LEAT_INDEX_BUCKETS(was));
	goes("TCP", SENT4("198.18.0.7", TCP(4000, 8080, SYN)), NOBODY);
	goes("GRE", FRAME(ETH(), IP4(CLIENT, "198.19.0.77", OF(IPPROTO_GRE)), PAYLOAD(7)), NOBODY);
	goes("echo", SENT4("198.18.77.7", ICMP(8, 0)), NOBODY);
	goes("one address and port still is", SENT4("198.18.0.10", TCP(4000, 8081, SYN)),
	      TAGGED(LEFT4("198.18.0.10"), TCP(4000, 8081, SYN)));
	bed.world.control->index = LEAT_INDEX_WITH_SPANS(!LEAT_INDEX_HALF(was), LEAT_INDEX_BUCKETS(was), LEAT_INDEX_SPANS(was));
	goes("the other half is empty", SENT4("198.18.0.7", TCP(4000, 8080, SYN)), NOBODY);
	bed.world.control->index = was;
}

/* A record that was another's would never be taken for the packet's. */
static void a_record_of_another_shape_is_not_believed(void **state)
{
	struct leat_service_key key = {.protocol = IPPROTO_TCP, .port = htons(8080)};
	struct leat_service *service, was;

	key.addr = bed.world.services[1].key.addr;
	key.addr.word[3] = htonl(0xc6120007);
	service = &bed.world.services[world_find_addressed(&bed.world, &key)];
	was = *service;
	assert_int_equal(was.key.port, htons(8080));
	service->key.port = htons(8082);
	goes("another port", SENT4("198.18.0.7", TCP(4000, 8080, SYN)), NOBODY);
	service->key = was.key;
	service->key.host_bits = 0;
	goes("another prefix", SENT4("198.18.0.7", TCP(4000, 8080, SYN)), NOBODY);
	service->key = was.key;
	service->key.protocol = IPPROTO_UDP;
	goes("another protocol", SENT4("198.18.0.7", TCP(4000, 8080, SYN)), NOBODY);
	*service = was;
	goes("as it was", SENT4("198.18.0.7", TCP(4000, 8080, SYN)), PLAIN(LEFT4("198.18.0.7"), TCP(4000, 8080, SYN)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_wins),
		cmocka_unit_test(own_protocol_and_few_ports_win),
		cmocka_unit_test(protocols_with_and_without_ports),
		cmocka_unit_test(icmp_and_defects_as_for_any_service),
		cmocka_unit_test(fragments_follow_the_first_one),
		cmocka_unit_test(without_spans_nobody_is_there),
		cmocka_unit_test(a_record_of_another_shape_is_not_believed),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
