/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services made flat for the data path, against the rules of include/leat/shape.h applied one by one; and how people write them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/shape.h"
#include "model/shapes.h"

/* --- flat -------------------------------------------------------------------------------------------- */

#define SHAPES_MAX 60

static uint64_t random_state = 1;

static unsigned int below(unsigned int n)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (random_state >> 33) % n;
}

/* Few of each, so that they overlap; ranges are apart or one is within the other. */
static struct leat_service_key draw_key(void)
{
	static const uint16_t ranges[][2] = {{0, 65535}, {1, 1000}, {10, 20}, {12, 13}, {14, 0}, {30, 40}, {1001, 65535}, {65535, 0}};
	static const uint8_t protocols[] = {0, 6, 17, 132, 255}, bits[] = {0, 0, 1, 2, 3, 5, 8};
	struct leat_service_key key = {.addr.byte = {[10] = 0xff, [11] = 0xff, 192, 0, 2, below(256)}, .protocol = protocols[below(5)]};
	unsigned int range = key.protocol ? below(8) : 0;

	if (below(2))
		key.addr = (struct leat_addr){.byte = {0x20, 1, [7] = below(2), [8] = below(2), [15] = below(256)}};
	key.host_bits = below(3) || addr_is_ipv4(&key.addr) ? bits[below(7)] : 63 + below(3);
	for (unsigned int bit = 0; bit < key.host_bits; bit++)
		key.addr.byte[15 - bit / 8] &= ~(1u << bit % 8);
	key.port = htons(ranges[range][0]);
	key.last_port = htons(ranges[range][1]);
	return key;
}

static bool is_there(const struct shape *shapes, unsigned int count, const struct shape *shape)
{
	for (unsigned int i = 0; i < count; i++)
		if (!memcmp(&shapes[i].key, &shape->key, sizeof(shape->key)) && shapes[i].is_whole == shape->is_whole)
			return true;
	return false;
}

/* Services, and for each prefix its whole one. */
static unsigned int draw_shapes(struct shape *ret)
{
	unsigned int count = 0, i, wanted = below(SHAPES_MAX / 2);
	struct shape shape = {};

	for (i = 0; i < wanted; i++) {
		shape = (struct shape){.key = draw_key(), .number = count + 1};
		if (!is_there(ret, count, &shape))
			ret[count++] = shape;
		shape = (struct shape){{.addr = shape.key.addr, .host_bits = shape.key.host_bits}, count + 1, true};
		if (!is_there(ret, count, &shape))
			ret[count++] = shape;
	}
	return count;
}

static unsigned int width(const struct leat_service_key *key)
{
	return leat_key_last_port(key) - ntohs(key->port);
}

static bool is_narrower(const struct leat_service_key *a, const struct leat_service_key *b)
{
	if (a->host_bits != b->host_bits)
		return a->host_bits < b->host_bits;
	return !a->protocol != !b->protocol ? a->protocol : width(a) < width(b);
}

/* Those on one address and port are the index's, and no prefix is theirs alone. */
static uint32_t expected(const struct shape *shapes, unsigned int count, const struct leat_service_key *key)
{
	const struct shape *best = NULL;

	for (unsigned int i = 0; i < count; i++) {
		bool has_shapes = false;

		for (unsigned int j = 0; j < count && shapes[i].is_whole; j++)
			has_shapes |= !shapes[j].is_whole && leat_key_is_shape(&shapes[j].key) &&
				      shapes[j].key.host_bits == shapes[i].key.host_bits &&
				      addr_equal(&shapes[j].key.addr, &shapes[i].key.addr);
		if (shapes[i].is_whole ? key->protocol || !has_shapes : !key->protocol || !leat_key_is_shape(&shapes[i].key))
			continue;
		if (leat_shape_has(&shapes[i].key, key) && (!best || is_narrower(&shapes[i].key, &best->key)))
			best = &shapes[i];
	}
	return best ? best->number : 0;
}

static uint32_t found(const struct shapes *s, const struct leat_service_key *key)
{
	uint32_t port = LEAT_PORT_NUMBER(key->protocol, ntohs(key->port)), i, j, ret = 0;
	__u64 number[2];

	leat_addr_number(&key->addr, number);
	for (i = 0; i < s->span_count; i++) {
		const struct leat_span *span = &s->spans[i];

		assert_true(!i || leat_number_is_below(span[-1].last, span->first));
		if (leat_number_is_below(number, span->first) || leat_number_is_below(span->last, number))
			continue;
		ret = key->protocol ? 0 : span->service;
		for (j = 0; key->protocol && j < span->port_count; j++) {
			const struct leat_port_span *ports = &s->ports[span->ports + j];

			assert_true(!j || ports[-1].last < ports->first);
			if (ports->first <= port && port <= ports->last)
				ret = ports->service;
		}
	}
	return ret;
}

