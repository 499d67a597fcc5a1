/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real HTTP by libcurl to serve, with a fake daemon behind it. One loop runs both ends, so that nothing is
 * waited for. */
#ifndef TESTS_SERVE_ASK_H
#define TESTS_SERVE_ASK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curl/curl.h>
#include <jansson.h>

#include "unit/fake_daemon.h"

static struct event_base *base;
static struct serve *serve;
static struct fake fake;
static struct serve_calls calls;
static char directory[] = "/tmp/leat-serve-XXXXXX";
static char *path;

struct answer {
	long status;
	char *text;
	size_t length;
	char allow[64];
	json_t *json;
};

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *answer = context;

	answer->text = memory_resized(answer->text, answer->length + size * count + 1, 1);
	memcpy(answer->text + answer->length, bytes, size * count);
	answer->length += size * count;
	answer->text[answer->length] = 0;
	return size * count;
}

static size_t receive_header(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *answer = context;

	if (size * count > 7 && !strncasecmp(bytes, "Allow: ", 7))
		snprintf(answer->allow, sizeof(answer->allow), "%.*s", (int)strcspn(bytes + 7, "\r\n"),
			 bytes + 7);
	return size * count;
}

static CURLcode exchange(CURL *curl)
{
	CURLM *multi = curl_multi_init();
	int running = 1, left;
	CURLcode code;

	curl_multi_add_handle(multi, curl);
	while (running) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		curl_multi_perform(multi, &running);
		if (running)
			curl_multi_poll(multi, NULL, 0, 1, NULL);
	}
	code = curl_multi_info_read(multi, &left)->data.result;
	curl_multi_remove_handle(multi, curl);
	curl_multi_cleanup(multi);
	return code;
}

static void answer_free(struct answer *answer)
{
	json_decref(answer->json);
	free(answer->text);
}
#define auto_answer __attribute__((cleanup(answer_free))) struct answer

static inline struct answer ask_bytes(const char *method, const char *target, const char *body, size_t length)
{
	auto_free char *url = string_format("http://leat%s", target);
	CURL *curl = curl_easy_init();
	struct answer answer = {};

	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_NOBODY, (long)!strcmp(method, "HEAD"));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
	if (body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	if (exchange(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
	curl_easy_cleanup(curl);
	answer.json = json_loads(answer.text ? answer.text : "", 0, NULL);
	return answer;
}

static inline struct answer ask(const char *method, const char *target, const char *body)
{
	return ask_bytes(method, target, body, body ? strlen(body) : 0);
}

static inline const char *text_at(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "(none)";
}

static inline json_int_t number_at(const json_t *json, const char *key)
{
	assert_true(json_is_integer(json_object_get(json, key)));
	return json_integer_value(json_object_get(json, key));
}

/* The call must be answered with this status and, unless NULL, an error that contains this. */
static inline void refuses(const char *method, const char *target, const char *body, long status,
			   const char *says)
{
	auto_answer answer = ask(method, target, body);

	if (answer.status != status || (says && !strstr(text_at(answer.json, "error"), says)))
		fail_msg("%s %s: wanted %ld '%s', got %ld %s", method, target, status, says ? says : "",
			 answer.status, answer.text);
}

static inline void start(void)
{
	struct err err = {};

	if (serve_start(base, path, &calls, &serve, &err))
		fail_msg("%s", err.text);
}

static inline int before(void **state)
{
	calls = fake_calls(&fake);
	start();
	return 0;
}

static inline int after(void **state)
{
	serve_stop(serve);
	serve = NULL;
	return 0;
}

static inline int suite_before(void **state)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	base = event_base_new();
	path = mkdtemp(directory) ? string_format("%s/socket", directory) : NULL;
	return !base || !path;
}

static inline int suite_after(void **state)
{
	event_base_free(base);
	free(path);
	rmdir(directory);
	curl_global_cleanup();
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

#endif
