/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of ICMP: see via_message.h. */
#include <arpa/inet.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "net/via_message.h"

#define ICMP_HEADER 8

/* --- the request ---------------------------------------------------------------------------------------- */

/* RFC 1071, of any number of bytes; in host byte order. */
static uint32_t sum(uint32_t sum, const uint8_t *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t sum_end(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return htons((uint16_t)~(sum + (sum >> 16)));
}

static size_t write_ipv4(const struct leat_addr *source, const struct leat_addr *destination, size_t bytes, uint8_t *ret)
{
	struct iphdr ip = { .version = 4, .ihl = 5, .tot_len = htons(bytes), .frag_off = htons(0x4000), .ttl = 64,
			    .protocol = IPPROTO_ICMP, .saddr = source->word[3], .daddr = destination->word[3] };

	ip.check = sum_end(sum(0, (uint8_t *)&ip, sizeof(ip)));
	memcpy(ret, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t write_ipv6(const struct leat_addr *source, const struct leat_addr *destination, size_t bytes, uint8_t *ret)
{
	struct ipv6hdr ip = { .version = 6, .payload_len = htons(bytes - sizeof(ip)), .nexthdr = IPPROTO_ICMPV6, .hop_limit = 64 };

	memcpy(&ip.saddr, source, sizeof(ip.saddr));
	memcpy(&ip.daddr, destination, sizeof(ip.daddr));
	memcpy(ret, &ip, sizeof(ip));
	return sizeof(ip);
}

void via_echo_write(const struct leat_addr *source, const struct leat_addr *destination, uint64_t nonce, size_t bytes,
		    uint8_t *ret)
{
	bool ipv4 = addr_is_ipv4(destination);
	size_t at = ipv4 ? write_ipv4(source, destination, bytes, ret) : write_ipv6(source, destination, bytes, ret);
	uint8_t *icmp = ret + at;
	uint16_t check;
	uint32_t pseudo = 0;

	memset(icmp, 0, bytes - at);
	icmp[0] = ipv4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	memcpy(icmp + 4, &nonce, 4); /* identifier and sequence number */
	memcpy(icmp + ICMP_HEADER, &nonce, sizeof(nonce));
	if (!ipv4) /* RFC 8200 8.1 */
		pseudo = sum(sum(0, ret + 8, 32), (uint8_t[]){ 0, IPPROTO_ICMPV6 }, 2) + (bytes - at);
	check = sum_end(sum(pseudo, icmp, bytes - at));
	memcpy(icmp + 2, &check, sizeof(check));
}

/* --- what is heard ---------------------------------------------------------------------------------------- */

/* Protocol unreachable, port unreachable (RFC 1812 5.2.7.1); of IPv6 an unknown next header counts as the first. */
static bool is_refusal(bool is_ipv6, uint8_t type, uint8_t code)
{
	if (!is_ipv6)
		return type == ICMP_DEST_UNREACH && (code == ICMP_PROT_UNREACH || code == ICMP_PORT_UNREACH);
	return (type == ICMP6_DST_UNREACH && code == ICMP6_DST_UNREACH_NOPORT) ||
	       (type == ICMP6_PARAM_PROB && code == ICMP6_PARAMPROB_NEXTHEADER);
}

static void quoted_port(const uint8_t *at, size_t length, struct via_message *ret)
{
	if (ret->protocol == IPPROTO_UDP && length >= 4)
		ret->port = at[2] << 8 | at[3];
}

static enum via_heard quoted_read(bool is_ipv6, const uint8_t *quoted, size_t length, struct via_message *ret)
{
	size_t header = is_ipv6 ? sizeof(struct ipv6hdr) : length ? (quoted[0] & 15) * 4u : 0;

	if (header < (is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) || length < header)
		return VIA_HEARD_OTHER;
	if (is_ipv6) {
		memcpy(&ret->host, quoted + 24, sizeof(ret->host));
		ret->protocol = quoted[6];
	} else {
		ret->host.word[2] = htonl(0xffff);
		memcpy(&ret->host.word[3], quoted + 16, sizeof(ret->host.word[3]));
		ret->protocol = quoted[9];
	}
	quoted_port(quoted + header, length - header, ret);
	return VIA_HEARD_REFUSAL;
}

enum via_heard via_message_read(bool is_ipv6, const uint8_t *message, size_t length, struct via_message *ret)
{
	size_t header = is_ipv6 ? 0 : length ? (message[0] & 15) * 4u : 0;

	*ret = (struct via_message){};
	if ((!is_ipv6 && header < sizeof(struct iphdr)) || length < header + ICMP_HEADER)
		return VIA_HEARD_OTHER;
	ret->bytes = length + (is_ipv6 ? sizeof(struct ipv6hdr) : 0);
	message += header;
	length -= header;
	if (is_refusal(is_ipv6, message[0], message[1]))
		return quoted_read(is_ipv6, message + ICMP_HEADER, length - ICMP_HEADER, ret);
	if (message[0] != (is_ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) || length < ICMP_HEADER + sizeof(ret->nonce))
		return VIA_HEARD_OTHER;
	memcpy(&ret->nonce, message + ICMP_HEADER, sizeof(ret->nonce));
	return VIA_HEARD_REPLY;
}
