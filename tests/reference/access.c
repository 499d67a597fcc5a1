/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a service lets in: docs/packet.md, "Access lists". Looks through all prefixes of the list, bit by bit. */
#include "reference/model.h"

static bool is_mapped(const struct leat_addr *addr)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		if (addr->byte[i])
			return false;
	return addr->byte[10] == 0xff && addr->byte[11] == 0xff;
}

static bool bit_of(const struct leat_addr *addr, unsigned int bit)
{
	return addr->byte[bit / 8] & 0x80 >> bit % 8;
}

/* Of whatever family the packet is: an IPv6 packet may be from a mapped address, if only an ICMP error says so. */
static bool is_in(const struct packet *p, const struct reference_prefix *prefix)
{
	unsigned int first = p->is_ipv6 ? 0 : 96, bit;

	if (p->is_ipv6 == is_mapped(&prefix->addr))
		return false;
	for (bit = first; bit < first + prefix->length; bit++)
		if (bit_of(&p->source, bit) != bit_of(&prefix->addr, bit))
			return false;
	return true;
}

static void reach(const struct packet *p, const struct reference_prefix *longest, bool allows_some, bool is_contested)
{
	if (is_contested)
		REACH(ACCESS_CONTESTED);
	if (!longest && allows_some)
		REACH(ACCESS_REST_DENIED);
	else if (!longest)
		REACH(ACCESS_REST_ALLOWED);
	else if (longest->denies && p->is_ipv6)
		REACH(ACCESS6_DENIED);
	else if (longest->denies)
		REACH(ACCESS4_DENIED);
	else if (p->is_ipv6)
		REACH(ACCESS6_ALLOWED);
	else
		REACH(ACCESS4_ALLOWED);
}

bool reference_lets_in(const struct reference_config *config, const struct packet *p, const struct reference_service *service)
{
	const struct reference_access *access = service->access ? &config->access[service->access - 1] : NULL;
	const struct reference_prefix *longest = NULL;
	bool allows_some = false, allows = false, denies = false;
	unsigned int i;

	if (!access)
		return true;
	for (i = 0; i < access->count; i++) {
		const struct reference_prefix *prefix = &access->prefixes[i];

		allows_some |= !prefix->denies;
		if (!is_in(p, prefix))
			continue;
		*(prefix->denies ? &denies : &allows) = true;
		if (!longest || prefix->length > longest->length)
			longest = prefix;
	}
	reach(p, longest, allows_some, allows && denies);
	if (p->is_error && !(longest ? !longest->denies : !allows_some))
		REACH(ACCESS_ERROR);
	return longest ? !longest->denies : !allows_some;
}
