/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments: what a first one must have, where later ones go, what is forgotten. */
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "base/addr.h"
#include "base/auto.h"
#include "packet/bed.h"

#define OUT() ETH(.from = OUT_MAC, .to = NEXT_MAC)

/* Fragments of a UDP datagram; the first says the length of all of it. */
#define PIECE(identification_, ...) IP4(CLIENT, VIP, .type = IPPROTO_UDP, .identification = identification_, __VA_ARGS__)
#define LONG(port)                  UDP(4000, port, .longer = 4000)
#define HEAD(ttl_)                  IP6(CLIENT6, VIP6, .ttl = ttl_)
#define PIECE6(identification_, offset_, more_) FRAGMENT6(offset_, more_, .identification = identification_)

/* What is not forwarded is dropped. */
#define first4(identification, port, verdict)                                                                \
	sends("a first fragment", FRAME(ETH(), PIECE(identification, .more = true), LONG(port), PAYLOAD(80)), verdict, \
	      (verdict) == LEAT_FORWARDED ?                                                                  \
		      FRAME(OUT(), PIECE(identification, .more = true, .ttl = 63), LONG(port), PAYLOAD(80)) : NULL)
#define later4(text, identification, verdict)                                                                \
	sends(text, FRAME(ETH(), PIECE(identification, .offset = 11), PAYLOAD(80)), verdict,                 \
	      (verdict) == LEAT_FORWARDED ? FRAME(OUT(), PIECE(identification, .offset = 11, .ttl = 63), PAYLOAD(80)) : NULL)

static int forgotten(void **state)
{
	loaded_fragments_forget(&bed);
	return 0;
}

/* --- where they go ---------------------------------------------------------------------------------------- */

static void later_ones_of_ipv4_follow_the_first(void **state)
{
	later4("before its first one", 1, LEAT_FRAGMENT_UNKNOWN);
	first4(1, PORT_L2, LEAT_FORWARDED);
	later4("behind it", 1, LEAT_FORWARDED);
	later4("again", 1, LEAT_FORWARDED);
	later4("of another datagram", 2, LEAT_FRAGMENT_UNKNOWN);
	sends("of another protocol", FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_TCP, .identification = 1, .offset = 11), PAYLOAD(80)),
	      LEAT_FRAGMENT_UNKNOWN, NULL);
	sends("of another sender", FRAME(ETH(), IP4("198.51.100.8", VIP, .type = IPPROTO_UDP, .identification = 1, .offset = 11), PAYLOAD(80)),
	      LEAT_FRAGMENT_UNKNOWN, NULL);
	sends("the last, empty", FRAME(ETH(), PIECE(1, .offset = 500)), LEAT_FORWARDED,
	      FRAME(OUT(), PIECE(1, .offset = 500, .ttl = 63)));
}

static void later_ones_of_ipv6_follow_the_first(void **state)
{
	sends("before its first one", FRAME(ETH(), HEAD(64), PIECE6(9, 10, 1), PAYLOAD(80)), LEAT_NOT_SERVICE, NULL);
	sends("before its first one", FRAME(ETH(), HEAD(64), PIECE6(9, 10, 1), UDP(1, 2)), LEAT_FRAGMENT_UNKNOWN, NULL);
	sends("the first one", FRAME(ETH(), HEAD(64), PIECE6(9, 0, 1), EXTENSION(DESTINATION, 8), LONG(PORT_L2), PAYLOAD(80)),
	      LEAT_FORWARDED,
	      FRAME(OUT(), HEAD(63), PIECE6(9, 0, 1), EXTENSION(DESTINATION, 8), LONG(PORT_L2), PAYLOAD(80)));
	sends("behind it", FRAME(ETH(), HEAD(64), PIECE6(9, 10, 1), UDP(1, 2)), LEAT_FORWARDED,
	      FRAME(OUT(), HEAD(63), PIECE6(9, 10, 1), UDP(1, 2)));
	sends("its payload called an extension header, as the first one's begins with one",
	      FRAME(ETH(), HEAD(64), PIECE6(9, 10, 0), EXTENSION(DESTINATION, 8)), LEAT_FORWARDED,
	      FRAME(OUT(), HEAD(63), PIECE6(9, 10, 0), EXTENSION(DESTINATION, 8)));
	sends("of another datagram", FRAME(ETH(), HEAD(64), PIECE6(10, 10, 1), UDP(1, 2)), LEAT_FRAGMENT_UNKNOWN, NULL);
	sends("a whole packet that says it is no fragment",
	      FRAME(ETH(), HEAD(64), PIECE6(10, 0, 0), UDP(4000, PORT_L2)), LEAT_FORWARDED,
	      FRAME(OUT(), HEAD(63), PIECE6(10, 0, 0), UDP(4000, PORT_L2)));
	sends("which is no first one", FRAME(ETH(), HEAD(64), PIECE6(10, 10, 1), UDP(1, 2)), LEAT_FRAGMENT_UNKNOWN, NULL);
}

