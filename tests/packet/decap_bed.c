/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See decap_bed.h. */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "decap.skel.h"
#include "packet/bed.h"
#include "packet/decap_bed.h"

static struct decap_bpf *decap;

void decap_strip_for(const char *address, bool strips)
{
	int map = bpf_map__fd(decap->maps.decap_addrs);
	struct leat_addr addr;
	uint8_t present = 1;

	assert_int_equal(addr_parse(address, &addr), 0);
	if (strips)
		assert_int_equal(bpf_map_update_elem(map, &addr, &present, BPF_ANY), 0);
	else
		assert_int_equal(bpf_map_delete_elem(map, &addr), 0);
}

int decap_up(void **state)
{
	static const uint16_t ports[] = {DECAP_GUE_PORT, TUNNEL_PORT, TUNNEL_PORT + 1};
	unsigned int i;

	decap = decap_bpf__open();
	for (i = 0; decap && i < ARRAY_SIZE(ports); i++)
		decap->rodata->udp_ports[i] = htons(ports[i]);
	if (!decap || decap_bpf__load(decap))
		return -1;
	decap_strip_for(BACKEND, true);
	decap_strip_for(BACKEND6, true);
	return bed_up(state);
}

int decap_down(void **state)
{
	decap_bpf__destroy(decap);
	return bed_down(state);
}

static void counts(uint64_t ret[LEAT_DECAP_COUNT])
{
	uint64_t each[bed.cpus];
	uint32_t outcome;
	unsigned int cpu;

	for (outcome = 0; outcome < LEAT_DECAP_COUNT; outcome++) {
		ret[outcome] = 0;
		assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(decap->maps.decap_counters), &outcome, each),
				 0);
		for (cpu = 0; cpu < bed.cpus; cpu++)
			ret[outcome] += each[cpu];
	}
}

/* Returns the XDP action. */
static int run(const struct frame *in, struct frame *out)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->bytes, .data_size_in = in->length,
		    .data_out = out->bytes, .data_size_out = sizeof(out->bytes), .repeat = 1);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(decap->progs.decap), &opts), 0);
	out->length = opts.data_size_out;
	return opts.retval;
}

enum leat_decap_outcome decap_run(const char *text, const struct frame *in, struct frame *out)
{
	uint64_t before[LEAT_DECAP_COUNT], after[LEAT_DECAP_COUNT];
	enum leat_decap_outcome outcome = LEAT_DECAP_COUNT;
	int action, i;

	counts(before);
	action = run(in, out);
	counts(after);
	for (i = 0; i < LEAT_DECAP_COUNT; i++) {
		if (after[i] == before[i])
			continue;
		if (after[i] - before[i] != 1 || outcome != LEAT_DECAP_COUNT)
			fail_msg("%s: outcome %d counted %ju times", text, i, (uintmax_t)(after[i] - before[i]));
		outcome = i;
	}
	if (outcome == LEAT_DECAP_COUNT)
		fail_msg("%s: not counted", text);
	if (action != (outcome == LEAT_DECAP_MALFORMED ? XDP_DROP : XDP_PASS))
		fail_msg("%s: outcome %d, XDP action %d", text, outcome, action);
	return outcome;
}

void strips(const char *text, struct frame *in, enum leat_decap_outcome outcome, struct frame *out)
{
	auto_free struct frame *in_freed = in, *out_freed = out, *left = memory_zeroed(1, sizeof(*left));
	const struct frame *wanted = outcome == LEAT_DECAP_OTHER ? in : out;
	enum leat_decap_outcome is = decap_run(text, in, left);

	if (is != outcome)
		fail_msg("%s: outcome %d instead of %d", text, is, outcome);
	if (wanted && (left->length != wanted->length || memcmp(left->bytes, wanted->bytes, wanted->length)))
		fail_msg("%s: leaves as another frame", text);
}
