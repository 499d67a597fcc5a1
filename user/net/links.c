/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of interfaces: see links.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_bonding.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "net/links.h"

#define VLAN_HLEN 4

struct link *links_find(const struct links *links, uint32_t ifindex)
{
	unsigned int i;

	for (i = 0; i < links->count; i++)
		if (links->all[i].ifindex == ifindex)
			return &links->all[i];
	return NULL;
}

static void link_read_vlan(struct link *link, const struct nlattr **attrs, const struct nlattr *info)
{
	const struct nlattr *data[IFLA_VLAN_MAX + 1];

	rtnl_nested(info, data, IFLA_VLAN_MAX);
	if (!data[IFLA_VLAN_ID])
		return;
	link->vlan = true;
	link->tag.tci = htons(rtnl_get_u16(data[IFLA_VLAN_ID]));
	link->tag.protocol =
		data[IFLA_VLAN_PROTOCOL] ? rtnl_get_u16(data[IFLA_VLAN_PROTOCOL]) : htons(ETH_P_8021Q);
	if (!attrs[IFLA_LINK_NETNSID])
		link->parent = rtnl_get_u32(attrs[IFLA_LINK]);
}

static void link_read_bond(struct link *link, const struct nlattr *info)
{
	const struct nlattr *data[IFLA_BOND_MAX + 1];

	rtnl_nested(info, data, IFLA_BOND_MAX);
	link->bond = true;
	link->active = rtnl_get_u32(data[IFLA_BOND_ACTIVE_SLAVE]);
}

static void link_read_member(struct link *link, const struct nlattr **attrs, const struct nlattr *info)
{
	const struct nlattr *data[IFLA_BOND_SLAVE_MAX + 1];

	rtnl_nested(info, data, IFLA_BOND_SLAVE_MAX);
	link->master = rtnl_get_u32(attrs[IFLA_MASTER]);
	link->sends = rtnl_get_u8(data[IFLA_BOND_SLAVE_STATE]) == BOND_STATE_ACTIVE &&
		      rtnl_get_u8(data[IFLA_BOND_SLAVE_MII_STATUS]) == BOND_LINK_UP;
}

static void link_read_kind(struct link *link, const struct nlattr **attrs)
{
	const struct nlattr *info[IFLA_INFO_MAX + 1];
	const char *kind;

	rtnl_nested(attrs[IFLA_LINKINFO], info, IFLA_INFO_MAX);
	kind = rtnl_get_text(info[IFLA_INFO_KIND]);
	if (!strcmp(kind, "vlan"))
		link_read_vlan(link, attrs, info[IFLA_INFO_DATA]);
	else if (!strcmp(kind, "bond"))
		link_read_bond(link, info[IFLA_INFO_DATA]);
	if (!strcmp(rtnl_get_text(info[IFLA_INFO_SLAVE_KIND]), "bond"))
		link_read_member(link, attrs, info[IFLA_INFO_SLAVE_DATA]);
}

static void link_read(struct link *link, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attrs[IFLA_MAX + 1], *mac;

	memset(link, 0, sizeof(*link)); /* padding too: compared as bytes */
	rtnl_attrs(message, sizeof(*info), attrs, IFLA_MAX);
	link->ifindex = info->ifi_index;
	link->up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_LOWER_UP);
	link->mtu = rtnl_get_u32(attrs[IFLA_MTU]);
	snprintf(link->name, sizeof(link->name), "%s", rtnl_get_text(attrs[IFLA_IFNAME]));
	mac = attrs[IFLA_ADDRESS];
	if (info->ifi_type == ARPHRD_ETHER && mac && mnl_attr_get_payload_len(mac) == sizeof(link->mac)) {
		link->ethernet = true;
		memcpy(link->mac, mnl_attr_get_payload(mac), sizeof(link->mac));
	}
	link_read_kind(link, attrs);
}

bool links_on_message(struct links *links, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = rtnl_payload(message, sizeof(*info));
	struct link *known, new;

	/* Bridges tell of their ports in messages of the same type and another family. */
	if (!info || info->ifi_family != AF_UNSPEC)
		return false;
	known = links_find(links, info->ifi_index);
	if (message->nlmsg_type == RTM_DELLINK) {
		if (known)
			*known = links->all[--links->count];
		return known;
	}
	link_read(&new, message);
	if (known && !memcmp(known, &new, sizeof(new)))
		return false;
	if (!known) {
		links->all = memory_resized(links->all, links->count + 1, sizeof(new));
		known = &links->all[links->count++];
	}
	*known = new;
	return true;
}

