/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP that arrives while probes go through VIPs: what is taken for a reply has a nonce, what is taken for a refusal quotes a
 * packet, and lies in the bytes that came.
 *
 * An input: a flag for IPv6, then bytes.
 */
#include "inputs/inputs.h"

#include "base/addr.h"
#include "base/auto.h"
#include "net/via_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, data + size};
	bool ipv6 = bytes_one(&in) & 1;
	size_t length = in.end - in.at;
	auto_free uint8_t *packet = memory_zeroed(1, length); /* of its own, so that a byte beyond shows */
	struct via_message message;

	if (length)
		memcpy(packet, in.at, length);
	switch (via_message_read(ipv6, packet, length, &message)) {
	case VIA_HEARD_REPLY:
		must(length >= (ipv6 ? 16u : 36u));
		must(memmem(packet, length, &message.nonce, sizeof(message.nonce)));
		must(message.bytes == length + (ipv6 ? 40 : 0));
		break;
	case VIA_HEARD_REFUSAL:
		must(length >= (ipv6 ? 48u : 48u));
		must(ipv6 || addr_is_ipv4(&message.host));
		must(!message.port || message.protocol == 17);
		break;
	case VIA_HEARD_OTHER:
		must(!message.nonce && !message.port);
	}
	return 0;
}
