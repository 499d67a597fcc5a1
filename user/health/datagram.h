/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the probes that send one packet and wait for one share: dns, icmp, udp. */
#ifndef HEALTH_DATAGRAM_H
#define HEALTH_DATAGRAM_H

#include "health/probe.h"

#define DATAGRAM_MAX 1500 /* bytes of a question */

struct datagram_kind {
	int (*open)(const struct probe_target *target); /* a connected socket, or -errno */
	/* Writes the question; the nonce tells its answer from others. */
	size_t (*ask)(const struct probe_target *target, uint64_t nonce, uint8_t question[DATAGRAM_MAX]);
	/*
	 * False: this is no answer to that question. Else ret_result, and in text (PROBE_TEXT_MAX) what was
	 * wrong, or what was answered.
	 */
	bool (*judge)(const struct probe_target *target, uint64_t nonce, const uint8_t *answer, size_t length,
		      enum probe_result *ret_result, char *text);
	/* Whether nobody needs to answer; text is set if so. */
	bool (*is_silence_good)(const struct probe_target *target, char *text); /* NULL: never */
};

/* As in struct probe_kind. */
void *datagram_start(const struct datagram_kind *kind, const struct probe_loop *loop,
		     const struct probe_target *target, probe_done done, void *context);
void datagram_cancel(void *probe);

#endif
