/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ICMP probe: an echo request is answered. A raw socket for each probe, connected to the backend: the
 * kernel gives it only what comes from there, of that only echo replies, and tells it of ICMP errors.
 */
#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "health/connect.h"
#include "health/datagram.h"
#include "health/icmp_message.h"

static bool is_ipv6(const struct probe_target *target)
{
	return !addr_is_ipv4(&target->addr);
}

static int filter_set(int fd, bool ipv6)
{
	struct icmp_filter only4 = {~(1u << ICMP_ECHOREPLY)};
	struct icmp6_filter only6;
	int on = 1;

	ICMP6_FILTER_SETBLOCKALL(&only6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only6);
	if (ipv6)
		return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &only6, sizeof(only6)) ||
		       setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	return setsockopt(fd, SOL_RAW, ICMP_FILTER, &only4, sizeof(only4)) ||
	       setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
}

static int icmp_open(const struct probe_target *target)
{
	int fd = probe_connect(target, SOCK_RAW, IPPROTO_ICMP, IPPROTO_ICMPV6), e;

	if (fd < 0 || !filter_set(fd, is_ipv6(target)))
		return fd;
	e = -errno;
	close(fd);
	return e;
}

static size_t icmp_question(const struct probe_target *target, uint64_t nonce, uint8_t question[DATAGRAM_MAX])
{
	icmp_ask(is_ipv6(target), nonce, question);
	return ICMP_MESSAGE_SIZE;
}

static bool icmp_judge(const struct probe_target *target, uint64_t nonce, const uint8_t *answer,
		       size_t length, enum probe_result *ret_result, char *text)
{
	*ret_result = PROBE_SUCCEEDED;
	snprintf(text, PROBE_TEXT_MAX, "echo");
	return icmp_is_reply(is_ipv6(target), nonce, answer, length);
}

static const struct datagram_kind icmp = {icmp_open, icmp_question, icmp_judge, NULL};

static void *icmp_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
			void *context)
{
	return datagram_start(&icmp, loop, target, done, context);
}

const struct probe_kind probe_icmp = {"icmp", icmp_start, datagram_cancel};
