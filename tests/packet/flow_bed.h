/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of flows and schedulers share: flows of PORT_SPREAD's pool (five members, 1 to 5), their slots and pins, and
 * who got a packet.
 */
#ifndef PACKET_FLOW_BED_H
#define PACKET_FLOW_BED_H

#include "packet/bed.h"

#define MEMBERS 5

/* A packet of the flow with this source port; flags 0: UDP. Answers which member got it; 0: nobody. */
unsigned int flow_sends(uint16_t source, uint8_t flags);

/* The number of a member in the maps. */
unsigned int member_number(unsigned int member);

/* The pool, and the word of the slot that the flow falls into. */
struct leat_pool *flow_pool(void);
uint32_t *flow_slot(uint8_t protocol, uint16_t source);
/* Sets it: by members. */
void flow_slot_set(uint8_t protocol, uint16_t source, unsigned int current, unsigned int previous);

/* The flow's pin; 0: none. */
uint64_t *flow_pin(uint8_t protocol, uint16_t source);

uint64_t flow_events(enum leat_flow_event event);

/* Before each test: no pins, no events, every slot untracked, every member alive and idle, scheduler mh. */
int flow_reset(void **state);

#endif
