/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink requests, one at a time: sent, answered, done. The kernel answers without waiting for anybody. */
#ifndef NET_RTNL_H
#define NET_RTNL_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "base/err.h"
#include "leat/hash.h"

#define RTNL_BUFFER 32768 /* a link with many virtual functions fills more than libmnl's 8 KiB */

struct rtnl;

int rtnl_open(struct rtnl **ret, struct err *err);
void rtnl_close(struct rtnl *rtnl);

/* A new request: header with type and flags (NLM_F_REQUEST is added), then `extra` zeroed bytes at *ret_extra. */
struct nlmsghdr *rtnl_prepare(struct rtnl *rtnl, uint16_t type, uint16_t flags, size_t extra,
			      void *ret_extra);

/* Sends what was prepared and hands every answer to each() (NULL: none wanted). 0, or the kernel's -errno. */
int rtnl_ask(struct rtnl *rtnl, mnl_cb_t each, void *context);

/* The message's family header of size bytes; NULL: it is shorter. */
const void *rtnl_payload(const struct nlmsghdr *message, size_t size);
/* Fills table[0 .. max] with the attributes after `skip` bytes of family header; types above max are left out. */
void rtnl_attrs(const struct nlmsghdr *message, size_t skip, const struct nlattr **table, unsigned int max);
void rtnl_nested(const struct nlattr *attr, const struct nlattr **table, unsigned int max);

/* An address as an attribute of 4 or 16 bytes. */
void rtnl_put_addr(struct nlmsghdr *message, uint16_t type, const struct leat_addr *addr);
/* -EINVAL if attr (may be NULL) is neither. */
int rtnl_get_addr(const struct nlattr *attr, struct leat_addr *ret);
uint8_t rtnl_family(const struct leat_addr *addr);
/* 0 and "" for NULL and for what is no number and no text. */
uint8_t rtnl_get_u8(const struct nlattr *attr);
uint16_t rtnl_get_u16(const struct nlattr *attr);
uint32_t rtnl_get_u32(const struct nlattr *attr);
const char *rtnl_get_text(const struct nlattr *attr);

#endif
