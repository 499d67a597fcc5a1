/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device, and whose each packet is that comes out of it: see via.h. A socket is known by its protocol and port, which it
 * keeps; a port that is bound anew is the new socket's.
 *
 * A tun device, because what leaves by it is whole: checksums are complete and segments cut, whatever the real interface
 * could have done, so that the frame can be sent as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "net/route.h"
#include "net/via.h"

#define READS_PER_TURN 64 /* then others have the loop */

struct via {
	int tun, out; /* out: packet socket, sends by any interface */
	struct rtnl *rtnl;
	struct event *event;
	via_wrap wrap;
	void *context;
	uint16_t backends[2][65536]; /* by protocol, TCP and UDP, and port; 0: nobody's */
};
_Static_assert(LEAT_BACKENDS_MAX <= 65536, "a backend's number fits");

/* --- what comes out ---------------------------------------------------------------------------------------- */

void via_send(struct via *via, uint32_t backend, uint8_t *frame, size_t length)
{
	struct ethhdr *link = (struct ethhdr *)frame;
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	uint8_t wrapped[VIA_FRAME_MAX];
	size_t wrapped_length;
	uint32_t ifindex;

	memset(link, 0, sizeof(*link)); /* the way's own takes its place */
	link->h_proto = htons(frame[ETH_HLEN] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
	if (!via->wrap(via->context, backend, frame, ETH_HLEN + length, wrapped, &wrapped_length, &ifindex))
		return;
	to.sll_ifindex = ifindex;
	/* What cannot be sent is lost, as on any way: the probe will tell. */
	(void)!sendto(via->out, wrapped, wrapped_length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}

/* Whose the packet is; 0: nobody's, such as what the kernel itself says on a new device. */
static uint32_t packet_backend(const struct via *via, const uint8_t *packet, size_t length)
{
	const struct iphdr *v4 = (const struct iphdr *)packet;
	const struct ipv6hdr *v6 = (const struct ipv6hdr *)packet;
	size_t at = packet[0] >> 4 == 4 ? v4->ihl * 4u : sizeof(*v6);
	uint8_t protocol;
	uint16_t port;

	if (length < sizeof(*v4) || at + sizeof(port) > length)
		return 0;
	protocol = packet[0] >> 4 == 4 ? v4->protocol : v6->nexthdr;
	memcpy(&port, packet + at, sizeof(port));
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return 0;
	return via->backends[protocol == IPPROTO_UDP][ntohs(port)];
}

static void via_on_packet(evutil_socket_t fd, short what, void *context)
{
	uint8_t frame[ETH_HLEN + VIA_MTU];
	struct via *via = context;
	uint32_t backend;
	ssize_t n;
	int reads;

	for (reads = 0; reads < READS_PER_TURN; reads++) {
		n = read(fd, frame + ETH_HLEN, VIA_MTU);
		if (n <= 0)
			return;
		backend = packet_backend(via, frame + ETH_HLEN, n);
		if (backend)
			via_send(via, backend, frame, n);
	}
}

int via_source(struct via *via, const struct leat_addr *vip, const struct leat_addr *host, struct leat_addr *ret)
{
	struct route route;

	route_find(via->rtnl, vip, &route);
	if (route.refusal == RTN_LOCAL)
		return -EADDRINUSE;
	if (addr_is_ipv4(vip) == addr_is_ipv4(host))
		route_find(via->rtnl, host, &route);
	if (addr_is_zero(&route.source) || addr_is_ipv4(&route.source) != addr_is_ipv4(vip))
		return -EADDRNOTAVAIL;
	*ret = route.source;
	return 0;
}

/* --- sockets ----------------------------------------------------------------------------------------------- */

static int source_bind(int fd, const struct leat_addr *source)
{
	struct sockaddr_in6 from6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in from4 = { .sin_family = AF_INET, .sin_addr.s_addr = source->word[3] };
	int e;

	memcpy(&from6.sin6_addr, source, sizeof(*source));
	if (addr_is_ipv4(source))
		e = bind(fd, (struct sockaddr *)&from4, sizeof(from4));
	else
		e = bind(fd, (struct sockaddr *)&from6, sizeof(from6));
	return e ? -errno : 0;
}

int via_bind(struct via *via, int fd, const struct leat_addr *source, unsigned int mss, uint32_t backend)
{
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} bound = {};
	socklen_t length = sizeof(int);
	int type = 0, most = mss, e;
	uint32_t mark = VIA_MARK;

	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length))
		return -errno;
	if (type == SOCK_STREAM && setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &most, sizeof(most)))
		return -errno;
	e = source_bind(fd, source);
	if (e)
		return e;
	length = sizeof(bound);
	if (getsockname(fd, (struct sockaddr *)&bound, &length))
		return -errno;
	/* The port is at the same place in both. */
	via->backends[type == SOCK_DGRAM][ntohs(bound.v4.sin_port)] = backend;
	return 0;
}

/* --- start and stop ------------------------------------------------------------------------------------------ */

static int tun_open(struct via *via, struct err *err)
{
	struct ifreq device = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	via->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (via->tun < 0)
		return err_set(err, -errno, "/dev/net/tun cannot be opened: %s", strerror(errno));
	memcpy(device.ifr_name, VIA_DEVICE, sizeof(VIA_DEVICE));
	if (ioctl(via->tun, TUNSETIFF, &device))
		return err_set(err, -errno, VIA_DEVICE ": cannot be made: %s", strerror(errno));
	return 0;
}

static int via_open(struct via *via, struct err *err)
{
	int e = tun_open(via, err);

	if (e)
		return e;
	via->out = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0: receives nothing */
	if (via->out < 0)
		return err_set(err, -errno, "a packet socket cannot be opened: %s", strerror(errno));
	e = rtnl_open(&via->rtnl, err);
	return e ? e : via_route(via->rtnl, if_nametoindex(VIA_DEVICE), err);
}

int via_start(struct event_base *base, via_wrap wrap, void *context, struct via **ret, struct err *err)
{
	struct via *via = memory_zeroed(1, sizeof(*via));
	int e;

	via->tun = via->out = -1;
	via->wrap = wrap;
	via->context = context;
	e = via_open(via, err);
	if (e) {
		via_stop(via);
		return e;
	}
	via->event = event_new(base, via->tun, EV_READ | EV_PERSIST, via_on_packet, via);
	event_add(via->event, NULL);
	*ret = via;
	return 0;
}

void via_stop(struct via *via)
{
	if (!via)
		return;
	if (via->event)
		event_free(via->event);
	if (via->rtnl)
		via_unroute(via->rtnl);
	rtnl_close(via->rtnl);
	if (via->tun >= 0)
		close(via->tun);
	if (via->out >= 0)
		close(via->out);
	free(via);
}

void via_sweep(void)
{
	struct rtnl *rtnl;
	struct err err;

	if (rtnl_open(&rtnl, &err))
		return;
	via_unroute(rtnl);
	rtnl_close(rtnl);
}
