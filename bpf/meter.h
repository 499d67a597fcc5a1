/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of an access list: token buckets that all CPUs share, of a source prefix at a service and of a service. A new flow is a
 * TCP SYN; other protocols do not say. Whom its own bucket refuses takes nothing from the service's. Writes tokens.
 */
#ifndef BPF_METER_H
#define BPF_METER_H

#include "explain.h"
#include "maps.h"
#include "packet.h"
#include "service.h"

/*
 * Who is refused writes nothing, so that a flood only reads. Else the token is taken first and given back if others were faster:
 * it needs no loop, and never are more taken than there are.
 */
static __always_inline bool token_take(__u64 *full_at, __u64 interval, __u64 burst, __u64 now)
{
	__u64 full = READ_ONCE(*full_at), most = now + burst;

	if ((full > now ? full : now) + interval > most)
		return false;
	if (explaining)
		return true;
	if (full < now)
		__sync_val_compare_and_swap(full_at, full, now);
	if (__sync_fetch_and_add(full_at, interval) + interval <= most)
		return true;
	__sync_fetch_and_add(full_at, -interval);
	return false;
}

/* LEAT_NEXT, or the verdict of the limit that is reached. */
static __always_inline enum leat_verdict tokens_take(struct leat_tokens *tokens, const struct leat_guard *list,
						     bool is_new, enum leat_rate packets, enum leat_rate flows,
						     enum leat_verdict no_packets, enum leat_verdict no_flows, __u64 now)
{
	__u64 interval = READ_ONCE(list->interval_ns[packets]);

	if (interval && !token_take(&tokens->packets_full_at, interval, READ_ONCE(list->burst_ns), now))
		return no_packets;
	interval = READ_ONCE(list->interval_ns[flows]);
	if (interval && is_new && !token_take(&tokens->flows_full_at, interval, READ_ONCE(list->burst_ns), now))
		return no_flows;
	return LEAT_NEXT;
}

static __always_inline __u64 source_busy_until(const struct leat_source *source)
{
	__u64 packets = READ_ONCE(source->tokens.packets_full_at), flows = READ_ONCE(source->tokens.flows_full_at);

	return packets > flows ? packets : flows;
}

/*
 * Which way of the set is the source's, -1: none. Who comes anew takes the place of the one whose buckets will be full first,
 * and empties its tokens before the key: nobody begins with another's debts. A function of its own, for the verifier.
 */
ROOM int source_find(__u32 number, __u64 key)
{
	struct leat_source_set *set = bpf_map_lookup_elem(&source_tokens, &number);
	struct leat_source *way;
	__u32 least = 0, i;
	__u64 old;

	if (!set)
		return -1;
#pragma unroll
	for (i = 0; i < LEAT_SOURCE_WAYS; i++) {
		if (READ_ONCE(set->way[i].key) == key)
			return i;
		if (source_busy_until(&set->way[i]) < source_busy_until(&set->way[least % LEAT_SOURCE_WAYS]))
			least = i;
	}
	way = &set->way[least % LEAT_SOURCE_WAYS];
	old = READ_ONCE(way->key);
	if (explaining)
		return -1;
	*(volatile __u64 *)&way->tokens.packets_full_at = 0;
	*(volatile __u64 *)&way->tokens.flows_full_at = 0;
	return __sync_val_compare_and_swap(&way->key, old, key) == old ? (int)least : -1;
}

/* NULL: there is no bucket, and so no limit. */
static __always_inline struct leat_source *source_get(const struct packet *p, const struct leat_guard *list)
{
	const struct leat_control *all = control_get();
	__u32 cut = packet_is_ipv4(p) ? list->cut4 : list->cut6, number = p->service;
	const struct leat_service *service = bpf_map_lookup_elem(&services, &number);
	struct leat_addr source = p->source;
	struct leat_source_set *set;
	__u64 key;
	int way;

	if (!all || !service)
		return NULL;
	leat_addr_cut(&source, cut);
	key = leat_hash_source(&all->factors, &service->key, &source);
	number = leat_hash_slot(key, LEAT_SOURCE_SETS);
	way = source_find(number, key ? key : 1);
	set = bpf_map_lookup_elem(&source_tokens, &number);
	return set && way >= 0 ? &set->way[(__u32)way % LEAT_SOURCE_WAYS] : NULL;
}

static __always_inline enum leat_verdict meter(const struct packet *p, const struct leat_guard *list)
{
	bool is_new = (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	__u64 now = bpf_ktime_get_ns();
	struct leat_tokens *service;
	struct leat_source *source;
	__u32 number = p->service;

	if (READ_ONCE(list->interval_ns[LEAT_RATE_SOURCE_PACKETS]) |
	    READ_ONCE(list->interval_ns[LEAT_RATE_SOURCE_FLOWS])) {
		source = source_get(p, list);
		if (source)
			TRY(tokens_take(&source->tokens, list, is_new, LEAT_RATE_SOURCE_PACKETS, LEAT_RATE_SOURCE_FLOWS,
					LEAT_LIMIT_SOURCE_PACKETS, LEAT_LIMIT_SOURCE_FLOWS, now));
	}
	service = bpf_map_lookup_elem(&service_tokens, &number);
	return service ? tokens_take(service, list, is_new, LEAT_RATE_SERVICE_PACKETS, LEAT_RATE_SERVICE_FLOWS,
				     LEAT_LIMIT_SERVICE_PACKETS, LEAT_LIMIT_SERVICE_FLOWS, now)
		       : LEAT_NEXT;
}

#endif
