/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzzer itself: a fault planted in the model is found, made small and told; cases survive being written
 * and read; what is drawn is drawn again from the same numbers.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fuzz/decode.h"
#include "fuzz/grammar.h"
#include "fuzz/minimise.h"
#include "fuzz/plant.h"
#include "fuzz/report.h"

#define SEED           4
#define PLANTED_TTL    77
#define CONFIGURATIONS 40
#define FRAMES         2000

static struct trial *trial;

static int trial_up(void **state)
{
	struct err err;

	trial = trial_open(false, &err);
	if (!trial)
		fail_msg("%s", err.text);
	return 0;
}

static int trial_down(void **state)
{
	trial_close(trial);
	return 0;
}

static void configure(const struct settings *s)
{
	struct err err;

	if (trial_configure(trial, s, &err))
		fail_msg("%s", err.text);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

/* Draws until the two differ. */
static void find(struct fuzz_case *ret, struct answers *answers)
{
	uint64_t number, i;
	struct err err;

	assert_int_equal(trial_start(trial, &err), 0);
	settings_start(&trial->loaded, &ret->settings);
	for (number = 0;; number++) {
		settings_change(&ret->settings, SEED, number);
		history_configuration(&ret->before, &ret->settings);
		configure(&ret->settings);
		for (i = 0; i < FRAMES; i++) {
			grammar_draw(&ret->settings, SEED, number * FRAMES + i, LOADED_LINEAR_MAX,
				     &ret->frame);
			history_packet(&ret->before, &ret->frame);
			trial_run(trial, &ret->frame, answers);
			if (!answers->difference)
				continue;
			free(ret->before.events[--ret->before.count].frame);
			return;
		}
	}
}

static char *report_of(const struct fuzz_case *c, const struct answers *answers)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	report_print(out, c, answers);
	fclose(out);
	return text;
}

static void a_planted_fault_is_made_small_and_told(void **state)
{
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c));
	auto_free struct answers *answers = memory_zeroed(1, sizeof(*answers)), *found = memory_zeroed(1, sizeof(*found));
	auto_free char *report = NULL;

	trial->plant = plant_ttl(PLANTED_TTL);
	find(c, found);
	assert_true(minimise(trial, c, found, answers));
	assert_int_equal(answers->difference, VERDICT);
	assert_int_equal(c->before.count, 0);
	assert_int_equal(c->settings.service_count, 1);
	assert_int_equal(c->settings.pool_count, 1);
	assert_int_equal(c->settings.pools[0].member_count, 1);
	assert_int_equal(c->settings.members[0][0].way.tag_count, 0);
	/* No smaller than a link header, an IP header and ports, and not much larger: options and the last extension header stay. */
	assert_in_range(c->frame.length, 14 + 20 + 8, 14 + 60 + 20);
	report = report_of(c, answers);
	assert_has(report, "difference: verdict");
	assert_has(report, "* verdict                FORWARDED              NOT_SERVICE");
	assert_has(report, "77,");
	assert_has(report, "leaves the program, ");
	trial->plant = NULL;
	trial_run(trial, &c->frame, answers);
	assert_int_equal(answers->difference, SAME);
	case_clear(c);
}

static char *text_of(const struct fuzz_case *c)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	case_write(out, c);
	fclose(out);
	return text;
}

static void read_again(const char *text, struct fuzz_case *ret)
{
	FILE *in = fmemopen((char *)text, strlen(text), "r");
	struct err err;

	settings_start(&trial->loaded, &ret->settings);
	if (case_read(in, ret, &err))
		fail_msg("%s", err.text);
	fclose(in);
}

