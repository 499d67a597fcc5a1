/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel behind libmnl's sockets, whose functions are defined here again. It answers requests with what the
 * input has next; where that has no answer, soundly: there are eth3 and the VLAN eth3.7 on it, every
 * neighbour is reachable, and there is a route to all.
 */
#ifndef TESTS_INPUTS_KERNEL_H
#define TESTS_INPUTS_KERNEL_H

#include "inputs/inputs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <sanitizer/asan_interface.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "net/rtnl.h"

enum { KERNEL_ETH = 3, KERNEL_VLAN = 4 };
#define KERNEL_PORT 4711

static const uint8_t kernel_mac[6] = {2, 0, 0, 0, 0, 3}, kernel_neighbour[6] = {2, 0, 0, 0, 0, 9};

/* A record of the input is its kind, the length in two bytes, and that many bytes. */
enum record_kind {
	RECORD_ANSWER,  /* a datagram for the one who asks */
	RECORD_REFUSAL, /* the same, an error of the first byte's number */
	RECORD_EVENT,   /* a datagram for the watch */
	RECORD_LOSS,    /* events were lost */
	RECORD_SETTLE,  /* time passes */
	RECORD_REFRESH, /* more time passes */
	RECORD_WAY,     /* somebody wants the way to an address; see rtnl.c */
	RECORD_KINDS,
};

struct mnl_socket {
	int fd;
	bool is_watch;
};

static struct {
	struct bytes script;
	struct nlmsghdr *request; /* the caller's */
	bool answered;            /* content was sent; what is missing is the end */
	unsigned int asked;
	const uint8_t *event; /* for the watch; NULL: none */
	size_t event_length;
	int event_error; /* for the watch; 0: none */
	int watch_fd;    /* readable while there is one */
} kernel;

/* --- a sound answer ----------------------------------------------------------------------------- */

static void kernel_put_link(struct nlmsghdr *message, uint32_t ifindex)
{
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	struct nlattr *outer, *inner;

	message->nlmsg_type = RTM_NEWLINK;
	*info = (struct ifinfomsg){
		.ifi_type = ARPHRD_ETHER, .ifi_index = ifindex, .ifi_flags = IFF_UP | IFF_LOWER_UP};
	mnl_attr_put_strz(message, IFLA_IFNAME, ifindex == KERNEL_ETH ? "eth3" : "eth3.7");
	mnl_attr_put_u32(message, IFLA_MTU, ifindex == KERNEL_ETH ? 1500 : 1400);
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(kernel_mac), kernel_mac);
	if (ifindex == KERNEL_ETH)
		return;
	mnl_attr_put_u32(message, IFLA_LINK, KERNEL_ETH);
	outer = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "vlan");
	inner = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	mnl_attr_put_u16(message, IFLA_VLAN_ID, 7);
	mnl_attr_put_u16(message, IFLA_VLAN_PROTOCOL, htons(ETH_P_8021Q));
	mnl_attr_nest_end(message, inner);
	mnl_attr_nest_end(message, outer);
}

static void kernel_put_neighbour(struct nlmsghdr *message, const struct nlmsghdr *request)
{
	const struct ndmsg *asked = mnl_nlmsg_get_payload(request);
	struct ndmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	message->nlmsg_type = RTM_NEWNEIGH;
	*info = *asked;
	info->ndm_state = NUD_REACHABLE;
	mnl_attr_put(message, NDA_LLADDR, sizeof(kernel_neighbour), kernel_neighbour);
}

/* An odd last byte goes by the VLAN. */
static uint32_t kernel_route(const struct leat_addr *addr)
{
	return addr->byte[15] & 1 ? KERNEL_VLAN : KERNEL_ETH;
}

static struct leat_addr kernel_source(bool ipv4)
{
	struct leat_addr addr;

	addr_parse(ipv4 ? "192.0.2.77" : "2001:db8::77", &addr);
	return addr;
}

