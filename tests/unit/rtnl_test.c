/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers to rtnetlink requests end by the dump's own end, or by an acknowledgement, if that was asked for: else rtnl_ask() would
 * wait for ever. tests/net/via.test sends some of these to the kernel.
 */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/rtnl.h"

static int up(void **state)
{
	struct rtnl *rtnl;
	struct err err;

	assert_int_equal(rtnl_open(&rtnl, &err), 0);
	*state = rtnl;
	return 0;
}

static int down(void **state)
{
	rtnl_close(*state);
	return 0;
}

static bool asks_for_an_end(struct rtnl *rtnl, uint16_t type, uint16_t flags)
{
	struct ifinfomsg *info;
	struct nlmsghdr *message = rtnl_prepare(rtnl, type, flags, sizeof(*info), &info);

	assert_int_equal(message->nlmsg_flags & ~NLM_F_ACK, NLM_F_REQUEST | flags);
	return message->nlmsg_flags & NLM_F_ACK;
}

static void all_but_dumps_ask_for_an_end(void **state)
{
	static const uint16_t new[] = { RTM_NEWLINK, RTM_NEWROUTE, RTM_NEWRULE, RTM_NEWNEIGH, RTM_NEWADDR };
	static const uint16_t flags[] = { 0, NLM_F_CREATE, NLM_F_REPLACE, NLM_F_EXCL, NLM_F_EXCL | NLM_F_REPLACE };
	size_t i, j;

	for (i = 0; i < sizeof(new) / sizeof(*new); i++) {
		for (j = 0; j < sizeof(flags) / sizeof(*flags); j++)
			assert_true(asks_for_an_end(*state, new[i], flags[j]));
		assert_true(asks_for_an_end(*state, new[i] + 1, NLM_F_BULK)); /* RTM_DEL...: NLM_F_BULK is NLM_F_MATCH */
		assert_true(asks_for_an_end(*state, new[i] + 2, 0));          /* RTM_GET... */
		assert_false(asks_for_an_end(*state, new[i] + 2, NLM_F_DUMP));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_but_dumps_ask_for_an_end, up, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
