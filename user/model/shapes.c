/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prefixes are apart or one is within the other, so they are passed in order with a stack of those that are open. What a
 * prefix has of ports is what the one around it has, overlaid with its own, from the widest to the narrowest.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/shapes.h"

typedef unsigned __int128 number;

struct prefix {
	number first, last;
	uint32_t whole;             /* its record */
	uint32_t ports, port_count; /* where in the result */
};

struct builder {
	struct shapes *shapes;
	struct prefix open[129]; /* each longer than the one before */
	unsigned int depth;
	number at; /* the first address that has not been decided; within the innermost that is open */
};

/* --- what is whose port ------------------------------------------------------------------------- */

struct run { /* of port spans, by `first` */
	struct leat_port_span *spans;
	uint32_t count;
};

/* How many end before the port. */
static uint32_t run_find(const struct run *run, uint32_t port)
{
	uint32_t from = 0, to = run->count, middle;

	while (from < to) {
		middle = (from + to) / 2;
		if (run->spans[middle].last < port)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Takes its ports from whoever has them. */
static void run_overlay(struct run *run, struct leat_port_span span)
{
	uint32_t from = run_find(run, span.first), to = from, count = 0, tail;
	struct leat_port_span parts[3];

	while (to < run->count && run->spans[to].first <= span.last)
		to++;
	if (from < to && run->spans[from].first < span.first)
		parts[count++] = (struct leat_port_span){ run->spans[from].first, span.first - 1, run->spans[from].service };
	parts[count++] = span;
	if (from < to && run->spans[to - 1].last > span.last)
		parts[count++] = (struct leat_port_span){ span.last + 1, run->spans[to - 1].last, run->spans[to - 1].service };
	tail = run->count - to;
	run->spans = memory_resized(run->spans, run->count + 2, sizeof(span)); /* two more at most */
	memmove(&run->spans[from + count], &run->spans[to], tail * sizeof(span));
	memcpy(&run->spans[from], parts, count * sizeof(span));
	run->count = from + count + tail;
}

static struct leat_port_span port_span(const struct shape *shape)
{
	uint8_t last = shape->key.protocol ? shape->key.protocol : UINT8_MAX;

	return (struct leat_port_span){ LEAT_PORT_NUMBER(shape->key.protocol, ntohs(shape->key.port)),
					LEAT_PORT_NUMBER(last, leat_key_last_port(&shape->key)), shape->number };
}

/* --- what is whose address ------------------------------------------------------------------------ */

static number number_of(const struct leat_addr *addr)
{
	__u64 halves[2];

	leat_addr_number(addr, halves);
	return (number)halves[0] << 64 | halves[1];
}

/* The addresses from b->at to last are the innermost open prefix's. */
static void span_add(struct builder *b, number last)
{
	const struct prefix *prefix = &b->open[b->depth - 1];
	struct shapes *s = b->shapes;

	s->spans = memory_resized(s->spans, s->span_count + 1, sizeof(*s->spans));
	s->spans[s->span_count++] = (struct leat_span){
		.first = { b->at >> 64, b->at },
		.last = { last >> 64, last },
		.ports = prefix->ports,
		.port_count = prefix->port_count,
		.service = prefix->whole,
	};
}

/* Closes what ends before the address. */
static void close_before(struct builder *b, number addr)
{
	while (b->depth && b->open[b->depth - 1].last < addr) {
		number last = b->open[b->depth - 1].last;

		if (b->at <= last)
			span_add(b, last);
		b->depth--;
		b->at = last + 1;
	}
	if (b->depth && b->at < addr)
		span_add(b, addr - 1);
}

/* Its ports: those of the prefix around it, and over them its own. */
static void prefix_fill(struct builder *b, const struct shape *shapes, unsigned int count, struct prefix *prefix)
{
	struct run run = { .count = b->depth ? b->open[b->depth - 1].port_count : 0 };
	struct shapes *s = b->shapes;
	unsigned int i;

	run.spans = memory_resized(NULL, run.count, sizeof(*run.spans));
	if (run.count)
		memcpy(run.spans, &s->ports[b->open[b->depth - 1].ports], run.count * sizeof(*run.spans));
	for (i = 1; i < count; i++)
		run_overlay(&run, port_span(&shapes[i]));
	prefix->ports = s->port_count;
	prefix->port_count = run.count;
	s->ports = memory_resized(s->ports, s->port_count + run.count, sizeof(*s->ports));
	memcpy(&s->ports[s->port_count], run.spans, run.count * sizeof(*run.spans));
	s->port_count += run.count;
	free(run.spans);
}

/* Of one prefix: its whole record, then its services from the widest to the narrowest. */
static void prefix_open(struct builder *b, const struct shape *shapes, unsigned int count)
{
	struct prefix prefix = { .first = number_of(&shapes->key.addr), .whole = shapes->number };
	const struct shapes *s = b->shapes;

	prefix.last = prefix.first | (((number)1 << shapes->key.host_bits) - 1);
	close_before(b, prefix.first);
	if (s->port_count <= LEAT_PORT_SPANS_MAX) /* else nobody will want them */
		prefix_fill(b, shapes, count, &prefix);
	b->open[b->depth++] = prefix;
	b->at = prefix.first;
}

/* --- the whole ------------------------------------------------------------------------------------ */

/* By prefix, the shorter first; of one prefix the whole record first, any protocol, and of each the wider range. */
static int shape_compare(const void *a, const void *b)
{
	const struct shape *x = a, *y = b;
	int order = addr_compare(&x->key.addr, &y->key.addr);

	if (!order)
		order = y->key.host_bits - x->key.host_bits;
	if (!order)
		order = y->is_whole - x->is_whole;
	if (!order)
		order = x->key.protocol - y->key.protocol;
	if (!order)
		order = ntohs(x->key.port) - ntohs(y->key.port);
	return order ? order : (int)leat_key_last_port(&y->key) - (int)leat_key_last_port(&x->key);
}

static bool is_of_prefix(const struct shape *a, const struct shape *b)
{
	return addr_equal(&a->key.addr, &b->key.addr) && a->key.host_bits == b->key.host_bits;
}

void shapes_build(struct shape *shapes, unsigned int count, struct shapes *ret)
{
	struct builder b = { .shapes = ret };
	unsigned int i, end, used = 0;

	*ret = (struct shapes){};
	for (i = 0; i < count; i++)
		if (shapes[i].is_whole || leat_key_is_shape(&shapes[i].key))
			shapes[used++] = shapes[i];
	if (used)
		qsort(shapes, used, sizeof(*shapes), shape_compare);
	for (i = 0; i < used; i = end) {
		for (end = i + 1; end < used && is_of_prefix(&shapes[i], &shapes[end]); end++)
			;
		if (end > i + 1)
			prefix_open(&b, &shapes[i], end - i);
	}
	while (b.depth)
		close_before(&b, b.open[b.depth - 1].last + 1);
}

void shapes_clear(struct shapes *shapes)
{
	free(shapes->spans);
	free(shapes->ports);
	*shapes = (struct shapes){};
}
