/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors about a flow's packets: docs/packet.md, "ICMP to a service". */
#include <netinet/in.h>
#include <string.h>

#include "reference/model.h"
#include "reference/wire.h"

enum { UNREACHABLE = 3, TIME_EXCEEDED = 11, PARAMETER_PROBLEM = 12 };
enum { UNREACHABLE6 = 1, TOO_BIG6 = 2, TIME_EXCEEDED6 = 3, PARAMETER_PROBLEM6 = 4, FRAGMENT = 44 };

static bool is_error(const struct packet *p)
{
	uint8_t type = p->frame[p->transport];

	if (p->is_ipv6)
		return type == UNREACHABLE6 || type == TOO_BIG6 || type == TIME_EXCEEDED6 || type == PARAMETER_PROBLEM6;
	return type == UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
}

static void map(const uint8_t *ipv4, struct leat_addr *ret)
{
	*ret = (struct leat_addr){.byte = {[10] = 0xff, [11] = 0xff}};
	memcpy(ret->byte + 12, ipv4, 4);
}

/* The quoted packet: from whom, to whom, what; where its ports are, 0: not known. `at`: where it begins. */
struct quote {
	struct leat_addr from, to;
	uint8_t protocol;
	uint32_t ports;
};

static struct quote read_quote4(const struct packet *p, uint32_t at)
{
	const uint8_t *ip = p->frame + at;
	struct quote q = {};

	if (reference_readable(p, at) < 20 || ip[0] >> 4 != 4 || (ip[0] & 15) < 5) {
		REACH(QUOTED_CUT);
		return q;
	}
	map(ip + 12, &q.from);
	map(ip + 16, &q.to);
	q.protocol = ip[9];
	if (get16(ip + 6) & 0x1fff)
		REACH(QUOTED_LATER);
	else
		q.ports = at + (ip[0] & 15) * 4;
	return q;
}

static struct quote read_quote6(const struct packet *p, uint32_t at)
{
	const uint8_t *ip = p->frame + at;
	struct quote q = {};

	if (reference_readable(p, at) < 40 || ip[0] >> 4 != 6) {
		REACH(QUOTED_CUT);
		return q;
	}
	memcpy(&q.from, ip + 8, 16);
	memcpy(&q.to, ip + 24, 16);
	q.protocol = ip[6];
	q.ports = at + 40;
	if (q.protocol != FRAGMENT)
		return q;
	q.ports = 0;
	if (reference_readable(p, at) < 48) {
		REACH(QUOTED_CUT);
	} else if (get16(ip + 42) >> 3) {
		REACH(QUOTED_LATER);
	} else {
		REACH(QUOTED6_FRAGMENT);
		q.protocol = ip[40];
		q.ports = at + 48;
	}
	return q;
}

/* A message of ICMP is of no flow, and behind an extension header is something else. */
static bool is_no_flow(const struct packet *p, uint8_t protocol)
{
	static const uint8_t extensions[] = {0, 43, 44, 51, 60, 135};
	size_t i;

	if (!p->is_ipv6)
		return protocol == IPPROTO_ICMP || !protocol;
	for (i = 0; i < sizeof(extensions); i++)
		if (protocol == extensions[i])
			return true;
	return protocol == IPPROTO_ICMPV6;
}

bool reference_read_quoted(struct packet *p)
{
	uint32_t at = p->transport + 8;
	struct quote q;

	if (!is_error(p))
		return false;
	q = p->is_ipv6 ? read_quote6(p, at) : read_quote4(p, at);
	if (!q.ports)
		return false;
	if (is_no_flow(p, q.protocol)) {
		REACH(QUOTED_PROTOCOL);
		return false;
	}
	if (reference_readable(p, at) < q.ports - at + (reference_has_ports(q.protocol) ? 4 : 0)) {
		REACH(QUOTED_PORTS_CUT);
		return false;
	}
	if (memcmp(&q.from, &p->destination, sizeof(q.from))) {
		REACH(QUOTED_OTHER);
		return false;
	}
	p->is_error = true;
	p->protocol = q.protocol;
	p->source = q.to;
	if (!reference_has_ports(q.protocol))
		return true;
	p->destination_port = get16(p->frame + q.ports);
	p->source_port = get16(p->frame + q.ports + 2);
	return true;
}
