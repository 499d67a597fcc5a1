/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and durations as people write them: see addr.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"

int addr_parse(const char *text, struct leat_addr *ret)
{
	struct leat_addr addr = {};

	if (!text)
		return -EINVAL;
	if (inet_pton(AF_INET, text, &addr.word[3]) == 1)
		addr.word[2] = htonl(0xffff);
	else if (inet_pton(AF_INET6, text, &addr) != 1)
		return -EINVAL;
	*ret = addr;
	return 0;
}

const char *addr_format(const struct leat_addr *addr, char *buf)
{
	if (addr_is_ipv4(addr))
		inet_ntop(AF_INET, &addr->word[3], buf, ADDR_TEXT_MAX);
	else
		inet_ntop(AF_INET6, addr, buf, ADDR_TEXT_MAX);
	return buf;
}

const char *endpoint_format(const struct leat_addr *addr, uint16_t port, char *buf)
{
	char text[INET6_ADDRSTRLEN];

	if (addr_is_ipv4(addr))
		snprintf(buf, ADDR_TEXT_MAX, "%s:%u", inet_ntop(AF_INET, &addr->word[3], text, sizeof(text)), port);
	else
		snprintf(buf, ADDR_TEXT_MAX, "[%s]:%u", inet_ntop(AF_INET6, addr, text, sizeof(text)), port);
	return buf;
}

/* Digits only, 0 .. max. A leading 0 would be octal to many: nobody can say what is meant. */
static int number_parse(const char *text, unsigned long max, unsigned long *ret)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9' || (*text == '0' && text[1]))
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value > max)
		return -EINVAL;
	*ret = value;
	return 0;
}

int endpoint_parse(const char *text, struct leat_addr *ret_addr, uint16_t *ret_port)
{
	char host[ADDR_TEXT_MAX];
	struct leat_addr addr;
	unsigned long port;
	const char *colon;
	size_t length;

	if (!text)
		return -EINVAL;
	colon = strrchr(text, ':');
	if (!colon || number_parse(colon + 1, 65535, &port))
		return -EINVAL;
	length = colon - text;
	if (text[0] == '[') {
		if (length < 2 || text[length - 1] != ']')
			return -EINVAL;
		text++;
		length -= 2;
	} else if (memchr(text, ':', length)) {
		return -EINVAL; /* which colon is the port's? */
	}
	if (length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = 0;
	if (addr_parse(host, &addr))
		return -EINVAL;
	*ret_addr = addr;
	*ret_port = port;
	return 0;
}

/* --- what is wrong with a text -------------------------------------------------------------------- */

static bool has_leading_zero(const char *text)
{
	for (; *text; text += *text == '.') {
		if (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
			return true;
		text += strcspn(text, ".");
	}
	return false;
}

const char *addr_fault(const char *text)
{
	size_t colons = 0, i, plain = strspn(text, "0123456789.");

	for (i = 0; text[i]; i++)
		colons += text[i] == ':';
	if (!*text)
		return ": it is empty";
	if (strpbrk(text, " \t\r\n"))
		return ": white space is in it";
	if (strstr(text, "://"))
		return ": a URL; write the address alone";
	if (strchr(text, '/'))
		return ": a prefix; write one address, without the slash and what follows";
	if (strchr(text, '%'))
		return ": an address with a zone; write it without the percent sign and what follows";
	if (strchr(text, '['))
		return ": write the address alone, without brackets and port";
	if (colons == 1)
		return ": write the address alone, without a port";
	if (colons)
		return "";
	if (text[plain])
		return strspn(text, "0123456789.-") == i ? ": a range; write one address"
							 : ": names are not looked up; write the address";
	return has_leading_zero(text) ? ": a number in it starts with 0; write it without" : "";
}

const char *endpoint_fault(const char *text)
{
	const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');
	char host[ADDR_TEXT_MAX];
	struct leat_addr addr;
	unsigned long port;

	if (strstr(text, "://"))
		return ": a URL; write address and port alone";
	if (!addr_parse(text, &addr) && !addr_is_ipv4(&addr))
		return ": a port is missing, or brackets around the address before it";
	if (!colon || (bracket && bracket > colon))
		return ": the port is missing";
	if (number_parse(colon + 1, 65535, &port) || !port)
		return ": the port must be a whole number from 1 to 65535";
	if ((size_t)(colon - text) >= sizeof(host))
		return "";
	memcpy(host, text, colon - text);
	host[colon - text] = 0;
	if (text[0] != '[')
		return strchr(host, ':') ? ": an IPv6 address needs brackets around it" : addr_fault(host);
	if (colon[-1] != ']')
		return ": the bracket is not closed before the port";
	host[colon - text - 1] = 0;
	return addr_fault(host + 1);
}

bool addr_is_ipv4(const struct leat_addr *addr)
{
	return addr->half[0] == 0 && addr->word[2] == htonl(0xffff);
}

bool addr_is_zero(const struct leat_addr *addr)
{
	return addr->half[0] == 0 && addr->half[1] == 0;
}

bool addr_equal(const struct leat_addr *a, const struct leat_addr *b)
{
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

int addr_compare(const struct leat_addr *a, const struct leat_addr *b)
{
	return memcmp(a, b, sizeof(*a));
}

bool addr_is_host(const struct leat_addr *addr)
{
	static const struct leat_addr loopback = { .byte = { [15] = 1 } };
	uint32_t v4 = ntohl(addr->word[3]);

	if (addr_is_ipv4(addr))
		return v4 >> 24 != 0 && v4 >> 24 != 127 && v4 >> 28 < 14;
	return !addr_is_zero(addr) && !addr_equal(addr, &loopback) && addr->byte[0] != 0xff;
}

int prefix_parse(const char *text, struct leat_addr *ret_addr, unsigned int *ret_length)
{
	char host[ADDR_TEXT_MAX];
	struct leat_addr addr;
	unsigned long length;
	const char *slash;

	if (!text || strlen(text) >= sizeof(host))
		return -EINVAL;
	strcpy(host, text);
	slash = strchr(text, '/');
	if (slash)
		host[slash - text] = 0;
	if (addr_parse(host, &addr))
		return -EINVAL;
	length = addr_is_ipv4(&addr) ? 32 : 128;
	if (slash && number_parse(slash + 1, length, &length))
		return -EINVAL;
	*ret_addr = addr;
	*ret_length = length;
	return 0;
}

static const struct {
	const char *name;
	uint32_t ms;
} units[] = { { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };

int duration_parse(const char *text, uint32_t *ret_ms)
{
	char *end;
	unsigned long long value;
	size_t i;

	if (!text || *text < '0' || *text > '9' || (*text == '0' && text[1] >= '0' && text[1] <= '9'))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name))
			continue;
		if (errno || value > 0x7fffffffu / units[i].ms)
			return -EINVAL;
		*ret_ms = value * units[i].ms;
		return 0;
	}
	return -EINVAL;
}

const char *duration_format(uint32_t ms, char *buf)
{
	size_t i = 0;

	while (units[i].ms > 1 && (ms % units[i].ms || !ms))
		i++;
	snprintf(buf, ADDR_TEXT_MAX, "%u%s", ms / units[i].ms, units[i].name);
	return buf;
}
