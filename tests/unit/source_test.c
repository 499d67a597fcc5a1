/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and writing of particular texts: empty, JSON, aliases, the example, a large one. */
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
#include "source/schema.h"
#include "source/source.h"
#include "unit/doc_same.h"

static struct doc *parsed(const char *text)
{
	struct doc *doc = NULL;
	struct err err;

	if (source_parse("f", text, strlen(text), &doc, &err))
		fail_msg("%s", err.text);
	return doc;
}

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

static void flows_are_written_as_set(void **state)
{
	struct doc *doc = parsed("{services: [{sticky: 60s, quic: {server-id-length: 0}, pool: dns, port: 53, address: 192.0.2.53, protocol: udp}], "
				 "flows: {pin-rate: 0, size: 65536, idle-timeout: 5m}, pools: [{name: dns, backends: "
				 "[{drain-deadline: 90s, server-id: 00000012, address: 10.0.0.1}], slow-start: 30s, scheduler: p2c}]}");
	auto_free char *text = source_write(doc, NULL);

	assert_string_equal(text, "flows:\n  size: 65536\n  idle-timeout: 5m\n  pin-rate: 0\npools:\n  - name: dns\n"
				  "    scheduler: p2c\n    slow-start: 30s\n    backends:\n      - address: 10.0.0.1\n"
				  "        drain-deadline: 90s\n        server-id: \"00000012\"\nservices:\n  - protocol: udp\n    address: 192.0.2.53\n"
				  "    port: 53\n    pool: dns\n    sticky: 60s\n    quic:\n      server-id-length: 0\n");
	assert_round_trip(doc);
	source_free(doc);
}

static void lists_of_texts_are_written_as_set(void **state)
{
	struct doc *doc = parsed("access: [{deny: [10.0.0.0/8, '2001:db8::/32', '', 'a\\tb'], name: office, allow: []}, {name: b}]");
	auto_free char *text = source_write(doc, NULL);

	assert_string_equal(text, "access:\n  - name: office\n    deny:\n      - 10.0.0.0/8\n      - \"2001:db8::/32\"\n"
				  "      - \"\"\n      - \"a\\\\tb\"\n  - name: b\n");
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
	assert_non_null(strstr(err.text, "those that aliases stand for"));
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

/* Each of the mapping's keys, and of those below it, as the page writes keys. */
static void assert_explains(const char *page, const char *format, const struct cyaml_schema_field *field)
{
	for (; field->key; field++) {
		auto_free char *key = string_format(format, field->key);

		if (!strstr(page, key))
			fail_msg("no word about %s", key);
		if (field->value.type == CYAML_MAPPING)
			assert_explains(page, format, field->value.mapping.fields);
		if (field->value.type == CYAML_SEQUENCE && field->value.sequence.entry->type == CYAML_MAPPING)
			assert_explains(page, format, field->value.sequence.entry->mapping.fields);
	}
}

static void every_key_is_explained(void **state)
{
	auto_free char *page = NULL, *manual = NULL, *example = NULL;
	size_t length;

	assert_int_equal(file_read("docs/config.md", &page, &length, NULL), 0);
	assert_int_equal(file_read("docs/leat.yaml.5", &manual, &length, NULL), 0);
	assert_int_equal(file_read("docs/leat.yaml", &example, &length, NULL), 0);
	assert_explains(page, "| `%s` |", schema_doc.mapping.fields);
	assert_explains(manual, ".It Cm %s :", schema_doc.mapping.fields);
	assert_explains(example, "%s:", schema_doc.mapping.fields);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_texts),
		cmocka_unit_test(json_is_yaml),
		cmocka_unit_test(flows_are_written_as_set),
		cmocka_unit_test(lists_of_texts_are_written_as_set),
		cmocka_unit_test(anchors_stand_for_their_value),
		cmocka_unit_test(aliases_do_not_explode),
		cmocka_unit_test(the_example_is_right),
		cmocka_unit_test(every_key_is_explained),
		cmocka_unit_test(large_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
