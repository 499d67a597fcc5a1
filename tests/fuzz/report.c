/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing a difference: see report.h. */
#include <linux/bpf.h>
#include <string.h>

#include "base/addr.h"
#include "fuzz/decode.h"
#include "fuzz/report.h"

const char *difference_name(enum difference difference)
{
	static const char *const names[] = {
		[SAME] = "none",
		[REFUSED] = "the kernel refuses the test run",
		[VERDICT] = "verdict",
		[ACTION] = "XDP action",
		[BYTES] = "bytes counted",
		[SERVICE_COUNTER] = "service's counter",
		[BACKEND_COUNTER] = "backend's counter",
		[OTHER_COUNTER] = "another service's or backend's counter rose",
		[FRAME_LENGTH] = "length of what leaves",
		[FRAME_BYTES] = "bytes of what leaves",
		[BROKEN] = "none, but a flow is taken from a living backend",
		[EVENT] = "counter of flows",
		[MEMORY] = "what is remembered of flows",
	};

	return names[difference];
}

static const char *action_name(int action)
{
	static const char *const names[] = {
		[XDP_ABORTED] = "ABORTED", [XDP_DROP] = "DROP",         [XDP_PASS] = "PASS",
		[XDP_TX] = "TX",           [XDP_REDIRECT] = "REDIRECT",
	};

	return action >= 0 && action <= XDP_REDIRECT ? names[action] : "of no name";
}

static const char *model_action(const struct reference_answer *model)
{
	static const char *const names[] = {
		[REFERENCE_PASS] = "PASS",
		[REFERENCE_DROP] = "DROP",
		[REFERENCE_TX] = "TX",
		[REFERENCE_REDIRECT] = "REDIRECT",
	};

	return names[model->action];
}

static const char *event_name(unsigned int event)
{
	static const char *const names[] = {
		[REFERENCE_NO_EVENT] = "none",
		[REFERENCE_HIT] = "HIT",
		[REFERENCE_PINNED] = "PINNED",
		[REFERENCE_REPINNED] = "REPINNED",
		[REFERENCE_UNPINNED] = "UNPINNED",
		[EVENT_SEVERAL] = "another, or several",
	};

	return names[event];
}

static void row(FILE *out, const char *what, const char *program, const char *model)
{
	fprintf(out, "%s %-22s %-22s %s\n", strcmp(program, model) ? "*" : " ", what, program, model);
}

static void row_number(FILE *out, const char *what, uintmax_t program, uintmax_t model)
{
	char a[24], b[24];

	snprintf(a, sizeof(a), "%ju", program);
	snprintf(b, sizeof(b), "%ju", model);
	row(out, what, a, b);
}

/* What the model says is counted for someone. */
static void row_counter(FILE *out, const char *what, const struct leat_counter *program, bool is_counted,
			uint32_t bytes)
{
	char a[48], b[48];

	snprintf(a, sizeof(a), "%+jd packets %+jd", (intmax_t)program->packets, (intmax_t)program->bytes);
	snprintf(b, sizeof(b), "%+d packets %+jd", is_counted, is_counted ? (intmax_t)bytes : 0);
	row(out, what, a, b);
}

/* The model's frame as one; empty if nothing leaves. */
static struct frame *model_frame(const struct reference_answer *model)
{
	struct frame *frame = memory_zeroed(1, sizeof(*frame));

	if (model->action == REFERENCE_DROP || model->length > sizeof(frame->bytes))
		return frame;
	frame->length = model->length;
	memcpy(frame->bytes, model->frame, model->length);
	return frame;
}

static void print_frames(FILE *out, const struct answers *a)
{
	auto_free struct frame *model = model_frame(&a->model);
	unsigned int i;

	for (i = 0; i < a->frame.length && i < model->length && a->frame.bytes[i] == model->bytes[i];)
		i++;
	if (a->action != XDP_DROP && (i < a->frame.length || i < model->length))
		fprintf(out, "* first byte that differs: %u\n", i);
	if (a->action != XDP_DROP) {
		fprintf(out, "\nleaves the program, %u bytes:\n", a->frame.length);
		decode_print(out, &a->frame);
		decode_hex(out, &a->frame, model);
	}
	if (a->model.action != REFERENCE_DROP) {
		fprintf(out, "\nleaves the model, %u bytes:\n", model->length);
		decode_print(out, model);
		decode_hex(out, model, &a->frame);
	}
}

static void print_member(FILE *out, const struct fuzz_case *c, const struct reference_answer *model)
{
	char text[ADDR_TEXT_MAX];

	if (model->service != REFERENCE_NONE)
		fprintf(out, "  model: service %u", model->service);
	if (model->member != REFERENCE_NONE)
		fprintf(out, ", backend %s of pool %u",
			addr_format(&c->settings.members[model->pool][model->member].addr, text),
			model->pool);
	if (model->service != REFERENCE_NONE)
		fputc('\n', out);
}

static void print_answers(FILE *out, const struct fuzz_case *c, const struct answers *a)
{
	const struct reference_answer *model = &a->model;

	fprintf(out, "  %-22s %-22s %s\n", "", "program", "model");
	row(out, "verdict", verdict_name(a->verdict), verdict_name(model->verdict));
	row(out, "XDP action", action_name(a->action), model_action(model));
	row_number(out, "bytes counted", a->bytes, model->bytes);
	row_counter(out, "service counter", &a->service, model->counts_for_service, model->bytes);
	row_counter(out, "backend counter", &a->backend, model->member != REFERENCE_NONE, model->bytes);
	row(out, "counter of flows", event_name(a->event), event_name(model->event));
	if (a->action != XDP_DROP && model->action != REFERENCE_DROP)
		row_number(out, "length", a->frame.length, model->length);
	print_member(out, c, model);
}

void report_print(FILE *out, const struct fuzz_case *c, const struct answers *a)
{
	bool is_answered = c->frame.length && a->difference != REFUSED;

	fprintf(out, "difference: %s\n\n", difference_name(a->difference));
	if (a->difference == MEMORY)
		fprintf(out, "  %s\n\n", a->memory);
	if (is_answered)
		print_answers(out, c, a);
	if (c->frame.length) {
		fprintf(out, "\nthe packet, %u bytes:\n", c->frame.length);
		decode_print(out, &c->frame);
		decode_hex(out, &c->frame, NULL);
	}
	if (is_answered)
		print_frames(out, a);
	fprintf(out, "\nthe case:\n");
	case_write(out, c);
}