static void the_narrowest_is_found(void **state)
{
	static const uint16_t ports[] = {0, 1, 9, 10, 11, 12, 13, 14, 15, 20, 21, 30, 1000, 1001, 65534, 65535};
	struct shape shapes[SHAPES_MAX], sorted[SHAPES_MAX];
	unsigned int round, i, count, hits = 0;
	struct shapes flat;

	for (round = 0; round < 2000; round++) {
		count = draw_shapes(shapes);
		memcpy(sorted, shapes, count * sizeof(*shapes));
		shapes_build(sorted, count, &flat);
		for (i = 0; i < 60; i++) {
			struct leat_service_key key = draw_key();

			key.addr.byte[15] ^= below(4);
			key.host_bits = key.last_port = 0;
			key.protocol = below(4) ? key.protocol : 47;
			key.port = key.protocol ? htons(ports[below(ARRAY_SIZE(ports))]) : 0;
			assert_int_equal(found(&flat, &key), expected(shapes, count, &key));
			hits += found(&flat, &key) > 0;
		}
		shapes_clear(&flat);
	}
	assert_true(hits > 10000);
}

/* As many as a configuration may have: nothing grows with the square of it. */
static void many_are_soon_flat(void **state)
{
	enum { MANY = 16000 };
	auto_free struct shape *shapes = memory_zeroed(2 * MANY, sizeof(*shapes));
	struct shapes flat;
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		struct leat_service_key key = {.addr.byte = {[10] = 0xff, [11] = 0xff, 10}, .protocol = 6, .host_bits = 24};

		shapes[i] = (struct shape){key, i + 1};
		shapes[i].key.port = htons(1 + 2 * i);
		shapes[i].key.last_port = htons(2 + 2 * i);
	}
	shapes[i] = (struct shape){{.addr = shapes->key.addr, .host_bits = 24}, i + 1, true};
	shapes_build(shapes, MANY + 1, &flat);
	assert_int_equal(flat.span_count, 1);
	assert_int_equal(flat.port_count, MANY);
	shapes_clear(&flat);
}

/* --- as written ---------------------------------------------------------------------------------------- */

static void names_are_read_and_written(void **state)
{
	static const char *const rows[][2] = {
		{"tcp/192.0.2.10:80", "tcp/192.0.2.10:80"},
		{"udp/[2001:DB8:0::1]:53", "udp/[2001:db8::1]:53"},
		{"tcp/192.0.2.0/24:8000-8999", "tcp/192.0.2.0/24:8000-8999"},
		{"sctp/[2001:db8::]/48:any", "sctp/[2001:db8::]/48:any"},
		{"any/192.0.2.0/24:any", "any/192.0.2.0/24:any"},
		{"gre/192.0.2.1/32:any", "gre/192.0.2.1:any"},
		{"tcp/192.0.2.1:80-80", "tcp/192.0.2.1:80"},
		{"tcp/192.0.2.1:1-65535", "tcp/192.0.2.1:1-65535"},
	};
	struct leat_service_key key;
	char name[SHAPE_NAME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(shape_name_parse(rows[i][0], &key), 0);
		assert_string_equal(shape_name_format(&key, name), rows[i][1]);
	}
}

static void what_is_wrong_is_said(void **state)
{
	static const char *const rows[][2] = {
		{"dccp/192.0.2.1:80", ": it must begin with tcp/, udp/, sctp/, gre/, esp/ or any/"},
		{"tcp", ": it must begin with tcp/, udp/, sctp/, gre/, esp/ or any/"},
		{"tcp/192.0.2.1", ": the port is missing"},
		{"tcp/192.0.2.0/24", ": the port is missing"},
		{"tcp/192.0.2.1:0", ": the port must be a whole number from 1 to 65535, a range such as 8000-8999, or any"},
		{"tcp/192.0.2.1:90-80", ": the port must be a whole number from 1 to 65535, a range such as 8000-8999, or any"},
		{"tcp/192.0.2.1:80-", ": the port must be a whole number from 1 to 65535, a range such as 8000-8999, or any"},
		{"gre/192.0.2.1:80", ": this protocol has no ports, so the port must be any"},
		{"any/192.0.2.1:1-2", ": this protocol has no ports, so the port must be any"},
		{"tcp/192.0.2.1/24:80", ": bits are set after its prefix"},
		{"tcp/192.0.2.0/33:80", ": a prefix is an address, a slash and a whole number up to 32 (IPv4) or 128 (IPv6)"},
		{"tcp/2001:db8::/48:80", ": an IPv6 address needs brackets around it"},
		{"tcp/[2001:db8::/48]:80", ": the length of the prefix belongs behind the bracket, as in [2001:db8::]/48:80"},
		{"tcp/[2001:db8::1]/48:80", ": bits are set after its prefix"},
		{"tcp/example.com:80", ": names are not looked up; write the address"},
		{"tcp/http://192.0.2.1:80", ": a URL; write address and port alone"},
	};
	struct leat_service_key key;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(shape_name_parse(rows[i][0], &key), -22);
		assert_string_equal(shape_name_fault(rows[i][0]), rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_narrowest_is_found),
		cmocka_unit_test(many_are_soon_flat),
		cmocka_unit_test(names_are_read_and_written),
		cmocka_unit_test(what_is_wrong_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
