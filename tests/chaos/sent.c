/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where each packet of each flow was sent: the chaos test's witness, who knows nothing of leat. It listens at the switch's
 * port to the balancer, and takes from what comes out there the flow (of the inner packet) and the backend: the outer
 * destination of a tunnelled packet, else the link address. Answers questions that come as lines on standard input:
 *
 *   flow PROTOCOL VIP SPORT FROM TO   numbers of the backends that packets of the client's flow went to, in order
 *   moves                             of TCP, since the last time asked, "VIP/SPORT/BACKEND/LAST/BACKEND/AT" each: a packet that
 *                                     opens no connection went to another backend (at AT) than that of before (at LAST)
 *   missed                            packets that it was too slow for
 *
 * Times are seconds of CLOCK_MONOTONIC, protocols numbers. Virtual addresses are those of 192.0.2.0/24 and 2001:db8:0:1::/64.
 *
 *   sent DEVICE MAC...     link addresses of backend 1, 2, ...
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/clock.h"

#define BACKENDS_MAX 99
#define BUFFER	     (16 << 20) /* two seconds of packets */
#define MOVES_MAX    1000

struct packet {
	struct leat_addr vip;
	uint8_t protocol, backend;
	uint16_t sport;
	bool opens; /* SYN without ACK */
};

/* Packets of one flow that went to one backend one after another. */
struct sighting {
	struct sighting *before; /* of this source port */
	struct leat_addr vip;
	uint8_t protocol, backend;
	double first, last;
};

struct move {
	struct leat_addr vip;
	uint16_t sport;
	uint8_t from, to;
	double last, at;
};

static uint8_t macs[BACKENDS_MAX + 1][ETH_ALEN];
static unsigned int mac_count;
static struct sighting *sightings[65536]; /* by source port, newest first */
static struct move moves[MOVES_MAX];
static unsigned int move_count;
static unsigned long missed;

static double now(void)
{
	return clock_us() / 1e6;
}

/* --- what a frame says ---------------------------------------------------------------------------- */

static uint8_t backend_of_mac(const uint8_t *mac)
{
	unsigned int i;

	for (i = 1; i <= mac_count; i++)
		if (!memcmp(macs[i], mac, ETH_ALEN))
			return i;
	return 0;
}

static bool is_vip(const struct leat_addr *addr)
{
	static const uint8_t vips4[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2},
			     vips6[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1};

	return !memcmp(addr->byte, vips4, sizeof(vips4)) || !memcmp(addr->byte, vips6, sizeof(vips6));
}

/* False: no whole header, or neither TCP nor UDP. */
static bool transport_read(const uint8_t *at, size_t length, struct packet *ret)
{
	if (length < (ret->protocol == IPPROTO_TCP ? 20 : 8) || (ret->protocol != IPPROTO_TCP && ret->protocol != IPPROTO_UDP))
		return false;
	ret->sport = at[0] << 8 | at[1];
	ret->opens = ret->protocol == IPPROTO_TCP && (at[13] & (TH_SYN | TH_ACK)) == TH_SYN;
	return true;
}

static bool ip_read(const uint8_t *at, size_t length, struct packet *ret)
{
	size_t header = at[0] >> 4 == 6 ? 40 : (at[0] & 15) * 4;

	if (length < header)
		return false;
	memset(&ret->vip, 0, sizeof(ret->vip));
	if (at[0] >> 4 == 6) {
		ret->protocol = at[6];
		memcpy(ret->vip.byte, at + 24, 16);
		return transport_read(at + header, length - header, ret);
	}
	ret->protocol = at[9];
	ret->vip.byte[10] = ret->vip.byte[11] = 0xff;
	memcpy(ret->vip.byte + 12, at + 16, 4);
	if (ret->protocol != IPPROTO_IPIP && ret->protocol != IPPROTO_IPV6)
		return transport_read(at + header, length - header, ret);
	ret->backend = at[19];
	return length > header && ip_read(at + header, length - header, ret);
}

static bool frame_read(const uint8_t *frame, size_t length, struct packet *ret)
{
	uint16_t type = length > ETH_HLEN ? frame[12] << 8 | frame[13] : 0;

	*ret = (struct packet){ .backend = backend_of_mac(frame) };
	return (type == ETH_P_IP || type == ETH_P_IPV6) && ip_read(frame + ETH_HLEN, length - ETH_HLEN, ret) && is_vip(&ret->vip);
}

