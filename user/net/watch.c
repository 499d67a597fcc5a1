/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second rtnetlink socket that only listens: see watch.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "net/watch.h"

#define ROOM           (4 << 20) /* bytes the kernel may queue for us */
#define READS_PER_TURN 64        /* then others have the loop */

struct watch {
	struct mnl_socket *socket;
	struct event *event;
	void (*message)(void *context, const struct nlmsghdr *message);
	void (*lost)(void *context);
	void *context;
	bool overrun; /* messages were dropped: what is still queued is older than what will be asked for */
	char buffer[RTNL_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static const int groups[] = {
	RTNLGRP_LINK,       RTNLGRP_NEIGH,     RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
	RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,   RTNLGRP_NEXTHOP,
};

static int watch_each(const struct nlmsghdr *message, void *context)
{
	struct watch *watch = context;

	watch->message(watch->context, message);
	return MNL_CB_OK;
}

static void watch_read(evutil_socket_t fd, short what, void *context)
{
	struct watch *watch = context;
	ssize_t n;
	int reads;

	for (reads = 0; reads < READS_PER_TURN; reads++) {
		n = mnl_socket_recvfrom(watch->socket, watch->buffer, sizeof(watch->buffer));
		if (n >= 0 && !watch->overrun)
			mnl_cb_run(watch->buffer, n, 0, 0, watch_each, watch);
		else if (n < 0 && (errno == ENOBUFS || errno == ENOSPC)) /* ENOSPC: larger than the buffer */
			watch->overrun = true;
		else if (n < 0)
			break;
	}
	if (!watch->overrun || reads == READS_PER_TURN)
		return;
	watch->overrun = false;
	watch->lost(watch->context);
}

static int watch_open(struct watch *watch)
{
	int room = ROOM;
	size_t i;

	watch->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!watch->socket || mnl_socket_bind(watch->socket, 0, MNL_SOCKET_AUTOPID))
		return -errno;
	setsockopt(mnl_socket_get_fd(watch->socket), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		/* A kernel without IPv6 rules or next-hop objects (before 5.3) has nothing to tell of them. */
		mnl_socket_setsockopt(watch->socket, NETLINK_ADD_MEMBERSHIP, (void *)&groups[i],
				      sizeof(groups[i]));
	return 0;
}

int watch_start(struct event_base *base, void (*message)(void *context, const struct nlmsghdr *message),
		void (*lost)(void *context), void *context, struct watch **ret, struct err *err)
{
	struct watch *watch = memory_zeroed(1, sizeof(*watch));
	int e;

	watch->message = message;
	watch->lost = lost;
	watch->context = context;
	e = watch_open(watch);
	if (e) {
		watch_stop(watch);
		return err_set(err, e, "rtnetlink socket: %s", strerror(-e));
	}
	watch->event =
		event_new(base, mnl_socket_get_fd(watch->socket), EV_READ | EV_PERSIST, watch_read, watch);
	event_add(watch->event, NULL);
	*ret = watch;
	return 0;
}

void watch_stop(struct watch *watch)
{
	if (!watch)
		return;
	if (watch->event)
		event_free(watch->event);
	if (watch->socket)
		mnl_socket_close(watch->socket);
	free(watch);
}

int watch_route_prefix(const struct nlmsghdr *message, struct leat_addr *ret_prefix, unsigned int *ret_length)
{
	const struct rtmsg *info = rtnl_payload(message, sizeof(*info));
	const struct nlattr *attrs[RTA_MAX + 1];
	struct leat_addr prefix = {};

	if (!info || (info->rtm_family != AF_INET && info->rtm_family != AF_INET6) ||
	    info->rtm_dst_len > (info->rtm_family == AF_INET ? 32 : 128))
		return -EINVAL;
	rtnl_attrs(message, sizeof(*info), attrs, RTA_MAX);
	if (info->rtm_family == AF_INET)
		prefix.word[2] = htonl(0xffff); /* a default route has no RTA_DST */
	rtnl_get_addr(attrs[RTA_DST], &prefix);
	*ret_prefix = prefix;
	*ret_length = info->rtm_dst_len + (info->rtm_family == AF_INET ? 96 : 0);
	return 0;
}

bool watch_covers(const struct leat_addr *prefix, unsigned int length, const struct leat_addr *addr)
{
	unsigned int bytes = length / 8, bits = length % 8;

	if (memcmp(prefix, addr, bytes))
		return false;
	return !bits || !((prefix->byte[bytes] ^ addr->byte[bytes]) >> (8 - bits));
}