/* A packet that makes the pin and one that finds it. */
static void what_happened_before_is_part_of_a_case(void **state)
{
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c)), *read = memory_zeroed(1, sizeof(*read));
	auto_free struct answers *answers = memory_zeroed(1, sizeof(*answers)), *found = memory_zeroed(1, sizeof(*found));
	auto_free char *first = NULL, *second = NULL;
	struct err err;

	trial->plant = plant_pins;
	find(c, found);
	assert_true(minimise(trial, c, found, answers));
	assert_int_equal(answers->difference, EVENT);
	assert_in_range(c->before.count, 2, 4);
	assert_int_equal(c->settings.service_count, 1);
	assert_int_equal(c->settings.pool_count, 1);
	first = text_of(c);
	read_again(first, read);
	second = text_of(read);
	assert_string_equal(first, second);
	assert_int_equal(case_reach(read, trial, answers, &err), 0);
	case_look(&read->frame, trial, answers);
	assert_int_equal(answers->difference, EVENT);
	trial->plant = NULL;
	case_clear(c);
	case_clear(read);
}

/* Of a service's quic, a backend's server id, and the octets of the connection id that hold it. */
static void server_ids_are_part_of_a_case(void **state)
{
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c)), *read = memory_zeroed(1, sizeof(*read));
	auto_free struct answers *answers = memory_zeroed(1, sizeof(*answers)), *found = memory_zeroed(1, sizeof(*found));
	auto_free char *text = NULL;
	struct err err;

	trial->plant = plant_server_ids;
	find(c, found);
	assert_true(minimise(trial, c, found, answers));
	assert_int_equal(answers->difference, VERDICT);
	assert_int_equal(c->settings.service_count, 1);
	assert_in_range(c->settings.services[0].quic_length, 1, 15);
	assert_int_equal(c->settings.pools[0].member_count, 1);
	assert_int_equal(c->settings.members[0][0].id_length, c->settings.services[0].quic_length);
	text = text_of(c);
	assert_has(text, " quic ");
	read_again(text, read);
	assert_int_equal(case_reach(read, trial, answers, &err), 0);
	case_look(&read->frame, trial, answers);
	assert_int_equal(answers->difference, VERDICT);
	trial->plant = NULL;
	case_clear(c);
	case_clear(read);
}

static void what_does_not_differ_from_an_empty_start_is_left_alone(void **state)
{
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c)), *before = memory_zeroed(1, sizeof(*c));
	auto_free struct answers *answers = memory_zeroed(1, sizeof(*answers));
	const struct answers found = {.difference = VERDICT};

	settings_start(&trial->loaded, &c->settings);
	settings_change(&c->settings, SEED, 0);
	grammar_draw(&c->settings, SEED, 0, LOADED_LINEAR_MAX, &c->frame);
	*before = *c;
	assert_false(minimise(trial, c, &found, answers));
	assert_memory_equal(c, before, sizeof(*c));
}

static void cases_survive_being_written(void **state)
{
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c));
	unsigned int i;

	settings_start(&trial->loaded, &c->settings);
	for (i = 0; i < CONFIGURATIONS; i++) {
		auto_free struct fuzz_case *read = memory_zeroed(1, sizeof(*read));
		auto_free char *first = NULL, *second = NULL;

		settings_change(&c->settings, SEED, i);
		grammar_draw(&c->settings, SEED, i, LOADED_LINEAR_MAX, &c->frame);
		c->frags = i % 2;
		first = text_of(c);
		read_again(first, read);
		second = text_of(read);
		assert_string_equal(first, second);
		case_clear(read);
		assert_int_equal(read->frame.length, c->frame.length);
		assert_memory_equal(read->frame.bytes, c->frame.bytes, c->frame.length);
	}
}

static void bad_cases_are_refused(void **state)
{
	static const char *const texts[] = {
		"seed 1\n",
		"frame 0011\n",
		"member 10.0.0.1 weight 1 in lives latency 1 unknown\nframe 00000000000000000000000000000000\n",
		"pool ipip 251\n",
		"pool p0 ipip 251 most free port 32 128 sticky 1\n",
		"pool p0 ipip 251 mh free port 33 128 sticky 1\n",
		"pool p0 ipip 251 mh free port 32 128 sticky 1\nmember 10.0.0.1 weight 1 in lives latency 1 by nowhere mtu\n",
		"service tcp 192.0.2.1 80 0\n",
		"pool p0 l2 251 mh free port 32 128 sticky 1\ntag 8100 0001\n",
		"ticks many\n",
		"nonsense\n",
	};
	auto_free struct fuzz_case *c = memory_zeroed(1, sizeof(*c));
	unsigned int i;
	struct err err;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		FILE *in = fmemopen((char *)texts[i], strlen(texts[i]), "r");

		memset(c, 0, sizeof(*c));
		assert_int_not_equal(case_read(in, c, &err), 0);
		case_clear(c);
		fclose(in);
	}
}

