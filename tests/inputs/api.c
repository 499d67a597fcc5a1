/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's socket, with the HTTP server, the routes and the schema behind it; of the daemon only what it
 * does to a doc. An input is a list of requests between lines of "===". A request is a head, an empty line
 * and a body; what is missing of HTTP (line ends, the length) is put in. After a first line "RAW" the rest is
 * sent as it is.
 *
 * Every whole request is answered or hung up on. Answers are what docs/api.md says. What is answered with an
 * error, and what only asks, changes nothing; what was changed still compiles. After all of it the server
 * answers a good request.
 */
#include <errno.h>

#include "inputs/client.h"

#include "base/log.h"
#include "daemon/edit.h"
#include "model/config.h"
#include "source/source.h"
#include "unit/fake_daemon.h"

#define SEPARATOR      "\n===\n"
#define SLOTS_COMPARED 20000

static struct client client;
static struct serve *serve;
static struct serve_calls calls;
static struct fake fake;
static struct doc *preset, *doc;

/* --- the daemon --------------------------------------------------------------------------------- */

static char *on_export(void *context)
{
	return source_write(doc, NULL);
}

/* Takes the doc. */
static int doc_replace(struct doc *new, bool dry_run, struct diff **ret_diff, struct err *err)
{
	struct config *config = NULL, *old = NULL;
	uint64_t slots = 0;
	int e = config_compile(new, &config, err);

	must(e || !config_compile(doc, &old, NULL));
	for (unsigned int i = 0; !e && i < config->pool_count; i++)
		slots += config->pools[i].table_size;
	if (!e && ret_diff && slots < SLOTS_COMPARED)
		*ret_diff = diff_make(old, config);
	config_free(old);
	config_free(config);
	source_free(e || dry_run ? new : doc);
	if (!e && !dry_run)
		doc = new;
	return e;
}

static int on_apply(void *context, const char *text, size_t length, bool dry_run, struct diff **ret_diff,
		    struct err *err)
{
	struct doc *new = NULL;
	int e = source_parse("request", text, length, &new, err);

	return e ? e : doc_replace(new, dry_run, ret_diff, err);
}

static int on_edit(void *context, const struct serve_edit *edit, struct err *err)
{
	struct doc *new = source_copy(doc);
	int e = edit_doc(new, edit, err);

	if (!e)
		return doc_replace(new, false, NULL, err);
	source_free(new);
	return e;
}

/* --- what is answered --------------------------------------------------------------------------- */

static void check_json(const struct answer *answer)
{
	json_t *json = json_loadb(answer->body, answer->length, 0, NULL), *error;

	must(json_is_object(json));
	error = json_object_get(json, "error");
	must(!error == (answer->status < 400));
	must(!error || *json_string_value(error));
	json_decref(json);
}

/* Ours; "text/html" is evhttp's own page for what is not HTTP. */
static void check_body(const struct answer *answer, bool is_head)
{
	struct doc *again = NULL;

	if (is_head)
		return;
	if (!strcmp(answer->type, "application/json"))
		check_json(answer);
	if (strcmp(answer->type, "application/yaml"))
		return;
	must(!source_parse("answer", answer->body, answer->length, &again, NULL));
	source_free(again);
}

/* Returns the status of the only one; 0: there is none, or more. */
static long check_answers(bool is_head)
{
	const char *at = client.received.length ? client.received.s : "", *end = at + client.received.length;
	struct answer answer = {};
	unsigned int count;

	for (count = 0; answer_read(&at, end, is_head, &answer); count++)
		check_body(&answer, is_head);
	return count == 1 ? answer.status : 0;
}

/* --- what is asked ------------------------------------------------------------------------------ */

/* The head's lines, each with its line end, up to the empty line. Returns what follows that. */
static const char *add_head(struct text *text, const char *request, const char *end)
{
	const char *line = request, *next;

	for (; line < end && *line != '\n'; line = next + 1) {
		next = memchr(line, '\n', end - line);
		next = next ? next : end;
		text_add(text, "%.*s\r\n", (int)strcspn(line, "\r\n"), line);
	}
	return line < end ? line + 1 : end;
}

