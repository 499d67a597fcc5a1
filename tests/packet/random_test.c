/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that nobody would draw: drawn ones with bytes changed, cut off and put in at random. Whatever comes
 * leaves by exactly one verdict; what the kernel gets is untouched; what a tunnel carries is well-formed
 * outside.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"

#define FRAMES 100000
#define SEED   1

static uint64_t random_state;

static unsigned int draw_number(unsigned int below)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (random_state >> 33) % below;
}

#define TEMPLATES_MAX 16

static unsigned int templates(struct frame **ret)
{
	struct frame *all[] = {
		FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, SYN)),
		FRAME(ETH(), IP4(CLIENT, VIP, .size = 12), UDP(4000, PORT_IPIP6), PAYLOAD(30)),
		FRAME(ETH(), VLAN(5), IP4(CLIENT, VIP), TCP(4000, PORT_L2_TAG, ACK), PAYLOAD(30)),
		FRAME(ETH(), QINQ(5), VLAN(6), IP6(CLIENT6, VIP6), UDP(4000, PORT_IPIP6_TAGS), PAYLOAD(30)),
		FRAME(ETH(), IP6(CLIENT6, VIP6), EXTENSION(HOP_BY_HOP, 8), FRAGMENT6(0, 0),
		      EXTENSION(AUTHENTICATION, 12), TCP(4000, PORT_IPIP, ACK), PAYLOAD(30)),
		FRAME(ETH(), IP6(CLIENT6, VIP6), TCP(4000, PORT_L2, ACK), PAYLOAD(1500)),
		FRAME(ETH(), IP4(CLIENT, VIP, .df = true), TCP(4000, PORT_IPIP6, ACK), PAYLOAD(1450)),
		FRAME(ETH(), IP4(CLIENT, VIP, .ttl = 1), UDP(4000, PORT_IPIP)),
		FRAME(ETH(), IP6(CLIENT6, VIP6, .ttl = 1), EXTENSION(DESTINATION, 8), UDP(4000, PORT_IPIP)),
		FRAME(ETH(), IP4(CLIENT, VIP, .size = 4), ICMP(8, 0), PAYLOAD(30)),
		FRAME(ETH(), VLAN(1), IP6(CLIENT6, VIP6), EXTENSION(ROUTING, 24), ICMP(128, 0), PAYLOAD(30)),
	};

	assert_true(ARRAY_SIZE(all) <= TEMPLATES_MAX);
	memcpy(ret, all, sizeof(all));
	return ARRAY_SIZE(all);
}

/* Most changes are in the headers, and most values are those at which something changes. */
static void mutate(struct frame *frame)
{
	static const uint8_t values[] = {0,  1,  4,    6,    17,   41,   43,   44,  51,
					 58, 60, 0x45, 0x60, 0x7f, 0x80, 0x81, 0xff};
	unsigned int changes = draw_number(4), at;

	while (changes--) {
		at = draw_number(draw_number(8) ? 80 : frame->length);
		if (at < frame->length)
			frame->bytes[at] =
				draw_number(2) ? values[draw_number(sizeof(values))] : draw_number(256);
	}
	if (!draw_number(4))
		frame->length = 14 + draw_number(frame->length - 13);
	if (!draw_number(8))
		frame->length += draw_number(30);
}

/* A tunnel's outer IP header says how long the packet is, and IPv4's checksum is right. l2 leaves what came.
 */
static bool is_outer_right(const struct ran *ran)
{
	const uint8_t *type = ran->frame.bytes + 12, *ip;
	unsigned int length;

	while (type[0] == 0x81 || type[0] == 0x88)
		type += 4;
	ip = type + 2;
	if (type[0] == 0x86) {
		length = 40 + (ip[4] << 8 | ip[5]);
		return ip[0] >> 4 == 6 && ip + length <= ran->frame.bytes + ran->frame.length;
	}
	length = ip[2] << 8 | ip[3];
	if (ip[0] >> 4 != 4 || ip + length > ran->frame.bytes + ran->frame.length)
		return false;
	return ip[9] != 4 || draw_sum(0, ip, 20) == 0xffff;
}

static const char *judge(const struct frame *in, const struct ran *ran)
{
	if (ran->verdict == LEAT_VERDICT_COUNT)
		return "leaves by no verdict, or by several";
	if (ran->backend.packets != (ran->verdict == LEAT_FORWARDED))
		return "is counted wrongly for the backend";
	if (bed_action(ran->verdict) == 'P' &&
	    (in->length != ran->frame.length || memcmp(in->bytes, ran->frame.bytes, in->length)))
		return "is changed, but passed";
	if (ran->verdict == LEAT_FORWARDED && !is_outer_right(ran))
		return "gets a bad outer header";
	return NULL;
}

static void every_frame_leaves_by_one_verdict(void **state)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free struct frame *frame = memory_zeroed(1, sizeof(*frame));
	struct frame *drawn[TEMPLATES_MAX];
	unsigned int seen[LEAT_VERDICT_COUNT + 1] = {}, count = templates(drawn), i;
	const char *wrong;

	random_state = SEED;
	for (i = 0; i < FRAMES; i++) {
		*frame = *drawn[draw_number(count)];
		mutate(frame);
		bed_run(frame, ran);
		seen[ran->verdict]++;
		wrong = judge(frame, ran);
		if (wrong)
			fail_msg("frame %u of seed %u %s (%s)", i, SEED, wrong,
				 bed_verdict_name(ran->verdict));
	}
	for (i = 0; i < LEAT_VERDICT_COUNT; i++)
		printf("%s %u%s", bed_verdict_name(i), seen[i], i + 1 < LEAT_VERDICT_COUNT ? ", " : "\n");
	for (i = 0; i < count; i++)
		free(drawn[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_leaves_by_one_verdict),
	};

	/* Once as it is loaded by default, once as xdp.frags. */
	return cmocka_run_group_tests(tests, bed_up, bed_down) +
	       cmocka_run_group_tests(tests, bed_up_frags, bed_down);
}
