/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET /v1/explain: what the tables say about a packet, what the loaded program did with it, and whether the
 * two agree. The daemon answers in numbers of map records; here they get their names.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/quote.h"
#include "model/access.h"
#include "serve/frame.h"
#include "serve/handlers.h"
#include "serve/question.h"
#include "serve/render.h"

/* An answer with the records its numbers stand for; NULL where the number is 0 or out of range. */
struct why {
	const struct explain_question *question;
	const struct explain_answer *answer;
	const struct explain_run *run;
	const struct leat_service *service;
	const struct leat_pool *pool;
	const struct leat_guard *guard;
	const struct leat_backend *backend, *runner_up, *previous, *pin, *by_id;
	struct frame_facts left;
};

static const struct leat_backend *backend_of(const struct world *world, unsigned int number)
{
	return world->backends && number && number < LEAT_BACKENDS_MAX ? &world->backends[number] : NULL;
}

static void names_resolve(struct why *why, const struct world *world)
{
	const struct explain_answer *a = why->answer;

	if (!world || !a->service)
		return;
	if (world->services && a->service < LEAT_SERVICES_MAX)
		why->service = &world->services[a->service];
	if (world->pools && a->pool < LEAT_POOLS_MAX)
		why->pool = &world->pools[a->pool];
	if (world->guards && a->guard)
		why->guard = access_guard(world, a->guard);
	why->backend = backend_of(world, a->backend);
	why->runner_up = backend_of(world, a->runner_up);
	why->by_id = backend_of(world, a->by_id);
	if (!a->tracked)
		return;
	why->previous = backend_of(world, a->previous);
	why->pin = backend_of(world, a->pin);
}

/* In tracked slots the first packet of a flow goes to whom the scheduler chooses; the other schedulers go by the slot. */
static bool is_scheduled(const struct why *why)
{
	return why->answer->tracked && why->pool && why->pool->scheduler != LEAT_SCHEDULER_MH;
}

static const struct leat_way *way_of(const struct leat_backend *backend)
{
	return &backend->ways[backend->active & 1];
}

/* Of all who may have the packet: they are of one pool. */
static enum leat_mode mode_of(const struct why *why)
{
	const struct leat_backend *any = why->by_id ?: why->backend ?: why->pin ?: why->previous;

	return any ? way_of(any)->mode : LEAT_MODE_L2;
}

static bool left_for(const struct why *why, const struct leat_backend *backend)
{
	const struct leat_way *way = way_of(backend);

	if (way->mode == LEAT_MODE_L2)
		return !memcmp(why->left.link_destination, way->header, sizeof(why->left.link_destination));
	return why->left.ip_headers >= 2 && addr_equal(&why->left.destination, &backend->addr);
}

/* Whether a packet that begins a flow goes by the pin: not if the pinned connection is closing. */
static bool pin_decides(const struct why *why)
{
	const struct explain_answer *a = why->answer;

	return why->pin && why->pin->lives && (a->later != a->pin || a->first == a->pin);
}

static bool id_decides(const struct why *why)
{
	return why->by_id && why->by_id->lives;
}

/* Who gets the packet, by the tables. */
static const struct leat_backend *chosen_of(const struct why *why)
{
	return id_decides(why) ? why->by_id : pin_decides(why) ? why->pin : why->backend;
}

/* Of all who may have the packet; false where the tables do not tell who. */
static bool are_ways_known(const struct why *why, const struct leat_backend *chosen)
{
	if (id_decides(why))
		return way_of(chosen)->ifindex;
	return !is_scheduled(why) && way_of(chosen)->ifindex && (!why->previous || way_of(why->previous)->ifindex);
}

/* Whether the packet left for one of those who may have it. */
static bool left_rightly(const struct why *why)
{
	if (id_decides(why) || pin_decides(why))
		return left_for(why, chosen_of(why));
	return is_scheduled(why) || left_for(why, why->backend) || (why->previous && left_for(why, why->previous));
}

/* Verdicts are listed in the order of the path, those by which packets go out first. */
static bool is_after_access(enum leat_verdict verdict)
{
	return verdict > LEAT_ACCESS_DENIED || verdict == LEAT_FORWARDED || verdict == LEAT_TOO_BIG_REPLIED ||
	       verdict == LEAT_TTL_REPLIED;
}

/*
 * NULL: program and tables agree. A verdict about the packet itself (BAD_SOURCE, LAND and the like) falls
 * before the choice of a backend and so contradicts no table.
 */