/* To be freed. The body's length is put in where the head says none. */
static char *request_text(const char *request, size_t length, size_t *ret_length)
{
	struct text text = {};
	const char *end = request + length, *body = add_head(&text, request, end);

	if (!text.s || !strcasestr(text.s, "Content-Length:"))
		text_add(&text, "Content-Length: %td\r\n", end - body);
	text_add(&text, "\r\n");
	text.s = memory_resized(text.s, text.length + (end - body) + 1, 1);
	memcpy(text.s + text.length, body, end - body);
	*ret_length = text.length + (end - body);
	text.s[*ret_length] = 0;
	return text.s;
}

/* Neither does the server wait for more, nor is a second request in it. */
static bool is_whole(const char *text, size_t length)
{
	const char *said = strcasestr(text, "\r\nContent-Length:"), *body = strstr(text, "\r\n\r\n") + 4;
	char *end;

	return said && said < body &&
	       strtol(said + strlen("\r\nContent-Length:"), &end, 10) == text + length - body &&
	       *end == '\r' && !strcasestr(end, "\r\nContent-Length:") &&
	       !strcasestr(text, "\r\nTransfer-Encoding") && !strcasestr(text, "\r\nExpect");
}

/* One of several requests may be a HEAD, and nobody says which answer is its. */
static void check_mixed(const char *text, size_t length)
{
	if (!memmem(text, length, "HEAD", 4))
		check_answers(false);
}

static void ask(const char *request, size_t length)
{
	auto_free char *before = source_write(doc, NULL), *after = NULL;
	auto_free char *text = request_text(request, length, &length);
	bool is_head = !strncmp(text, "HEAD ", 5), is_read = is_head || !strncmp(text, "GET ", 4);
	bool whole = is_whole(text, length);
	long status;

	client_send(&client, text, length);
	if (!whole) {
		check_mixed(text, length);
		client_close(&client);
		return;
	}
	status = check_answers(is_head);
	must(status || client.closed);
	after = source_write(doc, NULL);
	must((!is_read && status < 400) || !strcmp(before, after));
}

static void ask_all(const char *text, size_t length)
{
	const char *end = text + length, *next;

	while ((next = memmem(text, end - text, SEPARATOR, strlen(SEPARATOR)))) {
		ask(text, next - text);
		text = next + strlen(SEPARATOR);
	}
	ask(text, end - text);
}

static void ask_good(void)
{
	static const char good[] = "GET /v1/status HTTP/1.1\r\nHost: leat\r\nConnection: close\r\n\r\n";

	client_close(&client);
	client_send(&client, good, strlen(good));
	must(check_answers(false) == 200);
	must(client.closed);
	client_close(&client);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	auto_free char *text = NULL;
	struct err err = {};
	size_t length;
	int fd = client_listen(&client);

	log_set_level(0);
	json_object_seed(1);
	client.base = event_base_new();
	calls = fake_calls(&fake);
	calls.export = on_export;
	calls.apply = on_apply;
	calls.edit = on_edit;
	must(!serve_start_on(client.base, fd, &calls, &serve, &err));
	must(!file_read("tests/inputs/corpus/yaml/json", &text, &length, &err));
	must(!source_parse("preset", text, length, &preset, &err));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = memory_zeroed(size + 1, 1); /* so that heads can be searched as strings */
	struct config *config = NULL;
	struct err err;

	memcpy(text, data, size);
	doc = source_copy(preset);
	if (!strncmp(text, "RAW\n", 4)) {
		client_send(&client, text + 4, size - 4);
		check_mixed(text + 4, size - 4);
	} else {
		ask_all(text, size);
	}
	ask_good();
	if (config_compile(doc, &config, &err))
		inputs_broken("doc", 0, err.text);
	config_free(config);
	source_free(doc);
	return 0;
}
