/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running and comparing: see trial.h. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "fuzz/decode.h"
#include "fuzz/trial.h"

#define FLOW_SETS (1u << 15) /* the more, the longer a pass takes; these are never full */

static const enum reference_event event_of[LEAT_FLOW_EVENTS_MAX] = {
	[LEAT_FLOW_HIT] = REFERENCE_HIT,
	[LEAT_FLOW_PINNED] = REFERENCE_PINNED,
	[LEAT_FLOW_REPINNED] = REFERENCE_REPINNED,
	[LEAT_FLOW_EVICTED] = EVENT_SEVERAL,
	[LEAT_FLOW_UNPINNED] = REFERENCE_UNPINNED,
};

/* As the daemon does: a number that means someone else now starts at 0. */
static void forget(void *context, char what, unsigned int number)
{
	struct trial *t = context;
	unsigned int cpu;

	for (cpu = 0; cpu < t->loaded.cpus; cpu++)
		if (what == 's')
			t->loaded.services[(size_t)cpu * LEAT_SERVICES_MAX + number] =
				(struct leat_counter){};
		else
			t->loaded.backends[(size_t)cpu * LEAT_BACKENDS_MAX + number] =
				(struct leat_counter){};
	(what == 's' ? t->services : t->backends)[number] = (struct leat_counter){};
}

/* Whom the program chose for the flow of this hash, as its pin says. */
static uint32_t chosen(void *context, unsigned int pool, uint64_t hash)
{
	const struct trial *t = context;
	unsigned int backend = LEAT_FLOW_BACKEND(world_find_flow(&t->loaded.world, LEAT_FLOW_KEY(hash, 0))), i;

	for (i = 0; backend && i < t->settings.pools[pool].member_count; i++)
		if (t->filled.members[pool][i] == backend)
			return i;
	return REFERENCE_NONE;
}

struct trial *trial_open(bool frags, struct err *err)
{
	struct trial *t = memory_zeroed(1, sizeof(*t));

	t->has_frags = frags;
	if (loaded_up(frags, 0, &t->loaded, err)) {
		trial_close(t);
		return NULL;
	}
	filler_open(&t->loaded, &t->filler);
	t->filler.sink.forget = forget;
	t->filler.sink.context = t;
	settings_start(&t->loaded, &t->settings);
	t->loaded.world.control->flow_mask = FLOW_SETS - 1;
	t->config.chosen = chosen;
	t->config.context = t;
	return t;
}

void trial_close(struct trial *t)
{
	if (t->filler.cache)
		filler_close(&t->filler);
	reference_free(t->reference);
	sweep_free(t->sweep);
	loaded_down(&t->loaded);
	free(t);
}

/* --- changes, and time -------------------------------------------------------------------------------------
 */

int trial_start(struct trial *t, struct err *err)
{
	reference_free(t->reference);
	t->reference = NULL;
	t->broken = 0;
	sweep_free(t->sweep);
	t->sweep = sweep_new();
	t->clock_passed = t->loaded.world.control->clock = 0;
	return filler_empty(&t->filler, err);
}

int trial_configure(struct trial *t, const struct settings *settings, struct err *err)
{
	unsigned int i, j;
	int e = 0;

	if (!t->reference || settings->seed != t->settings.seed)
		e = trial_start(t, err);
	t->settings = *settings;
	if (!e)
		e = fill(&t->filler, &t->settings, &t->filled, err);
	if (e)
		return e;
	sweep_follow(t->sweep, &t->loaded.world);
	settings_config(&t->settings, &t->config);
	t->config.first_buffer = t->has_frags ? LOADED_LINEAR_MAX : 0;
	for (i = 0; i < t->settings.pool_count; i++)
		for (j = 0; j < t->settings.pools[i].member_count; j++)
			t->settings.members[i][j].number = t->filled.members[i][j];
	for (i = 0; i < t->settings.service_count; i++)
		t->settings.services[i].number = t->filled.services[i];
	if (t->reference)
		reference_change(t->reference, &t->config);
	else
		t->reference = reference_new(&t->config);
	return 0;
}

void trial_forget(struct trial *t)
{
	filler_forget(&t->filler);
	reference_forget(t->reference);
}

void trial_pass(struct trial *t)
{
	uint32_t idle = t->settings.timeout[REFERENCE_ESTABLISHED];

	while (!sweep_step(t->sweep, &t->loaded.world, FLOW_SETS, idle))
		;
	reference_pass(t->reference, idle);
	t->clock_passed = t->loaded.world.control->clock;
}

/* The sweeper comes by before an age of 10 bits wraps. */
void trial_ticks(struct trial *t, uint32_t ticks)
{
	struct leat_control *control = t->loaded.world.control;

	if (control->clock + ticks - t->clock_passed > LEAT_FLOW_AGES / 4)
		trial_pass(t);
	control->clock += ticks;
	reference_clock(t->reference, control->clock);
}

/* --- counters ----------------------------------------------------------------------------------------------
 */

/* By how much one rose since it was looked at last. */
static struct leat_counter rise(const struct trial *t, const struct leat_counter *counters, unsigned int of,
				unsigned int number, struct leat_counter *known)
{
	struct leat_counter now = loaded_count(&t->loaded, counters, of, number), before = known[number];

	known[number] = now;
	return (struct leat_counter){now.packets - before.packets, now.bytes - before.bytes};
}