static char *disagreement(const struct why *why)
{
	enum leat_verdict verdict = why->run->verdict;
	const struct leat_backend *chosen = chosen_of(why);
	char address[ADDR_TEXT_MAX];

	if (!why->answer->service)
		return verdict == LEAT_NOT_SERVICE ? NULL
						   : string_copy("the tables have no service for this "
								 "packet, the loaded program found one");
	if (verdict == LEAT_NOT_SERVICE)
		return string_copy(
			"the tables have a service for this packet, the loaded program found none");
	if (verdict == LEAT_ACCESS_DENIED)
		return why->answer->is_denied ? NULL
					      : string_copy("no access list denies the source, the loaded program did");
	if (why->answer->is_denied && is_after_access(verdict))
		return string_copy("an access list denies the source, the loaded program let it in");
	if (!chosen)
		return verdict != LEAT_FORWARDED && verdict != LEAT_BACKEND_UNRESOLVED
			       ? NULL
			       : string_copy("the pool's table has no backend, the loaded program found one");
	addr_format(&chosen->addr, address);
	if (verdict == LEAT_NO_BACKEND)
		return string_format("the table names %s, the loaded program found no backend", address);
	if (verdict == LEAT_BACKEND_UNRESOLVED && are_ways_known(why, chosen))
		return string_format("the way to %s is known, the loaded program says it is not", address);
	if (verdict == LEAT_FORWARDED && !left_rightly(why))
		return string_format("%s %s, the loaded program sent the packet elsewhere",
				     id_decides(why) ? "the connection id names" :
				     chosen == why->pin ? "the flow is pinned to" : "the table names", address);
	return NULL;
}

/* What the slot does not decide. */
static void why_tracked(const struct why *why, struct text *text)
{
	char now[ADDR_TEXT_MAX], before[ADDR_TEXT_MAX];

	if (is_scheduled(why))
		text_add(text, "; the pool's scheduler chooses for new connections");
	else if (why->previous && why->previous != why->backend)
		text_add(text,
			 "; slot %u is changing: new connections go to %s, connections from before to %s",
			 why->answer->slot, addr_format(&why->backend->addr, now),
			 addr_format(&why->previous->addr, before));
	else
		text_add(text, "; slot %u is tracked: pinned connections stay where they are", why->answer->slot);
	if (why->pin)
		text_add(text, "; this flow is pinned to %s%s", addr_format(&why->pin->addr, now),
			 why->pin->lives ? "" : ", which does not live");
}

static void why_backend(const struct why *why, struct text *text)
{
	const char *name = why->pool ? why->pool->name : "";
	char address[ADDR_TEXT_MAX];

	text_add(text, "the hash of the flow selects slot %u of the %u in the table of pool %.55s",
		 why->answer->slot, why->answer->slots, name);
	if (!why->backend) {
		text_add(text, ", which names no backend");
		return;
	}
	text_add(text, "; the slot is %s's (weight %u)", addr_format(&why->backend->addr, address),
		 why->backend->weight);
	if (why->runner_up)
		text_add(text, ", and would be %s's without it", addr_format(&why->runner_up->addr, address));
	else
		text_add(text, ", and nobody's without it");
	if (why->answer->tracked)
		why_tracked(why, text);
}

/* What the connection id says, before what the slot says. */
static void why_id(const struct why *why, struct text *text)
{
	const struct explain_answer *a = why->answer;
	char id[ADDR_TEXT_MAX], address[ADDR_TEXT_MAX];

	if (!a->quic) {
		text_add(text, "the service does not look for connection ids; ");
		return;
	}
	if (!a->server_id.byte[0]) {
		text_add(text, "the connection id has config rotation %u, the service looks for %u; ",
			 why->question->connection_id[0] >> 5, LEAT_QUIC_CONFIG(a->quic));
		return;
	}
	text_add(text, "the connection id has server id %s, ", config_server_id_format(&a->server_id, id));
	if (!why->by_id)
		text_add(text, "which nobody in the pool has; ");
	else if (!why->by_id->lives)
		text_add(text, "that of %s, which does not live; ", addr_format(&why->by_id->addr, address));
	else
		text_add(text, "so the packet is %s's whatever its addresses; without it ", addr_format(&why->by_id->addr, address));
}

/* The sentence that tells a person why. */
static char *why_text(const struct why *why)
{
	char address[ADDR_TEXT_MAX];
	struct text text = {};

	if (!why->answer->service)
		text_add(&text, "no service has this protocol, address and port: the packet is the kernel's");
	if (why->guard)
		text_add(&text, "access list %.55s %s %s%s", why->guard->name, why->answer->is_denied ? "denies" : "allows",
			 addr_format(&why->question->source, address), why->answer->is_denied ? "" : "; ");
	if (why->answer->is_denied)
		return text.s;
	if (why->answer->service && why->question->id_length)
		why_id(why, &text);
	if (why->answer->service && !why->answer->slots)
		text_add(&text, "pool %.55s has an empty table: no backend is usable",
			 why->pool ? why->pool->name : "");
	else if (why->answer->service)
		why_backend(why, &text);
	return text.s;
}

