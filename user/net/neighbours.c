/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Next hops, resolved and kept fresh by the kernel on our demand: see neighbours.h. */
#include <linux/neighbour.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "net/neighbours.h"

/* Link address in use: all but NONE, INCOMPLETE and FAILED (the kernel's NUD_VALID). */
#define USABLE (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)
/* Nothing to ask for: confirmed, or being asked for already. */
#define SETTLED (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_DELAY | NUD_INCOMPLETE)

static struct neighbour **neighbours_find(struct neighbours *neighbours, uint32_t ifindex,
					  const struct leat_addr *addr)
{
	uint64_t hash = leat_hash_mix(addr->half[0] ^ leat_hash_mix(addr->half[1] + ifindex));
	struct neighbour **at = &neighbours->heads[hash % NEIGHBOURS_HEADS];

	while (*at && ((*at)->ifindex != ifindex || !addr_equal(&(*at)->addr, addr)))
		at = &(*at)->next;
	return at;
}

static struct ndmsg *neighbour_prepare(struct neighbours *neighbours, const struct neighbour *neighbour,
				       uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;
	struct ndmsg *info;

	message = rtnl_prepare(neighbours->rtnl, type, flags, sizeof(*info), &info);
	info->ndm_family = rtnl_family(&neighbour->addr);
	info->ndm_ifindex = neighbour->ifindex;
	rtnl_put_addr(message, NDA_DST, &neighbour->addr);
	return info;
}

/*
 * NTF_USE is what a packet for the neighbour would do: look it up, or confirm it if stale. It also makes a
 * permanent entry an ordinary one (__neigh_update(), 5.16 and later), so it must not be sent for those.
 */
static void neighbour_use(struct neighbours *neighbours, const struct neighbour *neighbour)
{
	if (neighbour->state & SETTLED)
		return;
	neighbour_prepare(neighbours, neighbour, RTM_NEWNEIGH, NLM_F_CREATE)->ndm_flags = NTF_USE;
	rtnl_ask(neighbours->rtnl, NULL, NULL); /* what fails now is tried again by the next refresh */
}

static bool neighbour_learn(struct neighbour *neighbour, const struct nlmsghdr *message, uint16_t state)
{
	struct neighbour old = *neighbour;
	const struct nlattr *attrs[NDA_MAX + 1], *mac;

	rtnl_attrs(message, sizeof(struct ndmsg), attrs, NDA_MAX);
	mac = attrs[NDA_LLADDR];
	neighbour->state = state;
	if ((state & USABLE) && mac && mnl_attr_get_payload_len(mac) == sizeof(neighbour->mac)) {
		memcpy(neighbour->mac, mnl_attr_get_payload(mac), sizeof(neighbour->mac));
		neighbour->known = true;
	}
	return neighbour->known != old.known || memcmp(neighbour->mac, old.mac, sizeof(old.mac)) ||
	       ((state ^ old.state) & NUD_FAILED);
}

struct loading {
	struct neighbour *neighbour;
	bool changed;
};

static int neighbour_each(const struct nlmsghdr *message, void *context)
{
	const struct ndmsg *info = rtnl_payload(message, sizeof(*info));
	struct loading *loading = context;

	if (info && message->nlmsg_type == RTM_NEWNEIGH)
		loading->changed = neighbour_learn(loading->neighbour, message, info->ndm_state);
	return MNL_CB_OK;
}

/* Looked at first, each time: messages do not tell all (none comes for a new NOARP entry). */
static bool neighbour_load(struct neighbours *neighbours, struct neighbour *neighbour)
{
	struct loading loading = { neighbour };

	neighbour_prepare(neighbours, neighbour, RTM_GETNEIGH, 0);
	if (rtnl_ask(neighbours->rtnl, neighbour_each, &loading))
		neighbour->state = NUD_NONE;
	neighbour_use(neighbours, neighbour);
	return loading.changed;
}

struct neighbour *neighbours_take(struct neighbours *neighbours, uint32_t ifindex,
				  const struct leat_addr *addr)
{
	struct neighbour **at = neighbours_find(neighbours, ifindex, addr);

	if (!*at) {
		*at = memory_zeroed(1, sizeof(**at));
		(*at)->ifindex = ifindex;
		(*at)->addr = *addr;
		neighbour_load(neighbours, *at);
	}
	(*at)->users++;
	return *at;
}

void neighbours_release(struct neighbours *neighbours, struct neighbour *neighbour)
{
	if (!neighbour || --neighbour->users)
		return;
	*neighbours_find(neighbours, neighbour->ifindex, &neighbour->addr) = neighbour->next;
	free(neighbour);
}

bool neighbours_on_message(struct neighbours *neighbours, const struct nlmsghdr *message)
{
	const struct ndmsg *info = rtnl_payload(message, sizeof(*info));
	bool gone = message->nlmsg_type == RTM_DELNEIGH, changed;
	const struct nlattr *attrs[NDA_MAX + 1];
	struct neighbour *neighbour;
	struct leat_addr addr;

	if (!info || (info->ndm_family != AF_INET && info->ndm_family != AF_INET6))
		return false;
	rtnl_attrs(message, sizeof(*info), attrs, NDA_MAX);
	if (rtnl_get_addr(attrs[NDA_DST], &addr))
		return false;
	neighbour = *neighbours_find(neighbours, info->ndm_ifindex, &addr);
	if (!neighbour)
		return false;
	changed = neighbour_learn(neighbour, message, gone ? NUD_NONE : info->ndm_state);
	if (neighbour->state & NUD_STALE)
		neighbour_use(neighbours, neighbour);
	return changed;
}

bool neighbours_refresh(struct neighbours *neighbours, bool all)
{
	struct neighbour *neighbour;
	bool changed = false;
	unsigned int i;

	for (i = 0; i < NEIGHBOURS_HEADS; i++)
		for (neighbour = neighbours->heads[i]; neighbour; neighbour = neighbour->next)
			if (all || !(neighbour->state & SETTLED))
				changed |= neighbour_load(neighbours, neighbour);
	return changed;
}
