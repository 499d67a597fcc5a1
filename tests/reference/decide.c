/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a frame is and what becomes of it: docs/packet.md from "Find the service" on. */
#include <netinet/in.h>
#include <string.h>

#include "reference/model.h"
#include "reference/wire.h"

enum { ECHO_REQUEST = 8, ECHO_REQUEST6 = 128 };

/* --- the service -------------------------------------------------------------------------------- */

/* Whether the packet is for a service or a service's address; which, in ret. */
static bool is_for_service(const struct reference_config *config, const struct packet *p,
			   struct reference_answer *ret)
{
	if (p->asks == ASKS_NOTHING)
		return false;
	if (p->asks == ASKS_ADDRESS) {
		if (reference_has_address(config, &p->destination))
			return true;
		REACH(NOBODY_ADDRESS_WHOLE);
		return false;
	}
	ret->service = reference_service_of(config, &p->destination, p->protocol, p->destination_port);
	if (ret->service != REFERENCE_NONE)
		return true;
	if (p->asks == ASKS_OTHER) {
		REACH(NOBODY_PROTOCOL);
		return false;
	}
	if (reference_has_address(config, &p->destination))
		REACH(NOBODY_PORT);
	else
		REACH(NOBODY_ADDRESS);
	return false;
}

static enum leat_verdict find_service(const struct reference_config *config, const struct packet *p,
				      struct reference_answer *ret)
{
	if (!is_for_service(config, p, ret)) {
		if (p->defect != LEAT_NEXT)
			REACH(NOBODY_DEFECT);
		return LEAT_NOT_SERVICE;
	}
	ret->counts_for_service = true;
	if (p->defect == LEAT_NEXT)
		return LEAT_NEXT;
	REACH_ONE(p->road);
	if (p->has_two_defects)
		REACH(FOUND_TWO_DEFECTS);
	if (p->asks == ASKS_PORT)
		REACH(FOUND_PORT_DEFECT);
	else if (p->asks == ASKS_OTHER)
		REACH(FOUND_OTHER_DEFECT);
	else
		REACH(FOUND_ADDRESS_DEFECT);
	return p->defect;
}

static void reach_quoted(const struct packet *p)
{
	if (!reference_has_ports(p->protocol))
		REACH(QUOTED_NO_PORTS);
	else if (p->protocol == IPPROTO_SCTP)
		REACH(QUOTED_SCTP);
	else if (p->protocol == IPPROTO_TCP && p->is_ipv6)
		REACH(QUOTED6_TCP);
	else if (p->protocol == IPPROTO_TCP)
		REACH(QUOTED4_TCP);
	else if (p->is_ipv6)
		REACH(QUOTED6_UDP);
	else
		REACH(QUOTED4_UDP);
}

static void reach_found(const struct packet *p)
{
	if (p->is_error)
		reach_quoted(p);
	if (p->is_error || p->fragment != WHOLE)
		return;
	if (p->asks == ASKS_OTHER && p->is_ipv6)
		REACH(FOUND6_OTHER);
	else if (p->asks == ASKS_OTHER)
		REACH(FOUND4_OTHER);
	else if (p->protocol == IPPROTO_SCTP && p->is_ipv6)
		REACH(FOUND6_SCTP);
	else if (p->protocol == IPPROTO_SCTP)
		REACH(FOUND4_SCTP);
	else if (p->protocol == IPPROTO_TCP && p->is_ipv6)
		REACH(FOUND6_TCP);
	else if (p->protocol == IPPROTO_TCP)
		REACH(FOUND4_TCP);
	else if (p->is_ipv6)
		REACH(FOUND6_UDP);
	else
		REACH(FOUND4_UDP);
}

/* --- ICMP --------------------------------------------------------------------------------------- */

static void reach_echo(const struct packet *p)
{
	const uint8_t *ip = p->frame + p->ip;

	if (p->is_ipv6)
		REACH(ECHO6);
	else
		REACH(ECHO4);
	if (p->is_ipv6 && p->transport > p->ip + 40)
		REACH(ECHO6_CHAIN);
	if (!p->is_ipv6 && p->transport > p->ip + 20)
		REACH(ECHO4_OPTIONS);
	if (p->tag_count)
		REACH(ECHO_TAGGED);
	if (p->frame[p->transport + 1])
		REACH(ECHO_CODE);
	if (ip[p->is_ipv6 ? 7 : 8] < 2)
		REACH(ECHO_SPENT);
}

