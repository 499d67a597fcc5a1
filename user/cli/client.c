/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP by libcurl: see client.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <curl/curl.h>

#include "base/auto.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/print.h"

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
	if (code != CURLE_COULDNT_CONNECT)
		return print_failure(call, CLI_UNREACHABLE, "%s: no answer from the daemon: %s", call->socket,
				     curl_easy_strerror(code));
	if (error == EACCES || error == EPERM)
		return print_failure(call, CLI_UNREACHABLE,
				     "socket %s: %s; only root and the group leat may use it", call->socket,
				     strerror(error));
	return print_failure(call, CLI_UNREACHABLE,
			     "no daemon on socket %s: %s; start it (systemctl start leatd, or leatd as root%s), or name "
			     "its socket with --socket or $LEAT_SOCKET",
			     call->socket, error ? strerror(error) : curl_easy_strerror(code),
			     call->without ? call->without : "");
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

/*
 * The sentence as it reads here: the daemon knows the file that was sent as "configuration" only; and positions in a
 * body that this command made of options mean nothing to whom typed them.
 */
static char *sentence_here(const struct call *call, const char *sentence)
{
	size_t line, column, length = strlen("configuration");
	int end = 0;

	if (call->input && !strncmp(sentence, "configuration:", length + 1))
		return string_format("%s%s", call->input, sentence + length);
	if (!call->input && sscanf(sentence, "request:%zu:%zu: %n", &line, &column, &end) == 2 && end)
		sentence += end;
	return string_copy(sentence);
}

static int complain_status(const struct call *call, const struct answer *answer)
{
	json_auto_t *json = json_loads(answer->text ? answer->text : "", JSON_DISABLE_EOF_CHECK, NULL);
	const char *sentence = json_string_value(json_object_get(json, "error"));
	auto_free char *here = sentence ? sentence_here(call, sentence) : NULL;

	if (!here)
		return print_failure(call, CLI_REFUSED, "the daemon refused with HTTP status %ld", answer->status);
	return print_failure(call, CLI_REFUSED, "%s", here);
}

int client_text(const struct call *call, const char *method, const char *path, const char *body,
		size_t length, char **ret_text)
{
	auto_free char *url = string_format("http://leat%s", path);
	struct answer answer = {};
	CURL *curl = curl_easy_init();
	CURLcode code;
	int e = CLI_OK;

	if (!curl)
		return print_failure(call, CLI_REFUSED, "libcurl does not start");
	if (strlen(call->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		curl_easy_cleanup(curl);
		return print_failure(call, CLI_UNREACHABLE, "socket %.60s...: a Unix socket's path has at most %zu bytes",
				     call->socket, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	}
	prepare(curl, call, method, url, &answer);
	code = perform(curl, body, length);
	if (code != CURLE_OK) {
		e = complain_unreachable(call, curl, code);
	} else {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
		if (answer.status < 200 || answer.status > 299)
			e = complain_status(call, &answer);
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
		json_decref(json);
		return print_failure(call, CLI_REFUSED, "%s %s: the daemon's answer is not a JSON object%s%s", method,
				     path, json ? "" : ": ", json ? "" : error.text);
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

static json_t *list_value(const char *value)
{
	json_t *list = json_array();
	size_t length;

	for (;;) {
		length = strcspn(value, ",");
		json_array_append_new(list, json_stringn(value, length));
		if (!value[length])
			return list;
		value += length + 1;
	}
}

static json_t *option_value(const struct option_spec *spec, const char *value)
{
	if (spec->kind == OPTION_NUMBER)
		return json_integer(strtoll(value, NULL, 10));
	if (spec->kind == OPTION_YES_NO)
		return json_boolean(!strcmp(value, "yes"));
	if (spec->kind == OPTION_LIST)
		return list_value(value);
	return json_string(value); /* UTF-8: the parser saw to that */
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
