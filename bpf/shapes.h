/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A side room of find service, entered only where the index found nothing and some service is on more than one address, port or
 * protocol: which one is the packet for? Two binary searches: among spans of addresses, then among that span's ports. Reads
 * spans and the service's record; changes nothing.
 *
 * The spans are the index's half: the word that named the one has named the other. What they say holds until every packet that
 * read the word has left, and so do the records that they name; a record is asked all the same whether it holds the packet.
 */
#ifndef BPF_SHAPES_H
#define BPF_SHAPES_H

#include "maps.h"
#include "packet.h"
#include "service_take.h"

#define SPANS_BITS      14
#define PORT_SPANS_BITS 16
_Static_assert(1 << SPANS_BITS == LEAT_SPANS_MAX && 1 << PORT_SPANS_BITS == LEAT_PORT_SPANS_MAX, "halved to one in so many steps");

/* The span of the index that has the address; NULL: none. */
static __always_inline const struct leat_span *span_find(__u64 index, const struct leat_addr *addr)
{
	__u32 at = LEAT_INDEX_HALF(index) * LEAT_SPANS_MAX, left = LEAT_INDEX_SPANS(index), middle;
	const struct leat_span *span;
	__u64 number[2];
	int i;

	leat_addr_number(addr, number);
#pragma clang loop unroll(disable)
	for (i = 0; i < SPANS_BITS && left > 1; i++) {
		middle = at + left / 2;
		span = bpf_map_lookup_elem(&spans, &middle);
		if (!span)
			return NULL;
		if (!leat_number_is_below(number, span->first))
			at = middle;
		left -= left / 2;
	}
	span = bpf_map_lookup_elem(&spans, &at);
	if (!span || leat_number_is_below(number, span->first) || leat_number_is_below(span->last, number))
		return NULL;
	return span;
}

/* The service of the span that has protocol and port; 0: none. */
static __always_inline __u32 port_find(__u64 index, const struct leat_span *span, __u32 number)
{
	__u32 at = LEAT_INDEX_HALF(index) * LEAT_PORT_SPANS_MAX + span->ports, left = span->port_count, middle;
	const struct leat_port_span *ports;
	int i;

#pragma clang loop unroll(disable)
	for (i = 0; i < PORT_SPANS_BITS && left > 1; i++) {
		middle = at + left / 2;
		ports = bpf_map_lookup_elem(&port_spans, &middle);
		if (!ports)
			return 0;
		if (ports->first <= number)
			at = middle;
		left -= left / 2;
	}
	ports = bpf_map_lookup_elem(&port_spans, &at);
	return ports && ports->first <= number && number <= ports->last ? ports->service : 0;
}

ROOM enum leat_verdict find_shape(struct packet *p, __u64 index)
{
	const struct leat_service *service;
	const struct leat_span *span;
	struct leat_service_key key;
	__u32 number;

	ROOM_ENTER(p);
	key = p->key;
	span = span_find(index, &key.addr);
	if (!span)
		return LEAT_NOT_SERVICE;
	number = span->service;
	if (key.protocol)
		number = port_find(index, span, LEAT_PORT_NUMBER(key.protocol, bpf_ntohs(key.port)));
	service = bpf_map_lookup_elem(&services, &number);
	if (!number || !service || !leat_shape_has(&service->key, &key))
		return LEAT_NOT_SERVICE;
	service_take(p, number, service);
	return p->defect;
}

#endif