static void verdict_find(struct trial *t, struct answers *ret)
{
	unsigned int i, risen = 0;
	struct leat_counter one;

	for (i = 0; i < LEAT_VERDICTS_MAX; i++) {
		one = rise(t, t->loaded.verdicts, LEAT_VERDICTS_MAX, i, t->verdicts);
		if (!one.packets && !one.bytes)
			continue;
		risen += one.packets == 1 ? 1 : 2;
		ret->verdict = i;
		ret->bytes = one.bytes;
	}
	if (risen != 1)
		ret->verdict = LEAT_VERDICT_COUNT;
}

/* What happened to the memory of flows. */
static enum reference_event event_find(struct trial *t)
{
	enum reference_event found = REFERENCE_NO_EVENT;
	unsigned int i, cpu, risen = 0;
	uint64_t before;

	for (i = 0; i < LEAT_FLOW_EVENTS_MAX; i++) {
		before = t->events[i];
		for (cpu = 0, t->events[i] = 0; cpu < t->loaded.cpus; cpu++)
			t->events[i] += t->loaded.flow_counters[cpu * LEAT_FLOW_EVENTS_MAX + i];
		risen += t->events[i] - before;
		if (t->events[i] != before)
			found = event_of[i];
	}
	return risen > 1 ? EVENT_SEVERAL : found;
}

/* The number of what the model says is counted: a service, or an address as a whole. 0: nothing is. */
static unsigned int service_number(const struct trial *t, const struct frame *frame,
				   const struct reference_answer *model)
{
	struct leat_service_key address = {};

	if (!model->counts_for_service)
		return 0;
	if (model->service != REFERENCE_NONE)
		return t->filled.services[model->service];
	decode_destination(frame, &address.addr);
	return world_find_addressed(&t->loaded.world, &address);
}

static unsigned int backend_number(const struct trial *t, const struct reference_answer *model)
{
	return model->member == REFERENCE_NONE ? 0 : t->filled.members[model->pool][model->member];
}

bool trial_settled(struct trial *t)
{
	bool settled = true;
	struct leat_counter one;
	unsigned int i;

	for (i = 0; i < LEAT_SERVICES_MAX; i++) {
		one = rise(t, t->loaded.services, LEAT_SERVICES_MAX, i, t->services);
		settled &= !one.packets && !one.bytes;
	}
	for (i = 0; i < LEAT_BACKENDS_MAX; i++) {
		one = rise(t, t->loaded.backends, LEAT_BACKENDS_MAX, i, t->backends);
		settled &= !one.packets && !one.bytes;
	}
	return settled;
}

/* --- comparing ---------------------------------------------------------------------------------------------
 */

static int action_wanted(const struct reference_answer *model)
{
	switch (model->action) {
	case REFERENCE_PASS:
		return XDP_PASS;
	case REFERENCE_TX:
		return XDP_TX;
	case REFERENCE_REDIRECT:
		return XDP_REDIRECT;
	default:
		return XDP_DROP;
	}
}

static bool is_once(const struct leat_counter *rise, bool wanted, uint32_t bytes)
{
	return wanted ? rise->packets == 1 && rise->bytes == bytes : !rise->packets && !rise->bytes;
}

static enum difference compare(const struct answers *a)
{
	const struct reference_answer *model = &a->model;

	if (a->verdict != model->verdict)
		return VERDICT;
	if (a->action != action_wanted(model))
		return ACTION;
	if (a->bytes != model->bytes)
		return BYTES;
	if (!is_once(&a->service, model->counts_for_service, model->bytes))
		return SERVICE_COUNTER;
	if (!is_once(&a->backend, model->member != REFERENCE_NONE, model->bytes))
		return BACKEND_COUNTER;
	if (a->event != model->event)
		return EVENT;
	if (a->action == XDP_DROP)
		return SAME;
	if (a->frame.length != model->length)
		return FRAME_LENGTH;
	return memcmp(a->frame.bytes, model->frame, model->length) ? FRAME_BYTES : SAME;
}

void trial_run(struct trial *t, const struct frame *frame, struct answers *ret)
{
	struct reference_answer *model = &ret->model;

	ret->difference = REFUSED;
	if (loaded_run(&t->loaded, frame, &ret->frame, &ret->action))
		return;
	reference_decide(t->reference, frame->bytes, frame->length, t->settings.may_reply, model);
	if (t->plant)
		t->plant(frame, model);
	verdict_find(t, ret);
	ret->event = event_find(t);
	ret->service =
		rise(t, t->loaded.services, LEAT_SERVICES_MAX, service_number(t, frame, model), t->services);
	ret->backend = rise(t, t->loaded.backends, LEAT_BACKENDS_MAX, backend_number(t, model), t->backends);
	ret->difference = compare(ret);
	if (!ret->difference && reference_broken(t->reference) != t->broken)
		ret->difference = BROKEN;
	t->broken = reference_broken(t->reference);
	if (t->is_careful && !trial_settled(t) && !ret->difference)
		ret->difference = OTHER_COUNTER;
}
