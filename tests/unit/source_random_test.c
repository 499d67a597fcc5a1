/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random docs and damaged texts: what is read is what was written, whatever it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/file.h"
#include "source/source.h"
#include "unit/doc_same.h"

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
				    .via = below(3),
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
		.name = random_text(), .scheduler = below(10), .mode = below(7), .all_down = below(3)};
	if (below(2))
		pool->source_prefix_ipv4 = below(33);
	if (below(2))
		pool->source_prefix_ipv6 = below(129);
	if (below(2)) {
		pool->tunnel_port = memory_zeroed(1, sizeof(*pool->tunnel_port));
		*pool->tunnel_port = below(3) ? below(65536) : 0;
	}
	pool->affinity = maybe_text();
	pool->slow_start = maybe_text();
	pool->table_size = below(2) ? 251 + below(130821) : 0;
	pool->check = below(2) ? random_check() : NULL;
	pool->backend_count = below(4);
	if (pool->backend_count)
		pool->backends = memory_zeroed(pool->backend_count, sizeof(*pool->backends));
	for (i = 0; i < pool->backend_count; i++) {
		pool->backends[i].address = random_text();
		pool->backends[i].state = below(4);
		pool->backends[i].drain_deadline = maybe_text();
		pool->backends[i].server_id = maybe_text();
		if (!below(2))
			continue;
		pool->backends[i].weight = memory_zeroed(1, sizeof(uint16_t));
		*pool->backends[i].weight = below(2) ? below(65536) : 0;
	}
}

static struct doc_flows *random_flows(void)
{
	struct doc_flows *flows = memory_zeroed(1, sizeof(*flows));

	*flows = (struct doc_flows){.size = below(2) ? DOC_FLOWS_MIN + below(DOC_FLOWS_MAX - DOC_FLOWS_MIN + 1) : 0,
				    .idle_timeout = maybe_text(),
				    .opening_timeout = maybe_text(),
				    .closing_timeout = maybe_text()};
	if (below(2)) {
		flows->pin_rate = memory_zeroed(1, sizeof(*flows->pin_rate));
		*flows->pin_rate = below(3) * 50000000;
	}
	return flows;
}

static uint8_t *maybe_octet(unsigned int most)
{
	uint8_t *octet = below(3) ? memory_zeroed(1, 1) : NULL;

	if (octet)
		*octet = below(most + 1);
	return octet;
}

static struct doc_quic *random_quic(void)
{
	struct doc_quic *quic = memory_zeroed(1, sizeof(*quic));

	*quic = (struct doc_quic){maybe_octet(15), maybe_octet(6)};
	return quic;
}

static char *random_port(void)
{
	static const char *const texts[] = {"1", "80", "65535", "8000-8999", "1-65535", "any"};

	return string_copy(texts[below(ARRAY_SIZE(texts))]);
}

static char **random_texts(uint32_t count)
{
	char **texts = memory_zeroed(count, sizeof(*texts));
	uint32_t i;

	for (i = 0; i < count; i++)
		texts[i] = random_text();
	return texts;
}

static uint32_t *maybe_rate(void)
{
	uint32_t *rate = below(2) ? memory_zeroed(1, sizeof(*rate)) : NULL;

	if (rate)
		*rate = below(3) * 5000000;
	return rate;
}

static struct doc_limits *random_limits(void)
{
	struct doc_limits *limits = memory_zeroed(1, sizeof(*limits));

	*limits = (struct doc_limits){maybe_rate(), maybe_rate(), maybe_rate(), maybe_rate(), maybe_text(), below(33), below(129)};
	return limits;
}

static void random_access(struct doc_access *access)
{
	*access = (struct doc_access){.name = random_text(), .allow_count = below(4), .deny_count = below(4)};
	access->allow = random_texts(access->allow_count);
	access->deny = random_texts(access->deny_count);
	access->limits = below(2) ? random_limits() : NULL;
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
		doc->fragments = memory_zeroed(1, sizeof(*doc->fragments));
		*doc->fragments = below(3) * 32768;
	}
	if (below(2)) {
		doc->source = memory_zeroed(1, sizeof(*doc->source));
		*doc->source = (struct doc_source){maybe_text(), maybe_text()};
	}
	doc->flows = below(2) ? random_flows() : NULL;
	doc->interface_count = below(3);
	doc->interfaces = memory_zeroed(doc->interface_count, sizeof(*doc->interfaces));
	for (i = 0; i < doc->interface_count; i++)
		doc->interfaces[i] = (struct doc_interface){random_text(), below(3)};
	doc->access_count = below(3);
	doc->access = memory_zeroed(doc->access_count, sizeof(*doc->access));
	for (i = 0; i < doc->access_count; i++)
		random_access(&doc->access[i]);
	doc->pool_count = below(4);
	doc->pools = memory_zeroed(doc->pool_count, sizeof(*doc->pools));
	for (i = 0; i < doc->pool_count; i++)
		random_pool(&doc->pools[i]);
	doc->service_count = below(4);
	doc->services = memory_zeroed(doc->service_count, sizeof(*doc->services));
	for (i = 0; i < doc->service_count; i++)
		doc->services[i] =
			(struct doc_service){1 + below(2), random_text(), random_port(), random_text(),
					     maybe_text(), below(2) ? random_quic() : NULL, maybe_text()};
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
		cmocka_unit_test(random_docs_round_trip),
		cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
