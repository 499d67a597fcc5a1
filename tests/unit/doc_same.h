/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two docs compared member by member, without the schema that reads and writes them. */
#ifndef TESTS_DOC_SAME_H
#define TESTS_DOC_SAME_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "source/source.h"

static inline bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

#define SAME_POINTED(a, b) ((a) && (b) ? *(a) == *(b) : !(a) && !(b))

static inline bool same_check(const struct doc_check *a, const struct doc_check *b)
{
	if (!a || !b)
		return a == b;
	return a->type == b->type && a->port == b->port && same_text(a->interval, b->interval) &&
	       same_text(a->fast_interval, b->fast_interval) && same_text(a->timeout, b->timeout) &&
	       a->rise == b->rise && a->fall == b->fall && same_text(a->path, b->path) &&
	       same_text(a->host, b->host) && same_text(a->status, b->status) &&
	       same_text(a->body, b->body) && SAME_POINTED(a->verify, b->verify);
}

static inline bool same_pool(const struct doc_pool *a, const struct doc_pool *b)
{
	uint32_t i;

	if (!same_text(a->name, b->name) || a->scheduler != b->scheduler || a->mode != b->mode ||
	    a->source_prefix_ipv4 != b->source_prefix_ipv4 || a->source_prefix_ipv6 != b->source_prefix_ipv6 ||
	    !same_text(a->affinity, b->affinity) || !same_text(a->slow_start, b->slow_start) ||
	    !SAME_POINTED(a->tunnel_port, b->tunnel_port) || a->table_size != b->table_size || a->all_down != b->all_down || !same_check(a->check, b->check) ||
	    a->backend_count != b->backend_count)
		return false;
	for (i = 0; i < a->backend_count; i++)
		if (!same_text(a->backends[i].address, b->backends[i].address) ||
		    !SAME_POINTED(a->backends[i].weight, b->backends[i].weight) ||
		    a->backends[i].state != b->backends[i].state ||
		    !same_text(a->backends[i].drain_deadline, b->backends[i].drain_deadline) ||
		    !same_text(a->backends[i].server_id, b->backends[i].server_id))
			return false;
	return true;
}

static inline bool same_texts(char *const *a, char *const *b, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (!same_text(a[i], b[i]))
			return false;
	return true;
}

static inline bool same_limits(const struct doc_limits *a, const struct doc_limits *b)
{
	if (!a || !b)
		return a == b;
	return SAME_POINTED(a->packets, b->packets) && SAME_POINTED(a->flows, b->flows) &&
	       SAME_POINTED(a->source_packets, b->source_packets) && SAME_POINTED(a->source_flows, b->source_flows) &&
	       same_text(a->burst, b->burst) && a->source_prefix_ipv4 == b->source_prefix_ipv4 &&
	       a->source_prefix_ipv6 == b->source_prefix_ipv6;
}

static inline bool same_access(const struct doc_access *a, const struct doc_access *b)
{
	return same_text(a->name, b->name) && a->allow_count == b->allow_count && a->deny_count == b->deny_count &&
	       same_texts(a->allow, b->allow, a->allow_count) && same_texts(a->deny, b->deny, a->deny_count) &&
	       same_limits(a->limits, b->limits);
}

static inline bool same_source(const struct doc_source *a, const struct doc_source *b)
{
	return a && b ? same_text(a->ipv4, b->ipv4) && same_text(a->ipv6, b->ipv6) : a == b;
}

static inline bool same_flows(const struct doc_flows *a, const struct doc_flows *b)
{
	if (!a || !b)
		return a == b;
	return a->size == b->size && same_text(a->idle_timeout, b->idle_timeout) &&
	       same_text(a->opening_timeout, b->opening_timeout) &&
	       same_text(a->closing_timeout, b->closing_timeout) && SAME_POINTED(a->pin_rate, b->pin_rate);
}

static inline bool same_quic(const struct doc_quic *a, const struct doc_quic *b)
{
	if (!a || !b)
		return a == b;
	return SAME_POINTED(a->server_id_length, b->server_id_length) && SAME_POINTED(a->config, b->config);
}

static inline bool same_lists(const struct doc *a, const struct doc *b)
{
	uint32_t i;

	for (i = 0; i < a->interface_count; i++)
		if (!same_text(a->interfaces[i].name, b->interfaces[i].name) ||
		    a->interfaces[i].mode != b->interfaces[i].mode)
			return false;
	for (i = 0; i < a->access_count; i++)
		if (!same_access(&a->access[i], &b->access[i]))
			return false;
	for (i = 0; i < a->pool_count; i++)
		if (!same_pool(&a->pools[i], &b->pools[i]))
			return false;
	for (i = 0; i < a->service_count; i++)
		if (a->services[i].protocol != b->services[i].protocol ||
		    !same_text(a->services[i].port, b->services[i].port) ||
		    !same_text(a->services[i].address, b->services[i].address) ||
		    !same_text(a->services[i].pool, b->services[i].pool) ||
		    !same_text(a->services[i].sticky, b->services[i].sticky) ||
		    !same_quic(a->services[i].quic, b->services[i].quic) ||
		    !same_text(a->services[i].access, b->services[i].access))
			return false;
	return true;
}

static inline bool same_doc(const struct doc *a, const struct doc *b)
{
	return same_text(a->seed, b->seed) && SAME_POINTED(a->icmp_rate, b->icmp_rate) &&
	       SAME_POINTED(a->fragments, b->fragments) &&
	       same_flows(a->flows, b->flows) && same_source(a->source, b->source) && a->interface_count == b->interface_count &&
	       a->access_count == b->access_count && a->pool_count == b->pool_count && a->service_count == b->service_count && same_lists(a, b);
}

/* Written and read, and copied, it is the same. */
static inline void assert_round_trip(const struct doc *doc)
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

#endif