/* Of ICMP without defect to a service's address; LEAT_NEXT: it goes where a flow goes, whose packet it has become. */
static enum leat_verdict answer_icmp(const struct reference_config *config, struct packet *p, struct reference_answer *ret)
{
	uint32_t service;

	if (p->frame[p->transport] == (p->is_ipv6 ? ECHO_REQUEST6 : ECHO_REQUEST)) {
		reach_echo(p);
		reference_reply_echo(p, ret);
		return LEAT_ECHO_REPLIED;
	}
	if (reference_read_quoted(p)) {
		service = reference_service_of(config, &p->destination, p->protocol, p->destination_port);
		if (service != REFERENCE_NONE) {
			ret->service = service;
			return LEAT_NEXT;
		}
		REACH(QUOTED_NOBODY);
	}
	if (p->is_ipv6)
		REACH(FOUND6_ICMP_OTHER);
	else
		REACH(FOUND4_ICMP_OTHER);
	return LEAT_ICMP_PASSED;
}

/* --- the backend -------------------------------------------------------------------------------- */

/* known: a later fragment's backend, 0: it is to be found. */
static enum leat_verdict choose(struct reference *r, const struct packet *p, unsigned int known, struct reference_answer *ret,
				struct choice *choice)
{
	const struct reference_service *service = &r->config->services[ret->service];
	unsigned int backend = known ?: reference_backend(r, p, service, &choice->hash, ret);

	if (!backend) {
		REACH(POOL_EMPTY);
		return LEAT_NO_BACKEND;
	}
	if (p->fragment == FIRST)
		reference_fragment_remember(r, p, ret->service, backend);
	if (p->fragment != WHOLE)
		choice->hash = reference_fragment_hash(r, p);
	choice->pool = &r->config->pools[service->pool];
	choice->member = &choice->pool->members[r->backends[backend].member];
	if (!choice->member->way.is_known) {
		REACH(WAY_UNKNOWN);
		return LEAT_BACKEND_UNRESOLVED;
	}
	return LEAT_NEXT;
}

static enum leat_verdict decide(struct reference *r, struct packet *p, bool may_reply,
				struct reference_answer *ret)
{
	struct choice choice;
	unsigned int backend = 0;
	enum leat_verdict verdict = reference_read(p);

	if (verdict != LEAT_NEXT)
		return verdict;
	verdict = find_service(r->config, p, ret);
	if (verdict != LEAT_NEXT)
		return verdict;
	if (p->fragment != WHOLE)
		verdict = reference_fragment(r, p, ret, &backend);
	if (verdict != LEAT_NEXT)
		return verdict;
	if (p->asks == ASKS_ADDRESS && p->fragment == WHOLE)
		verdict = answer_icmp(r->config, p, ret);
	if (verdict != LEAT_NEXT)
		return verdict;
	if (!reference_lets_in(r->config, p, &r->config->services[ret->service]))
		return LEAT_ACCESS_DENIED;
	verdict = reference_limit(r, p, &r->config->services[ret->service]);
	if (verdict != LEAT_NEXT)
		return verdict;
	reach_found(p);
	verdict = choose(r, p, backend, ret, &choice);
	if (verdict != LEAT_NEXT)
		return verdict;
	verdict = reference_forward(r->config, p, &choice, may_reply, ret);
	if (verdict == LEAT_FORWARDED) {
		ret->pool = r->config->services[ret->service].pool;
		ret->member = choice.member - choice.pool->members;
	}
	return verdict;
}

static enum reference_action action_of(enum leat_verdict verdict)
{
	static const enum reference_action actions[] = {
#define X(name, action, help) [LEAT_##name] = REFERENCE_##action,
		LEAT_VERDICTS(X)
#undef X
	};

	return actions[verdict];
}

void reference_decide(struct reference *reference, const uint8_t *frame, uint32_t length, bool may_reply,
		      struct reference_answer *ret)
{
	struct packet p = {.frame = frame, .length = length, .first_buffer = length};

	if (reference->config->first_buffer && reference->config->first_buffer < length)
		p.first_buffer = reference->config->first_buffer;
	ret->action = REFERENCE_TX;
	ret->counts_for_service = false;
	ret->service = ret->pool = ret->member = REFERENCE_NONE;
	ret->event = REFERENCE_NO_EVENT;
	ret->ifindex = ret->length = 0;
	ret->verdict = decide(reference, &p, may_reply, ret);
	ret->bytes = p.end;
	if (ret->action != REFERENCE_REDIRECT)
		ret->action = action_of(ret->verdict);
	if (ret->action == REFERENCE_PASS) {
		ret->length = length;
		memcpy(ret->frame, frame, length);
	}
}
