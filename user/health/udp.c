/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The UDP probe: sends a datagram. With `expect` the answer must begin so. Without it nobody needs to answer,
 * and only an ICMP "port unreachable", which the kernel tells a connected socket as ECONNREFUSED, is a
 * failure: a host that is gone sends none.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "health/connect.h"
#include "health/datagram.h"

#define SHOWN_MAX 32 /* bytes of a wrong answer */

static int udp_open(const struct probe_target *target)
{
	return probe_connect(target, SOCK_DGRAM, 0, 0);
}

static size_t udp_ask(const struct probe_target *target, uint64_t nonce, uint8_t question[DATAGRAM_MAX])
{
	size_t length = 0;

	config_bytes(target->settings.send, question, &length);
	return length;
}

static void udp_show(const uint8_t *answer, size_t length, char *shown)
{
	size_t i;

	for (i = 0; i < length && i < SHOWN_MAX; i++)
		shown[i] = answer[i] < ' ' || answer[i] >= 0x7f ? '?' : answer[i];
	shown[i] = 0;
}

static bool udp_judge(const struct probe_target *target, uint64_t nonce, const uint8_t *answer, size_t length,
		      enum probe_result *ret_result, char *text)
{
	uint8_t wanted[CONFIG_CHECK_BYTES_MAX] = {};
	char shown[SHOWN_MAX + 1];
	size_t n = 0;

	if (target->settings.expect)
		config_bytes(target->settings.expect, wanted, &n);
	*ret_result = n <= length && !memcmp(answer, wanted, n) ? PROBE_SUCCEEDED : PROBE_FAILED;
	udp_show(answer, length, shown);
	if (*ret_result == PROBE_SUCCEEDED)
		snprintf(text, PROBE_TEXT_MAX, "answered");
	else
		snprintf(text, PROBE_TEXT_MAX, "answer '%s' does not begin with '%.*s'", shown, 150,
			 target->settings.expect);
	return true;
}

static bool udp_is_silence_good(const struct probe_target *target, char *text)
{
	char duration[ADDR_TEXT_MAX];

	snprintf(text, PROBE_TEXT_MAX, "not refused in %s",
		 duration_format(target->settings.timeout_ms, duration));
	return !target->settings.expect;
}

static const struct datagram_kind udp = {udp_open, udp_ask, udp_judge, udp_is_silence_good};

static void *udp_start(const struct probe_loop *loop, const struct probe_target *target, probe_done done,
		       void *context)
{
	return datagram_start(&udp, loop, target, done, context);
}

const struct probe_kind probe_udp = {"udp", udp_start, datagram_cancel};
