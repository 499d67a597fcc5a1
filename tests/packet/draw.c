/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws frames: see draw.h. First every layer gets its place, then, innermost first, its bytes. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "packet/draw.h"

#define LAYERS_MAX 16

struct drawing {
	const struct layer *layers;
	unsigned int count;
	unsigned int at[LAYERS_MAX + 1];
	unsigned int end; /* of the IP packet */
	struct frame *frame;
};

static unsigned int layer_size(const struct layer *layer)
{
	switch (layer->kind) {
	case LAYER_ETH:
		return 14;
	case LAYER_VLAN:
		return 4;
	case LAYER_IP4:
		return 20 + layer->size;
	case LAYER_IP6:
		return 40;
	case LAYER_GRE:
	case LAYER_GUE:
		return 4;
	case LAYER_TCP:
		return 20;
	case LAYER_UDP:
	case LAYER_ICMP:
		return 8;
	default:
		return layer->kind == LAYER_CUT ? 0 : layer->size;
	}
}

static void place(struct drawing *d)
{
	unsigned int at = 0, i;

	for (i = 0; d->layers[i].kind != LAYER_END; i++) {
		assert(i < LAYERS_MAX);
		if (d->layers[i].kind == LAYER_PAD)
			d->end = at;
		d->at[i] = at;
		at += layer_size(&d->layers[i]);
	}
	assert(at <= FRAME_MAX);
	d->count = i;
	d->frame->length = at;
	if (!d->end)
		d->end = at;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

uint16_t draw_sum(uint32_t start, const void *bytes, unsigned int length)
{
	const uint8_t *p = bytes;
	unsigned int i;

	for (i = 0; i < length; i++)
		start += i % 2 ? p[i] : p[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return start;
}

/* --- what a layer is called by the one before it ------------------------------------------------------- */

static uint16_t ether_type(const struct layer *next)
{
	switch (next->kind) {
	case LAYER_VLAN:
		return next->type;
	case LAYER_IP4:
		return 0x0800;
	case LAYER_IP6:
		return 0x86dd;
	default:
		return 0x88b5; /* for experiments */
	}
}

static uint8_t protocol(const struct layer *next, bool is_v6)
{
	switch (next->kind) {
	case LAYER_IP4:
		return 4;
	case LAYER_IP6:
		return 41;
	case LAYER_EXTENSION:
		return next->number;
	case LAYER_TCP:
		return 6;
	case LAYER_UDP:
		return 17;
	case LAYER_ICMP:
		return is_v6 ? 58 : 1;
	case LAYER_GRE:
		return 47;
	default:
		return 253; /* for experiments */
	}
}

/* --- checksums ------------------------------------------------------------------------------------------ */

/* Number of the IP layer that layer i is in. */
static unsigned int ip_of(const struct drawing *d, unsigned int i)
{
	while (d->layers[i].kind != LAYER_IP4 && d->layers[i].kind != LAYER_IP6)
		i--;
	return i;
}

static uint32_t pseudo_sum(const struct drawing *d, unsigned int i, uint8_t number)
{
	unsigned int ip = ip_of(d, i), length = d->end - d->at[i];
	const uint8_t *header = d->frame->bytes + d->at[ip];

	if (d->layers[ip].kind == LAYER_IP4)
		return draw_sum(length + number, header + 12, 8);
	return draw_sum(length + number, header + 8, 32);
}

static uint16_t checksum(const struct drawing *d, unsigned int i, uint32_t start)
{
	return ~draw_sum(start, d->frame->bytes + d->at[i], d->end - d->at[i]);
}

/* --- layers --------------------------------------------------------------------------------------------- */

static void put_mac(uint8_t *at, const char *text)
{
	sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", at, at + 1, at + 2, at + 3, at + 4, at + 5);
}

static void put_link(struct drawing *d, unsigned int i, uint8_t *at)
{
	const struct layer *l = &d->layers[i];

	if (l->kind == LAYER_VLAN) {
		put16(at, l->number);
		put16(at + 2, ether_type(l + 1));
		return;
	}
	put_mac(at, l->to ?: BALANCER_MAC);
	put_mac(at + 6, l->from ?: GATEWAY_MAC);
	put16(at + 12, l->type ?: ether_type(l + 1));
}

static void put_ip4(struct drawing *d, unsigned int i, uint8_t *at)
{
	const struct layer *l = &d->layers[i];
	unsigned int header = 20 + l->size;

	at[0] = (l->version ?: 4) << 4 | (l->words ?: header / 4);
	at[1] = l->tos;
	put16(at + 2, d->end - d->at[i] + l->longer);
	put16(at + 4, l->identification);
	put16(at + 6, l->df << 14 | l->more << 13 | l->offset);
	at[8] = l->expired ? 0 : l->ttl ?: 64;
	at[9] = l->type ?: protocol(l + 1, false);
	inet_pton(AF_INET, l->from, at + 12);
	inet_pton(AF_INET, l->to, at + 16);
	memset(at + 20, 1, l->size); /* no-operation options */
	put16(at + 10, 0);           /* IP layers are put twice */
	put16(at + 10, ~draw_sum(0, at, header));
}

static void put_ip6(struct drawing *d, unsigned int i, uint8_t *at)
{
	const struct layer *l = &d->layers[i];

	put32(at, (uint32_t)(l->version ?: 6) << 28 | l->tos << 20 | l->label);
	put16(at + 4, d->end - d->at[i] - 40 + l->longer);
	at[6] = l->type ?: protocol(l + 1, true);
	at[7] = l->expired ? 0 : l->ttl ?: 64;
	inet_pton(AF_INET6, l->from, at + 8);
	inet_pton(AF_INET6, l->to, at + 24);
}

static void put_extension(const struct layer *l, uint8_t *at)
{
	at[0] = protocol(l + 1, true);
	if (l->number == 44) {
		put16(at + 2, l->offset << 3 | l->more);
		put16(at + 6, l->identification);
	} else {
		at[1] = l->number == AUTHENTICATION ? l->size / 4 - 2 : l->size / 8 - 1;
	}
}

static void put_transport(struct drawing *d, unsigned int i, uint8_t *at)
{
	const struct layer *l = &d->layers[i];
	uint16_t sum;

	put16(at, l->source);
	put16(at + 2, l->destination);
	if (l->kind == LAYER_TCP) {
		put32(at + 4, 1000);
		at[12] = (l->words ?: 5) << 4;
		at[13] = l->flags;
		put16(at + 14, 0xffff);
		put16(at + 16, checksum(d, i, pseudo_sum(d, i, 6)));
		return;
	}
	put16(at + 4, d->end - d->at[i] + l->longer);
	sum = checksum(d, i, pseudo_sum(d, i, 17));
	put16(at + 6, l->no_checksum ? 0 : sum ?: 0xffff);
}

static void put_icmp(struct drawing *d, unsigned int i, uint8_t *at)
{
	const struct layer *l = &d->layers[i];
	bool is_v6 = d->layers[ip_of(d, i)].kind == LAYER_IP6;

	at[0] = l->type;
	at[1] = l->code;
	put32(at + 4, l->rest);
	put16(at + 2, checksum(d, i, is_v6 ? pseudo_sum(d, i, 58) : 0));
}

static void put_between(const struct layer *l, uint8_t *at)
{
	if (l->kind == LAYER_GRE) {
		put16(at, l->rest);
		put16(at + 2, l->type ?: ether_type(l + 1));
		return;
	}
	at[0] = l->code;
	at[1] = l->type ?: protocol(l + 1, false);
	put16(at + 2, l->rest);
}

static void put_rest(struct drawing *d, const struct layer *l, uint8_t *at)
{
	unsigned int i;

	if (l->kind == LAYER_RAW)
		memcpy(at, l->raw, l->size);
	for (i = 0; l->kind == LAYER_PAYLOAD && i < l->size; i++)
		at[i] = i * 7 + 1;
	if (l->kind == LAYER_CUT)
		d->frame->length -= l->size;
}

static void put(struct drawing *d, unsigned int i)
{
	const struct layer *l = &d->layers[i];
	uint8_t *at = d->frame->bytes + d->at[i];

	switch (l->kind) {
	case LAYER_ETH:
	case LAYER_VLAN:
		put_link(d, i, at);
		break;
	case LAYER_IP4:
		put_ip4(d, i, at);
		break;
	case LAYER_IP6:
		put_ip6(d, i, at);
		break;
	case LAYER_EXTENSION:
		put_extension(l, at);
		break;
	case LAYER_TCP:
	case LAYER_UDP:
		put_transport(d, i, at);
		break;
	case LAYER_ICMP:
		put_icmp(d, i, at);
		break;
	case LAYER_GRE:
	case LAYER_GUE:
		put_between(l, at);
		break;
	default:
		put_rest(d, l, at);
	}
}

struct frame *draw(const struct layer *layers)
{
	struct drawing d = {.layers = layers, .frame = memory_zeroed(1, sizeof(struct frame))};
	unsigned int i;

	place(&d);
	/* A checksum covers the addresses before it and the data after it: addresses first, then from the
	 * inside. */
	for (i = 0; i < d.count; i++)
		if (layers[i].kind == LAYER_IP4 || layers[i].kind == LAYER_IP6)
			put(&d, i);
	for (i = d.count; i--;)
		put(&d, i);
	return d.frame;
}
