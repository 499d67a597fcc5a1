/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and writing: what is read is what was written, whatever it is; the example; size; garbage. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/file.h"
#include "model/config.h"
#include "source/source.h"

static struct doc *parsed(const char *text)
{
	struct doc *doc = NULL;
	struct err err;

	if (source_parse("f", text, strlen(text), &doc, &err))
		fail_msg("%s", err.text);
	return doc;
}

/* --- two docs compared member by member, without the schema ------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

#define SAME_POINTED(a, b) ((a) && (b) ? *(a) == *(b) : !(a) && !(b))

static bool same_check(const struct doc_check *a, const struct doc_check *b)
{
	if (!a || !b)
		return a == b;
	return a->type == b->type && a->port == b->port && same_text(a->interval, b->interval) &&
	       same_text(a->fast_interval, b->fast_interval) && same_text(a->timeout, b->timeout) &&
	       a->rise == b->rise && a->fall == b->fall && same_text(a->path, b->path) &&
	       same_text(a->host, b->host) && same_text(a->status, b->status) &&
	       same_text(a->body, b->body) && SAME_POINTED(a->verify, b->verify);
}

static bool same_pool(const struct doc_pool *a, const struct doc_pool *b)
{
	uint32_t i;

	if (!same_text(a->name, b->name) || a->scheduler != b->scheduler || a->mode != b->mode ||
	    a->table_size != b->table_size || a->all_down != b->all_down || !same_check(a->check, b->check) ||
	    a->backend_count != b->backend_count)
		return false;
	for (i = 0; i < a->backend_count; i++)
		if (!same_text(a->backends[i].address, b->backends[i].address) ||
		    !SAME_POINTED(a->backends[i].weight, b->backends[i].weight) ||
		    a->backends[i].state != b->backends[i].state)
			return false;
	return true;
}

static bool same_source(const struct doc_source *a, const struct doc_source *b)
{
	return a && b ? same_text(a->ipv4, b->ipv4) && same_text(a->ipv6, b->ipv6) : a == b;
}

static bool same_lists(const struct doc *a, const struct doc *b)
{
	uint32_t i;

	for (i = 0; i < a->interface_count; i++)
		if (!same_text(a->interfaces[i].name, b->interfaces[i].name) ||
		    a->interfaces[i].mode != b->interfaces[i].mode)
			return false;
	for (i = 0; i < a->pool_count; i++)
		if (!same_pool(&a->pools[i], &b->pools[i]))
			return false;
	for (i = 0; i < a->service_count; i++)
		if (a->services[i].protocol != b->services[i].protocol ||
		    a->services[i].port != b->services[i].port ||
		    !same_text(a->services[i].address, b->services[i].address) ||
		    !same_text(a->services[i].pool, b->services[i].pool))
			return false;
	return true;
}

static bool same_doc(const struct doc *a, const struct doc *b)
{
	return same_text(a->seed, b->seed) && SAME_POINTED(a->icmp_rate, b->icmp_rate) &&
	       same_source(a->source, b->source) && a->interface_count == b->interface_count &&
	       a->pool_count == b->pool_count && a->service_count == b->service_count && same_lists(a, b);
}

static void assert_round_trip(const struct doc *doc)
{
	struct doc *again = NULL, *copy = source_copy(doc);
	size_t length;
	auto_free char *text = source_write(doc, &length);
	struct err err;

	assert_int_equal(length, strlen(text));
	if (source_parse("written", text, length, &again, &err))
		fail_msg("%s in\n%s", err.text, text);
	if (!same_doc(doc, again))
		fail_msg("reads back differently:\n%s", text);
	assert_true(same_doc(doc, copy));
	source_free(again);
	source_free(copy);
}

/* --- random docs -------------------------------------------------------------------------------- */

static uint64_t random_state = 1;

static unsigned int below(unsigned int n)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (random_state >> 33) % n;
}

/* Mostly what would be mistaken for something else without quotes. */
static char *random_text(void)
{
	static const char *const texts[] = {"",
					    "a",
					    "10.0.0.1",
					    "2001:db8::1",
					    "::",
					    "::1",
					    "2001:db8::",
					    "null",
					    "~",
					    "yes",
					    "No",
					    "on",
					    "true",
					    "12",
					    "0x1f",
					    "1e3",
					    "0.5",
					    "010",
					    "1:30",
					    "2s",
					    "500ms",
					    "10.0.0.0/8",
					    "a: b",
					    "a #b",
					    "#",
					    "- a",
					    "-",
					    "?",
					    "!x",
					    "&a",
					    "*a",
					    "@",
					    "`",
					    "%",
					    "|",
					    ">",
					    "'",
					    "\"",
					    "\\",
					    "{",
					    "[",
					    "a,b",
					    " a",
					    "a ",
					    "\n",
					    "\t",
					    "a\nb\n",
					    "\x01",
					    "\x7f",
					    "\u00e9",
					    "\xc2\x85",
					    "\u2028",
					    "\ufeff",
					    "\U0001f600",
					    "\\x41",
					    "=",
					    "<<",
					    ".5",
					    "2001-01-01",
					    "200-399",
					    "/health?a=b&c",
					    "---",
					    "...",
					    "y",
					    "N",
					    "1_000",
					    "+1",
					    "-1",
					    "10.0.0.1:80"};
	char *text;
	unsigned int i, length;

	if (below(3))
		return string_copy(texts[below(ARRAY_SIZE(texts))]);
	length = below(20);
	text = memory_zeroed(length + 1, 1);
	for (i = 0; i < length; i++)
		text[i] = 1 + below(126);
	return text;
}

