/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What arrives at the socket of an ICMP probe: only an echo reply with the nonce is taken for the answer.
 *
 * An input: a flag for IPv6, a flag that puts the reply to the question behind the bytes, then bytes.
 */
#include "inputs/inputs.h"

#include "base/auto.h"
#include "health/icmp_message.h"

#define NONCE 0x123456789abcdef0ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, data + size};
	bool ipv6 = bytes_one(&in) & 1, has_reply = bytes_one(&in) & 1;
	size_t head = in.end - in.at, length = head + (has_reply ? ICMP_MESSAGE_SIZE : 0);
	auto_free uint8_t *packet = memory_zeroed(1, length);
	const uint64_t nonce = NONCE;
	size_t ip;

	if (head)
		memcpy(packet, in.at, head);
	if (has_reply) {
		icmp_ask(ipv6, NONCE, packet + head);
		packet[head] = ipv6 ? 129 : 0;
	}
	ip = ipv6 ? 0 : head;
	if (has_reply && head == ip && (ipv6 || (head >= 20 && (packet[0] & 15) * 4u == head)))
		must(icmp_is_reply(ipv6, NONCE, packet, length));
	if (!icmp_is_reply(ipv6, NONCE, packet, length))
		return 0;
	must(length >= ICMP_MESSAGE_SIZE + (ipv6 ? 0u : 20u));
	must(!memcmp(packet + length - sizeof(nonce), &nonce, sizeof(nonce)));
	must(packet[length - ICMP_MESSAGE_SIZE] == (ipv6 ? 129 : 0));
	must(!icmp_is_reply(ipv6, NONCE + 1, packet, length));
	return 0;
}
