/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all probes share: the words for failures. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "health/probe.h"

void probe_timeout_text(uint32_t timeout_ms, char *text)
{
	char duration[ADDR_TEXT_MAX];

	snprintf(text, PROBE_TEXT_MAX, "timeout after %s", duration_format(timeout_ms, duration));
}

enum probe_result probe_error(int error, char *text)
{
	snprintf(text, PROBE_TEXT_MAX, "%s", strerror(error));
	text[0] = tolower((unsigned char)text[0]);
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
		return PROBE_UNASKED;
	}
	return PROBE_FAILED;
}
