/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes inputs of rtnl.c where bytes changed at random would mostly make a datagram that nobody looks into:
 * records are repeated, dropped and moved, and within a datagram one message or attribute gets another length
 * or type.
 */
#ifndef TESTS_INPUTS_MUTATE_H
#define TESTS_INPUTS_MUTATE_H

#include "inputs/inputs.h"

#include <libmnl/libmnl.h>

#define MUTATE_HEAD     3 /* bytes before a record's own */
#define MUTATE_MESSAGES 8

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed);

static unsigned int mutate_state;

static unsigned int mutate_below(unsigned int n)
{
	mutate_state = mutate_state * 1664525 + 1013904223;
	return (mutate_state >> 8) % n;
}

/* The length of the record at `at`, its head included; 0: there is no whole one. */
static size_t mutate_record(const uint8_t *data, size_t size, size_t at)
{
	size_t length = at + MUTATE_HEAD <= size ? MUTATE_HEAD + (data[at + 1] << 8 | data[at + 2]) : 0;

	return at + length <= size ? length : 0;
}

/* A record drawn by lot. False: there is none. */
static bool mutate_pick(const uint8_t *data, size_t size, size_t *ret_at, size_t *ret_length)
{
	unsigned int seen = 0;
	size_t at = 0, length;

	while ((length = mutate_record(data, size, at))) {
		if (!mutate_below(++seen)) {
			*ret_at = at;
			*ret_length = length;
		}
		at += length;
	}
	return seen;
}

static void mutate_attribute(struct nlattr *attr, unsigned int room)
{
	unsigned int payload = attr->nla_len > NLA_HDRLEN ? attr->nla_len - NLA_HDRLEN : 0;
	uint8_t *bytes = mnl_attr_get_payload(attr);

	switch (mutate_below(5)) {
	case 0:
		attr->nla_len = NLA_HDRLEN + mutate_below(20);
		break;
	case 1:
		attr->nla_type = mutate_below(64);
		break;
	case 2: /* a longer one; its last bytes are what the next one was */
		attr->nla_len = NLA_HDRLEN + mutate_below(room);
		break;
	default:
		if (payload && payload <= room)
			bytes[mutate_below(payload)] = mutate_below(256);
	}
}

/* One attribute drawn by lot from a list, perhaps from a list in it. */
static void mutate_attributes(uint8_t *data, size_t size)
{
	struct nlattr *attr = (struct nlattr *)data, *picked = NULL;
	unsigned int seen = 0, room = 0;
	int left = size;

	for (; mnl_attr_ok(attr, left); left -= MNL_ALIGN(attr->nla_len), attr = mnl_attr_next(attr)) {
		if (mutate_below(++seen))
			continue;
		picked = attr;
		room = left - NLA_HDRLEN;
	}
	if (picked && picked->nla_len > 2 * NLA_HDRLEN && !mutate_below(3))
		mutate_attributes(mnl_attr_get_payload(picked), picked->nla_len - NLA_HDRLEN);
	else if (picked && room)
		mutate_attribute(picked, room);
}

static void mutate_datagram(uint8_t *data, size_t size)
{
	static const uint8_t heads[] = {16, 12, 8, 12}; /* of links, addresses, routes, neighbours */
	struct nlmsghdr *message = (struct nlmsghdr *)data;
	unsigned int skip = mutate_below(MUTATE_MESSAGES), head;
	int left = size;

	while (mnl_nlmsg_ok(message, left) && message->nlmsg_len <= size && skip--)
		message = mnl_nlmsg_next(message, &left);
	if (left < NLMSG_HDRLEN || message->nlmsg_len < NLMSG_HDRLEN || message->nlmsg_len > (size_t)left)
		return;
	head = NLMSG_HDRLEN + heads[message->nlmsg_type / 4 % 4];
	if (!mutate_below(8))
		message->nlmsg_len = NLMSG_HDRLEN + mutate_below(left);
	else if (!mutate_below(8) || message->nlmsg_len <= head)
		data[(uint8_t *)message - data + mutate_below(message->nlmsg_len)] = mutate_below(256);
	else
		mutate_attributes((uint8_t *)message + head, message->nlmsg_len - head);
}

/* Puts a copy of a record in front of another. */
static size_t mutate_repeat(uint8_t *data, size_t size, size_t size_max, size_t at, size_t length)
{
	size_t to, unused;
	uint8_t *copy;

	if (size + length > size_max || !mutate_pick(data, size, &to, &unused))
		return size;
	copy = malloc(length);
	memcpy(copy, data + at, length);
	memmove(data + to + length, data + to, size - to);
	memcpy(data + to, copy, length);
	free(copy);
	return size + length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed)
{
	size_t at, length;

	mutate_state = seed;
	if (!mutate_below(4) || !mutate_pick(data, size, &at, &length))
		return LLVMFuzzerMutate(data, size, size_max);
	switch (mutate_below(8)) {
	case 0:
		return mutate_repeat(data, size, size_max, at, length);
	case 1:
		memmove(data + at, data + at + length, size - at - length);
		return size - length;
	case 2:
		data[at] = mutate_below(256);
		return size;
	default: /* copied, because records lie at any address */
	{
		uint8_t *copy = malloc(length);

		memcpy(copy, data + at + MUTATE_HEAD, length - MUTATE_HEAD);
		mutate_datagram(copy, length - MUTATE_HEAD);
		memcpy(data + at + MUTATE_HEAD, copy, length - MUTATE_HEAD);
		free(copy);
	}
		return size;
	}
}

#endif
