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
	struct fuzz_case tried;
	uint64_t events; /* that may still be run */
	/* The difference that must stay: */
	enum difference difference;
	enum leat_verdict program, model;
};

#define EVENTS_MOST 3000000 /* of all that is tried: a minute or two */

/* --- the case again ----------------------------------------------------------------------------------------
 */

static bool differs_alike(struct search *s, const struct frame *frame)
{
	struct answers *a = s->answers;

	case_look(frame, s->trial, a);
	if (a->difference != s->difference)
		return false;
	return a->difference == REFUSED || a->difference == MEMORY ||
	       (a->verdict == s->program && a->model.verdict == s->model);
}

static bool reach(struct search *s, const struct fuzz_case *c)
{
	struct err err;

	if (s->events < c->before.count + 1)
		return false;
	s->events -= c->before.count + 1;
	return !case_reach(c, s->trial, s->answers, &err);
}

static bool differs_still(struct search *s, const struct fuzz_case *c)
{
	return reach(s, c) && differs_alike(s, &c->frame);
}

/* A copy of the best, to be made smaller. */
static struct fuzz_case *again(struct search *s)
{
	case_clear(&s->tried);
	s->tried = *s->best;
	s->tried.before = (struct history){};
	history_without(&s->best->before, 0, 0, &s->tried.before);
	return &s->tried;
}

/* Keeps what was tried if the difference stays. */
static bool try(struct search *s)
{
	struct history before = s->best->before;

	if (!differs_still(s, &s->tried))
		return false;
	*s->best = s->tried;
	s->tried.before = before;
	return true;
}

/* --- what came before --------------------------------------------------------------------------------------
 */

/* Leaves out halves, quarters and so on, the last first. */
static void forget(struct search *s)
{
	unsigned int length, at;

	for (length = s->best->before.count; length; length /= 2)
		for (at = s->best->before.count; at; at = at > length ? at - length : 0) {
			unsigned int first = at > length ? at - length : 0;

			if (first >= s->best->before.count)
				continue;
			case_clear(&s->tried);
			s->tried = *s->best;
			s->tried.before = (struct history){};
			history_without(&s->best->before, first, at - first, &s->tried.before);
			try(s);
		}
}

/* --- the configurations ------------------------------------------------------------------------------------
 */

/* What is to be left out: a pool or an access list by its name, a service by its key, a member by its pool's name and its address. */
struct object {
	char kind; /* 'p', 's', 'm', 'a' */
	unsigned int pool;
	struct reference_service service;
	struct leat_addr addr;
};

static void leave_service(struct settings *t, const struct object *o)
{
	unsigned int i;

	for (i = t->service_count; i--;)
		if (addr_equal(&t->services[i].addr, &o->service.addr) && t->services[i].port == o->service.port &&
		    t->services[i].last_port == o->service.last_port && t->services[i].host_bits == o->service.host_bits &&
		    t->services[i].protocol == o->service.protocol)
			settings_remove_service(t, i);
}

static void leave_member(struct settings *t, unsigned int pool, const struct object *o)
{
	unsigned int i;

	for (i = t->pools[pool].member_count; i--;)
		if (addr_equal(&t->members[pool][i].addr, &o->addr))
			settings_remove_member(t, pool, i);
}

static void leave(struct settings *t, const struct object *o)
{
	unsigned int i;

	if (o->kind == 's')
		leave_service(t, o);
	for (i = t->access_count; o->kind == 'a' && i--;)
		if (t->access[i].name == o->pool)
			settings_remove_access(t, i);
	for (i = t->pool_count; (o->kind == 'p' || o->kind == 'm') && i--;) {
		if (t->pools[i].name != o->pool)
			continue;
		if (o->kind == 'p')
			settings_remove_pool(t, i);
		else
			leave_member(t, i, o);
	}
}

/* Out of all configurations. */
static void leave_out(struct search *s, const struct object *o)
{
	struct fuzz_case *c = again(s);
	unsigned int i;

	leave(&c->settings, o);
	for (i = 0; i < c->before.count; i++)
		if (c->before.events[i].kind == EVENT_CONFIGURATION)
			leave(c->before.events[i].settings, o);
	try(s);
}

/* What a configuration has, object by object. */
static void leave_out_of(struct search *s, const struct settings *t)
{
	unsigned int i, j;

	for (i = t->pool_count; i--;)
		leave_out(s, &(struct object){.kind = 'p', .pool = t->pools[i].name});
	for (i = t->access_count; i--;)
		leave_out(s, &(struct object){.kind = 'a', .pool = t->access[i].name});
	for (i = t->service_count; i--;)
		leave_out(s, &(struct object){.kind = 's', .service = t->services[i]});
	for (i = t->pool_count; i--;)
		for (j = t->pools[i].member_count; j--;)
			leave_out(s, &(struct object){
					     .kind = 'm', .pool = t->pools[i].name, .addr = t->members[i][j].addr});
}

static void leave_out_all(struct search *s)
{
	auto_free struct settings *copy = memory_zeroed(1, sizeof(*copy));
	unsigned int i;

	*copy = s->best->settings;
	leave_out_of(s, copy);
	for (i = 0; i < s->best->before.count; i++) {
		if (s->best->before.events[i].kind != EVENT_CONFIGURATION)
			continue;
		*copy = *s->best->before.events[i].settings;
		leave_out_of(s, copy);
	}
}

