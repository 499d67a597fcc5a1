/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo requests led through the data path, and the ICMP errors with which backends refuse what comes to them in tunnels. */
#ifndef NET_VIA_ECHO_H
#define NET_VIA_ECHO_H

#include "net/via.h"

struct via_echoes;

struct via_question {
	struct leat_addr vip, source; /* of one family */
	uint32_t backend;
	unsigned int bytes; /* of the large request, IP header included */
	uint32_t timeout_ms;
};

/* answered: 0: none came back; 1: the small one alone; 2: the large one. Called from the loop, once. */
typedef void (*via_answered)(void *context, unsigned int answered, unsigned int bytes);

int via_echoes_start(struct event_base *base, struct via *via, struct via_echoes **ret, struct err *err);
void via_echoes_stop(struct via_echoes *echoes); /* after the last echo has ended; NULL is accepted */

struct via_echo;
struct via_echo *via_echo_ask(struct via_echoes *echoes, const struct via_question *question, via_answered done, void *context);
void via_echo_cancel(struct via_echo *echo);

/* Whether that host has sent since then, on a tunnelled packet: unreachable. port: UDP destination of the tunnel; 0: IP in IP, GRE. */
bool via_echoes_refused(const struct via_echoes *echoes, const struct leat_addr *host, uint16_t port, uint64_t since_us);

#endif
