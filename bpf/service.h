/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second room: which service is the packet addressed to? Reads the control record, one bucket of the
 * index and the service's record; changes nothing. A packet for no service leaves untouched; for a packet
 * that is for a service, this is where its defect counts. Services on more than one address, port or protocol: shapes.h.
 */
#ifndef BPF_SERVICE_H
#define BPF_SERVICE_H

#include "maps.h"
#include "packet.h"
#include "service_take.h"
#include "shapes.h"

static __always_inline struct leat_control *control_get(void)
{
	__u32 only = 0;

	return bpf_map_lookup_elem(&control, &only);
}

static __always_inline const struct leat_bucket *bucket_get(__u64 index, __u64 hash)
{
	__u32 number = LEAT_INDEX_HALF(index) * LEAT_BUCKETS_MAX + leat_hash_slot(hash, LEAT_INDEX_BUCKETS(index));

	return bpf_map_lookup_elem(&buckets, &number);
}

static __always_inline bool is_same_key(const struct leat_service_key *a, const struct leat_service_key *b)
{
	return a->addr.half[0] == b->addr.half[0] && a->addr.half[1] == b->addr.half[1] &&
	       a->port == b->port && a->protocol == b->protocol;
}

/* Takes the service of this number if it is the one addressed. */
static __always_inline bool service_believe(struct packet *p, __u32 number)
{
	const struct leat_service *service = bpf_map_lookup_elem(&services, &number);

	if (!service || !is_same_key(&service->key, &p->key))
		return false;
	service_take(p, number, service);
	return true;
}

static __always_inline enum leat_verdict find_service(struct packet *p)
{
	const struct leat_control *all = control_get();
	const struct leat_bucket *bucket;
	__u64 index, hash;
	__u32 entry, i;

	if (!all)
		return LEAT_NOT_SERVICE;
	index = READ_ONCE(all->index);
	hash = leat_hash_service(&all->factors, &p->key);
	bucket = bucket_get(index, hash);
	if (!bucket || !LEAT_INDEX_BUCKETS(index))
		return LEAT_NOT_SERVICE;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_BUCKET_ENTRIES; i++) {
		entry = bucket->entry[i];
		if (!entry)
			break;
		if (entry >> 16 != (hash & 0xffff) || !service_believe(p, entry & 0xffff))
			continue;
		return p->defect;
	}
	return unlikely(LEAT_INDEX_SPANS(index)) ? find_shape(p, index) : LEAT_NOT_SERVICE;
}

/*
 * Of a packet that parse left to the kernel because of its protocol: that may be a shape's. A room of its own, or Linux 6.1
 * looks at all behind it once for each way on which parse may have ended.
 */
ROOM enum leat_verdict find_other(struct packet *p)
{
	const struct leat_control *all = control_get();
	__u64 index;

	ROOM_ENTER(p);
	if (!all)
		return LEAT_NOT_SERVICE;
	index = READ_ONCE(all->index);
	return LEAT_INDEX_SPANS(index) ? find_shape(p, index) : LEAT_NOT_SERVICE;
}

#endif
