/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo requests and replies: see icmp_message.h. */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "health/icmp_message.h"

#define ICMP_HEADER 8
#define IP_HEADER   20

/* RFC 1071, of an even number of bytes. */
static uint16_t checksum(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < length; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

void icmp_ask(bool is_ipv6, uint64_t nonce, uint8_t ret[ICMP_MESSAGE_SIZE])
{
	uint16_t sum;

	memset(ret, 0, ICMP_HEADER);
	ret[0] = is_ipv6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	memcpy(ret + 4, &nonce, 4);
	memcpy(ret + ICMP_HEADER, &nonce, sizeof(nonce));
	if (is_ipv6)
		return;
	sum = checksum(ret, ICMP_MESSAGE_SIZE);
	ret[2] = sum >> 8;
	ret[3] = sum;
}

bool icmp_is_reply(bool is_ipv6, uint64_t nonce, const uint8_t *packet, size_t length)
{
	size_t header = 0;

	if (!is_ipv6) {
		header = length >= IP_HEADER ? (packet[0] & 15) * 4u : IP_HEADER;
		if (header < IP_HEADER || length < header)
			return false;
	}
	packet += header;
	length -= header;
	return length == ICMP_MESSAGE_SIZE && packet[0] == (is_ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
	       !packet[1] && !memcmp(packet + 4, &nonce, 4) &&
	       !memcmp(packet + ICMP_HEADER, &nonce, sizeof(nonce));
}
