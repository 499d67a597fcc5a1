/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program against the reference model: the bed's configuration given to both, and both asked about the
 * same frames. First drawn ones that reach every branch of the model, then those with bytes changed at
 * random.
 */
#include <arpa/inet.h>
#include <linux/bpf.h>
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
#include "base/shape.h"
#include "packet/bed.h"
#include "packet/bed_world.h"
#include "packet/reference_frames.h"
#include "reference/reference.h"

#define RANDOM_FRAMES 60000
#define SEED          1

/* --- the bed's configuration -------------------------------------------------------------------- */

static struct reference_member members[BED_POOLS][BED_MEMBERS_MAX];
static struct reference_pool pools[BED_POOLS];
static struct reference_service services[BED_SERVICES];
static struct reference_access lists[6];
static struct reference_config config = {
	.access = lists,
	.access_count = ARRAY_SIZE(lists),
	.seed = BED_SEED,
	.ingress = LOADED_INGRESS,
	.pools = pools,
	.pool_count = BED_POOLS,
	.services = services,
	.service_count = BED_SERVICES,
	.forwards_fragments = true,
};
static struct reference *reference;

static struct leat_addr address(const char *text)
{
	struct leat_addr addr;

	assert_int_equal(addr_parse(text, &addr), 0);
	return addr;
}

static void fill_way(const struct bed_line *line, struct reference_member *m)
{
	struct reference_way *way = &m->way;
	struct in_addr mask = {};

	way->is_known = line->interface;
	way->is_allowed = line->interface == LOADED_INGRESS || line->interface == -1;
	way->ifindex = line->interface == -1 ? bed.other_interface : line->interface;
	memcpy(way->to, (uint8_t[]){2, 0, 0, 0, 0, 0xaa}, 6);
	memcpy(way->from, (uint8_t[]){2, 0, 0, 0, 0, 0xbb}, 6);
	for (; way->tag_count < 2 && line->tags[way->tag_count]; way->tag_count++) {
		way->tags[way->tag_count].type = way->tag_count || !line->tags[1] ? 0x8100 : 0x88a8;
		way->tags[way->tag_count].tci = line->tags[way->tag_count];
	}
	way->mtu = line->mtu;
	way->source = address(line->source ?: addr_is_ipv4(&m->addr) ? OUTER : OUTER6);
	if (line->source_mask)
		assert_int_equal(inet_pton(AF_INET, line->source_mask, &mask), 1);
	way->source_mask = ntohl(mask.s_addr);
}

static const enum reference_mode modes[] = {
	[LEAT_MODE_L2] = REFERENCE_L2,   [LEAT_MODE_IPIP] = REFERENCE_IPIP, [LEAT_MODE_GRE] = REFERENCE_GRE,
	[LEAT_MODE_GUE] = REFERENCE_GUE, [LEAT_MODE_GUE1] = REFERENCE_GUE1, [LEAT_MODE_FOU] = REFERENCE_FOU,
};

static void fill_pool(unsigned int number)
{
	const struct bed_line *line = &bed_lines[number];
	unsigned int i;

	pools[number] = (struct reference_pool){.mode = modes[line->mode],
						.table_size = LEAT_TABLE_SIZE_MIN,
						.members = members[number],
						.member_count = line->members,
						.tunnel_port = TUNNEL_PORT};
	for (i = 0; i < line->members; i++) {
		struct reference_member *m = &members[number][i];

		*m = (struct reference_member){.addr = address(line->backend), .weight = 1, .is_in_table = true, .lives = true};
		m->addr.byte[15] += i;
		fill_way(line, m);
	}
	for (i = 0; i < 4; i++) {
		struct reference_service *service = &services[number * 4 + i];
		struct leat_service_key key;

		*service = (struct reference_service){.addr = address(i < 2 ? VIP : VIP6),
						      .protocol = i % 2 ? IPPROTO_UDP : IPPROTO_TCP,
						      .port = PORT_IPIP + number,
						      .pool = number,
						      .access = line->access};
		key = (struct leat_service_key){service->addr, htons(service->port), service->protocol};
		service->number = world_find_service(&bed.world, &key);
	}
}

static void fill_shape(const struct bed_shape *shape, struct reference_service *ret)
{
	struct leat_service_key key;

	assert_int_equal(shape_name_parse(shape->name, &key), 0);
	*ret = (struct reference_service){.addr = key.addr,
					  .host_bits = key.host_bits,
					  .protocol = key.protocol,
					  .port = ntohs(key.port),
					  .last_port = ntohs(key.last_port),
					  .pool = shape->port - PORT_IPIP,
					  .number = world_find_service(&bed.world, &key)};
}

