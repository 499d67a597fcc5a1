/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule for each family, "what has the mark goes by table 7847", and in that table a default route into the device: see via.h.
 * Routes go with the device, rules do not.
 */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/log.h"
#include "net/via.h"

static const uint8_t families[] = { AF_INET, AF_INET6 };

static int rule_ask(struct rtnl *rtnl, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *message;
	struct fib_rule_hdr *rule;

	message = rtnl_prepare(rtnl, type, flags, sizeof(*rule), &rule);
	rule->family = family;
	rule->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(message, FRA_PRIORITY, VIA_MARK);
	mnl_attr_put_u32(message, FRA_FWMARK, VIA_MARK);
	mnl_attr_put_u32(message, FRA_FWMASK, UINT32_MAX);
	mnl_attr_put_u32(message, FRA_TABLE, VIA_MARK);
	return rtnl_ask(rtnl, NULL, NULL);
}

static int route_add(struct rtnl *rtnl, uint8_t family, uint32_t ifindex)
{
	struct nlmsghdr *message;
	struct rtmsg *route;

	message = rtnl_prepare(rtnl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*route), &route);
	route->rtm_family = family;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	route->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(message, RTA_TABLE, VIA_MARK);
	mnl_attr_put_u32(message, RTA_OIF, ifindex);
	return rtnl_ask(rtnl, NULL, NULL);
}

static int device_up(struct rtnl *rtnl, uint32_t ifindex)
{
	struct nlmsghdr *message;
	struct ifinfomsg *link;

	message = rtnl_prepare(rtnl, RTM_NEWLINK, 0, sizeof(*link), &link);
	link->ifi_family = AF_UNSPEC;
	link->ifi_index = ifindex;
	link->ifi_flags = link->ifi_change = IFF_UP;
	mnl_attr_put_u32(message, IFLA_MTU, VIA_MTU);
	return rtnl_ask(rtnl, NULL, NULL);
}

int via_route(struct rtnl *rtnl, uint32_t ifindex, struct err *err)
{
	int e = device_up(rtnl, ifindex);
	size_t i;

	if (e)
		return err_set(err, e, VIA_DEVICE ": cannot be brought up: %s", strerror(-e));
	via_unroute(rtnl); /* of a daemon that was killed */
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		e = route_add(rtnl, families[i], ifindex);
		if (!e)
			e = rule_ask(rtnl, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, families[i]);
		if (e && families[i] == AF_INET)
			return err_set(err, e, VIA_DEVICE ": packets cannot be routed into it: %s", strerror(-e));
		if (e)
			log_warning(VIA_DEVICE ": IPv6 packets cannot be routed into it: %s", strerror(-e));
	}
	return 0;
}

void via_unroute(struct rtnl *rtnl)
{
	size_t i;
	int tries;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (tries = 0; tries < 8 && !rule_ask(rtnl, RTM_DELRULE, 0, families[i]); tries++)
			;
}
