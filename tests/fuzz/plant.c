/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See plant.h. */
#include <string.h>

#include "fuzz/plant.h"

static uint8_t planted_ttl;

static uint8_t ttl_of(const struct frame *frame)
{
	unsigned int at = 12;

	while (frame->bytes[at] == 0x81 || (frame->bytes[at] == 0x88 && frame->bytes[at + 1] == 0xa8))
		at += 4;
	return frame->bytes[at + 2 + (frame->bytes[at] == 0x86 ? 7 : 8)];
}

static void plant(const struct frame *frame, struct reference_answer *answer)
{
	if (answer->verdict == LEAT_FORWARDED && ttl_of(frame) == planted_ttl)
		answer->verdict = LEAT_NOT_SERVICE;
}

void (*plant_ttl(uint8_t ttl))(const struct frame *, struct reference_answer *)
{
	planted_ttl = ttl;
	return plant;
}

void plant_pins(const struct frame *frame, struct reference_answer *answer)
{
	if (answer->event == REFERENCE_HIT)
		answer->event = REFERENCE_NO_EVENT;
}

/* How often the model has gone by a connection id. */
static uint64_t by_ids(void)
{
	const struct reference_branch *branches;
	unsigned int i, count;
	uint64_t sum = 0;

	branches = reference_branches(&count);
	for (i = 0; i < count; i++)
		if (strstr(branches[i].name, "connection id names a living backend"))
			sum += branches[i].reached;
	return sum;
}

void plant_server_ids(const struct frame *frame, struct reference_answer *answer)
{
	static uint64_t before;
	uint64_t now = by_ids();

	if (now > before && answer->verdict == LEAT_FORWARDED)
		answer->verdict = LEAT_NO_BACKEND;
	before = now;
}
