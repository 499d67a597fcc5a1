/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a packet goes where it goes: what the tables say, computed with the shared header from the maps, and what
 * the loaded program did with that packet.
 */
#ifndef MODEL_EXPLAIN_H
#define MODEL_EXPLAIN_H

#include "base/err.h"
#include "model/config.h"
#include "model/world.h"

struct explain_question {
	uint8_t protocol; /* IPPROTO_... */
	struct leat_addr source, destination; /* of one family */
	uint16_t source_port, destination_port; /* host byte order */
	uint8_t connection_id[LEAT_QUIC_ID_MAX]; /* udp: of a short header of QUIC */
	unsigned int id_length;                  /* 0: none; the packet carries nothing of QUIC */
};

struct explain_answer {
	unsigned int service; /* 0: none; then nothing below is set */
	unsigned int pool;
	uint32_t slot, slots;
	unsigned int backend;    /* 0: the pool has none */
	unsigned int runner_up;  /* who would get the slot if backend left the table; 0: nobody */
	bool tracked;            /* the slot is: the flow table is asked */
	unsigned int previous;   /* tracked: whose connections from before are; may be backend; 0: none */
	unsigned int pin;        /* tracked: the backend that the flow is pinned to; 0: not pinned; whoever does not live gets nothing */
	unsigned int first;      /* who gets the packet that begins the flow; 0: nobody, or whom the scheduler picks: */
	bool is_scheduled;       /* the flow's first packet goes where the pool's scheduler says, whatever its slot */
	unsigned int later;      /* who gets any other packet of the flow; 0: nobody */
	uint8_t quic;            /* as the service looks for connection ids, of a question that has one; 0: not asked */
	struct leat_server_id server_id; /* quic: what the connection id names; all zero: nothing, it has another config rotation */
	unsigned int by_id;      /* quic: the backend with this server id; 0: none; if it lives it gets the packet, whatever its slot */
	unsigned int guard;      /* number of the service's access list; 0: none */
	bool is_denied;          /* by that */
};

void explain_tables(const struct world *world, const struct explain_question *question, struct explain_answer *ret);

/* What the loaded program did. */
struct explain_run {
	enum leat_verdict verdict;
	uint8_t sent[256]; /* the packet as made for the question */
	unsigned int sent_length;
	uint8_t left[512]; /* the packet as it would leave */
	unsigned int left_length;
	uint32_t xdp_action; /* XDP_TX, XDP_REDIRECT, ... */
};

#endif
