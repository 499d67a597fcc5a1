/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DNS probe: a query over UDP for a name that the backend itself answers for, or knows how to find. What
 * counts is the response code and, if asked for, one of the answers: dns_message.h. Libraries for DNS look
 * names up at any server that answers; this asks one server one question, and wants to know what was wrong.
 */
#include <sys/socket.h>

#include "health/connect.h"
#include "health/datagram.h"
#include "health/dns_message.h"

static int dns_open(const struct probe_target *target)
{
	return probe_connect(target, SOCK_DGRAM, 0, 0);
}

static size_t dns_question(const struct probe_target *target, uint64_t nonce, uint8_t question[DATAGRAM_MAX])
{
	return dns_ask(&target->settings, nonce, question);
}

static bool dns_answer(const struct probe_target *target, uint64_t nonce, const uint8_t *answer,
		       size_t length, enum probe_result *ret_result, char *text)
{
	return dns_judge(&target->settings, nonce, answer, length, ret_result, text);
}

static const struct datagram_kind dns = {dns_open, dns_question, dns_answer, NULL};

static void *dns_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
		       void *context)
{
	return datagram_start(&dns, loop, target, done, context);
}

const struct probe_kind probe_dns = {"dns", dns_start, datagram_cancel};