static void frames_are_drawn_again_and_have_sizes_that_can_be_run(void **state)
{
	auto_free struct frame *a = memory_zeroed(1, sizeof(*a)), *b = memory_zeroed(1, sizeof(*b));
	auto_free struct settings *s = memory_zeroed(1, sizeof(*s));
	unsigned int i, longest = 0;

	settings_start(&trial->loaded, s);
	settings_change(s, SEED, 0);
	memset(b, 0xee, sizeof(*b));
	for (i = 0; i < FRAMES; i++) {
		unsigned int most = i % 2 ? LOADED_LINEAR_MAX : GRAMMAR_FRAGS_MAX;

		grammar_draw(s, SEED, i, most, a);
		grammar_draw(s, SEED, i, most, b);
		assert_int_equal(a->length, b->length);
		assert_memory_equal(a->bytes, b->bytes, a->length);
		assert_in_range(a->length, 14, most);
		longest = a->length > longest ? a->length : longest;
	}
	assert_true(longest > LOADED_LINEAR_MAX);
}

static char *decoded(struct frame *frame)
{
	auto_free struct frame *freed = frame;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	decode_print(out, frame);
	fclose(out);
	return text;
}

static void frames_are_decoded(void **state)
{
	auto_free char *v4 =
		decoded(FRAME(ETH(), VLAN(7), IP4("198.51.100.7", "192.0.2.10", .ttl = 9, .df = true),
			      TCP(4000, 80, SYN | ACK), PAYLOAD(5)));
	auto_free char *v6 = decoded(FRAME(ETH(), IP6("2001:db8::1", "2001:db8::2"), EXTENSION(HOP_BY_HOP, 8),
					   FRAGMENT6(0, 1), UDP(53, 54)));
	auto_free char *cut = decoded(FRAME(ETH(), IP4("198.51.100.7", "192.0.2.10"), UDP(1, 2), CUT(4)));

	assert_has(v4, "  12  VLAN tag 0x8100, tci 0x0007, type 0x0800");
	assert_has(v4, "  18  IPv4 198.51.100.7 > 192.0.2.10, version 4, header 20, length 45 of 45, ttl 9, "
		       "protocol 6, "
		       "tos 0x00, DF, offset 0, checksum ");
	assert_has(v4, " right\n");
	assert_has(v4, "  38  TCP 4000 > 80, header 20, flags SA\n");
	assert_has(v4, "  58  5 bytes more\n");
	assert_has(v6, "  54  IPv6 extension header 0, length 8, next 44\n");
	assert_has(v6, "  62  IPv6 extension header 44, length 8, next 17, offset 0, more\n");
	assert_has(v6, "  70  UDP 53 > 54, length 8\n");
	assert_has(cut, "  34  UDP cut short: 4 of 8 bytes\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_planted_fault_is_made_small_and_told),
		cmocka_unit_test(what_happened_before_is_part_of_a_case),
		cmocka_unit_test(server_ids_are_part_of_a_case),
		cmocka_unit_test(what_does_not_differ_from_an_empty_start_is_left_alone),
		cmocka_unit_test(cases_survive_being_written),
		cmocka_unit_test(bad_cases_are_refused),
		cmocka_unit_test(frames_are_drawn_again_and_have_sizes_that_can_be_run),
		cmocka_unit_test(frames_are_decoded),
	};

	return cmocka_run_group_tests(tests, trial_up, trial_down);
}