static int link_each(const struct nlmsghdr *message, void *context)
{
	if (message->nlmsg_type == RTM_NEWLINK)
		links_on_message(context, message);
	return MNL_CB_OK;
}

int links_load(struct links *links, struct rtnl *rtnl)
{
	struct ifinfomsg *info;
	struct nlmsghdr *message;

	links->count = 0;
	message = rtnl_prepare(rtnl, RTM_GETLINK, NLM_F_DUMP, sizeof(*info), &info);
	mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return rtnl_ask(rtnl, link_each, links);
}

bool links_need(struct links *links, struct rtnl *rtnl, uint32_t ifindex)
{
	struct ifinfomsg *info;

	if (links_find(links, ifindex))
		return false;
	rtnl_prepare(rtnl, RTM_GETLINK, 0, sizeof(*info), &info);
	info->ifi_index = ifindex;
	rtnl_ask(rtnl, link_each, links); /* if it has gone again, a message will follow */
	return links_find(links, ifindex);
}

void links_free(struct links *links)
{
	free(links->all);
	free(links->whole);
	*links = (struct links){};
}

const char *links_name(const struct links *links, uint32_t ifindex, char *buf)
{
	const struct link *link = links_find(links, ifindex);

	if (link)
		strcpy(buf, link->name);
	else
		sprintf(buf, "interface %u", ifindex);
	return buf;
}

const struct link *links_named(const struct links *links, const char *name)
{
	unsigned int i;

	for (i = 0; i < links->count; i++)
		if (!strcmp(links->all[i].name, name))
			return &links->all[i];
	return NULL;
}

static uint32_t *links_find_whole(const struct links *links, uint32_t ifindex)
{
	unsigned int i;

	for (i = 0; i < links->whole_count; i++)
		if (links->whole[i] == ifindex)
			return &links->whole[i];
	return NULL;
}

bool links_set_whole(struct links *links, uint32_t ifindex, bool whole)
{
	uint32_t *known = links_find_whole(links, ifindex);

	if (whole == !!known)
		return false;
	if (known) {
		*known = links->whole[--links->whole_count];
		return true;
	}
	links->whole = memory_resized(links->whole, links->whole_count + 1, sizeof(*links->whole));
	links->whole[links->whole_count++] = ifindex;
	return true;
}

/* The active one; in modes without, the first by number that sends. NULL: none does. */
static const struct link *links_member(const struct links *links, const struct link *bond)
{
	const struct link *found = NULL, *link;

	for (link = links->all; link < links->all + links->count; link++) {
		if (link->master != bond->ifindex || !link->up || !link->sends)
			continue;
		if (link->ifindex == bond->active)
			return link;
		if (!found || link->ifindex < found->ifindex)
			found = link;
	}
	return found;
}

/*
 * The kernel redirects frames of up to the interface's MTU, an Ethernet header and one tag (xdp_ok_fwd_dev()), and drops longer
 * ones without a word: a second tag is at the packet's cost.
 */
static uint32_t link_room(const struct link *link, uint32_t tags)
{
	uint32_t beyond = tags > 1 ? (tags - 1) * VLAN_HLEN : 0;

	return link->mtu > beyond ? link->mtu - beyond : 0;
}

const char *links_descend(const struct links *links, uint32_t ifindex, struct way_exit *exit)
{
	const struct link *link = links_find(links, ifindex);
	struct way_exit way = {};

	if (!link)
		return "its interface is not known";
	way.mtu = link->mtu;
	memcpy(way.from, link->mac, sizeof(way.from));
	for (;;) {
		if (!link->up)
			return "its interface is down or has no carrier";
		if (!link->ethernet)
			return "its interface is not Ethernet";
		if (!link->vlan)
			break;
		if (way.tag_count == WAYS_TAGS_MAX)
			return "its interface has more than two VLAN tags";
		/* The outer tag is met last. */
		way.tags[1] = way.tags[0];
		way.tags[0] = link->tag;
		way.tag_count++;
		link = link->parent ? links_find(links, link->parent) : NULL;
		if (!link)
			return "its interface is a VLAN whose parent is not here";
	}
	if (link->bond && !links_find_whole(links, link->ifindex))
		link = links_member(links, link);
	if (!link)
		return "its interface is a bond without a member that sends";
	way.ifindex = link->ifindex;
	if (way.mtu > link_room(link, way.tag_count))
		way.mtu = link_room(link, way.tag_count);
	*exit = way;
	return NULL;
}
