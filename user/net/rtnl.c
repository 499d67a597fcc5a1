/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink by libmnl: see rtnl.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "net/rtnl.h"

#define DUMP_TRIES 4

struct rtnl {
	struct mnl_socket *socket;
	unsigned int sequence;
	char request[512] __attribute__((aligned(NLMSG_ALIGNTO)));
	char answer[RTNL_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
};

int rtnl_open(struct rtnl **ret, struct err *err)
{
	struct rtnl *rtnl = memory_zeroed(1, sizeof(*rtnl));
	int e;

	rtnl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!rtnl->socket || mnl_socket_bind(rtnl->socket, 0, MNL_SOCKET_AUTOPID)) {
		e = -errno;
		rtnl_close(rtnl);
		return err_set(err, e, "rtnetlink socket: %s", strerror(-e));
	}
	*ret = rtnl;
	return 0;
}

void rtnl_close(struct rtnl *rtnl)
{
	if (!rtnl)
		return;
	if (rtnl->socket)
		mnl_socket_close(rtnl->socket);
	free(rtnl);
}

/*
 * The bits of NLM_F_DUMP mean a dump where something is asked for (types of which the last two bits are 2, as in the kernel's
 * rtnl_msgtype_kind()). In requests that make something they are NLM_F_REPLACE and NLM_F_EXCL.
 */
static bool is_dump(uint16_t type, uint16_t flags)
{
	return (type & 3) == 2 && (flags & NLM_F_DUMP);
}

struct nlmsghdr *rtnl_prepare(struct rtnl *rtnl, uint16_t type, uint16_t flags, size_t extra, void *ret_extra)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(rtnl->request);

	message->nlmsg_type = type;
	/* An acknowledgement ends the answers to everything but a dump, which ends by itself. */
	message->nlmsg_flags = NLM_F_REQUEST | flags | (is_dump(type, flags) ? 0 : NLM_F_ACK);
	*(void **)ret_extra = mnl_nlmsg_put_extra_header(message, extra);
	return message;
}

/*
 * libmnl stops at the first message flagged NLM_F_DUMP_INTR, but the kernel refuses another request (EBUSY) until
 * the dump has been read to its end: so the flag is taken off and noted.
 */
static bool unflag(char *buffer, ssize_t n)
{
	struct nlmsghdr *message = (struct nlmsghdr *)buffer;
	bool flagged = false;
	int left = n;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		flagged |= message->nlmsg_flags & NLM_F_DUMP_INTR;
		message->nlmsg_flags &= ~NLM_F_DUMP_INTR;
	}
	return flagged;
}

static int rtnl_ask_once(struct rtnl *rtnl, mnl_cb_t each, void *context)
{
	struct nlmsghdr *message = (struct nlmsghdr *)rtnl->request;
	unsigned int port = mnl_socket_get_portid(rtnl->socket);
	int more = MNL_CB_OK;
	bool flagged = false;
	ssize_t n;

	message->nlmsg_seq = ++rtnl->sequence;
	if (mnl_socket_sendto(rtnl->socket, message, message->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(rtnl->socket, rtnl->answer, sizeof(rtnl->answer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* Older numbers are what a request that failed halfway left behind. */
		if (n < NLMSG_HDRLEN || ((struct nlmsghdr *)rtnl->answer)->nlmsg_seq != rtnl->sequence)
			continue;
		flagged |= unflag(rtnl->answer, n);
		more = mnl_cb_run(rtnl->answer, n, rtnl->sequence, port, each, context);
		if (more < 0)
			return -errno;
	} while (more > MNL_CB_STOP);
	return flagged ? -EINTR : 0;
}

int rtnl_ask(struct rtnl *rtnl, mnl_cb_t each, void *context)
{
	int e, tries = 0;

	do /* EINTR: what was dumped changed meanwhile */
		e = rtnl_ask_once(rtnl, each, context);
	while (e == -EINTR && ++tries < DUMP_TRIES);
	return e;
}

const void *rtnl_payload(const struct nlmsghdr *message, size_t size)
{
	return mnl_nlmsg_get_payload_len(message) >= size ? mnl_nlmsg_get_payload(message) : NULL;
}

struct attr_table {
	const struct nlattr **table;
	unsigned int max;
};

static int attr_note(const struct nlattr *attr, void *context)
{
	const struct attr_table *t = context;

	if (mnl_attr_get_type(attr) <= t->max)
		t->table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

void rtnl_attrs(const struct nlmsghdr *message, size_t skip, const struct nlattr **table, unsigned int max)
{
	struct attr_table t = { table, max };

	memset(table, 0, (max + 1) * sizeof(*table));
	mnl_attr_parse(message, skip, attr_note, &t);
}

void rtnl_nested(const struct nlattr *attr, const struct nlattr **table, unsigned int max)
{
	struct attr_table t = { table, max };

	memset(table, 0, (max + 1) * sizeof(*table));
	if (attr)
		mnl_attr_parse_nested(attr, attr_note, &t);
}

void rtnl_put_addr(struct nlmsghdr *message, uint16_t type, const struct leat_addr *addr)
{
	if (addr_is_ipv4(addr))
		mnl_attr_put(message, type, sizeof(addr->word[3]), &addr->word[3]);
	else
		mnl_attr_put(message, type, sizeof(*addr), addr);
}

int rtnl_get_addr(const struct nlattr *attr, struct leat_addr *ret)
{
	struct leat_addr addr = {};

	if (!attr)
		return -EINVAL;
	switch (mnl_attr_get_payload_len(attr)) {
	case 4:
		addr.word[2] = htonl(0xffff);
		memcpy(&addr.word[3], mnl_attr_get_payload(attr), 4);
		break;
	case 16:
		memcpy(&addr, mnl_attr_get_payload(attr), 16);
		break;
	default:
		return -EINVAL;
	}
	*ret = addr;
	return 0;
}

uint8_t rtnl_family(const struct leat_addr *addr)
{
	return addr_is_ipv4(addr) ? AF_INET : AF_INET6;
}

uint8_t rtnl_get_u8(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) ? mnl_attr_get_u8(attr) : 0;
}

uint16_t rtnl_get_u16(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= 2 ? mnl_attr_get_u16(attr) : 0;
}

uint32_t rtnl_get_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

const char *rtnl_get_text(const struct nlattr *attr)
{
	return attr && memchr(mnl_attr_get_payload(attr), 0, mnl_attr_get_payload_len(attr)) ?
		       mnl_attr_get_str(attr) :
		       "";
}
