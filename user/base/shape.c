/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a service is on, as people write it: see shape.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shape.h"

static const struct {
	const char *word;
	uint8_t number;
} protocols[] = {
#define X(name, word, number) {word, number},
	SHAPE_PROTOCOLS(X)
#undef X
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

bool shape_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

const char *shape_protocol(uint8_t protocol)
{
	size_t i;

	for (i = 0; i < PROTOCOL_COUNT; i++)
		if (protocols[i].number == protocol)
			return protocols[i].word;
	return "unknown";
}

int shape_protocol_parse(const char *text, uint8_t *ret)
{
	size_t i;

	for (i = 0; text && i < PROTOCOL_COUNT; i++) {
		if (strcmp(protocols[i].word, text))
			continue;
		*ret = protocols[i].number;
		return 0;
	}
	return -EINVAL;
}

/* --- addresses ------------------------------------------------------------------------------------ */

static bool has_bits_after(const struct leat_addr *addr, unsigned int host_bits)
{
	unsigned int bit;

	for (bit = 0; bit < host_bits; bit++)
		if (addr->byte[15 - bit / 8] & 1u << bit % 8)
			return true;
	return false;
}

int shape_address_parse(const char *text, struct leat_service_key *ret)
{
	unsigned int length, host_bits;
	struct leat_addr addr;

	if (prefix_parse(text, &addr, &length))
		return -EINVAL;
	host_bits = (addr_is_ipv4(&addr) ? 32 : 128) - length;
	if (has_bits_after(&addr, host_bits))
		return -EINVAL;
	ret->addr = addr;
	ret->host_bits = host_bits;
	return 0;
}

/* "/24", or nothing, at the end of the text in buf. */
static void add_prefix_length(const struct leat_service_key *key, char *buf)
{
	size_t length = strlen(buf);

	if (key->host_bits)
		snprintf(buf + length, ADDR_TEXT_MAX - length, "/%u", (addr_is_ipv4(&key->addr) ? 32 : 128) - key->host_bits);
}

const char *shape_address_format(const struct leat_service_key *key, char *buf)
{
	addr_format(&key->addr, buf);
	add_prefix_length(key, buf);
	return buf;
}

const char *shape_address_fault(const char *text)
{
	struct leat_addr addr;
	unsigned int length;

	if (!prefix_parse(text, &addr, &length))
		return ": bits are set after its prefix";
	if (strchr(text, '/') && !strstr(text, "://"))
		return ": a prefix is an address, a slash and a whole number up to 32 (IPv4) or 128 (IPv6)";
	return addr_fault(text);
}

/* --- ports ---------------------------------------------------------------------------------------- */

/* 1 to 65535, digits only, without a leading 0. Returns what follows; NULL: it is not that. */
static const char *number_parse(const char *text, uint16_t *ret)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long value = digits && digits <= 5 && *text != '0' ? strtoul(text, NULL, 10) : 0;

	if (!value || value > UINT16_MAX)
		return NULL;
	*ret = value;
	return text + digits;
}

int shape_port_parse(const char *text, struct leat_service_key *ret)
{
	uint16_t first, last;

	if (!text)
		return -EINVAL;
	if (!strcmp(text, "any")) {
		ret->port = 0;
		ret->last_port = htons(LEAT_PORT_LAST);
		return 0;
	}
	text = number_parse(text, &first);
	if (!text)
		return -EINVAL;
	last = first;
	if (*text == '-')
		text = number_parse(text + 1, &last);
	if (!text || *text || last < first)
		return -EINVAL;
	ret->port = htons(first);
	ret->last_port = last > first ? htons(last) : 0;
	return 0;
}

const char *shape_port_format(const struct leat_service_key *key, char *buf)
{
	if (!key->port && key->last_port)
		snprintf(buf, ADDR_TEXT_MAX, "any");
	else if (key->last_port)
		snprintf(buf, ADDR_TEXT_MAX, "%u-%u", ntohs(key->port), ntohs(key->last_port));
	else
		snprintf(buf, ADDR_TEXT_MAX, "%u", ntohs(key->port));
	return buf;
}

/* --- both ------------------------------------------------------------------------------------------- */