static void fill_lists(void)
{
	lists[2] = (struct reference_access){.name = 2, .source_packet = 1, .source4 = 32, .source6 = 128};
	lists[3] = (struct reference_access){.name = 3, .source_flow = 1, .source4 = 32, .source6 = 128};
	lists[4] = (struct reference_access){.name = 4, .packet = 1};
	lists[5] = (struct reference_access){.name = 5, .flow = 1};
	lists[0] = (struct reference_access){0, 2, {{address(CLIENT), 32, true}, {address(CLIENT6), 128, true}}};
	lists[1] = (struct reference_access){1,
					     4,
					     {{address("198.51.100.0"), 24},
					      {address("2001:db8:c::"), 48},
					      {address("198.51.100.128"), 25, true},
					      {address("2001:db8:c:8000::"), 49, true}}};
}

/* Long before the program would: it does after 30 s. */
static void forget_fragments(void)
{
	loaded_fragments_forget(&bed);
	reference_forget(reference);
}

static void ask_anew(void)
{
	unsigned int i;

	fill_lists();
	memset(members, 0, sizeof(members));
	for (i = 0; i < BED_POOLS; i++)
		fill_pool(i);
	for (i = 0; i < BED_SHAPES; i++)
		fill_shape(&bed_shapes[i], &services[BED_POOLS * 4 + i]);
	config.first_buffer = bed.skeleton->rodata->frags ? LOADED_LINEAR_MAX : 0;
	reference_free(reference);
	reference = reference_new(&config);
	forget_fragments();
}

/* --- comparing ---------------------------------------------------------------------------------- */

static int action_of(const struct reference_answer *answer)
{
	switch (answer->action) {
	case REFERENCE_PASS:
		return XDP_PASS;
	case REFERENCE_DROP:
		return XDP_DROP;
	case REFERENCE_TX:
		return XDP_TX;
	default:
		return XDP_REDIRECT;
	}
}

/* What the two disagree on; NULL: nothing. */
static const char *difference(const struct ran *ran, const struct reference_answer *answer)
{
	if (ran->verdict != answer->verdict)
		return "verdict";
	if (ran->action != action_of(answer))
		return "action";
	if (ran->bytes != answer->bytes)
		return "bytes counted";
	if (ran->service.packets != answer->counts_for_service ||
	    ran->service.bytes != (answer->counts_for_service ? answer->bytes : 0))
		return "service's counter";
	if (ran->backend.packets != (answer->member != REFERENCE_NONE) ||
	    ran->backend.bytes != (answer->member != REFERENCE_NONE ? answer->bytes : 0))
		return "backend's counter";
	if (answer->action == REFERENCE_DROP)
		return NULL;
	if (ran->frame.length != answer->length)
		return "length of what leaves";
	return memcmp(ran->frame.bytes, answer->frame, answer->length) ? "what leaves" : NULL;
}

static void dump(const char *what, const uint8_t *bytes, unsigned int length)
{
	unsigned int i;

	fprintf(stderr, "%s, %u bytes:", what, length);
	for (i = 0; i < length && i < 160; i++)
		fprintf(stderr, "%s %02x", i % 16 ? "" : "\n   ", bytes[i]);
	fprintf(stderr, "\n");
}

static void compare(const char *text, unsigned int number, const struct frame *in, bool may_reply)
{
	static struct ran ran;
	static struct reference_answer answer;
	const char *what;

	bed_run(in, &ran);
	config.headroom = LOADED_HEADROOM - bed.headroom_set;
	reference_decide(reference, in->bytes, in->length, may_reply, &answer);
	what = difference(&ran, &answer);
	if (!what)
		return;
	dump("sent", in->bytes, in->length);
	dump("program", ran.frame.bytes, ran.frame.length);
	dump("model", answer.frame, answer.length);
	fail_msg("%s %u, %s, headroom %u: %s; program: %s, action %d, %lu bytes; model: %s, action %d, %u "
		 "bytes",
		 text, number, may_reply ? "replies" : "no replies", config.headroom, what,
		 verdict_name(ran.verdict), ran.action, (unsigned long)ran.bytes,
		 verdict_name(answer.verdict), action_of(&answer), answer.bytes);
}

