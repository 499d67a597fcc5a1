/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers to questions: the snapshot that every renderer formats, and `leat explain`. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "daemon/daemon.h"
#include "daemon/crafted.h"
#include "model/hashed.h"
#include "net/ways_header.h"

/* --- snapshot ------------------------------------------------------------------------------------- */

static void fill_way(const struct leat_backend *backend, struct snapshot_backend *ret)
{
	const struct leat_way *way = &backend->ways[backend->active & 1];
	struct way_tag tags[WAYS_TAGS_MAX];
	const __u8 *mac = way->header;
	char name[IF_NAMESIZE];
	unsigned int i;

	if (!way->ifindex)
		return;
	ret->resolved = true;
	ret->interface = string_copy(if_indextoname(way->ifindex, name) ? name : "gone");
	ret->link_address = string_format("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	i = ways_header_tags(way, tags);
	while (i-- > 0)
		ret->vlans[i] = ntohs(tags[i].tci);
	ret->mtu = way->mtu;
}

static void fill_load(const struct daemon *d, unsigned int backend, struct snapshot_backend *ret)
{
	const struct world *world = dataplane_world(d->dataplane);

	ret->lives = world->backends[backend].lives;
	ret->connections = __atomic_load_n(&world->loads[backend].connections, __ATOMIC_RELAXED);
}

/* The maps have weights of a pool in a unit of their own. */
static void fill_start(struct daemon *d, const struct config_pool *pool, const struct config_member *member,
		       struct snapshot_backend *ret)
{
	unsigned int ramp = ret->in_table ? flows_ramp(d, pool, member) : 1000;

	ret->is_starting = ramp < 1000;
	ret->effective_weight = (ret->weight * ramp + 999) / 1000;
}

static void fill_flows_of(const struct daemon *d, const struct config_pool *pool, unsigned int number,
			  struct snapshot_pool *ret)
{
	struct sweep_pool found = flows_of_pool(d, number);
	const struct leat_pool *there = &dataplane_world(d->dataplane)->pools[number];

	ret->slots = LEAT_TABLE_SIZE(there->table);
	ret->is_settling = ret->slots && (ret->slots != ret->table_size || there->scheduler != pool->scheduler ||
					  !grain_is_same(LEAT_HASHED_NOW(there->hashed), want_grain(pool)));
	ret->looks_back = LEAT_HASHED_LOOKS_BACK(there->hashed);
	ret->older = found.older;
	ret->tracked = found.tracked;
	ret->pins = found.pins;
	memcpy(ret->states, found.states, sizeof(ret->states));
	ret->astray = found.astray;
	ret->oldest_s = (uint64_t)found.oldest * d->config->flows.tick_ms / 1000;
}

static void fill_backend(struct daemon *d, const struct config_pool *pool, unsigned int number,
			 const struct config_member *member, const uint32_t *owned, struct snapshot_backend *ret)
{
	unsigned int backend = number ? world_find_backend(dataplane_world(d->dataplane), number, &member->addr) : 0;
	const char *check;

	ret->addr = member->addr;
	ret->weight = member->weight;
	ret->state = member->state;
	ret->health = health_of(d->health, pool->name, &member->addr, &check);
	ret->check = string_copy(check);
	ret->latency_us = health_latency_us(d->health, pool->name, &member->addr);
	ret->drain_deadline_ms = member->drain_deadline_ms;
	ret->server_id = member->server_id;
	ret->drain_left_s = flows_drain_left_s(d, pool, member);
	if (!backend)
		return;
	fill_load(d, backend, ret);
	ret->slots = owned[backend];
	ret->in_table = owned[backend] > 0;
	fill_start(d, pool, member, ret);
	ret->forwarded = dataplane_backend(d->dataplane, backend);
	fill_way(&dataplane_world(d->dataplane)->backends[backend], ret);
}

/* owned: LEAT_BACKENDS_MAX counts, 0 between calls, so that a snapshot of many small pools clears only what it used. */
static void fill_pool(struct daemon *d, unsigned int index, uint32_t *owned, struct snapshot_pool *ret)
{
	const struct config_pool *pool = &d->config->pools[index];
	const struct world *world = dataplane_world(d->dataplane);
	unsigned int number = world_find_pool(world, pool->name), i;
	uint64_t table = world->pools[number].table;
	const uint32_t *slots = world->slots + LEAT_TABLE_OFFSET(table);

	*ret = (struct snapshot_pool){
		.name = string_copy(pool->name),
		.scheduler = pool->scheduler_name,
		.prefix4 = pool->prefix4,
		.prefix6 = pool->prefix6,
		.by_client = pool->by_client,
		.affinity_ms = pool->affinity_ms,
		.slow_start_ms = pool->slow_start_ms,
		.mode = pool->mode,
		.tunnel_port = pool->tunnel_port,
		.table_size = pool->table_size,
		.all_down = pool->all_down,
		.check = pool->check,
		.is_all_down = d->all_down[index],
		.backend_count = pool->member_count,
		.backends = memory_zeroed(pool->member_count, sizeof(*ret->backends)),
	};
	if (number)
		fill_flows_of(d, pool, number, ret);
	for (i = 0; number && i < LEAT_TABLE_SIZE(table); i++)
		owned[LEAT_SLOT_CURRENT(slots[i])]++;
	for (i = 0; i < pool->member_count; i++)
		fill_backend(d, pool, number, &pool->members[i], owned, &ret->backends[i]);
	for (i = 0; number && i < LEAT_TABLE_SIZE(table); i++)
		owned[LEAT_SLOT_CURRENT(slots[i])] = 0;
}

static void fill_service(struct daemon *d, const struct config_service *service, struct snapshot_service *ret)
{
	unsigned int number = world_find_service(dataplane_world(d->dataplane), &service->key);

	ret->key = service->key;
	ret->pool = string_copy(d->config->pools[service->pool].name);
	ret->sticky_ms = service->sticky_ms;
	if (service->access)
		ret->access = string_copy(d->config->access[service->access - 1].name);
	ret->quic = service->quic;
	if (number)
		ret->received = dataplane_service(d->dataplane, number);
}

static void fill_interface(const struct interface_state *state, struct snapshot_interface *ret)
{
	ret->name = string_copy(state->name);
	ret->attached = state->attached;
	ret->problem = string_copy(state->problem);
	ret->member_of = string_copy(state->bond);
	if (!state->attached)
		return;
	ret->mode = string_copy(!state->attachment.native    ? "generic" :
				state->by_members	     ? "native (members)" :
				state->attachment.dispatcher ? "native (dispatcher)" :
							       "native");
	ret->program_id = state->by_members ? 0 : state->attachment.program_id;
	ret->dispatcher = state->attachment.dispatcher;
	ret->frags = state->attachment.frags;
	ret->bond = state->by_members || state->attachment.bond;
}

static void fill_flows(struct daemon *d, struct snapshot *ret)
{
	const struct leat_control *control = dataplane_world(d->dataplane)->control;
	enum leat_flow_event event;
	unsigned int i;

	ret->flows = (struct snapshot_flows){
		.size = d->config->flows.size,
		.capacity = (control->flow_mask + 1) * LEAT_FLOW_WAYS,
		.memory = (control->flow_mask + 1ull) * sizeof(struct leat_flow_set),
		.clock = control->clock,
		.tick_ms = d->config->flows.tick_ms,
	};
	for (i = 0; i < ret->pool_count; i++)
		ret->flows.pins += ret->pools[i].pins;
	for (event = 0; event < LEAT_FLOW_EVENT_COUNT; event++)
		ret->flows.events[event] = dataplane_flow_events(d->dataplane, event);
}

struct snapshot *answer_snapshot(struct daemon *d)
{
	auto_free uint32_t *owned = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*owned));
	struct snapshot *s = memory_zeroed(1, sizeof(*s));
	struct utsname kernel;
	unsigned int i;

	s->version = LEAT_VERSION;
	if (!uname(&kernel))
		snprintf(s->kernel, sizeof(s->kernel), "%s", kernel.release);
	s->uptime_s = (clock_us() - d->started_us) / 1000000;
	s->seed = d->config->seed;
	s->configuration = d->configuration;
	s->icmp_rate = d->config->icmp_rate;
	s->fragments = d->config->fragment_sets * LEAT_FRAGMENT_WAYS;
	s->interface_count = d->interface_count;
	s->interfaces = memory_zeroed(s->interface_count, sizeof(*s->interfaces));
	for (i = 0; i < s->interface_count; i++)
		fill_interface(&d->interfaces[i], &s->interfaces[i]);
	s->access = d->config->access;
	s->access_count = d->config->access_count;
	s->pool_count = d->config->pool_count;
	s->pools = memory_zeroed(s->pool_count, sizeof(*s->pools));
	for (i = 0; i < s->pool_count; i++)
		fill_pool(d, i, owned, &s->pools[i]);
	fill_flows(d, s);
	s->service_count = d->config->service_count;
	s->services = memory_zeroed(s->service_count, sizeof(*s->services));
	for (i = 0; i < s->service_count; i++)
		fill_service(d, &d->config->services[i], &s->services[i]);
	for (i = 0; i < LEAT_VERDICT_COUNT; i++)
		s->verdicts[i] = dataplane_verdict(d->dataplane, i);
	return s;
}

/* --- explain ---------------------------------------------------------------------------------------- */

int answer_explain(struct daemon *d, const struct explain_question *question, struct explain_answer *ret_answer,
		   struct explain_run *ret_run, struct err *err)
{
	int ifindex = 0, action;
	unsigned int i;

	explain_tables(dataplane_world(d->dataplane), question, ret_answer);
	for (i = 0; i < d->interface_count && !ifindex; i++)
		if (d->interfaces[i].attached)
			ifindex = d->interfaces[i].attachment.ifindex;
	ret_run->sent_length = crafted_packet(question, ret_run->sent, sizeof(ret_run->sent));
	ret_run->left_length = sizeof(ret_run->left);
	action = dataplane_run(d->dataplane, ifindex, ret_run->sent, ret_run->sent_length, ret_run->left,
			       &ret_run->left_length, &ret_run->verdict);
	if (action < 0)
		return err_set(err, action, "the loaded program cannot be run on the packet: %s", strerror(-action));
	ret_run->xdp_action = action;
	return 0;
}
