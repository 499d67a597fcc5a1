// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hands of tests/bench/peers: what sends, holds and receives, in namespaces.
 *
 *   peers flood INTERFACE SOURCE-MAC MAC SOURCE ADDRESS PORT FLOWS RATE SECONDS
 *       UDP frames of 60 bytes out of an interface, RATE a second (0: as many as go), of FLOWS flows in turn, by source
 *       ports and then source addresses. Prints "sent refused nanoseconds".
 *   peers serve TCP-PORT UDP-PORT
 *       Takes TCP connections and holds them, and drops datagrams at the socket.
 *   peers hold ADDRESS PORT COUNT SOURCE...
 *       Opens COUNT connections from these addresses in turn, prints "open failed", and holds them until its input ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 60, BATCH = 64, FIRST_PORT = 1024, PORTS = 64512 };

static void die(const char *what)
{
	fprintf(stderr, "peers: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* --- flood --------------------------------------------------------------------------------------------------- */
static void mac_parse(const char *text, unsigned char *mac)
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6) {
		errno = EINVAL;
		die(text);
	}
}

static void ip_checksum(struct iphdr *ip)
{
	const unsigned short *word = (const unsigned short *)ip;
	unsigned int sum = 0;

	ip->check = 0;
	for (int i = 0; i < 10; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~(sum + (sum >> 16));
}

/* words: SOURCE-MAC MAC SOURCE ADDRESS PORT */
static void frame_make(unsigned char *frame, char **words)
{
	struct iphdr *ip = (struct iphdr *)(frame + 14);
	struct udphdr *udp = (struct udphdr *)(ip + 1);

	memset(frame, 0, FRAME);
	mac_parse(words[1], frame);
	mac_parse(words[0], frame + 6);
	frame[12] = 0x08;
	*ip = (struct iphdr){ .version = 4, .ihl = 5, .tot_len = htons(FRAME - 14), .ttl = 64, .protocol = IPPROTO_UDP };
	if (inet_pton(AF_INET, words[2], &ip->saddr) != 1 || inet_pton(AF_INET, words[3], &ip->daddr) != 1)
		die("flood: an address");
	udp->dest = htons(atoi(words[4]));
	udp->len = htons(FRAME - 34);
}

static void frame_flow(unsigned char *frame, unsigned int source, unsigned int flow)
{
	struct iphdr *ip = (struct iphdr *)(frame + 14);
	struct udphdr *udp = (struct udphdr *)(ip + 1);

	ip->saddr = htonl(source + flow / PORTS);
	udp->source = htons(FIRST_PORT + flow % PORTS);
	ip_checksum(ip);
}

static int packet_socket(const char *interface)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };
	int s = socket(AF_PACKET, SOCK_RAW, 0), one = 1;

	if (s < 0 || bind(s, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)))
		die(interface);
	return s;
}

static int flood(char **words)
{
	static unsigned char frames[BATCH][FRAME];
	static struct iovec parts[BATCH];
	static struct mmsghdr messages[BATCH];
	unsigned int flows = atoi(words[6]), flow = 0, source;
	long long rate = atoll(words[7]), sent = 0, refused = 0, start, end, t;
	int s = packet_socket(words[0]), done;

	for (int i = 0; i < BATCH; i++) {
		frame_make(frames[i], words + 1);
		parts[i] = (struct iovec){ frames[i], FRAME };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	source = ntohl(((struct iphdr *)(frames[0] + 14))->saddr);
	start = now();
	end = start + (long long)(atof(words[8]) * 1e9);
	while ((t = now()) < end) {
		if (rate && (sent + refused) * 1000000000LL / rate > t - start) {
			nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
			continue;
		}
		for (int i = 0; i < BATCH; i++, flow = (flow + 1) % flows)
			frame_flow(frames[i], source, flow);
		done = sendmmsg(s, messages, BATCH, 0);
		if (done < 0 && errno != ENOBUFS)
			die("sendmmsg");
		/* One that finds the queue full ends the call; what was behind it was not tried. */
		sent += done > 0 ? done : 0;
		refused += done < BATCH;
	}
	printf("%lld %lld %lld\n", sent, refused, now() - start);
	return 0;
}

/* --- serve ----------------------------------------------------------------------------------------------------- */
static void many_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
}

static int tcp_listen(int port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(s, (struct sockaddr *)&any, sizeof(any)) || listen(s, 4096))
		die("listen");
	return s;
}

/* The kernel drops datagrams before it queues them: nobody need read, and no ICMP error goes back. */
static void udp_drop(int port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { 1, &nothing };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ||
	    bind(s, (struct sockaddr *)&any, sizeof(any)))
		die("datagrams");
}

static _Noreturn void serve(char **words)
{
	struct epoll_event event = { .events = EPOLLRDHUP };
	int queue = epoll_create1(0), listener, s;

	many_descriptors();
	udp_drop(atoi(words[1]));
	listener = tcp_listen(atoi(words[0]));
	event.data.fd = listener;
	event.events = EPOLLIN;
	epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		if (epoll_wait(queue, &event, 1, -1) != 1)
			continue;
		if (event.data.fd != listener) {
			close(event.data.fd);
			continue;
		}
		s = accept(listener, NULL, NULL);
		if (s < 0)
			continue;
		event.data.fd = s;
		event.events = EPOLLRDHUP;
		epoll_ctl(queue, EPOLL_CTL_ADD, s, &event);
	}
}

/* --- hold ------------------------------------------------------------------------------------------------------ */
static bool connection_open(const struct sockaddr_in *to, const char *source)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (s < 0)
		return false;
	if (inet_pton(AF_INET, source, &from.sin_addr) != 1 ||
	    setsockopt(s, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) ||
	    bind(s, (struct sockaddr *)&from, sizeof(from)))
		die(source);
	if (connect(s, (const struct sockaddr *)to, sizeof(*to)) == 0)
		return true;
	close(s);
	return false;
}

static int hold(char **words, int sources)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(words[1])) };
	int count = atoi(words[2]), failed = 0;

	many_descriptors();
	if (inet_pton(AF_INET, words[0], &to.sin_addr) != 1)
		die(words[0]);
	for (int i = 0; i < count && failed < 100; i++)
		failed += !connection_open(&to, words[3 + i % sources]);
	printf("%d %d\n", count - failed, failed);
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 11 && !strcmp(argv[1], "flood"))
		return flood(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "serve"))
		serve(argv + 2);
	if (argc >= 6 && !strcmp(argv[1], "hold"))
		return hold(argv + 2, argc - 5);
	fprintf(stderr, "peers: flood, serve or hold: see the head of tests/bench/peers.c\n");
	return 2;
}