static char *maybe_text(void)
{
	return below(2) ? random_text() : NULL;
}

static struct doc_check *random_check(void)
{
	struct doc_check *check = memory_zeroed(1, sizeof(*check));

	if (below(8) == 0)
		return check;
	*check = (struct doc_check){.type = below(5),
				    .port = below(65536),
				    .interval = maybe_text(),
				    .fast_interval = maybe_text(),
				    .timeout = maybe_text(),
				    .rise = below(256),
				    .fall = below(256),
				    .path = maybe_text(),
				    .host = maybe_text(),
				    .status = maybe_text(),
				    .body = maybe_text()};
	if (below(2)) {
		check->verify = memory_zeroed(1, sizeof(*check->verify));
		*check->verify = below(2);
	}
	return check;
}

static void random_pool(struct doc_pool *pool)
{
	uint32_t i;

	*pool = (struct doc_pool){
		.name = random_text(), .scheduler = below(2), .mode = below(3), .all_down = below(3)};
	pool->table_size = below(2) ? 251 + below(130821) : 0;
	pool->check = below(2) ? random_check() : NULL;
	pool->backend_count = below(4);
	if (pool->backend_count)
		pool->backends = memory_zeroed(pool->backend_count, sizeof(*pool->backends));
	for (i = 0; i < pool->backend_count; i++) {
		pool->backends[i].address = random_text();
		pool->backends[i].state = below(4);
		if (!below(2))
			continue;
		pool->backends[i].weight = memory_zeroed(1, sizeof(uint16_t));
		*pool->backends[i].weight = below(2) ? below(65536) : 0;
	}
}

static struct doc *random_doc(void)
{
	struct doc *doc = memory_zeroed(1, sizeof(*doc));
	uint32_t i;

	doc->seed = maybe_text();
	if (below(2)) {
		doc->icmp_rate = memory_zeroed(1, sizeof(*doc->icmp_rate));
		*doc->icmp_rate = below(3) * 500000;
	}
	if (below(2)) {
		doc->source = memory_zeroed(1, sizeof(*doc->source));
		*doc->source = (struct doc_source){maybe_text(), maybe_text()};
	}
	doc->interface_count = below(3);
	doc->interfaces = memory_zeroed(doc->interface_count, sizeof(*doc->interfaces));
	for (i = 0; i < doc->interface_count; i++)
		doc->interfaces[i] = (struct doc_interface){random_text(), below(3)};
	doc->pool_count = below(4);
	doc->pools = memory_zeroed(doc->pool_count, sizeof(*doc->pools));
	for (i = 0; i < doc->pool_count; i++)
		random_pool(&doc->pools[i]);
	doc->service_count = below(4);
	doc->services = memory_zeroed(doc->service_count, sizeof(*doc->services));
	for (i = 0; i < doc->service_count; i++)
		doc->services[i] =
			(struct doc_service){1 + below(2), random_text(), 1 + below(65535), random_text()};
	return doc;
}

static void random_docs_round_trip(void **state)
{
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		struct doc *doc = random_doc();

		assert_round_trip(doc);
		source_free(doc);
	}
}

/* --- texts -------------------------------------------------------------------------------------- */

static void empty_texts(void **state)
{
	static const char *const texts[] = {"",   "\n", "# nothing\n", "---\n",       "---\n...\n",
					    "{}", "~",  "null\n",      "\xef\xbb\xbf"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		struct doc *doc = parsed(texts[i]), nothing = {};
		auto_free char *text = source_write(doc, NULL);

		assert_true(same_doc(doc, &nothing));
		assert_string_equal(text, "");
		source_free(doc);
	}
	source_free(NULL);
	assert_null(source_copy(NULL));
}

static void json_is_yaml(void **state)
{
	struct doc *doc = parsed(
		"{\"seed\":\"ff\",\"icmp-rate\":0,\"pools\":[{\"name\":\"web\",\"check\":{\"type\":\"tcp\","
		"\"verify\":false},\"backends\":[{\"address\":\"2001:db8::1\",\"weight\":0}]}],"
		"\"services\":[{\"protocol\":\"tcp\",\"address\":\"192.0.2.1\",\"port\":80,"
		"\"pool\":\"web\"}]}");
	auto_free char *text = source_write(doc, NULL);

	assert_string_equal(
		text, "seed: ff\nicmp-rate: 0\npools:\n  - name: web\n    check:\n      type: tcp\n"
		      "      verify: no\n    backends:\n      - address: \"2001:db8::1\"\n        weight: 0\n"
		      "services:\n  - protocol: tcp\n    address: 192.0.2.1\n    port: 80\n    pool: web\n");
	assert_round_trip(doc);
	source_free(doc);
}