static void segments_come_in_fragments(void **state)
{
#define SEGMENT(...) IP4(CLIENT, VIP, .type = IPPROTO_TCP, .identification = 5, __VA_ARGS__)
	sends("the first one", FRAME(ETH(), SEGMENT(.more = true), TCP(4000, PORT_L2, ACK), PAYLOAD(60)), LEAT_FORWARDED,
	      FRAME(OUT(), SEGMENT(.more = true, .ttl = 63), TCP(4000, PORT_L2, ACK), PAYLOAD(60)));
	sends("a later one", FRAME(ETH(), SEGMENT(.offset = 10), PAYLOAD(60)), LEAT_FORWARDED,
	      FRAME(OUT(), SEGMENT(.offset = 10, .ttl = 63), PAYLOAD(60)));
	sends("flags no stack sends", FRAME(ETH(), SEGMENT(.more = true), TCP(4000, PORT_L2, SYN | FIN), PAYLOAD(60)),
	      LEAT_TCP_BAD_FLAGS, NULL);
}

static void a_first_one_must_have_its_headers(void **state)
{
	sends("tiny (RFC 1858)", FRAME(ETH(), SEGMENT(.more = true), RAW("\x0f\xa0\0R\0\0\0\0", 8)), LEAT_L4_TRUNCATED, NULL);
	sends("tiny, of UDP", FRAME(ETH(), PIECE(5, .more = true), RAW("\x0f\xa0\0R", 4)), LEAT_L4_TRUNCATED, NULL);
	sends("tiny, of UDP, and Ethernet's padding", FRAME(ETH(), PIECE(5, .more = true), RAW("\x0f\xa0\0R", 4), PAD(22)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("TCP's options in the next one",
	      FRAME(ETH(), SEGMENT(.more = true), TCP(4000, PORT_L2, ACK, .words = 15), PAYLOAD(4)), LEAT_L4_TRUNCATED, NULL);
	sends("UDP's length below its header's", FRAME(ETH(), PIECE(5, .more = true), UDP(4000, PORT_L2, .longer = -81), PAYLOAD(80)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("cut off", FRAME(ETH(), HEAD(64), PIECE6(5, 0, 1), TCP(4000, PORT_L2, SYN), CUT(12)), LEAT_BAD_LENGTH, NULL);
	sends("headers too many (RFC 7112)",
	      FRAME(ETH(), HEAD(64), PIECE6(5, 0, 1), EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8),
		    EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8), EXTENSION(DESTINATION, 8),
		    EXTENSION(DESTINATION, 8), UDP(4000, PORT_L2)),
	      LEAT_HEADERS_TOO_MANY, NULL);
	sends("a header that goes on in the next one",
	      FRAME(ETH(), IP6(CLIENT6, VIP6, .type = 44), RAW("\x3c\0\0\1\0\0\0\1\x11\xff\0\0", 12), PAYLOAD(100)),
	      LEAT_L4_TRUNCATED, NULL);
	sends("and none of them is remembered", FRAME(ETH(), SEGMENT(.offset = 10), PAYLOAD(60)), LEAT_FRAGMENT_UNKNOWN, NULL);
}

static void of_icmp_none_is_forwarded(void **state)
{
	sends("an echo request", FRAME(ETH(), IP4(CLIENT, VIP, .more = true), ICMP(8, 0), PAYLOAD(80)), LEAT_FRAGMENT, NULL);
	sends("the rest of it", FRAME(ETH(), IP4(CLIENT, VIP, .offset = 11, .type = IPPROTO_ICMP), PAYLOAD(80)), LEAT_FRAGMENT, NULL);
	sends("over IPv6", FRAME(ETH(), HEAD(64), PIECE6(5, 0, 1), ICMP(128, 0), PAYLOAD(80)), LEAT_FRAGMENT, NULL);
}

/* --- who counts, and who is told ---------------------------------------------------------------------------- */

static unsigned int service_number(uint16_t port)
{
	struct leat_service_key key = {.port = htons(port), .protocol = IPPROTO_UDP};

	assert_int_equal(addr_parse(VIP, &key.addr), 0);
	return world_find_service(&bed.world, &key);
}

static uint64_t service_packets(unsigned int number)
{
	return loaded_count(&bed, bed.services, LEAT_SERVICES_MAX, number).packets;
}

static void later_ones_count_for_the_service(void **state)
{
	unsigned int number = service_number(PORT_L2);
	uint64_t before = service_packets(number);

	first4(1, PORT_L2, LEAT_FORWARDED);
	later4("behind it", 1, LEAT_FORWARDED);
	assert_int_equal(service_packets(number) - before, 2);
}

/* RFC 1812 4.3.2.7. */
static void later_ones_are_told_nothing(void **state)
{
	bed_limit(1);
	first4(1, PORT_L2, LEAT_FORWARDED);
	sends("out of hops", FRAME(ETH(), PIECE(1, .offset = 11, .ttl = 1), PAYLOAD(80)), LEAT_TTL_EXPIRED, NULL);
	sends("too big", FRAME(ETH(), PIECE(1, .offset = 11, .df = true), PAYLOAD(1481)), LEAT_TOO_BIG_DROPPED, NULL);
	sends("but the first one is, of IPv6",
	      FRAME(ETH(), HEAD(64), PIECE6(1, 0, 1), LONG(PORT_IPIP), PAYLOAD(1432)), LEAT_TOO_BIG_REPLIED, NULL);
	sends("and a later one is not", FRAME(ETH(), HEAD(64), PIECE6(1, 10, 1), UDP(1, 2), PAYLOAD(1432)), LEAT_TOO_BIG_DROPPED, NULL);
}

/* The sender's address of the outer header, of a fragment behind PORT_SPREAD. */
static uint32_t outer_source(struct frame *frame)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	uint32_t source;

	bed_run(frame, ran);
	assert_int_equal(ran->verdict, LEAT_FORWARDED);
	memcpy(&source, ran->frame.bytes + 14 + 12, 4);
	free(frame);
	return source;
}

/* Whatever ports and identification are: they stay in order, and reach one queue of the backend's NIC. */
static void all_of_two_hosts_have_one_outer_source(void **state)
{
	uint32_t source = outer_source(FRAME(ETH(), PIECE(1, .more = true), LONG(PORT_SPREAD), PAYLOAD(80)));

	assert_int_equal(outer_source(FRAME(ETH(), PIECE(1, .offset = 11), PAYLOAD(80))), source);
	assert_int_equal(outer_source(FRAME(ETH(), PIECE(2, .more = true), UDP(4001, PORT_SPREAD, .longer = 9), PAYLOAD(80))), source);
}

/* --- what is forgotten -------------------------------------------------------------------------------------- */

/* Makes all that is remembered older. Returns how much there is. */
static unsigned int grow_older(uint32_t age)
{
	unsigned int i, j, count = 0;

	for (i = 0; i < LEAT_FRAGMENT_SETS_MAX; i++)
		for (j = 0; j < LEAT_FRAGMENT_WAYS; j++) {
			__u64 *word = &bed.fragments[i].word[j];

			count += *word != 0;
			if (*word)
				*word = (*word & ~(__u64)(LEAT_FRAGMENT_AGES - 1)) | ((*word - age) & (LEAT_FRAGMENT_AGES - 1));
		}
	return count;
}

static void after_thirty_seconds_it_is_over(void **state)
{
	first4(1, PORT_L2, LEAT_FORWARDED);
	assert_int_equal(grow_older(LEAT_FRAGMENT_TIMEOUT - LEAT_FRAGMENT_CLOCK(5000000000ull)), 1);
	later4("behind it, late", 1, LEAT_FORWARDED);
	grow_older(LEAT_FRAGMENT_CLOCK(5500000000ull));
	later4("too late", 1, LEAT_FRAGMENT_UNKNOWN);
	first4(1, PORT_L2, LEAT_FORWARDED);
	later4("behind another first one", 1, LEAT_FORWARDED);
	assert_int_equal(grow_older(0), 1); /* in the place of the old one */
}

/* In one set: the least that can be configured. */
static void the_oldest_goes(void **state)
{
	unsigned int i;

	bed.world.control->fragment_sets = 1;
	for (i = 1; i <= LEAT_FRAGMENT_WAYS; i++) {
		first4(i, PORT_L2, LEAT_FORWARDED);
		grow_older(1);
	}
	for (i = 1; i <= LEAT_FRAGMENT_WAYS; i++)
		later4("all are there", i, LEAT_FORWARDED);
	first4(1, PORT_L2, LEAT_FORWARDED); /* again: it is the youngest now, and nobody had to go */
	grow_older(1);
	first4(9, PORT_L2, LEAT_FORWARDED);
	later4("the oldest has gone", 2, LEAT_FRAGMENT_UNKNOWN);
	later4("the one that came again has not", 1, LEAT_FORWARDED);
	later4("the second oldest has not", 3, LEAT_FORWARDED);
	later4("the new one is there", 9, LEAT_FORWARDED);
	assert_int_equal(grow_older(0), LEAT_FRAGMENT_WAYS);
	bed.world.control->fragment_sets = 1024;
}

/* A conversation whose fragments come one behind the other, in a flood of 100 other datagrams to each of its own. */
static void a_flood_drives_out_the_oldest_only(void **state)
{
	auto_free struct frame *flood = FRAME(ETH(), PIECE(1, .more = true), LONG(PORT_L2), PAYLOAD(80));
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	unsigned int i, j;

	for (i = 0; i < 200; i++) {
		for (j = 0; j < 100; j++) {
			flood->bytes[26 + 3] = i; /* source */
			flood->bytes[26 + 2] = i >> 8;
			flood->bytes[18] = j; /* identification */
			assert_int_equal(loaded_run(&bed, flood, &ran->frame, &ran->action), 0);
			assert_int_equal(ran->action, XDP_TX);
		}
		first4(i, PORT_L2, LEAT_FORWARDED);
		later4("in a flood", i, LEAT_FORWARDED);
	}
	assert_true(grow_older(0) <= 1024 * LEAT_FRAGMENT_WAYS);
}

static void who_does_not_live_gets_nothing(void **state)
{
	unsigned int backend;

	first4(1, PORT_L2, LEAT_FORWARDED);
	for (backend = 1; backend < LEAT_BACKENDS_MAX; backend++)
		bed.world.backends[backend].lives ^= 1;
	later4("its backend is dead", 1, LEAT_FRAGMENT_UNKNOWN);
	for (backend = 1; backend < LEAT_BACKENDS_MAX; backend++)
		bed.world.backends[backend].lives ^= 1;
	later4("and lives again", 1, LEAT_FORWARDED);
	first4(1, PORT_UNRESOLVED, LEAT_BACKEND_UNRESOLVED);
	later4("of a datagram that has not come through", 1, LEAT_BACKEND_UNRESOLVED);
}

static void it_can_be_switched_off(void **state)
{
	first4(1, PORT_L2, LEAT_FORWARDED);
	bed.world.control->fragment_sets = 0;
	first4(1, PORT_L2, LEAT_FRAGMENT);
	later4("behind it", 1, LEAT_FRAGMENT);
	sends("whole ones are not", FRAME(ETH(), PIECE(1), UDP(4000, PORT_L2)), LEAT_FORWARDED,
	      FRAME(OUT(), PIECE(1, .ttl = 63), UDP(4000, PORT_L2)));
	bed.world.control->fragment_sets = 1024;
	later4("behind it", 1, LEAT_FORWARDED);
}

#define TEST(function) cmocka_unit_test_setup(function, forgotten)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(later_ones_of_ipv4_follow_the_first),
		TEST(later_ones_of_ipv6_follow_the_first),
		TEST(segments_come_in_fragments),
		TEST(a_first_one_must_have_its_headers),
		TEST(of_icmp_none_is_forwarded),
		TEST(later_ones_count_for_the_service),
		TEST(later_ones_are_told_nothing),
		TEST(all_of_two_hosts_have_one_outer_source),
		TEST(after_thirty_seconds_it_is_over),
		TEST(the_oldest_goes),
		TEST(a_flood_drives_out_the_oldest_only),
		TEST(who_does_not_live_gets_nothing),
		TEST(it_can_be_switched_off),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
