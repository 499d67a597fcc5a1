/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the kernel for the route to one address, as if a packet left this host for it: see route.h. */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "net/route.h"

/* A next hop of the other family (IPv4 through IPv6, RFC 5549) comes as RTA_VIA. */
static void route_read_next_hop(struct route *route, const struct nlattr **attrs)
{
	const struct nlattr *via = attrs[RTA_VIA];
	const struct rtvia *v = via ? mnl_attr_get_payload(via) : NULL;

	if (!rtnl_get_addr(attrs[RTA_GATEWAY], &route->next_hop) || !via)
		return;
	if (mnl_attr_get_payload_len(via) >= sizeof(*v) + sizeof(route->next_hop) && v->rtvia_family == AF_INET6)
		memcpy(&route->next_hop, v->rtvia_addr, sizeof(route->next_hop));
}

/* An address that frames can come from. */
static int source_read(const struct nlattr *attr, struct leat_addr *ret)
{
	struct leat_addr addr;

	if (rtnl_get_addr(attr, &addr) || !addr_is_host(&addr))
		return -EINVAL;
	*ret = addr;
	return 0;
}

static int route_each(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *info = rtnl_payload(message, sizeof(*info));
	const struct nlattr *attrs[RTA_MAX + 1], *metrics[RTAX_MAX + 1];
	struct route *route = context;

	if (!info || message->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	if (info->rtm_type != RTN_UNICAST) {
		route->refusal = info->rtm_type;
		return MNL_CB_OK;
	}
	rtnl_attrs(message, sizeof(*info), attrs, RTA_MAX);
	rtnl_nested(attrs[RTA_METRICS], metrics, RTAX_MAX);
	route->ifindex = rtnl_get_u32(attrs[RTA_OIF]);
	route->mtu = rtnl_get_u32(metrics[RTAX_MTU]);
	route_read_next_hop(route, attrs);
	source_read(attrs[RTA_PREFSRC], &route->source);
	return MNL_CB_OK;
}

/* IPv4 tells by errno what IPv6 tells by type. */
static uint32_t refusal_of(int e)
{
	switch (e) {
	case -EINVAL:
		return RTN_BLACKHOLE;
	case -EACCES:
		return RTN_PROHIBIT;
	case -EHOSTUNREACH:
		return RTN_UNREACHABLE;
	}
	return RTN_UNSPEC;
}

void route_find(struct rtnl *rtnl, const struct leat_addr *addr, struct route *ret)
{
	struct nlmsghdr *message;
	struct rtmsg *info;
	int e;

	memset(ret, 0, sizeof(*ret));
	ret->next_hop = *addr;
	message = rtnl_prepare(rtnl, RTM_GETROUTE, 0, sizeof(*info), &info);
	info->rtm_family = rtnl_family(addr);
	info->rtm_dst_len = addr_is_ipv4(addr) ? 32 : 128;
	rtnl_put_addr(message, RTA_DST, addr);
	e = rtnl_ask(rtnl, route_each, ret);
	if (e) {
		ret->ifindex = 0;
		ret->refusal = refusal_of(e);
	}
}

const char *route_refusal(const struct route *route)
{
	switch (route->refusal) {
	case RTN_LOCAL:
		return "it is an address of this host";
	case RTN_BROADCAST:
	case RTN_MULTICAST:
	case RTN_ANYCAST:
		return "it is not a unicast address here";
	case RTN_BLACKHOLE:
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
		return "its route is of type blackhole, unreachable or prohibit";
	}
	return "there is no route to it";
}
