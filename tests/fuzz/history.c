/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened: see history.h. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/history.h"

void history_clear(struct history *h)
{
	unsigned int i;

	for (i = 0; i < h->count; i++) {
		free(h->events[i].settings);
		free(h->events[i].frame);
	}
	free(h->events);
	*h = (struct history){};
}

static struct event *add(struct history *h, enum event_kind kind)
{
	if (h->count == h->room) {
		h->room = h->room ? 2 * h->room : 64;
		h->events = memory_resized(h->events, h->room, sizeof(*h->events));
	}
	h->events[h->count] = (struct event){.kind = kind};
	return &h->events[h->count++];
}

void history_configuration(struct history *h, const struct settings *settings)
{
	struct event *event = add(h, EVENT_CONFIGURATION);

	event->settings = memory_zeroed(1, sizeof(*settings));
	memcpy(event->settings, settings, sizeof(*settings));
}

void history_packet(struct history *h, const struct frame *frame)
{
	struct event *event = add(h, EVENT_PACKET);
	size_t size = offsetof(struct frame, bytes) + frame->length;

	event->frame = memory_zeroed(1, size);
	memcpy(event->frame, frame, size);
}

void history_ticks(struct history *h, uint32_t ticks)
{
	add(h, EVENT_TICKS)->ticks = ticks;
}

void history_pass(struct history *h)
{
	add(h, EVENT_PASS);
}

static void history_again(struct history *h, const struct event *event)
{
	switch (event->kind) {
	case EVENT_CONFIGURATION:
		history_configuration(h, event->settings);
		break;
	case EVENT_PACKET:
		history_packet(h, event->frame);
		break;
	case EVENT_TICKS:
		history_ticks(h, event->ticks);
		break;
	case EVENT_PASS:
		history_pass(h);
	}
}

void history_without(const struct history *h, unsigned int first, unsigned int count, struct history *ret)
{
	unsigned int i;

	for (i = 0; i < h->count; i++)
		if (i < first || i >= first + count)
			history_again(ret, &h->events[i]);
}

const struct settings *history_settings(const struct history *h)
{
	unsigned int i = h->count;

	while (i--)
		if (h->events[i].kind == EVENT_CONFIGURATION)
			return h->events[i].settings;
	return NULL;
}

/* Before the first configuration nothing can happen. */
int history_run(const struct history *h, struct trial *trial, struct answers *scratch, struct err *err)
{
	int e = trial_start(trial, err);
	unsigned int i;

	for (i = 0; !e && i < h->count; i++) {
		const struct event *event = &h->events[i];

		if (event->kind == EVENT_CONFIGURATION)
			e = trial_configure(trial, event->settings, err);
		else if (!trial->reference)
			continue;
		else if (event->kind == EVENT_PACKET)
			trial_run(trial, event->frame, scratch);
		else if (event->kind == EVENT_TICKS)
			trial_ticks(trial, event->ticks);
		else
			trial_pass(trial);
	}
	return e;
}
