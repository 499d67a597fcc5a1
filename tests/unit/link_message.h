/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink's messages about interfaces, as the kernel writes them. */
#ifndef UNIT_LINK_MESSAGE_H
#define UNIT_LINK_MESSAGE_H

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_bonding.h>
#include <linux/if_ether.h>
#include <stdio.h>

#include "net/links.h"

struct told_link {
	uint32_t ifindex;
	uint32_t mtu;       /* 0: 1500 */
	bool down, no_ethernet;
	const char *kind;   /* "vlan", "bond"; NULL: a physical one */
	uint32_t parent;    /* 0: none */
	bool elsewhere;     /* the parent is in another network namespace */
	uint16_t vlan;
	uint16_t protocol;  /* 0: does not say */
	uint32_t active;    /* of a bond; 0: its mode has none */
	uint32_t master;    /* 0: no member of anything */
	const char *slave_kind; /* what the master is */
	bool backup, failed;    /* of a bond's member */
};

static inline void link_put_data(struct nlmsghdr *message, const struct told_link *link)
{
	struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);

	if (link->vlan)
		mnl_attr_put_u16(message, IFLA_VLAN_ID, link->vlan);
	if (link->protocol)
		mnl_attr_put_u16(message, IFLA_VLAN_PROTOCOL, htons(link->protocol));
	if (link->active)
		mnl_attr_put_u32(message, IFLA_BOND_ACTIVE_SLAVE, link->active);
	mnl_attr_nest_end(message, data);
}

static inline void link_put_slave(struct nlmsghdr *message, const struct told_link *link)
{
	struct nlattr *data;

	mnl_attr_put_strz(message, IFLA_INFO_SLAVE_KIND, link->slave_kind);
	data = mnl_attr_nest_start(message, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(message, IFLA_BOND_SLAVE_STATE, link->backup ? BOND_STATE_BACKUP : BOND_STATE_ACTIVE);
	mnl_attr_put_u8(message, IFLA_BOND_SLAVE_MII_STATUS, link->failed ? BOND_LINK_DOWN : BOND_LINK_UP);
	mnl_attr_nest_end(message, data);
}

static inline void link_put_info(struct nlmsghdr *message, const struct told_link *link)
{
	struct nlattr *info = mnl_attr_nest_start(message, IFLA_LINKINFO);

	if (link->kind) {
		mnl_attr_put_strz(message, IFLA_INFO_KIND, link->kind);
		link_put_data(message, link);
	}
	if (link->slave_kind)
		link_put_slave(message, link);
	mnl_attr_nest_end(message, info);
}

/* The link address ends in the number; the name is "if" and the number. */
static inline const struct nlmsghdr *link_message(const struct told_link *link, uint16_t type)
{
	static char buffer[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	uint8_t mac[] = { 2, 0, 0, 0, 0, link->ifindex };
	char name[IFNAMSIZ];

	message->nlmsg_type = type;
	info->ifi_index = link->ifindex;
	info->ifi_type = link->no_ethernet ? ARPHRD_NONE : ARPHRD_ETHER;
	info->ifi_flags = IFF_UP | (link->down ? 0 : IFF_LOWER_UP);
	snprintf(name, sizeof(name), "if%u", link->ifindex);
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	mnl_attr_put_u32(message, IFLA_MTU, link->mtu ?: 1500);
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(mac), mac);
	if (link->parent)
		mnl_attr_put_u32(message, IFLA_LINK, link->parent);
	if (link->elsewhere)
		mnl_attr_put_u32(message, IFLA_LINK_NETNSID, 0);
	if (link->master)
		mnl_attr_put_u32(message, IFLA_MASTER, link->master);
	link_put_info(message, link);
	return message;
}

/* True if anything changed. */
static inline bool tell(struct links *links, struct told_link link)
{
	return links_on_message(links, link_message(&link, RTM_NEWLINK));
}

#endif