static void kernel_put_route(struct nlmsghdr *message, const struct nlmsghdr *request)
{
	const struct rtmsg *asked = mnl_nlmsg_get_payload(request);
	struct rtmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	const struct nlattr *attrs[RTA_MAX + 1];
	struct leat_addr addr, source = kernel_source(asked->rtm_family == AF_INET);

	rtnl_attrs(request, sizeof(*asked), attrs, RTA_MAX);
	must(!rtnl_get_addr(attrs[RTA_DST], &addr));
	message->nlmsg_type = RTM_NEWROUTE;
	*info = (struct rtmsg){
		.rtm_family = asked->rtm_family, .rtm_dst_len = asked->rtm_dst_len, .rtm_type = RTN_UNICAST};
	mnl_attr_put_u32(message, RTA_OIF, kernel_route(&addr));
	rtnl_put_addr(message, RTA_PREFSRC, &source);
}

/* Every answer ends: a dump by NLMSG_DONE, others by an acknowledgement. */
static size_t kernel_put_end(char *at, int error)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(at);
	struct nlmsgerr *end;

	message->nlmsg_seq = kernel.request->nlmsg_seq;
	message->nlmsg_pid = KERNEL_PORT;
	if (kernel.request->nlmsg_flags & NLM_F_DUMP && !error) {
		message->nlmsg_type = NLMSG_DONE;
		*(int *)mnl_nlmsg_put_extra_header(message, sizeof(int)) = 0;
		return message->nlmsg_len;
	}
	message->nlmsg_type = NLMSG_ERROR;
	end = mnl_nlmsg_put_extra_header(message, sizeof(*end));
	end->error = error;
	return message->nlmsg_len;
}

static size_t kernel_put(char *at, uint32_t ifindex)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(at);

	message->nlmsg_flags = kernel.request->nlmsg_flags & NLM_F_DUMP ? NLM_F_MULTI : 0;
	message->nlmsg_seq = kernel.request->nlmsg_seq;
	message->nlmsg_pid = KERNEL_PORT;
	if (kernel.request->nlmsg_type == RTM_GETLINK)
		kernel_put_link(message, ifindex);
	else if (kernel.request->nlmsg_type == RTM_GETNEIGH)
		kernel_put_neighbour(message, kernel.request);
	else
		kernel_put_route(message, kernel.request);
	return message->nlmsg_len;
}

static size_t kernel_answer(char *buffer)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(kernel.request);
	size_t n = 0;

	if (kernel.answered)
		return kernel_put_end(buffer, 0);
	kernel.answered = true;
	switch (kernel.request->nlmsg_type) {
	case RTM_GETLINK:
		if (kernel.request->nlmsg_flags & NLM_F_DUMP) {
			n = kernel_put(buffer, KERNEL_ETH);
			n += kernel_put(buffer + n, KERNEL_VLAN);
		} else if (info->ifi_index == KERNEL_ETH || info->ifi_index == KERNEL_VLAN) {
			n = kernel_put(buffer, info->ifi_index);
		} else {
			return kernel_put_end(buffer, -ENODEV);
		}
		break;
	case RTM_GETNEIGH:
	case RTM_GETROUTE:
		n = kernel_put(buffer, 0);
	}
	return n + kernel_put_end(buffer + n, 0);
}

/* --- what the input says ------------------------------------------------------------------------ */

/* The next record's bytes, if it is of one of two kinds (or any, for RECORD_KINDS). */
static const uint8_t *kernel_record(unsigned int kind, unsigned int other, unsigned int *ret,
				    size_t *ret_length)
{
	if (kernel.script.at == kernel.script.end)
		return NULL;
	*ret = *kernel.script.at % RECORD_KINDS;
	if (kind != RECORD_KINDS && *ret != kind && *ret != other)
		return NULL;
	kernel.script.at++;
	return bytes_take(&kernel.script, bytes_two(&kernel.script), ret_length);
}

/*
 * What even a broken kernel is spared: a length of 2 GiB or more, which libmnl takes for a negative one; and,
 * with a request, an answer to another. Returns how much of the datagram is left.
 */