/* --- frames ------------------------------------------------------------------------------------- */

static void compare_all(struct frame **frames, unsigned int count, bool may_reply)
{
	unsigned int i;

	bed_limit(may_reply);
	for (i = 0; i < count; i++)
		compare("drawn frame", i, frames[i], may_reply);
}

/* Linux < 6.3 lets no test run take more than a little of it. */
static bool headroom_is_ours(void)
{
	unsigned int usual = bed.headroom_set;
	bool is_possible;

	bed.headroom_set = LOADED_HEADROOM;
	is_possible = bed_headroom_is_possible();
	bed.headroom_set = usual;
	return is_possible;
}

static void drawn_frames_leave_as_the_model_says(void **state)
{
	struct frame *frames[REFERENCE_FRAMES_MAX];
	unsigned int count = reference_frames(frames), usual = bed.headroom_set, headroom;
	bool is_possible = headroom_is_ours();

	ask_anew();
	compare_all(frames, count, false);
	compare_all(frames, count, true);
	for (headroom = 0; headroom <= 64 && is_possible; headroom += 4) {
		bed.headroom_set = LOADED_HEADROOM - headroom;
		compare_all(frames, count, true);
	}
	bed.headroom_set = usual;
	while (count--)
		free(frames[count]);
}

/* In several buffers. */
static void large_frames_leave_as_the_model_says(void **state)
{
	struct frame *frames[REFERENCE_FRAMES_MAX];
	unsigned int count = reference_frames_large(frames);

	compare_all(frames, count, true);
	while (count--)
		free(frames[count]);
}

/* Otherwise the frames above say less than they seem to. What is remembered of flows is the fuzzer's matter. */
static void every_branch_was_reached(void **state)
{
	const struct reference_branch *branches;
	unsigned int count, i, missing = 0;

	branches = reference_branches(&count);
	for (i = 0; i < count; i++) {
		if (branches[i].reached || branches[i].is_of_flows)
			continue;
		fprintf(stderr, "not reached: %s\n", branches[i].name);
		missing += headroom_is_ours() || strncmp(branches[i].name, "no headroom", 11);
	}
	assert_int_equal(missing, 0);
}

static uint64_t random_state;

static unsigned int draw_number(unsigned int below)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (random_state >> 33) % below;
}

/* Most changes are in the headers, and most values are those at which something changes. */
static void mutate(struct frame *frame)
{
	static const uint8_t values[] = {0,  1,  4,    6,    17,   41,   43,   44,   51,  58,
					 59, 60, 0x45, 0x60, 0x7f, 0x80, 0x81, 0x88, 135, 0xff};
	unsigned int changes = draw_number(4), at;

	while (changes--) {
		at = draw_number(draw_number(8) ? 90 : frame->length);
		if (at < frame->length)
			frame->bytes[at] =
				draw_number(2) ? values[draw_number(sizeof(values))] : draw_number(256);
	}
	if (!draw_number(4))
		frame->length = 14 + draw_number(frame->length - 13);
	if (!draw_number(8))
		frame->length += draw_number(30);
}

static void changed_frames_leave_as_the_model_says(void **state)
{
	auto_free struct frame *frame = memory_zeroed(1, sizeof(*frame));
	struct frame *frames[REFERENCE_FRAMES_MAX];
	unsigned int count = reference_frames(frames), i;

	ask_anew();
	bed_limit(1);
	random_state = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 0) : SEED;
	for (i = 0; i < (getenv("FRAMES") ? (unsigned int)atoi(getenv("FRAMES")) : RANDOM_FRAMES); i++) {
		*frame = *frames[draw_number(count)];
		mutate(frame);
		if (i % 1000 == 0)
			forget_fragments();
		compare("changed frame", i, frame, true);
	}
	while (count--)
		free(frames[count]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drawn_frames_leave_as_the_model_says),
		cmocka_unit_test(changed_frames_leave_as_the_model_says),
	};

	const struct CMUnitTest at_last[] = {
		cmocka_unit_test(large_frames_leave_as_the_model_says),
		cmocka_unit_test(every_branch_was_reached),
	};

	/* Once as it is loaded by default, once as xdp.frags. */
	return cmocka_run_group_tests(tests, bed_up, bed_down) +
	       cmocka_run_group_tests(tests, bed_up_frags, NULL) +
	       cmocka_run_group_tests(at_last, NULL, bed_down);
}
