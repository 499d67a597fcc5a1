/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A probe's socket, IPv4 or IPv6: see connect.h. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/clock.h"
#include "health/connect.h"
#include "health/lead.h"

int probe_lead(const struct probe_target *target, int fd)
{
	return target->lead ? target->lead->bind(target->lead->context, target->to, fd) : 0;
}

int probe_connect(const struct probe_target *target, int type, int protocol4, int protocol6)
{
	const struct leat_addr *addr = &target->addr;
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(target->settings.port)};
	struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = to6.sin6_port};
	bool ipv4 = addr_is_ipv4(addr);
	int fd, e;

	to4.sin_addr.s_addr = addr->word[3];
	memcpy(&to6.sin6_addr, addr, sizeof(*addr));
	fd = socket(ipv4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    ipv4 ? protocol4 : protocol6);
	if (fd < 0)
		return -errno;
	e = probe_lead(target, fd);
	if (e) {
		close(fd);
		return e;
	}
	if (ipv4)
		e = connect(fd, (struct sockaddr *)&to4, sizeof(to4));
	else
		e = connect(fd, (struct sockaddr *)&to6, sizeof(to6));
	if (!e || errno == EINPROGRESS)
		return fd;
	e = -errno;
	close(fd);
	return e;
}

struct timeval probe_time_left(const struct probe_target *target, uint64_t began_us)
{
	uint64_t end = began_us + target->settings.timeout_ms * 1000ull, now = clock_us(),
		 left = end > now ? end - now : 0;

	return (struct timeval){left / 1000000, left % 1000000};
}

void probe_took_text(const char *what, uint64_t began_us, char *text)
{
	snprintf(text, PROBE_TEXT_MAX, "%.200s in %.1f ms", what, (clock_us() - began_us) / 1000.0);
}
