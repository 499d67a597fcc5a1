/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of access lists: token buckets of sources and of services. Time goes by too slowly for hours to matter. */
#include <linux/bpf.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/access.h"
#include "packet/bed.h"

#define HOUR 3600000000000ull
#define OUT() ETH(.from = OUT_MAC, .to = NEXT_MAC)

/* One packet of that source to PORT_GUARDED. */
static void one(const char *from, uint8_t flags, enum leat_verdict verdict)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free struct frame *frame = NULL;

	if (strchr(from, ':'))
		frame = FRAME(ETH(), IP6(from, VIP6), TCP(4000, PORT_GUARDED, flags));
	else
		frame = FRAME(ETH(), IP4(from, VIP), TCP(4000, PORT_GUARDED, flags));
	bed_run(frame, ran);
	if (ran->verdict != verdict)
		fail_msg("%s: %s, not %s", from, verdict_name(ran->verdict), verdict_name(verdict));
}

static void several(const char *from, uint8_t flags, unsigned int count, enum leat_verdict then)
{
	while (count--)
		one(from, flags, LEAT_FORWARDED);
	one(from, flags, then);
	one(from, flags, then);
}

static void packets_of_a_source(void **state)
{
	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SOURCE_PACKETS] = HOUR}, 3 * HOUR, 32, 64);
	several("203.0.113.1", ACK, 3, LEAT_LIMIT_SOURCE_PACKETS);
	several("203.0.113.2", SYN, 3, LEAT_LIMIT_SOURCE_PACKETS);
	several("2001:db8:1::1", ACK, 3, LEAT_LIMIT_SOURCE_PACKETS);
	one("2001:db8:1:0:ffff::", ACK, LEAT_LIMIT_SOURCE_PACKETS);
	several("2001:db8:1:1::", ACK, 3, LEAT_LIMIT_SOURCE_PACKETS);
	sends("its packets of UDP are another service's", FRAME(ETH(), IP4("203.0.113.1", VIP), UDP(4000, PORT_GUARDED)),
	      LEAT_FORWARDED, FRAME(OUT(), IP4("203.0.113.1", VIP, .ttl = 63), UDP(4000, PORT_GUARDED)));
	one(CLIENT, ACK, LEAT_ACCESS_DENIED);
}

static void sources_of_one_prefix(void **state)
{
	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SOURCE_PACKETS] = HOUR}, 2 * HOUR, 24, 48);
	one("203.0.113.1", ACK, LEAT_FORWARDED);
	one("203.0.113.255", ACK, LEAT_FORWARDED);
	one("203.0.113.0", ACK, LEAT_LIMIT_SOURCE_PACKETS);
	one("203.0.112.255", ACK, LEAT_FORWARDED);
	several("2001:db8:1:2::3", ACK, 2, LEAT_LIMIT_SOURCE_PACKETS);
	one("2001:db8:1:ffff::", ACK, LEAT_LIMIT_SOURCE_PACKETS);
	one("2001:db8:2::", ACK, LEAT_FORWARDED);
}

static void new_flows_of_a_source(void **state)
{
	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SOURCE_FLOWS] = HOUR}, 2 * HOUR, 32, 64);
	several("203.0.113.1", SYN, 2, LEAT_LIMIT_SOURCE_FLOWS);
	one("203.0.113.1", ACK, LEAT_FORWARDED);
	one("203.0.113.1", SYN | ACK, LEAT_FORWARDED);
	several("203.0.113.2", SYN, 2, LEAT_LIMIT_SOURCE_FLOWS);
}

static void a_source_s_surplus_is_not_the_service_s(void **state)
{
	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SOURCE_PACKETS] = HOUR, [LEAT_RATE_SERVICE_PACKETS] = HOUR / 2}, 2 * HOUR,
		  32, 64);
	several("203.0.113.1", ACK, 2, LEAT_LIMIT_SOURCE_PACKETS);
	several("203.0.113.1", ACK, 0, LEAT_LIMIT_SOURCE_PACKETS);
	several("203.0.113.2", ACK, 2, LEAT_LIMIT_SOURCE_PACKETS);
	one("203.0.113.3", ACK, LEAT_LIMIT_SERVICE_PACKETS);
	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SERVICE_FLOWS] = HOUR}, 2 * HOUR, 32, 64);
	one("203.0.113.1", SYN, LEAT_FORWARDED);
	one("203.0.113.2", SYN, LEAT_FORWARDED);
	one("203.0.113.3", SYN, LEAT_LIMIT_SERVICE_FLOWS);
	one("203.0.113.3", ACK, LEAT_FORWARDED);
}

static void tokens_come_back(void **state)
{
	const struct timespec moment = {.tv_nsec = 120000000};

	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SOURCE_PACKETS] = 100000000}, 200000000, 32, 64);
	several("203.0.113.1", ACK, 2, LEAT_LIMIT_SOURCE_PACKETS);
	nanosleep(&moment, NULL);
	one("203.0.113.1", ACK, LEAT_FORWARDED);
}

/* Sources without number: each is forgotten for another, and none is refused what it did not use. */
static void a_flood_of_sources_refuses_nobody(void **state)
{
	struct leat_addr addr;
	char text[ADDR_TEXT_MAX];
	unsigned int i;

	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SOURCE_PACKETS] = HOUR}, 2 * HOUR, 32, 64);
	memset(bed.world.source_tokens, 0x7f, LEAT_SOURCE_SETS * sizeof(*bed.world.source_tokens)); /* all are taken */
	addr_parse("20.0.0.0", &addr);
	for (i = 0; i < 3000; i++) {
		addr.word[3] = htonl(ntohl(addr.word[3]) + 77);
		one(addr_format(&addr, text), ACK, LEAT_FORWARDED);
	}
}

static void *run_often(void *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = ((struct frame *)frame)->bytes,
		    .data_size_in = ((struct frame *)frame)->length, .repeat = 20000);

	bpf_prog_test_run_opts(bpf_program__fd(bed.skeleton->progs.leat), &opts);
	return NULL;
}

/* All CPUs share a bucket: as many pass as there are tokens, not one more. */
static void cpus_share_a_bucket(void **state)
{
	enum { TOKENS = 40, THREADS = 4 }; /* fewer than a frame has hops, which goes in again and again */
	auto_free struct frame *frame = FRAME(ETH(), IP4("203.0.113.1", VIP), TCP(4000, PORT_GUARDED, ACK));
	struct leat_counter before, after;
	pthread_t threads[THREADS];
	unsigned int i;

	bed_rates((uint64_t[LEAT_RATES]){[LEAT_RATE_SOURCE_PACKETS] = HOUR / TOKENS}, HOUR + HOUR / TOKENS / 2, 32, 64);
	before = loaded_count(&bed, bed.verdicts, LEAT_VERDICTS_MAX, LEAT_LIMIT_SOURCE_PACKETS);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_often, frame), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	after = loaded_count(&bed, bed.verdicts, LEAT_VERDICTS_MAX, LEAT_LIMIT_SOURCE_PACKETS);
	assert_int_equal(after.packets - before.packets, THREADS * 20000 - TOKENS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_of_a_source),
		cmocka_unit_test(sources_of_one_prefix),
		cmocka_unit_test(new_flows_of_a_source),
		cmocka_unit_test(a_source_s_surplus_is_not_the_service_s),
		cmocka_unit_test(tokens_come_back),
		cmocka_unit_test(a_flood_of_sources_refuses_nobody),
		cmocka_unit_test(cpus_share_a_bucket),
	};

	return cmocka_run_group_tests(tests, bed_up, bed_down);
}
