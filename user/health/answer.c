/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A wanted status and, if asked for, a text in the first bytes of the body: see answer.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "health/answer.h"

size_t answer_take(struct answer *answer, const struct config_check *settings, const char *data,
		   size_t length)
{
	size_t room = ANSWER_BODY_MAX - answer->length, take = length < room ? length : room;

	if ((settings->body || settings->type == DOC_CHECK_GRPC) && take) {
		answer->body = memory_resized(answer->body, answer->length + take, 1);
		memcpy(answer->body + answer->length, data, take);
	}
	answer->length += take;
	answer->is_cut = take < length;
	return take;
}

static bool status_is_wanted(const struct config_check *settings, long status)
{
	unsigned int i;

	for (i = 0; i < settings->status_count; i++)
		if (status >= settings->statuses[i].first && status <= settings->statuses[i].last)
			return true;
	return false;
}

static void unwanted_text(const struct config_check *settings, long status, char *text)
{
	struct text wanted = {};
	unsigned int i;

	for (i = 0; i < settings->status_count; i++) {
		const struct config_range *r = &settings->statuses[i];

		text_add(&wanted, r->first == r->last ? "%s%u" : "%s%u-%u", i ? "," : "", r->first, r->last);
	}
	snprintf(text, PROBE_TEXT_MAX, "HTTP %ld, want %s", status, wanted.s ? wanted.s : "none");
	free(wanted.s);
}

static bool body_has(const struct answer *answer, const char *wanted)
{
	return answer->body && memmem(answer->body, answer->length, wanted, strlen(wanted));
}

enum probe_result answer_judge(const struct answer *answer, const struct config_check *settings, long status,
			       char *text)
{
	if (!status_is_wanted(settings, status)) {
		unwanted_text(settings, status, text);
		return PROBE_FAILED;
	}
	if (settings->body && !body_has(answer, settings->body)) {
		snprintf(text, PROBE_TEXT_MAX, "body lacks '%.*s'", PROBE_TEXT_MAX - 20, settings->body);
		return PROBE_FAILED;
	}
	return PROBE_SUCCEEDED;
}

void answer_clear(struct answer *answer)
{
	free(answer->body);
	*answer = (struct answer){};
}
