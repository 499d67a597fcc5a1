/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells over rtnetlink: answers and events, in any order, whole or broken. A way that comes
 * of it is whole or none. Settling twice is settling once. And once the kernel is sound again and asked for
 * everything anew, the ways are right, whatever was said before.
 *
 * Holds ways.c itself, so that the test moves its timers. kernel.h has the input's form.
 */
#include "inputs/kernel.h"

#include "inputs/mutate.h"
#include "net/ways.c"

#define STEPS_MAX 24 /* more take long and say little */

static struct event_base *base;
static unsigned int changes;

static void on_change(void *context)
{
	changes++;
}

/* --- one way ------------------------------------------------------------------------------------ */

static const char *const addresses[] = {"10.0.0.1",    "10.0.0.2",    "192.0.2.9",
					"2001:db8::1", "2001:db8::2", "fe80::5"};

static uint16_t sum_of(const uint8_t *bytes, size_t length)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(sum);
}

#define PORT 6080 /* of tunnels with UDP */

static bool is_zero(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	while (length && !*at)
		at++, length--;
	return !length;
}

/* Bytes between outer IP header and packet. */
static unsigned int between(enum leat_mode mode)
{
	return mode == LEAT_MODE_IPIP ? 0 : mode == LEAT_MODE_GRE ? 4 : mode == LEAT_MODE_GUE ? 12 : 8;
}

static void check_outer(const struct leat_way *way, const struct leat_addr *addr)
{
	const uint8_t *ip = way->header + way->link_len;
	unsigned int type = ip[-2] << 8 | ip[-1];

	if (way->mode == LEAT_MODE_L2) {
		must(!way->outer_len && !type && !way->partial && !way->source_mask);
	} else if (addr_is_ipv4(addr)) {
		must(way->outer_len == 20 + between(way->mode) && type == ETH_P_IP && ip[0] == 0x45 && ip[8] == 64);
		must(!memcmp(ip + 16, &addr->word[3], 4) && !is_zero(ip + 12, 4));
		must(is_zero(ip + 2, 2) && is_zero(ip + 9, 3));
		must(way->partial == sum_of(ip, 20));
	} else {
		must(way->outer_len == 40 + between(way->mode) && type == ETH_P_IPV6 && ip[0] == 0x60 && ip[7] == 64);
		must(!memcmp(ip + 24, addr, 16) && !is_zero(ip + 8, 16) && is_zero(ip + 4, 3));
	}
}

static void check_way(const struct leat_way *way, const struct leat_addr *addr, enum leat_mode mode)
{
	size_t used = way->link_len + way->outer_len;

	must(!way->zero);
	if (!way->ifindex) {
		must(is_zero(way, sizeof(*way)));
		return;
	}
	must(way->mode == mode);
	must(ways_header_port(way) == (mode >= LEAT_MODE_GUE ? PORT : 0));
	must(way->link_len == 14 || way->link_len == 18 || way->link_len == 22);
	must(used <= sizeof(way->header) && is_zero(way->header + used, sizeof(way->header) - used));
	check_outer(way, addr);
}

static struct leat_way get(struct ways *ways, const struct leat_addr *addr, enum leat_mode mode)
{
	struct leat_way way, again;

	memset(&way, 0x55, sizeof(way));
	memset(&again, 0xaa, sizeof(again));
	ways_get(ways, addr, mode, PORT, &way);
	ways_get(ways, addr, mode, PORT, &again);
	must(!memcmp(&way, &again, sizeof(way)));
	check_way(&way, addr, mode);
	return way;
}

/* --- what happens ------------------------------------------------------------------------------- */

static void turn(struct event *event)
{
	if (event)
		event_active(event, EV_TIMEOUT, 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static void settle(struct ways *ways)
{
	unsigned int changed, asked;

	turn(ways->settle);
	evtimer_del(ways->settle);
	changed = changes;
	asked = kernel.asked;
	turn(ways->settle);
	must(changed == changes && asked == kernel.asked);
}

static void step(struct ways *ways, unsigned int kind, const uint8_t *bytes, size_t length)
{
	struct leat_addr addr;

	switch (kind) {
	case RECORD_EVENT:
		kernel_event(bytes, length, 0);
		turn(NULL);
		break;
	case RECORD_LOSS:
		kernel_event(NULL, 0, ENOBUFS);
		turn(NULL);
		break;
	case RECORD_SETTLE:
		settle(ways);
		break;
	case RECORD_REFRESH:
		turn(ways->refresh);
		break;
	case RECORD_WAY:
		addr_parse(addresses[length ? (bytes[0] >> 1) % ARRAY_SIZE(addresses) : 0], &addr);
		get(ways, &addr, length && bytes[0] & 1 ? LEAT_MODE_IPIP + (bytes[0] >> 4) % 5 : LEAT_MODE_L2);
	}
}

static void check_recovered(struct ways *ways, const char *text, enum leat_mode mode)
{
	struct leat_addr addr;
	struct way_exit exit = {.ifindex = KERNEL_ETH, .mtu = 1500};
	struct way_outer outer = {.port = PORT};
	struct leat_way want, way;

	addr_parse(text, &addr);
	if (kernel_route(&addr) == KERNEL_VLAN) {
		exit.mtu = 1400;
		exit.tags[exit.tag_count++] = (struct way_tag){htons(ETH_P_8021Q), htons(7)};
	}
	memcpy(exit.to, kernel_neighbour, sizeof(exit.to));
	memcpy(exit.from, kernel_mac, sizeof(exit.from));
	outer.source = kernel_source(addr_is_ipv4(&addr));
	outer.destination = addr;
	ways_header_build(mode, &exit, &outer, &want);
	way = get(ways, &addr, mode);
	must(!memcmp(&way, &want, sizeof(way)));
}

static void recover(struct ways *ways)
{
	kernel.script.at = kernel.script.end;
	step(ways, RECORD_LOSS, NULL, 0);
	settle(ways);
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		for (enum leat_mode mode = LEAT_MODE_L2; mode <= LEAT_MODE_FOU; mode++)
			check_recovered(ways, addresses[i], mode);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	log_set_level(0);
	base = event_base_new();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ways *ways = NULL;
	const uint8_t *bytes;
	unsigned int kind, steps;
	size_t length;

	memset(&kernel, 0, sizeof(kernel));
	kernel.script = (struct bytes){data, data + size};
	if (ways_start(base, on_change, NULL, &ways, NULL))
		return 0; /* the first dump was refused */
	for (steps = 0; steps < STEPS_MAX && (bytes = kernel_record(RECORD_KINDS, 0, &kind, &length));
	     steps++)
		step(ways, kind, bytes, length);
	recover(ways);
	ways_stop(ways);
	return 0;
}
