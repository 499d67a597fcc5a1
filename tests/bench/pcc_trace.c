/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trace and the oracle. So many flows are always open: where one ends another begins. A flow sends a first packet (SYN),
 * then packets with gaps of 8 s on average and 20 s at most, about eight in all, the last with FIN. A flow is broken under a
 * policy when a packet goes to another backend than its first one and the first one has lived ever since.
 */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "bench/pcc.h"

#define GAP_MEAN_MS  8000
#define PACKETS_MEAN 8
#define WHEEL        4096 /* steps of PCC_STEP_MS, more than PCC_GAP_MS */
#define NOBODY       UINT32_MAX
#define FLOOD_TUPLES 0x20000000u /* and above: those of the flood */

struct flow {
	uint32_t next; /* in its step of the wheel */
	uint32_t tuple;
	uint64_t began_ms;
	uint64_t hash;
	uint16_t first[PCC_POLICIES]; /* 0: judged already */
	bool is_begun;
};

struct play {
	const struct pcc_scene *scene;
	struct pcc_result *result;
	struct pcc_world world;
	struct flow *flows;
	uint32_t wheel[WHEEL], tuples;
	uint64_t random;
	double due, flood_due; /* changes, SYNs of the flood */
};

struct leat_factors pcc_factors;

/* --- drawing ------------------------------------------------------------------------------------------ */

static uint64_t draw(struct play *p)
{
	return leat_hash_mix(p->random += 0x9e3779b97f4a7c15ull);
}

static unsigned int draw_below(struct play *p, unsigned int below)
{
	return (draw(p) >> 32) * below >> 32;
}

static double draw_exponential(struct play *p, double mean)
{
	return -log(((draw(p) >> 11) + 1) * 0x1p-53) * mean;
}

/* --- addresses ------------------------------------------------------------------------------------------ */

void pcc_tuple(uint32_t tuple, __be32 *ret_source, uint16_t *ret_port)
{
	*ret_source = htonl(0x64000000 | (tuple / 60000 & 0xffffff));
	*ret_port = 1024 + tuple % 60000;
}

static struct leat_addr mapped(__be32 ipv4)
{
	return (struct leat_addr){ .word = { 0, 0, htonl(0xffff), ipv4 } };
}

struct leat_addr pcc_member_addr(unsigned int member)
{
	return mapped(htonl(0x0a000000 | member));
}

uint64_t pcc_hash(uint32_t tuple)
{
	struct leat_service_key key = { .addr = mapped(htonl(0xc000020a)), .port = htons(80), .protocol = IPPROTO_TCP };
	struct leat_addr source;
	__be32 ipv4;
	uint16_t port;

	pcc_tuple(tuple, &ipv4, &port);
	source = mapped(ipv4);
	return leat_hash_flow(&pcc_factors, &key, &source, htons(port));
}

/* --- flows ---------------------------------------------------------------------------------------------- */

static void wait_for(struct play *p, struct flow *flow, uint64_t ms)
{
	uint32_t *step = &p->wheel[(p->world.now_ms + ms) / PCC_STEP_MS % WHEEL];

	flow->next = *step;
	*step = flow - p->flows;
}

static void wait_gap(struct play *p, struct flow *flow)
{
	double gap = draw_exponential(p, GAP_MEAN_MS);

	wait_for(p, flow, PCC_STEP_MS + (gap < PCC_GAP_MS - PCC_STEP_MS ? (uint64_t)gap : PCC_GAP_MS - PCC_STEP_MS));
}

static void judge(struct play *p, struct flow *flow, unsigned int policy, unsigned int member, bool is_last)
{
	const struct pcc_member *first = &p->world.members[flow->first[policy]];

	if (!flow->first[policy])
		return;
	if (!pcc_lives(first) || first->died_ms >= flow->began_ms) {
		flow->first[policy] = 0;
		return;
	}
	if (member == flow->first[policy] && !is_last)
		return;
	p->result->judged[policy]++;
	p->result->broken[policy] += member != flow->first[policy];
	flow->first[policy] = 0;
}

static void flow_send(struct play *p, struct flow *flow)
{
	struct pcc_packet packet = { .tuple = flow->tuple, .hash = flow->hash, .is_first = !flow->is_begun };
	unsigned int i, member;

	packet.is_last = flow->is_begun && !draw_below(p, PACKETS_MEAN - 1);
	for (i = 0; i < p->scene->policy_count; i++) {
		member = p->scene->policies[i]->send(&p->world, &packet);
		if (packet.is_first)
			flow->first[i] = member;
		else
			judge(p, flow, i, member, packet.is_last);
	}
	p->result->packets++;
	flow->is_begun = !packet.is_last;
	if (packet.is_first) {
		p->result->flows++;
		flow->began_ms = p->world.now_ms;
	}
	if (packet.is_last) {
		flow->tuple = ++p->tuples;
		flow->hash = pcc_hash(flow->tuple);
	}
	wait_gap(p, flow);
}

/* --- changes ---------------------------------------------------------------------------------------------- */

static unsigned int count_state(const struct play *p, enum pcc_state state)
{
	unsigned int i, count = 0;

	for (i = 1; i <= p->world.member_count; i++)
		count += p->world.members[i].state == state;
	return count;
}