static void plain_member(struct search *s, unsigned int pool, unsigned int index)
{
#define PLAIN(assignment)                                                                                    \
	do {                                                                                                 \
		struct reference_member *m = &again(s)->settings.members[pool][index];                       \
		assignment;                                                                                  \
		try(s);                                                                                      \
	} while (0)
	PLAIN(m->weight = 1);
	PLAIN(m->is_in_table = m->lives = true);
	PLAIN(m->way.tag_count = 0);
	PLAIN(m->way.mtu = 1500);
	PLAIN(m->way.source_mask = 0);
	PLAIN(m->way.ifindex = s->tried.settings.interfaces[INTERFACE_INGRESS]);
	PLAIN(m->way.is_known = false);
#undef PLAIN
}

static void plain_settings(struct search *s)
{
	unsigned int i, j;

	again(s)->settings.metadata = LOADED_HEADROOM_SET;
	try(s);
	again(s)->settings.seed = 1;
	try(s);
	again(s)->settings.may_reply = true;
	try(s);
	again(s)->settings.allowed[INTERFACE_PEER] = false;
	try(s);
	for (i = 0; i < s->best->settings.pool_count; i++) {
		again(s)->settings.pools[i].table_size = LEAT_TABLE_SIZE_MIN;
		try(s);
		for (j = 0; j < s->best->settings.pools[i].member_count; j++)
			plain_member(s, i, j);
	}
}

/* --- the packet --------------------------------------------------------------------------------------------
 */

/* Where only one configuration came before, forgetting is as good as beginning again, and quicker. */
static bool try_frame(struct search *s, const struct frame *frame)
{
	if (s->best->before.count && !reach(s, s->best))
		return false;
	if (!s->best->before.count)
		trial_forget(s->trial);
	if (!differs_alike(s, frame))
		return false;
	s->best->frame = *frame;
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
	auto_free struct frame *frame = memory_zeroed(1, sizeof(*frame));
	int fits;

	for (fits = 1; fits >= 0; fits--) {
		*frame = s->best->frame;
		memmove(frame->bytes + at, frame->bytes + at + length, frame->length - at - length);
		frame->length -= length;
		if (fits)
			shorten_ip(frame, length);
		if (frame->length >= 14 && try_frame(s, frame))
			return true;
	}
	return false;
}

/* Short pieces are tried at every second place: headers begin at those. */
static void shorten(struct search *s)
{
	unsigned int length = 1, at, step;

	while (2 * length <= s->best->frame.length)
		length *= 2;
	for (; length; length /= 2) {
		step = length > 16 ? length : length > 1 ? 2 : 1;
		for (at = s->best->frame.length; at >= length; at = at > step ? at - step : 0)
			if (at <= s->best->frame.length)
				try_without(s, at - length, length);
	}
}

/* 0, or what little makes a header whole: the least length of UDP, and of TCP. */
static void plain_bytes(struct search *s)
{
	static const uint8_t plain[] = {0, 8, 0x50};
	auto_free struct frame *frame = memory_zeroed(1, sizeof(*frame));
	unsigned int at, i;

	for (at = 0; at < s->best->frame.length; at++)
		for (i = 0; i < ARRAY_SIZE(plain) && s->best->frame.bytes[at] != plain[i]; i++) {
			*frame = s->best->frame;
			frame->bytes[at] = plain[i];
			if (try_frame(s, frame))
				break;
		}
}

/* --- the whole ---------------------------------------------------------------------------------------------
 */

/* In one of a few tries, where a scheduler draws. */
static bool differs_once(struct search *s)
{
	unsigned int tries = 5;

	while (tries--)
		if (differs_still(s, s->best))
			return true;
	return false;
}

/* Without what came before, if that is enough. */
static bool start(struct search *s)
{
	s->tried = (struct fuzz_case){s->best->frags, {}, s->best->settings, s->best->frame};
	if (!try(s) && !differs_once(s))
		return false;
	forget(s);
	return true;
}

static void shrink(struct search *s)
{
	leave_out_all(s);
	if (!s->best->before.count)
		plain_settings(s);
	if (!s->best->frame.length || !reach(s, s->best))
		return;
	shorten(s);
	plain_bytes(s); /* lengths as well: then there is more to shorten */
	shorten(s);
	leave_out_all(s);
}

static void copy(const struct fuzz_case *c, struct fuzz_case *ret)
{
	*ret = *c;
	ret->before = (struct history){};
	history_without(&c->before, 0, 0, &ret->before);
}

bool minimise(struct trial *trial, struct fuzz_case *c, const struct answers *found, struct answers *ret)
{
	auto_free struct search *s = memory_zeroed(1, sizeof(*s));
	auto_free struct fuzz_case *before = memory_zeroed(1, sizeof(*before));
	bool is_found;

	copy(c, before);
	*s = (struct search){.trial = trial, .best = c, .answers = ret, .events = EVENTS_MOST};
	s->difference = found->difference;
	s->program = found->verdict;
	s->model = found->model.verdict;
	is_found = s->difference && start(s);
	if (is_found)
		shrink(s);
	s->events = EVENTS_MOST;
	/* What depends on how often the maps have changed may be gone now. */
	is_found = is_found && differs_once(s);
	if (!is_found) {
		case_clear(c);
		*c = *before;
	} else {
		case_clear(before);
	}
	case_clear(&s->tried);
	trial->is_careful = false;
	return is_found;
}
