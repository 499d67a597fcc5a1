/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two requests, a small one and a large one, each sent again at half time if it was not answered: see via_echo.h. The nonce
 * tells whose a reply is, its size which of the two.
 */
#include <errno.h>
#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"
#include "net/via_echo.h"
#include "net/via_message.h"

#define REFUSALS       64 /* the last ones */
#define READS_PER_TURN 64

struct via_echo {
	struct via_echo *next;
	struct via_echoes *echoes;
	struct via_question question;
	struct event *timer;
	via_answered done;
	void *context;
	uint64_t nonce;
	bool small, large; /* answered */
	bool again;        /* sent a second time */
};

struct refusal {
	struct leat_addr host;
	uint64_t at_us;
	uint8_t protocol;
	uint16_t port;
};

struct via_echoes {
	struct via *via;
	struct event_base *base;
	int sockets[2]; /* IPv4, IPv6 */
	struct event *events[2];
	struct via_echo *first;
	struct refusal refusals[REFUSALS];
	unsigned int next_refusal;
};

/* --- asking -------------------------------------------------------------------------------------------------- */

static void echo_send(struct via_echo *echo, size_t bytes)
{
	uint8_t frame[ETH_HLEN + VIA_MTU];

	via_echo_write(&echo->question.source, &echo->question.vip, echo->nonce, bytes, frame + ETH_HLEN);
	via_send(echo->echoes->via, echo->question.backend, frame, bytes);
}

static void echo_send_both(struct via_echo *echo)
{
	struct timeval half = { echo->question.timeout_ms / 2000, echo->question.timeout_ms % 2000 * 500 };

	if (!echo->small)
		echo_send(echo, VIA_ECHO_MIN);
	echo_send(echo, echo->question.bytes);
	evtimer_add(echo->timer, &half);
}

static void echo_end(struct via_echo *echo)
{
	unsigned int answered = echo->large ? 2 : echo->small, bytes = echo->question.bytes;
	via_answered done = echo->done;
	void *context = echo->context;

	via_echo_cancel(echo);
	done(context, answered, bytes);
}

static void echo_on_timer(evutil_socket_t fd, short what, void *context)
{
	struct via_echo *echo = context;

	if (echo->again) {
		echo_end(echo);
		return;
	}
	echo->again = true;
	echo_send_both(echo);
}

struct via_echo *via_echo_ask(struct via_echoes *echoes, const struct via_question *question, via_answered done, void *context)
{
	struct via_echo *echo = memory_zeroed(1, sizeof(*echo));

	echo->echoes = echoes;
	echo->question = *question;
	echo->question.bytes = question->bytes < VIA_ECHO_MIN ? VIA_ECHO_MIN : question->bytes < VIA_MTU ? question->bytes : VIA_MTU;
	echo->done = done;
	echo->context = context;
	if (getrandom(&echo->nonce, sizeof(echo->nonce), GRND_NONBLOCK) < 0)
		echo->nonce = leat_hash_mix(clock_us());
	echo->timer = evtimer_new(echoes->base, echo_on_timer, echo);
	echo->next = echoes->first;
	echoes->first = echo;
	echo_send_both(echo);
	return echo;
}

void via_echo_cancel(struct via_echo *echo)
{
	struct via_echo **at = &echo->echoes->first;

	while (*at != echo)
		at = &(*at)->next;
	*at = echo->next;
	event_free(echo->timer);
	free(echo);
}

/* --- hearing ------------------------------------------------------------------------------------------------- */

static void on_reply(struct via_echoes *echoes, const struct via_message *message)
{
	struct via_echo *echo = echoes->first;

	while (echo && echo->nonce != message->nonce)
		echo = echo->next;
	if (!echo)
		return;
	if (message->bytes >= echo->question.bytes)
		echo->large = true;
	else
		echo->small = true;
	if (echo->large)
		echo_end(echo);
}

static void on_refusal(struct via_echoes *echoes, const struct via_message *message)
{
	echoes->refusals[echoes->next_refusal++ % REFUSALS] = (struct refusal){
		.host = message->host, .protocol = message->protocol, .port = message->port, .at_us = clock_us() };
}

static void on_message(evutil_socket_t fd, short what, void *context)
{
	struct via_echoes *echoes = context;
	uint8_t bytes[VIA_FRAME_MAX];
	struct via_message message;
	ssize_t n;
	int reads;

	for (reads = 0; reads < READS_PER_TURN; reads++) {
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n < 0)
			return;
		switch (via_message_read(fd == echoes->sockets[1], bytes, n, &message)) {
		case VIA_HEARD_REPLY:
			on_reply(echoes, &message);
			break;
		case VIA_HEARD_REFUSAL:
			on_refusal(echoes, &message);
			break;
		case VIA_HEARD_OTHER:
			break;
		}
	}
}

bool via_echoes_refused(const struct via_echoes *echoes, const struct leat_addr *host, uint16_t port, uint64_t since_us)
{
	const struct refusal *r;

	for (r = echoes->refusals; r < echoes->refusals + REFUSALS; r++) {
		bool is_tunnel = port ? r->protocol == IPPROTO_UDP && (r->port == port || r->port == port + 1) /* fou */ :
					r->protocol == IPPROTO_IPIP || r->protocol == IPPROTO_IPV6 || r->protocol == IPPROTO_GRE;

		if (is_tunnel && r->at_us >= since_us && addr_equal(&r->host, host))
			return true;
	}
	return false;
}

/* --- start and stop -------------------------------------------------------------------------------------------- */

static int socket_open(struct via_echoes *echoes, bool ipv6)
{
	struct icmp_filter only4 = { ~(1u << ICMP_ECHOREPLY | 1u << ICMP_DEST_UNREACH) };
	struct icmp6_filter only6;
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

	if (fd < 0)
		return -errno;
	ICMP6_FILTER_SETBLOCKALL(&only6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only6);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &only6);
	ICMP6_FILTER_SETPASS(ICMP6_PARAM_PROB, &only6);
	if (ipv6)
		setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &only6, sizeof(only6));
	else
		setsockopt(fd, SOL_RAW, ICMP_FILTER, &only4, sizeof(only4));
	echoes->sockets[ipv6] = fd;
	echoes->events[ipv6] = event_new(echoes->base, fd, EV_READ | EV_PERSIST, on_message, echoes);
	event_add(echoes->events[ipv6], NULL);
	return 0;
}

int via_echoes_start(struct event_base *base, struct via *via, struct via_echoes **ret, struct err *err)
{
	struct via_echoes *echoes = memory_zeroed(1, sizeof(*echoes));
	int e;

	echoes->via = via;
	echoes->base = base;
	echoes->sockets[0] = echoes->sockets[1] = -1;
	e = socket_open(echoes, false);
	if (e) {
		via_echoes_stop(echoes);
		return err_set(err, e, "a socket for ICMP cannot be opened: %s", strerror(-e));
	}
	socket_open(echoes, true); /* without IPv6 there is nothing to hear */
	*ret = echoes;
	return 0;
}

void via_echoes_stop(struct via_echoes *echoes)
{
	int i;

	if (!echoes)
		return;
	for (i = 0; i < 2; i++) {
		if (echoes->events[i])
			event_free(echoes->events[i]);
		if (echoes->sockets[i] >= 0)
			close(echoes->sockets[i]);
	}
	free(echoes);
}
