/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo requests that leat sends through VIPs, and what it makes of ICMP that arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "net/via_message.h"

static struct leat_addr addr(const char *text)
{
	struct leat_addr ret;

	assert_int_equal(addr_parse(text, &ret), 0);
	return ret;
}

/* Of words as they lie on the wire; 0xffff where a checksum among them is right. */
static uint32_t sum_of(const uint8_t *bytes, size_t length, uint32_t sum)
{
	size_t i;

	for (i = 0; i < length; i++)
		sum += i & 1 ? bytes[i] : bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void a_request_is_whole(void **state)
{
	struct leat_addr client = addr("10.0.0.100"), vip = addr("192.0.2.10"), client6 = addr("fd00::100"), vip6 = addr("2001:db8::1");
	uint8_t packet[1500];

	via_echo_write(&client, &vip, 0x0102030405060708, 1480, packet);
	assert_int_equal(packet[2] << 8 | packet[3], 1480);
	assert_int_equal(sum_of(packet, 20, 0), 0xffff);
	assert_int_equal(packet[20], 8);
	assert_int_equal(sum_of(packet + 20, 1460, 0), 0xffff);
	via_echo_write(&client6, &vip6, 0x0102030405060708, 1279, packet); /* an odd length, too */
	assert_int_equal(packet[4] << 8 | packet[5], 1239);
	assert_int_equal(packet[40], 128);
	assert_int_equal(sum_of(packet + 40, 1239, sum_of(packet + 8, 32, 58 + 1239)), 0xffff);
}

static void a_reply_is_known(void **state)
{
	struct leat_addr client = addr("10.0.0.100"), vip = addr("192.0.2.10");
	struct via_message message;
	uint8_t packet[200];

	via_echo_write(&vip, &client, 77, 200, packet);
	assert_int_equal(via_message_read(false, packet, 200, &message), VIA_HEARD_OTHER); /* a request */
	packet[20] = 0;
	assert_int_equal(via_message_read(false, packet, 200, &message), VIA_HEARD_REPLY);
	assert_int_equal(message.nonce, 77);
	assert_int_equal(message.bytes, 200);
	packet[20] = 129;
	assert_int_equal(via_message_read(true, packet + 20, 180, &message), VIA_HEARD_REPLY);
	assert_int_equal(message.bytes, 220);
}

/* An error, quoting IPv4 to 10.0.0.1, protocol and UDP destination port as said; cut off after length bytes. */
static enum via_heard error(uint8_t type, uint8_t code, uint8_t protocol, size_t length, struct via_message *ret)
{
	uint8_t packet[20 + 8 + 20 + 8] = { [0] = 0x45, [20] = type, [21] = code, [28] = 0x45, [28 + 9] = protocol, [28 + 16] = 10,
					    [28 + 19] = 1, [28 + 22] = 0x17, [28 + 23] = 0xc0 };

	return via_message_read(false, packet, length, ret);
}

static void a_refusal_is_known(void **state)
{
	struct leat_addr host = addr("10.0.0.1"), host6 = addr("fd00::1");
	uint8_t packet6[48] = { [0] = 4, [1] = 1, [8] = 0x60, [8 + 6] = 41 };
	struct via_message message;

	assert_int_equal(error(3, 2, 4, 56, &message), VIA_HEARD_REFUSAL);
	assert_true(addr_equal(&message.host, &host));
	assert_int_equal(message.protocol, 4);
	assert_int_equal(message.port, 0);
	assert_int_equal(error(3, 3, 17, 56, &message), VIA_HEARD_REFUSAL);
	assert_int_equal(message.port, 6080);
	assert_int_equal(error(3, 3, 17, 48, &message), VIA_HEARD_REFUSAL);
	assert_int_equal(message.port, 0);
	assert_int_equal(error(3, 1, 4, 56, &message), VIA_HEARD_OTHER);
	assert_int_equal(error(3, 2, 4, 47, &message), VIA_HEARD_OTHER);
	assert_int_equal(error(3, 2, 4, 20, &message), VIA_HEARD_OTHER);
	assert_int_equal(error(3, 2, 4, 0, &message), VIA_HEARD_OTHER);
	memcpy(packet6 + 8 + 24, &host6, sizeof(host6));
	assert_int_equal(via_message_read(true, packet6, sizeof(packet6), &message), VIA_HEARD_REFUSAL);
	assert_true(addr_equal(&message.host, &host6));
	assert_int_equal(message.protocol, 41);
	assert_int_equal(via_message_read(true, packet6, 47, &message), VIA_HEARD_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_whole),
		cmocka_unit_test(a_reply_is_known),
		cmocka_unit_test(a_refusal_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