static json_t *render_hex(const unsigned char *bytes, size_t length)
{
	struct text text = {};
	json_t *json;

	text_add(&text, "%s", "");
	for (size_t i = 0; i < length; i++)
		text_add(&text, "%02x", bytes[i]);
	json = json_string(text.s);
	free(text.s);
	return json;
}

static json_t *render_action(uint32_t action)
{
	static const char *const names[] = {
		[XDP_ABORTED] = "XDP_ABORTED", [XDP_DROP] = "XDP_DROP",         [XDP_PASS] = "XDP_PASS",
		[XDP_TX] = "XDP_TX",           [XDP_REDIRECT] = "XDP_REDIRECT",
	};

	return json_string(action < ARRAY_SIZE(names) ? names[action] : "unknown");
}

static json_t *render_addr(const struct leat_backend *backend)
{
	char address[ADDR_TEXT_MAX];

	return backend ? json_string(addr_format(&backend->addr, address)) : json_null();
}

static void put_question(json_t *json, const struct explain_question *q)
{
	char endpoint[ADDR_TEXT_MAX];

	json_object_set_new(json, "protocol", json_string(shape_protocol(q->protocol)));
	json_object_set_new(json, "source",
			    json_string(endpoint_format(&q->source, q->source_port, endpoint)));
	json_object_set_new(json, "destination",
			    json_string(endpoint_format(&q->destination, q->destination_port, endpoint)));
}

static void put_tables(json_t *json, const struct why *why)
{
	auto_free char *text = why_text(why);
	char name[SHAPE_NAME_MAX];
	bool has_slot = why->answer->service && why->answer->slots;

	json_object_set_new(json, "service",
			    why->service ? json_string(shape_name_format(&why->service->key, name))
					 : json_null());
	json_object_set_new(json, "pool", render_text(why->pool ? why->pool->name : NULL));
	json_object_set_new(json, "access", render_text(why->guard ? why->guard->name : NULL));
	json_object_set_new(json, "slot", has_slot ? json_integer(why->answer->slot) : json_null());
	json_object_set_new(json, "slots", has_slot ? json_integer(why->answer->slots) : json_null());
	json_object_set_new(json, "backend", render_addr(why->backend));
	json_object_set_new(json, "runner-up", render_addr(why->runner_up));
	json_object_set_new(json, "tracked", json_boolean(why->answer->tracked));
	json_object_set_new(json, "previous", render_addr(why->previous));
	json_object_set_new(json, "pin", render_addr(why->pin));
	json_object_set_new(json, "by-connection-id", render_addr(id_decides(why) ? why->by_id : NULL));
	json_object_set_new(json, "why", render_text(text));
}

static void put_run(json_t *json, struct why *why)
{
	const struct explain_run *run = why->run;
	size_t sent = run->sent_length < sizeof(run->sent) ? run->sent_length : sizeof(run->sent);
	size_t left = run->left_length < sizeof(run->left) ? run->left_length : sizeof(run->left);
	auto_free char *problem = NULL;

	frame_read(run->left, left, mode_of(why), &why->left);
	problem = disagreement(why);
	json_object_set_new(json, "verdict", render_verdict(run->verdict));
	json_object_set_new(json, "xdp-action", render_action(run->xdp_action));
	json_object_set_new(json, "sent", render_hex(run->sent, sent));
	json_object_set_new(json, "left", render_hex(run->left, left));
	json_object_set_new(json, "left-decoded", left ? render_text(why->left.text) : json_null());
	json_object_set_new(json, "agree", json_boolean(!problem));
	json_object_set_new(json, "disagreement", render_text(problem));
}

void why_explain(struct request *request)
{
	const struct serve_calls *calls = request->calls;
	struct explain_question question = {};
	struct explain_answer answer = {};
	struct explain_run run = {};
	struct why why = {&question, &answer, &run};
	struct err err = {};
	json_t *json;
	int e = question_parse(request, &question, &err);

	if (!e && !calls->explain)
		e = err_set(&err, -ENOSYS, "the daemon cannot explain");
	if (!e)
		e = calls->explain(calls->context, &question, &answer, &run, &err);
	if (e) {
		reply_failure(request, e, &err);
		return;
	}
	names_resolve(&why, calls->world ? calls->world(calls->context) : NULL);
	json = json_object();
	put_question(json, &question);
	put_tables(json, &why);
	put_run(json, &why);
	reply_json(request, 200, json);
}
