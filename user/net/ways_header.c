/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lays out the header that the program copies in front of a packet: see struct leat_way in leat/maps.h. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <string.h>

#include "base/addr.h"
#include "leat/tunnel.h"
#include "net/ways_header.h"

#define TTL   64
#define IP_DF 0x4000

static uint8_t *put(uint8_t *at, const void *bytes, size_t length)
{
	memcpy(at, bytes, length);
	return at + length;
}

/*
 * The sum RFC 1071 describes, over the 16-bit words as they lie in memory: loaded by either world without
 * swapping, so that the program goes on adding words as it loads them and stores the result as it is.
 */
static uint16_t sum_folded(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;
	uint16_t word;
	size_t i;

	for (i = 0; i < length; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static void put_ipv4(uint8_t *at, const struct way_outer *outer, struct leat_way *way)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.frag_off = htons(IP_DF),
		.ttl = TTL,
		.saddr = outer->source.word[3],
		.daddr = outer->destination.word[3],
	};

	put(at, &ip, sizeof(ip));
	way->outer_len = sizeof(ip);
	way->partial = sum_folded(at, sizeof(ip));
}

static void put_ipv6(uint8_t *at, const struct way_outer *outer, struct leat_way *way)
{
	struct ipv6hdr ip = { .version = 6, .hop_limit = TTL };

	memcpy(&ip.saddr, &outer->source, sizeof(ip.saddr));
	memcpy(&ip.daddr, &outer->destination, sizeof(ip.daddr));
	put(at, &ip, sizeof(ip));
	way->outer_len = sizeof(ip);
}

/* Between the outer IP header and the packet. GRE and GUE are all 0 as prepared. */
static void put_between(uint8_t *at, const struct way_outer *outer, struct leat_way *way)
{
	struct udphdr udp = { .dest = htons(outer->port) };

	switch (way->mode) {
	case LEAT_MODE_GRE:
		way->outer_len += sizeof(struct leat_gre);
		break;
	case LEAT_MODE_GUE:
		way->outer_len += sizeof(udp) + sizeof(struct leat_gue);
		put(at, &udp, sizeof(udp));
		break;
	case LEAT_MODE_GUE1:
	case LEAT_MODE_FOU:
		way->outer_len += sizeof(udp);
		put(at, &udp, sizeof(udp));
		break;
	}
}

void ways_header_build(enum leat_mode mode, const struct way_exit *exit, const struct way_outer *outer,
		       struct leat_way *ret)
{
	bool ipv4 = addr_is_ipv4(&outer->destination);
	__be16 type = mode == LEAT_MODE_L2 ? 0 : htons(ipv4 ? ETH_P_IP : ETH_P_IPV6);
	struct leat_way way = { .ifindex = exit->ifindex, .mode = mode };
	uint8_t *at = way.header;
	uint32_t i;

	memset(ret, 0, sizeof(*ret));
	if (!exit->ifindex)
		return;
	way.mtu = exit->mtu < UINT16_MAX ? exit->mtu : UINT16_MAX;
	at = put(at, exit->to, sizeof(exit->to));
	at = put(at, exit->from, sizeof(exit->from));
	for (i = 0; i < exit->tag_count && i < WAYS_TAGS_MAX; i++) {
		at = put(at, &exit->tags[i].protocol, sizeof(exit->tags[i].protocol));
		at = put(at, &exit->tags[i].tci, sizeof(exit->tags[i].tci));
	}
	at = put(at, &type, sizeof(type));
	way.link_len = at - way.header;
	if (mode != LEAT_MODE_L2) {
		way.source_mask = outer->source_mask;
		if (ipv4)
			put_ipv4(at, outer, &way);
		else
			put_ipv6(at, outer, &way);
		put_between(at + way.outer_len, outer, &way);
	}
	*ret = way;
}

uint16_t ways_header_port(const struct leat_way *way)
{
	const uint8_t *ip = way->header + way->link_len;
	struct udphdr udp;

	if (way->mode != LEAT_MODE_GUE && way->mode != LEAT_MODE_GUE1 && way->mode != LEAT_MODE_FOU)
		return 0;
	memcpy(&udp, ip + (ip[0] >> 4 == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)), sizeof(udp));
	return ntohs(udp.dest);
}

unsigned int ways_header_tags(const struct leat_way *way, struct way_tag ret[WAYS_TAGS_MAX])
{
	size_t addresses = sizeof(struct ethhdr) - sizeof(__be16);
	unsigned int count = 0;

	while (count < WAYS_TAGS_MAX && sizeof(struct ethhdr) + (count + 1) * sizeof(*ret) <= way->link_len) {
		memcpy(&ret[count], way->header + addresses + count * sizeof(*ret), sizeof(*ret));
		count++;
	}
	return count;
}