static void anchors_stand_for_their_value(void **state)
{
	struct doc *doc = parsed("pools:\n- name: a\n  check: &c {type: http, path: /x}\n  backends: &b "
				 "[{address: 10.0.0.1}]\n"
				 "- name: b\n  check: *c\n  backends: *b\n");

	assert_true(same_check(doc->pools[0].check, doc->pools[1].check));
	assert_ptr_not_equal(doc->pools[0].check, doc->pools[1].check);
	assert_string_equal(doc->pools[1].backends[0].address, "10.0.0.1");
	assert_round_trip(doc);
	source_free(doc);
}

/* 4,000 aliases to a list of 4,000 would be 16 million backends. */
static void aliases_do_not_explode(void **state)
{
	struct text text = {};
	struct doc *doc = NULL;
	struct err err;
	int i;

	text_add(&text, "pools:\n- name: a\n  backends: &b [");
	for (i = 0; i < 4000; i++)
		text_add(&text, "{address: 10.0.0.1},");
	text_add(&text, "]\n");
	for (i = 0; i < 4000; i++)
		text_add(&text, "- {name: a, backends: *b}\n");
	assert_int_equal(source_parse("f", text.s, text.length, &doc, &err), -EINVAL);
	assert_non_null(strstr(err.text, "the aliases stand for more than"));
	free(text.s);
}

static void the_example_is_right(void **state)
{
	struct config *config = NULL;
	auto_free char *text = NULL;
	struct err err = {};
	struct doc *doc;
	size_t length;

	if (file_read("docs/leat.yaml", &text, &length, &err))
		fail_msg("%s", err.text);
	doc = parsed(text);
	if (config_compile(doc, &config, &err))
		fail_msg("%s", err.text);
	assert_int_equal(config->pool_count, 2);
	assert_int_equal(config->service_count, 4);
	assert_round_trip(doc);
	config_free(config);
	source_free(doc);
}

static void large_is_quick(void **state)
{
	struct text text = {};
	struct doc *doc;
	clock_t start;
	int i;

	for (i = 0; i < 1000; i++)
		text_add(&text, "%s  - address: 10.0.%d.%d\n    weight: 5\n",
			 i ? "" : "pools:\n- name: web\n  backends:\n", i >> 8, i & 255);
	for (i = 0; i < 10000; i++)
		text_add(&text, "%s- protocol: tcp\n  address: 192.1.%d.%d\n  port: 80\n  pool: web\n",
			 i ? "" : "services:\n", i >> 8, i & 255);
	start = clock();
	doc = parsed(text.s);
	print_message("10,000 services, 1,000 backends: read in %ld ms\n",
		      (clock() - start) * 1000 / CLOCKS_PER_SEC);
	assert_int_equal(doc->service_count, 10000);
	assert_int_equal(doc->pools[0].backend_count, 1000);
#ifndef __SANITIZE_ADDRESS__
	assert_true(clock() - start < CLOCKS_PER_SEC / 2); /* 0.05 s of processor time were seen */
#endif
	assert_round_trip(doc);
	source_free(doc);
	free(text.s);
}

/* Whatever the bytes: an answer, and if it is a doc, one that can be written. */
static void garbage(void **state)
{
	auto_free char *text = NULL;
	struct err err = {};
	unsigned int i, j, accepted = 0;
	size_t length;

	if (file_read("docs/leat.yaml", &text, &length, &err))
		fail_msg("%s", err.text);
	for (i = 0; i < 5000; i++) {
		auto_free char *bad = memory_zeroed(length, 1); /* no NUL after it */
		size_t start = below(2) ? below(length) : 0, size = start ? below(length - start) : length;
		struct doc *doc = NULL;

		memcpy(bad, text + start, size);
		for (j = below(4); size && j; j--)
			bad[below(size)] = below(4) ? "\n :-[]{}\"'#&*!|>%@`\t"[below(20)] : (int)below(256);
		if (source_parse("f", bad, size, &doc, &err))
			continue;
		accepted++;
		assert_round_trip(doc);
		source_free(doc);
	}
	print_message("%u of 5000 damaged texts were still right\n", accepted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_docs_round_trip), cmocka_unit_test(empty_texts),
		cmocka_unit_test(json_is_yaml),           cmocka_unit_test(anchors_stand_for_their_value),
		cmocka_unit_test(aliases_do_not_explode), cmocka_unit_test(the_example_is_right),
		cmocka_unit_test(large_is_quick),         cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
