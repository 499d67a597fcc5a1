/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test bed's running and counting: see bed.h. What is configured is in bed_world.c. */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"
#include "packet/bed_world.h"

struct loaded bed;

static int up(bool frags, uint32_t bond)
{
	struct err err;

	if (loaded_up(frags, bond, &bed, &err))
		fail_msg("%s", err.text);
	bed_guard("", CLIENT " " CLIENT6);
	return 0;
}

int bed_up(void **state)
{
	return up(false, 0);
}

int bed_up_frags(void **state)
{
	return up(true, 0);
}

int bed_up_bond(void **state)
{
	return up(false, BED_ASTRAY);
}

int bed_down(void **state)
{
	loaded_down(&bed);
	return 0;
}

void bed_guard(const char *allow, const char *deny)
{
	bed_list_set(allow, deny);
	bed_fill(&bed.world, bed.other_interface);
}

void bed_rates(const uint64_t interval_ns[LEAT_RATES], uint64_t burst_ns, unsigned int prefix4, unsigned int prefix6)
{
	bed_rates_set(interval_ns, burst_ns, prefix4, prefix6);
	bed_fill(&bed.world, bed.other_interface);
	memset(bed.world.service_tokens, 0, LEAT_SERVICES_MAX * sizeof(*bed.world.service_tokens));
	memset(bed.world.source_tokens, 0, LEAT_SOURCE_SETS * sizeof(*bed.world.source_tokens));
}

void bed_limit(uint64_t interval_ns)
{
	bed.world.control->icmp_interval_ns = interval_ns;
	assert_int_equal(loaded_limiters_fill(&bed), 0);
}

/* --- running -------------------------------------------------------------------------------------------- */

static struct leat_counter sum(const struct leat_counter *counters, unsigned int stride, unsigned int from,
			       unsigned int to)
{
	struct leat_counter total = {}, one;
	unsigned int i;

	for (i = from; i < to; i++) {
		one = loaded_count(&bed, counters, stride, i);
		total.packets += one.packets;
		total.bytes += one.bytes;
	}
	return total;
}

struct sums {
	struct leat_counter verdicts[LEAT_VERDICTS_MAX], services, backends;
};

/* The bed has so many numbered things at most. */
static void sums_take(struct sums *ret)
{
	unsigned int i;

	for (i = 0; i < LEAT_VERDICTS_MAX; i++)
		ret->verdicts[i] = sum(bed.verdicts, LEAT_VERDICTS_MAX, i, i + 1);
	ret->services = sum(bed.services, LEAT_SERVICES_MAX, 0, BED_NUMBERS_MAX);
	ret->backends = sum(bed.backends, LEAT_BACKENDS_MAX, 0, BED_NUMBERS_MAX);
}

static struct leat_counter rise(struct leat_counter before, struct leat_counter after)
{
	return (struct leat_counter){after.packets - before.packets, after.bytes - before.bytes};
}

static void sums_compare(const struct sums *before, const struct sums *after, struct ran *ret)
{
	struct leat_counter all = {}, one;
	unsigned int i;

	ret->verdict = LEAT_VERDICT_COUNT;
	for (i = 0; i < LEAT_VERDICTS_MAX; i++) {
		one = rise(before->verdicts[i], after->verdicts[i]);
		all.packets += one.packets;
		if (one.packets == 1) {
			ret->verdict = i;
			ret->bytes = one.bytes;
		}
	}
	if (all.packets != 1)
		ret->verdict = LEAT_VERDICT_COUNT;
	ret->service = rise(before->services, after->services);
	ret->backend = rise(before->backends, after->backends);
}

bool bed_headroom_is_possible(void)
{
	auto_free struct frame *frame = FRAME(ETH(.type = 0x0806), PAYLOAD(46));
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));

	return !loaded_run(&bed, frame, &ran->frame, &ran->action);
}

uint64_t bed_packets(void)
{
	return sum(bed.verdicts, LEAT_VERDICTS_MAX, 0, LEAT_VERDICTS_MAX).packets;
}

void bed_run(const struct frame *in, struct ran *ret)
{
	struct sums before, after;
	int e;

	sums_take(&before);
	e = loaded_run(&bed, in, &ret->frame, &ret->action);
	if (e == -EINVAL && bed.headroom_set > LOADED_HEADROOM_SET_OLD) {
		bed.headroom_set = LOADED_HEADROOM_SET_OLD;
		e = loaded_run(&bed, in, &ret->frame, &ret->action);
	}
	if (e)
		fail_msg("the test run is refused: %s", strerror(-e));
	sums_take(&after);
	sums_compare(&before, &after, ret);
}
