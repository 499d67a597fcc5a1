/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of the daemon's own: in the copy of the program that it asks, they leave by the way of the backend that it names. */
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "dataplane/dataplane.h"
#include "packet/bed.h"

static struct dataplane *asked;

/* The maps of the bed, as its own. */
static int asked_up(void **state)
{
	struct dataplane_options options = {};
	struct world *world;
	struct err err;

	if (bed_up(state) || dataplane_open(&options, &asked, &err))
		return -1;
	world = dataplane_world(asked);
	memcpy(world->control, bed.world.control, sizeof(*world->control));
	memcpy(world->buckets, bed.world.buckets, 2 * LEAT_BUCKETS_MAX * sizeof(*world->buckets));
	memcpy(world->services, bed.world.services, LEAT_SERVICES_MAX * sizeof(*world->services));
	memcpy(world->pools, bed.world.pools, LEAT_POOLS_MAX * sizeof(*world->pools));
	memcpy(world->slots, bed.world.slots, LEAT_SLOTS_MAX * sizeof(*world->slots));
	memcpy(world->backends, bed.world.backends, LEAT_BACKENDS_MAX * sizeof(*world->backends));
	return dataplane_allow_device(asked, LOADED_INGRESS, &err);
}

static int asked_down(void **state)
{
	dataplane_close(asked);
	return bed_down(state);
}

/* The only backend of the pool behind that port. */
static unsigned int backend_of(uint16_t port)
{
	const struct world *world = dataplane_world(asked);
	struct leat_service_key key = { .port = htons(port), .protocol = IPPROTO_TCP };
	unsigned int service, backend;

	assert_int_equal(addr_parse(VIP, &key.addr), 0);
	service = world_find_service(world, &key);
	assert_int_not_equal(service, 0);
	for (backend = 1; backend < LEAT_BACKENDS_MAX; backend++)
		if (!addr_is_zero(&world->backends[backend].addr) && world->backends[backend].pool == world->services[service].pool)
			return backend;
	fail_msg("port %u has no backend", port);
	return 0;
}

/* Runs `in` by that backend; out as from dataplane_wrap(). */
static enum leat_verdict wrapped(unsigned int backend, const struct frame *in, uint8_t out[FRAME_MAX], unsigned int *ret_length)
{
	enum leat_verdict verdict;

	*ret_length = FRAME_MAX;
	assert_int_equal(dataplane_wrap(asked, backend, in->bytes, in->length, out, ret_length, &verdict), 0);
	return verdict;
}

/* By every way the frame is that of a client's packet for the same backend, byte for byte. */
static void a_probe_leaves_as_a_client_s_packet(void **state)
{
	static const uint16_t ports[] = { PORT_IPIP, PORT_IPIP6, PORT_L2,   PORT_IPIP_TAG, PORT_IPIP6_TAGS, PORT_L2_TAG, PORT_GRE,
					  PORT_GRE6, PORT_GUE,   PORT_GUE6, PORT_GUE1,	   PORT_FOU,	    PORT_FOU6,	 PORT_GUE6_TAGS };
	size_t i;
	int ipv6;

	for (i = 0; i < ARRAY_SIZE(ports); i++)
		for (ipv6 = 0; ipv6 < 2; ipv6++) {
			struct frame *in = ipv6 ? FRAME(ETH(), IP6(CLIENT6, VIP6), TCP(4000, ports[i], SYN), PAYLOAD(99)) :
						  FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, ports[i], SYN), PAYLOAD(99));
			uint8_t left[FRAME_MAX], out[FRAME_MAX];
			unsigned int left_length = FRAME_MAX, out_length;
			enum leat_verdict verdict;

			assert_true(dataplane_run(asked, 0, in->bytes, in->length, left, &left_length, &verdict) >= 0);
			assert_int_equal(verdict, LEAT_FORWARDED);
			assert_int_equal(wrapped(backend_of(ports[i]), in, out, &out_length), LEAT_FORWARDED);
			assert_int_equal(out_length, left_length);
			assert_memory_equal(out, left, left_length);
			free(in);
		}
}

static void gives(enum leat_verdict wanted, unsigned int backend, struct frame *in)
{
	uint8_t out[FRAME_MAX];
	unsigned int length;

	assert_int_equal(wrapped(backend, in, out, &length), wanted);
	free(in);
}

static void the_tables_have_no_say(void **state)
{
	unsigned int backend = backend_of(PORT_IPIP);

	gives(LEAT_FORWARDED, backend, FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, 9, SYN))); /* a port without a service */
	gives(LEAT_FORWARDED, backend, FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_EMPTY, SYN)));
	gives(LEAT_BACKEND_UNRESOLVED, backend_of(PORT_UNRESOLVED), FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, PORT_IPIP, SYN)));
	gives(LEAT_TOO_BIG_REPLIED, backend, FRAME(ETH(), IP4(CLIENT, VIP, .df = true), UDP(4000, 9), PAYLOAD(1460)));
	gives(LEAT_L4_TRUNCATED, backend, FRAME(ETH(), IP4(CLIENT, VIP, .type = IPPROTO_TCP), PAYLOAD(8)));
}

/* Asked of a backend once, the program goes by the tables again. */
static void the_name_is_forgotten(void **state)
{
	struct frame *in = FRAME(ETH(), IP4(CLIENT, VIP), TCP(4000, 9, SYN));
	uint8_t out[FRAME_MAX];
	unsigned int length = FRAME_MAX;
	enum leat_verdict verdict;

	assert_int_equal(wrapped(backend_of(PORT_IPIP), in, out, &length), LEAT_FORWARDED);
	length = FRAME_MAX;
	assert_true(dataplane_run(asked, 0, in->bytes, in->length, out, &length, &verdict) >= 0);
	assert_int_equal(verdict, LEAT_NOT_SERVICE);
	free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_probe_leaves_as_a_client_s_packet),
		cmocka_unit_test(the_tables_have_no_say),
		cmocka_unit_test(the_name_is_forgotten),
	};

	return cmocka_run_group_tests(tests, asked_up, asked_down);
}
