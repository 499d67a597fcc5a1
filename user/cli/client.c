/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP by libcurl: see client.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "base/auto.h"
#include "base/file.h"
#include "cli/client.h"

#define ANSWER_MAX (256u << 20)
#define CONNECT_MS 5000L
#define ANSWER_S   120L /* a large configuration builds thousands of tables */

struct answer {
	char *text;
	size_t length;
	long status;
};

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *answer = context;
	size_t n = size * count;

	if (n > ANSWER_MAX - answer->length)
		return 0;
	answer->text = memory_resized(answer->text, answer->length + n + 1, 1);
	memcpy(answer->text + answer->length, bytes, n);
	answer->length += n;
	answer->text[answer->length] = 0;
	return n;
}

static int complain_unreachable(const struct call *call, CURL *curl, CURLcode code)
{
	long error = 0;

	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	if (code != CURLE_COULDNT_CONNECT) {
		fprintf(stderr, "leat: %s: no answer from the daemon: %s\n", call->socket,
			curl_easy_strerror(code));
		return CLI_UNREACHABLE;
	}
	fprintf(stderr, "leat: no daemon on socket %s: %s\n", call->socket,
		error ? strerror(error) : curl_easy_strerror(code));
	if (error == EACCES || error == EPERM)
		fputs("leat: only root and the group leat may use it\n", stderr);
	else
		fputs("leat: start it (systemctl start leatd, or leatd as root), "
		      "or name its socket with --socket or $LEAT_SOCKET\n",
		      stderr);
	return CLI_UNREACHABLE;
}

static void prepare(CURL *curl, const struct call *call, const char *method, const char *url,
		    struct answer *answer)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	/* The environment's proxies are not meant for a local socket. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	/* A name may hold dots. */
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_S);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
}

static CURLcode perform(CURL *curl, const char *body, size_t length)
{
	struct curl_slist *headers = NULL;
	CURLcode code;

	if (body) {
		headers = curl_slist_append(headers, "Content-Type: application/yaml");
		headers = curl_slist_append(headers, "Expect:"); /* no round trip before the body */
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	code = curl_easy_perform(curl);
	curl_slist_free_all(headers);
	return code;
}

static int complain_status(const struct answer *answer)
{
	json_auto_t *json = json_loads(answer->text ? answer->text : "", JSON_DISABLE_EOF_CHECK, NULL);
	const char *sentence = json_string_value(json_object_get(json, "error"));

	if (sentence)
		fprintf(stderr, "leat: %s\n", sentence);
	else
		fprintf(stderr, "leat: the daemon refused with HTTP status %ld\n", answer->status);
	return CLI_REFUSED;
}

int client_text(const struct call *call, const char *method, const char *path, const char *body,
		size_t length, char **ret_text)
{
	auto_free char *url = string_format("http://leat%s", path);
	struct answer answer = {};
	CURL *curl = curl_easy_init();
	CURLcode code;
	int e = CLI_OK;

	if (!curl) {
		fputs("leat: libcurl does not start\n", stderr);
		return CLI_REFUSED;
	}
	prepare(curl, call, method, url, &answer);
	code = perform(curl, body, length);
	if (code != CURLE_OK) {
		e = complain_unreachable(call, curl, code);
	} else {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
		if (answer.status < 200 || answer.status > 299)
			e = complain_status(&answer);
	}
	curl_easy_cleanup(curl);
	if (e)
		free(answer.text);
	else
		*ret_text = answer.text ? answer.text : string_copy("");
	return e;
}

int client_json(const struct call *call, const char *method, const char *path, const char *body, json_t **ret)
{
	auto_free char *text = NULL;
	json_error_t error;
	json_t *json;
	int e = client_text(call, method, path, body, body ? strlen(body) : 0, &text);

	if (e)
		return e;
	json = json_loads(text, 0, &error);
	if (!json_is_object(json)) {
		fprintf(stderr, "leat: %s %s: the daemon's answer is not a JSON object%s%s\n", method, path,
			json ? "" : ": ", json ? "" : error.text);
		json_decref(json);
		return CLI_REFUSED;
	}
	*ret = json;
	return CLI_OK;
}

int client_get(const struct call *call, const char *path, json_t **ret)
{
	return client_json(call, "GET", path, NULL, ret);
}

char *client_escape(const char *segment)
{
	struct text text = {};

	text_add(&text, "%s", "");
	for (; *segment; segment++) {
		unsigned char c = *segment;

		if (isascii(c) && (isalnum(c) || strchr("-._~", c)))
			text_add(&text, "%c", c);
		else
			text_add(&text, "%%%02X", c);
	}
	return text.s;
}

static json_t *option_value(const struct option_spec *spec, const char *value)
{
	json_t *json = NULL;

	if (spec->kind == OPTION_NUMBER)
		return json_integer(strtoll(value, NULL, 10));
	if (spec->kind == OPTION_YES_NO)
		return json_boolean(!strcmp(value, "yes"));
	json = json_string(value);
	return json ? json : json_string(""); /* not UTF-8: the daemon refuses the empty text */
}

char *client_body(const struct call *call)
{
	json_auto_t *json = json_object();

	for (unsigned int i = 0; i < call->given_count; i++) {
		const char *key = call->given[i].spec->key, *dot = key ? strchr(key, '.') : NULL;
		json_t *at = json;

		if (!key)
			continue;
		if (dot) { /* one level: "check.port" */
			auto_free char *outer = string_format("%.*s", (int)(dot - key), key);

			at = json_object_get(json, outer);
			if (!at) {
				at = json_object();
				json_object_set_new(json, outer, at);
			}
			key = dot + 1;
		}
		json_object_set_new(at, key, option_value(call->given[i].spec, call->given[i].value));
	}
	return json_dumps(json, JSON_COMPACT);
}