/* --- remembering ------------------------------------------------------------------------------------ */

static struct sighting *newest(unsigned int sport, uint8_t protocol, const struct leat_addr *vip)
{
	struct sighting *s = sightings[sport];

	while (s && (s->protocol != protocol || !addr_equal(&s->vip, vip)))
		s = s->before;
	return s;
}

static void note(const struct packet *p, double at)
{
	struct sighting *s = newest(p->sport, p->protocol, &p->vip), *new;

	if (s && s->backend == p->backend && !p->opens) {
		s->last = at;
		return;
	}
	if (s && p->protocol == IPPROTO_TCP && !p->opens && move_count < MOVES_MAX)
		moves[move_count++] = (struct move){ p->vip, p->sport, s->backend, p->backend, s->last, at };
	new = memory_zeroed(1, sizeof(*new));
	*new = (struct sighting){ sightings[p->sport], p->vip, p->protocol, p->backend, at, at };
	sightings[p->sport] = new;
}

/* All that has come. */
static void listen_now(int fd)
{
	uint8_t frame[256];
	struct sockaddr_ll from;
	socklen_t length = sizeof(from);
	struct packet p;
	ssize_t n;

	while ((n = recvfrom(fd, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from, &length)) >= 0)
		if (from.sll_pkttype != PACKET_OUTGOING && frame_read(frame, n, &p))
			note(&p, now());
}

/* --- answering ---------------------------------------------------------------------------------------- */

static void answer_flow(uint8_t protocol, const char *vip, unsigned int sport, double from, double to)
{
	unsigned int seen[64], count = 0;
	struct leat_addr addr;
	struct sighting *s;

	if (addr_parse(vip, &addr))
		return;
	for (s = sightings[sport & 0xffff]; s && count < ARRAY_SIZE(seen); s = s->before)
		if (s->protocol == protocol && addr_equal(&s->vip, &addr) && s->first <= to && s->last >= from)
			seen[count++] = s->backend;
	while (count--)
		printf("%u ", seen[count]);
}

static void answer_moves(void)
{
	char text[ADDR_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < move_count; i++)
		printf("%s/%u/%u/%.6f/%u/%.6f ", addr_format(&moves[i].vip, text), moves[i].sport, moves[i].from, moves[i].last,
		       moves[i].to, moves[i].at);
	move_count = 0;
}

static void answer_missed(int fd)
{
	struct tpacket_stats stats;
	socklen_t length = sizeof(stats);

	if (!getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length))
		missed += stats.tp_drops;
	printf("%lu", missed);
}

static void answer(int fd, const char *line)
{
	unsigned int protocol, sport;
	char vip[ADDR_TEXT_MAX];
	double from, to;

	if (sscanf(line, "flow %u %63s %u %lf %lf", &protocol, vip, &sport, &from, &to) == 5)
		answer_flow(protocol, vip, sport, from, to);
	else if (!strcmp(line, "moves\n"))
		answer_moves();
	else if (!strcmp(line, "missed\n"))
		answer_missed(fd);
	printf("\n");
	fflush(stdout);
}

static int device_open(const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = if_nametoindex(device) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), buffer = BUFFER;

	if (fd < 0 || !at.sll_ifindex || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		fprintf(stderr, "%s: cannot listen: %s\n", device, strerror(errno));
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct pollfd inputs[2] = {{ .fd = 0, .events = POLLIN }, { .events = POLLIN }};
	char line[512];
	int i;

	if (argc < 3 || argc > BACKENDS_MAX + 2)
		return 2;
	for (i = 2; i < argc; i++) {
		uint8_t *m = macs[++mac_count];

		if (sscanf(argv[i], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6)
			return 2;
	}
	setvbuf(stdin, NULL, _IONBF, 0); /* poll() must see what is there */
	inputs[1].fd = device_open(argv[1]);
	for (;;) {
		poll(inputs, 2, -1);
		listen_now(inputs[1].fd);
		if (!inputs[0].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		answer(inputs[1].fd, line);
	}
}