static ssize_t kernel_tame(char *buffer, size_t length, const struct nlmsghdr *request)
{
	struct nlmsghdr *message = (struct nlmsghdr *)buffer;
	int left = length;

	while (left >= (int)sizeof(*message)) {
		if (message->nlmsg_len > INT_MAX)
			return length - left;
		if (!mnl_nlmsg_ok(message, left))
			break;
		message->nlmsg_seq = request ? request->nlmsg_seq : message->nlmsg_seq;
		message->nlmsg_pid = KERNEL_PORT;
		message = mnl_nlmsg_next(message, &left);
	}
	return length;
}

static ssize_t kernel_datagram(char *buffer, size_t size, const uint8_t *bytes, size_t length,
			       const struct nlmsghdr *request)
{
	if (length > size) {
		errno = ENOSPC;
		return -1;
	}
	memcpy(buffer, bytes, length);
	length = kernel_tame(buffer, length, request);
	__asan_poison_memory_region(buffer + length,
				    size - length); /* the last one's bytes, and whatever else */
	return length;
}

static void kernel_event(const uint8_t *bytes, size_t length, int error)
{
	kernel.event = bytes;
	kernel.event_length = length;
	kernel.event_error = error;
	must(!eventfd_write(kernel.watch_fd, 1));
}

static ssize_t kernel_tell(char *buffer, size_t size)
{
	const uint8_t *event = take_pointer(kernel.event);
	eventfd_t count;

	if (!event)
		eventfd_read(kernel.watch_fd, &count);

	errno = kernel.event_error ? kernel.event_error : EAGAIN;
	kernel.event_error = 0;
	return event ? kernel_datagram(buffer, size, event, kernel.event_length, NULL) : -1;
}

/* --- libmnl's reading of attributes, with what it leaves to its caller ---------------------------- */

uint16_t mnl_attr_get_u16(const struct nlattr *attr)
{
	must(mnl_attr_get_payload_len(attr) >= sizeof(uint16_t));
	return *(uint16_t *)mnl_attr_get_payload(attr);
}

uint32_t mnl_attr_get_u32(const struct nlattr *attr)
{
	must(mnl_attr_get_payload_len(attr) >= sizeof(uint32_t));
	return *(uint32_t *)mnl_attr_get_payload(attr);
}

const char *mnl_attr_get_str(const struct nlattr *attr)
{
	must(memchr(mnl_attr_get_payload(attr), 0, mnl_attr_get_payload_len(attr)));
	return mnl_attr_get_payload(attr);
}

/* --- libmnl's sockets --------------------------------------------------------------------------- */

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *s = memory_zeroed(1, sizeof(*s));

	s->is_watch = flags & SOCK_NONBLOCK;
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->is_watch)
		kernel.watch_fd = s->fd;
	return s;
}

int mnl_socket_bind(struct mnl_socket *s, unsigned int groups, pid_t pid)
{
	return 0;
}

int mnl_socket_close(struct mnl_socket *s)
{
	close(s->fd);
	free(s);
	return 0;
}

int mnl_socket_setsockopt(const struct mnl_socket *s, int type, void *value, socklen_t length)
{
	return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *s)
{
	return s->fd;
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *s)
{
	return KERNEL_PORT;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *s, const void *request, size_t length)
{
	must(length >= sizeof(struct nlmsghdr) && length == ((struct nlmsghdr *)request)->nlmsg_len);
	kernel.request = (struct nlmsghdr *)request;
	kernel.answered = false;
	kernel.asked++;
	return length;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *s, void *buffer, size_t size)
{
	const uint8_t *bytes;
	unsigned int kind;
	size_t length;

	__asan_unpoison_memory_region(buffer, size);
	if (s->is_watch)
		return kernel_tell(buffer, size);
	bytes = kernel_record(RECORD_ANSWER, RECORD_REFUSAL, &kind, &length);
	if (!bytes)
		return kernel_answer(buffer);
	if (kind == RECORD_REFUSAL)
		return kernel_put_end(buffer, length ? -bytes[0] : -EIO);
	kernel.answered = true;
	return kernel_datagram(buffer, size, bytes, length, kernel.request);
}

#endif
