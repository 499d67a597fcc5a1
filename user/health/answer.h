/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a backend answers to an HTTP probe, and what leat makes of it. Pure: libcurl brings the bytes. */
#ifndef HEALTH_ANSWER_H
#define HEALTH_ANSWER_H

#include <stddef.h>

#include "health/probe.h"

#define ANSWER_BODY_MAX 65536 /* what follows is not looked at */

/* Starts from {}. */
struct answer {
	char *body;    /* kept only if the settings ask for a text, and of gRPC; not NUL-terminated; NULL: none */
	size_t length; /* seen, at most ANSWER_BODY_MAX */
	bool is_cut;   /* more came */
};

/* The next bytes of the body. Returns how many were taken: fewer than length if no more are wanted. */
size_t answer_take(struct answer *answer, const struct config_check *settings, const char *data,
		   size_t length);
/* text (PROBE_TEXT_MAX) is set if it failed. */
enum probe_result answer_judge(const struct answer *answer, const struct config_check *settings, long status,
			       char *text);
void answer_clear(struct answer *answer);

#endif
