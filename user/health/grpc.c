/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How libcurl asks for gRPC's health check: see grpc.h. */
#include "health/grpc.h"

static size_t grpc_on_line(char *line, size_t size, size_t count, void *context)
{
	grpc_take_line(context, line, count); /* size is 1; trailers come here, too */
	return count;
}

struct curl_slist *grpc_set(CURL *easy, const struct config_check *settings, struct curl_slist *headers,
			    struct grpc_answer *answer)
{
	uint8_t question[GRPC_ASK_MAX];
	size_t length = grpc_ask(settings->service, question);

	*answer = (struct grpc_answer){.status = GRPC_NO_STATUS};
	headers = curl_slist_append(headers, "Content-Type: application/grpc");
	headers = curl_slist_append(headers, "TE: trailers");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, grpc_on_line);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, answer);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)length);
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, question);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 settings->tls ? (long)CURL_HTTP_VERSION_2TLS
				       : (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	return headers;
}
