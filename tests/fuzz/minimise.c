/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Smaller cases, greedily: see minimise.h. */
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "fuzz/grammar.h"
#include "fuzz/minimise.h"

struct search {
	struct trial *trial;
	struct fuzz_case *best;
	struct answers *answers;
	struct settings settings; /* to be tried */
	struct frame frame;       /* to be tried */
	/* The difference that must stay: */
	enum difference difference;
	enum leat_verdict program, model;
};

static bool differs_still(struct search *s, const struct frame *frame)
{
	struct answers *a = s->answers;

	trial_run(s->trial, frame, a);
	if (a->difference != s->difference)
		return false;
	return a->difference == REFUSED || (a->verdict == s->program && a->model.verdict == s->model);
}

/* --- the configuration -------------------------------------------------------------------------------------
 */

static bool configure(struct search *s, const struct settings *settings)
{
	struct err err;

	return !trial_configure(s->trial, settings, &err);
}

/* Keeps s->settings if the difference stays. */
static bool try_settings(struct search *s)
{
	if (!memcmp(&s->settings, &s->best->settings, sizeof(s->settings)))
		return false;
	if (!configure(s, &s->settings) || !differs_still(s, &s->best->frame))
		return false;
	s->best->settings = s->settings;
	return true;
}

static struct settings *again(struct search *s)
{
	s->settings = s->best->settings;
	return &s->settings;
}

static void leave_out(struct search *s)
{
	unsigned int i, j;

	for (i = s->best->settings.pool_count; i--;) {
		settings_remove_pool(again(s), i);
		try_settings(s);
	}
	for (i = s->best->settings.service_count; i--;) {
		settings_remove_service(again(s), i);
		try_settings(s);
	}
	for (i = 0; i < s->best->settings.pool_count; i++)
		for (j = s->best->settings.pools[i].member_count; j--;) {
			settings_remove_member(again(s), i, j);
			try_settings(s);
		}
}

static void plain_member(struct search *s, unsigned int pool, unsigned int index)
{
#define PLAIN(assignment)                                                                                    \
	do {                                                                                                 \
		struct reference_member *m = &again(s)->members[pool][index];                                \
		assignment;                                                                                  \
		try_settings(s);                                                                             \
	} while (0)
	PLAIN(m->weight = 1);
	PLAIN(m->is_in_table = true);
	PLAIN(m->way.tag_count = 0);
	PLAIN(m->way.mtu = 1500);
	PLAIN(m->way.source_mask = 0);
	PLAIN(m->way.ifindex = s->settings.interfaces[INTERFACE_INGRESS]);
	PLAIN(m->way.is_known = false);
#undef PLAIN
}

static void plain_settings(struct search *s)
{
	unsigned int i, j;

	again(s)->metadata = LOADED_HEADROOM_SET;
	try_settings(s);
	again(s)->seed = 1;
	try_settings(s);
	again(s)->may_reply = true;
	try_settings(s);
	again(s)->allowed[INTERFACE_PEER] = false;
	try_settings(s);
	for (i = 0; i < s->best->settings.pool_count; i++) {
		again(s)->pools[i].table_size = LEAT_TABLE_SIZE_MIN;
		try_settings(s);
		for (j = 0; j < s->best->settings.pools[i].member_count; j++)
			plain_member(s, i, j);
	}
}

/* --- the packet --------------------------------------------------------------------------------------------
 */

static bool try_frame(struct search *s)
{
	if (!differs_still(s, &s->frame))
		return false;
	s->best->frame = s->frame;
	return true;
}

static unsigned int ip_at(const struct frame *f)
{
	unsigned int at = 12;

	while (at + 4 <= f->length && ((f->bytes[at] == 0x81 && f->bytes[at + 1] == 0) ||
				       (f->bytes[at] == 0x88 && f->bytes[at + 1] == 0xa8)))
		at += 4;
	return at + 2;
}

/* The IP header's length field says so much less. */
static void shorten_ip(struct frame *f, unsigned int by)
{
	unsigned int ip = ip_at(f), at = ip + (f->bytes[ip] >> 4 == 6 ? 4 : 2);

	if (at + 2 <= f->length)
		grammar_store16(f, at, (f->bytes[at] << 8 | f->bytes[at + 1]) - by);
}

/* Without the bytes from `at` on; once with lengths as they were, once with the IP header's made to fit. */
static bool try_without(struct search *s, unsigned int at, unsigned int length)
{
	int fits;

	for (fits = 1; fits >= 0; fits--) {
		s->frame = s->best->frame;
		memmove(s->frame.bytes + at, s->frame.bytes + at + length, s->frame.length - at - length);
		s->frame.length -= length;
		if (fits)
			shorten_ip(&s->frame, length);
		if (s->frame.length >= 14 && try_frame(s))
			return true;
	}
	return false;
}

static void shorten(struct search *s)
{
	unsigned int length, at;

	for (length = s->best->frame.length / 2; length; length /= 2)
		for (at = s->best->frame.length; at >= length; at = at > length ? at - length : 0) {
			if (at <= s->best->frame.length)
				try_without(s, at - length, length);
			if (at == length)
				break;
		}
}

static void plain_bytes(struct search *s)
{
	unsigned int at;

	for (at = 0; at < s->best->frame.length; at++) {
		if (!s->best->frame.bytes[at])
			continue;
		s->frame = s->best->frame;
		s->frame.bytes[at] = 0;
		try_frame(s);
	}
}

/* --- the whole ---------------------------------------------------------------------------------------------
 */

static bool start(struct search *s)
{
	struct settings nothing = s->best->settings;

	nothing.pool_count = nothing.service_count = 0;
	if (!configure(s, &nothing) || !configure(s, &s->best->settings))
		return false;
	trial_run(s->trial, &s->best->frame, s->answers);
	s->difference = s->answers->difference;
	s->program = s->answers->verdict;
	s->model = s->answers->model.verdict;
	return s->difference != SAME;
}

bool minimise(struct trial *trial, struct fuzz_case *c, struct answers *ret)
{
	auto_free struct search *s = memory_zeroed(1, sizeof(*s));
	auto_free struct fuzz_case *before = memory_zeroed(1, sizeof(*before));
	bool found;

	*before = *c;
	*s = (struct search){.trial = trial, .best = c, .answers = ret};
	/* Or what one packet is wrongly counted for would be held against the next. */
	trial->is_careful = true;
	found = start(s);
	if (found) {
		leave_out(s);
		plain_settings(s);
		configure(s, &c->settings);
		shorten(s);
		plain_bytes(s);
		leave_out(s);
		/* What depends on how often the maps have changed may be gone now. */
		found = configure(s, &c->settings) && differs_still(s, &c->frame);
	}
	if (!found)
		*c = *before;
	trial->is_careful = false;
	return found;
}