/* Takes text apart: the address with its prefix, out of its brackets, into ret_address; returns the port. NULL: it has not this form. */
static const char *split(const char *text, char ret_address[ADDR_TEXT_MAX])
{
	const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');
	size_t length = colon ? (size_t)(colon - text) : 0;

	if (!colon || length >= ADDR_TEXT_MAX || (bracket && bracket > colon))
		return NULL;
	if (*text != '[') {
		snprintf(ret_address, ADDR_TEXT_MAX, "%.*s", (int)length, text);
		return strchr(ret_address, ':') ? NULL : colon + 1;
	}
	if (!bracket || (bracket[1] != '/' && bracket + 1 != colon) || memchr(text, '/', bracket - text))
		return NULL;
	snprintf(ret_address, ADDR_TEXT_MAX, "%.*s%.*s", (int)(bracket - text - 1), text + 1, (int)(colon - bracket - 1), bracket + 1);
	return colon + 1;
}

int shape_parse(const char *text, uint8_t protocol, struct leat_service_key *ret)
{
	struct leat_service_key key = { .protocol = protocol };
	char address[ADDR_TEXT_MAX];
	const char *port = text ? split(text, address) : NULL;

	if (!port || shape_address_parse(address, &key) || shape_port_parse(port, &key))
		return -EINVAL;
	if (!shape_has_ports(protocol) && (key.port || !key.last_port))
		return -EINVAL;
	*ret = key;
	return 0;
}

const char *shape_format(const struct leat_service_key *key, char *buf)
{
	char addr[ADDR_TEXT_MAX], port[ADDR_TEXT_MAX];
	size_t length;

	snprintf(buf, ADDR_TEXT_MAX, addr_is_ipv4(&key->addr) ? "%s" : "[%s]", addr_format(&key->addr, addr));
	add_prefix_length(key, buf);
	length = strlen(buf);
	snprintf(buf + length, ADDR_TEXT_MAX - length, ":%s", shape_port_format(key, port));
	return buf;
}

const char *shape_fault(const char *text, uint8_t protocol)
{
	struct leat_service_key key = {};
	char address[ADDR_TEXT_MAX];
	const char *port = split(text, address), *bracket = strchr(text, ']');

	if (bracket && memchr(text, '/', bracket - text) && !strstr(text, "://"))
		return ": the length of the prefix belongs behind the bracket, as in [2001:db8::]/48:80";
	if (!port || strstr(text, "://"))
		return endpoint_fault(text);
	if (!shape_has_ports(protocol) && (shape_port_parse(port, &key) || key.port || !key.last_port))
		return ": this protocol has no ports, so the port must be any";
	if (shape_port_parse(port, &key))
		return ": the port must be a whole number from 1 to 65535, a range such as 8000-8999, or any";
	return shape_address_fault(address);
}

/* --- names ------------------------------------------------------------------------------------------ */

/* Returns what follows the protocol; NULL: it does not begin with one. */
static const char *name_split(const char *name, uint8_t *ret)
{
	const char *slash = name ? strchr(name, '/') : NULL;
	char word[8];

	if (!slash || (size_t)(slash - name) >= sizeof(word))
		return NULL;
	snprintf(word, sizeof(word), "%.*s", (int)(slash - name), name);
	return shape_protocol_parse(word, ret) ? NULL : slash + 1;
}

int shape_name_parse(const char *name, struct leat_service_key *ret)
{
	uint8_t protocol;
	const char *rest = name_split(name, &protocol);

	return rest ? shape_parse(rest, protocol, ret) : -EINVAL;
}

const char *shape_name_format(const struct leat_service_key *key, char *buf)
{
	char text[ADDR_TEXT_MAX];

	snprintf(buf, SHAPE_NAME_MAX, "%s/%s", shape_protocol(key->protocol), shape_format(key, text));
	return buf;
}

const char *shape_name_fault(const char *name)
{
	uint8_t protocol;
	const char *rest = name_split(name, &protocol);

	return rest ? shape_fault(rest, protocol) : ": it must begin with tcp/, udp/, sctp/, gre/, esp/ or any/";
}
