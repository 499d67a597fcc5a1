/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging one drawn packet: see bed.h. */
#include <linux/bpf.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "packet/bed.h"

char bed_action(enum leat_verdict verdict)
{
	switch (verdict) {
#define X(name, action, help)                                                                                \
	case LEAT_##name:                                                                                    \
		return #action[0];
		LEAT_VERDICTS(X)
#undef X
	default:
		return '?';
	}
}

static void dump(const char *what, const struct frame *frame, const struct frame *other)
{
	unsigned int i, shown = frame->length < 160 ? frame->length : 160;

	fprintf(stderr, "%s, %u bytes:", what, frame->length);
	for (i = 0; i < shown; i++) {
		bool differs = i >= other->length || frame->bytes[i] != other->bytes[i];

		fprintf(stderr, "%s%s%02x", i % 16 ? "" : "\n   ", differs ? "*" : " ", frame->bytes[i]);
	}
	fprintf(stderr, "\n");
}

static bool same(const struct frame *a, const struct frame *b)
{
	return a->length == b->length && !memcmp(a->bytes, b->bytes, a->length);
}

static char action_letter(int action)
{
	switch (action) {
	case XDP_PASS:
		return 'P';
	case XDP_DROP:
		return 'D';
	case XDP_TX:
	case XDP_REDIRECT:
		return 'T';
	default:
		return '?';
	}
}

/* What is wrong; NULL: nothing. */
static const char *judge(const struct ran *ran, enum leat_verdict verdict, const struct frame *wanted)
{
	if (ran->verdict != verdict)
		return "leaves by the wrong verdict";
	if (action_letter(ran->action) != bed_action(verdict))
		return "has another XDP action than its verdict";
	if (ran->service.packets > 1 || ran->backend.packets != (verdict == LEAT_FORWARDED))
		return "is counted wrongly for services or backends";
	if (ran->backend.packets && ran->backend.bytes != ran->bytes)
		return "is counted with different bytes for its backend";
	if (wanted && !same(&ran->frame, wanted))
		return "leaves as another frame";
	return NULL;
}

void bed_sends(const char *text, struct frame *in, enum leat_verdict verdict, struct frame *out,
	       const char *file, int line)
{
	auto_free struct ran *ran = memory_zeroed(1, sizeof(*ran));
	auto_free struct frame *in_freed = in, *out_freed = out;
	const struct frame *wanted = bed_action(verdict) == 'P' ? in : out;
	const char *wrong;

	bed_run(in, ran);
	wrong = judge(ran, verdict, wanted);
	if (!wrong)
		return;
	dump("sent", in, &ran->frame);
	if (wanted)
		dump("wanted", wanted, &ran->frame);
	dump("left", &ran->frame, wanted ?: in);
	fprintf(stderr, "%s:%d: \"%s\" %s: %s, wanted %s; XDP action %d\n", file, line, text, wrong,
		verdict_name(ran->verdict), verdict_name(verdict), ran->action);
	_fail(file, line);
}
