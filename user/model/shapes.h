/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services on more than one address, port or protocol, made flat for the data path: of those that overlap it is decided here
 * whose each address and port is, by the rules of include/leat/shape.h.
 */
#ifndef MODEL_SHAPES_H
#define MODEL_SHAPES_H

#include <stdbool.h>

#include "leat/maps.h"

/* A service record, or that of a prefix or an address as a whole. */
struct shape {
	struct leat_service_key key;
	uint32_t number;
	bool is_whole;
};

struct shapes {
	struct leat_span *spans;
	struct leat_port_span *ports;
	uint32_t span_count, port_count; /* may be more than the maps hold */
};

/* shapes is put into another order; records that are none are left out. Each prefix that has services has its whole one among them. */
void shapes_build(struct shape *shapes, unsigned int count, struct shapes *ret);
void shapes_clear(struct shapes *shapes);

#endif
