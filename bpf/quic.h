/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A side room of choosing, entered only by packets to services that are asked for QUIC: reads the connection id that the packet
 * is addressed to, and in it the server id (include/leat/quic.h). Only what RFC 8999 promises of all versions is read, and nothing
 * is refused here: who is not found by an id goes by the table. Reads the frame, the index of server ids and the backend;
 * sets p->backend.
 */
#ifndef BPF_QUIC_H
#define BPF_QUIC_H

#include <linux/udp.h>

#include "service.h"

/* The first octet of the destination connection id; NULL: none that can hold such a server id. Checked: LEAT_QUIC_ID_MAX from there. */
static __always_inline const __u8 *connection_id(struct xdp_md *ctx, const struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct cursor c = {data + (p->link_len & LINK_LEN_MASK) + (p->ip_headers & IP_HEADERS_MASK), end};
	const struct udphdr *udp;
	const __u8 *head, *id;
	__u32 before = 1, left;

	barrier_var(c.at); /* one pointer, or what is checked of one copy helps no other */
	udp = take(&c, sizeof(*udp));
	head = take(&c, 1);
	if (!udp || !head)
		return NULL;
	left = bpf_ntohs(udp->len);
	if (unlikely(p->fragment != FRAGMENT_NONE) && left > p->ip_len - p->ip_headers)
		left = p->ip_len - p->ip_headers; /* the datagram goes on in other fragments */
	if (*head & 0x80) { /* long: version, then the id's length (RFC 8999 5.1) */
		head = take(&c, 5);
		if (!head || head[4] < LEAT_QUIC_ID_MIN(LEAT_QUIC_LENGTH(p->quic)))
			return NULL;
		before = 6;
	}
	id = take(&c, LEAT_QUIC_ID_MAX);
	return left < sizeof(*udp) + before + LEAT_QUIC_ID_MAX ? NULL : id;
}

/* Copies it to a place of its own, so that the index needs no packet. False: no server id in it. */
static __always_inline bool read_server_id(struct xdp_md *ctx, const struct packet *p, struct leat_server_id *ret)
{
	const __u8 *id = connection_id(ctx, p);

	if (!id || *id >> 5 != LEAT_QUIC_CONFIG(p->quic))
		return false;
	__builtin_memcpy(ret, id, sizeof(*ret));
	leat_server_id_cut(ret, LEAT_QUIC_LENGTH(p->quic));
	return true;
}

static __always_inline bool is_owner(__u32 number, __u32 pool, const struct leat_server_id *id)
{
	const struct leat_backend *backend = bpf_map_lookup_elem(&backends, &number);

	return backend && READ_ONCE(backend->lives) && backend->pool == pool &&
	       leat_server_id_equal(&backend->server_ids[READ_ONCE(backend->active) & 1], id);
}

/* Number of the living backend that the connection is at; 0: the packet does not say, or it does not live. */
ROOM __u32 quic_backend(struct xdp_md *ctx, struct packet *p)
{
	const struct leat_control *all = control_get();
	const struct leat_bucket *bucket;
	struct leat_server_id id = {};
	__u32 number, entry, i;
	__u64 index, hash;

	if (!p || !all || !read_server_id(ctx, p, &id))
		return 0;
	index = READ_ONCE(all->server_ids);
	hash = leat_hash_server_id(&all->factors, &id, p->pool);
	number = ((index >> 32) & 1) * LEAT_ID_BUCKETS_MAX + leat_hash_slot(hash, (__u32)index);
	bucket = bpf_map_lookup_elem(&server_ids, &number);
	if (!bucket || !(__u32)index)
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < LEAT_BUCKET_ENTRIES; i++) {
		entry = bucket->entry[i];
		if (!entry)
			return 0;
		if (entry >> 16 == (hash & 0xffff) && is_owner(entry & 0xffff, p->pool, &id))
			return entry & 0xffff;
	}
	return 0;
}

#endif
