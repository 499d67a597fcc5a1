/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads an Ethernet frame, for people and for comparing program and tables. Pure; believes no length. */
#ifndef SERVE_FRAME_H
#define SERVE_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "leat/maps.h"

struct frame_facts {
	unsigned char link_destination[6];
	unsigned int ip_headers;      /* 0: not IP; 2: a tunnel */
	struct leat_addr destination; /* of the outermost IP header */
	char text[512];               /* "IPv4 10.0.0.5 > 10.0.0.1 ttl 64 / IPv4 ... / TCP 4000 > 80 SYN" */
};

/* mode: of the tunnel that it may be in; UDP is looked into only if that says so. */
void frame_read(const unsigned char *frame, size_t length, enum leat_mode mode, struct frame_facts *ret);

#endif