/* A member in this state; 0: there is none. */
static unsigned int draw_member(struct play *p, enum pcc_state state)
{
	unsigned int count = count_state(p, state), i, n;

	if (!count)
		return 0;
	n = draw_below(p, count);
	for (i = 1; p->world.members[i].state != state || n--; i++)
		;
	return i;
}

static void set_state(struct play *p, unsigned int member, enum pcc_state state)
{
	struct pcc_member *m = &p->world.members[member];
	bool lived = pcc_lives(m);

	m->state = state;
	if (lived && !pcc_lives(m))
		m->died_ms = p->world.now_ms;
}

/* One of: fail, return, drain, end draining, other weight, remove, add. Seven tenths of the members stay up. */
static void change(struct play *p)
{
	static const struct {
		enum pcc_state from, to;
	} moves[] = {
		{ PCC_UP, PCC_DOWN }, { PCC_DOWN, PCC_UP }, { PCC_UP, PCC_DRAINING }, { PCC_DRAINING, PCC_UP }, { PCC_DOWN, PCC_ABSENT },
	};
	unsigned int kind = draw_below(p, 7), member;

	if (kind < 5) {
		if (moves[kind].from == PCC_UP && count_state(p, PCC_UP) * 10 < p->scene->backends * 7)
			kind = moves[kind].to == PCC_DOWN ? 1 : 3;
		member = draw_member(p, moves[kind].from);
		if (!member)
			return change(p);
		set_state(p, member, moves[kind].to);
	} else if (kind == 5) {
		p->world.members[draw_member(p, PCC_UP)].weight = 5 + draw_below(p, 11);
	} else {
		if (count_state(p, PCC_ABSENT) + p->scene->backends <= p->world.member_count ||
		    p->world.member_count + 1 == PCC_MEMBERS_MAX)
			return change(p);
		p->world.members[++p->world.member_count] = (struct pcc_member){ .state = PCC_UP, .weight = 10 };
	}
	p->result->changes++;
	for (kind = 0; kind < p->scene->policy_count; kind++)
		p->scene->policies[kind]->change(&p->world);
}

/* --- the whole ---------------------------------------------------------------------------------------------- */

static void play_open(struct play *p)
{
	unsigned int i;
	uint32_t n;

	leat_factors_from_seed(PCC_SEED, &pcc_factors);
	p->random = p->scene->seed;
	p->world.now_ms = 1000;
	p->world.member_count = p->scene->backends;
	for (i = 1; i <= p->scene->backends; i++)
		p->world.members[i] = (struct pcc_member){ .state = PCC_UP, .weight = 10 };
	for (i = 0; i < p->scene->policy_count; i++) {
		p->scene->policies[i]->open(&p->world, p->scene->flow_words);
		p->scene->policies[i]->change(&p->world);
	}
	memset(p->wheel, 0xff, sizeof(p->wheel));
	for (n = 0; n < p->scene->flows; n++) {
		p->flows[n].tuple = ++p->tuples;
		p->flows[n].hash = pcc_hash(p->tuples);
		wait_for(p, &p->flows[n], draw_below(p, PCC_GAP_MS));
	}
}

static void flood(struct play *p)
{
	struct pcc_packet packet = { .is_first = true };
	unsigned int i;

	for (p->flood_due += (double)p->scene->flood * PCC_STEP_MS / p->scene->seconds / 1000; p->flood_due >= 1; p->flood_due--) {
		packet.tuple = FLOOD_TUPLES + p->result->flooded++;
		packet.hash = pcc_hash(packet.tuple);
		for (i = 0; i < p->scene->policy_count; i++)
			p->scene->policies[i]->send(&p->world, &packet);
	}
}

static void play_step(struct play *p)
{
	uint32_t *step = &p->wheel[p->world.now_ms / PCC_STEP_MS % WHEEL], at = *step, next;
	unsigned int i;

	*step = NOBODY;
	for (; at != NOBODY; at = next) {
		next = p->flows[at].next;
		if (next != NOBODY)
			__builtin_prefetch(&p->flows[next]);
		flow_send(p, &p->flows[at]);
	}
	flood(p);
	/* The first flows begin in peace. */
	if (p->world.now_ms > PCC_GAP_MS)
		p->due += p->scene->changes_per_s * PCC_STEP_MS / 1000;
	for (; p->due >= 1; p->due--)
		change(p);
	for (i = 0; i < p->scene->policy_count; i++)
		p->scene->policies[i]->step(&p->world);
	p->world.now_ms += PCC_STEP_MS;
}

void pcc_play(const struct pcc_scene *scene, struct pcc_result *ret, void (*progress)(double share))
{
	auto_free struct play *p = memory_zeroed(1, sizeof(*p));
	auto_free struct flow *flows = memory_zeroed(scene->flows, sizeof(*flows));
	uint64_t end = 1000 + scene->seconds * 1000ull;
	unsigned int i;

	*ret = (struct pcc_result){};
	p->scene = scene;
	p->result = ret;
	p->flows = flows;
	p->due = 0.999; /* the first change comes soon */
	play_open(p);
	while (p->world.now_ms < end) {
		play_step(p);
		if (p->world.now_ms % 1000 == 0)
			progress((double)p->world.now_ms / end);
	}
	ret->leat = pcc_leat_figures();
	for (i = 0; i < scene->policy_count; i++)
		scene->policies[i]->close();
}
