/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two network namespaces, this process's own and a peer's, joined by veth pairs a0-a1 and b0-b1. They end with
 * the process.
 */
#ifndef UNIT_WAYS_LAB_H
#define UNIT_WAYS_LAB_H

#include <arpa/inet.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/auto.h"
#include "net/ways.h"

#define A0_MAC "02:00:00:00:0a:01"
#define A1_MAC "02:00:00:00:0a:02"
#define B0_MAC "02:00:00:00:0b:01"
#define B1_MAC "02:00:00:00:0b:02"

static struct {
	pid_t peer;
	struct event_base *base;
	struct ways *ways;
	unsigned int changes;
} lab;

__attribute__((format(printf, 1, 2))) static inline void here(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		fail_msg("failed: %s", command);
}

#define there(format, ...) here("nsenter --net=/proc/%d/ns/net " format, lab.peer, ##__VA_ARGS__)

static inline pid_t lab_peer_start(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static inline void lab_on_change(void *context)
{
	lab.changes++;
}

static inline void lab_join(const char *name, const char *mac0, const char *mac1, int net)
{
	here("ip link add %s0 address %s type veth peer name %s1 address %s netns %d", name, mac0, name, mac1,
	     lab.peer);
	here("ip addr add 10.%d.0.1/24 dev %s0", net, name);
	here("ip addr add fd00:%d::1/64 dev %s0 nodad", net, name);
	here("ip link set %s0 up", name);
	there("ip addr add 10.%d.0.2/24 dev %s1", net, name);
	there("ip addr add fd00:%d::2/64 dev %s1 nodad", net, name);
	there("ip link set %s1 up", name);
}

static inline int lab_up(void **state)
{
	struct err err;

	lab.changes = 0;
	lab.peer = lab_peer_start();
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	here("ip link set lo up");
	lab_join("a", A0_MAC, A1_MAC, 1);
	lab_join("b", B0_MAC, B1_MAC, 2);
	lab.base = event_base_new();
	assert_int_equal(ways_start(lab.base, lab_on_change, NULL, &lab.ways, &err), 0);
	return 0;
}

static inline int lab_down(void **state)
{
	ways_stop(lab.ways);
	event_base_free(lab.base);
	kill(lab.peer, SIGKILL);
	waitpid(lab.peer, NULL, 0);
	return 0;
}

static inline struct leat_addr address(const char *text)
{
	struct leat_addr addr;

	assert_int_equal(addr_parse(text, &addr), 0);
	return addr;
}

static inline struct leat_way way(const char *addr, enum leat_mode mode)
{
	struct leat_addr to = address(addr);
	struct leat_way found;

	ways_get(lab.ways, &to, mode, 6080, &found);
	return found;
}

/* "a0 02:00:00:00:0a:02": interface and next hop's link address; "none" while unknown. */
static inline const char *exit_of(const char *addr)
{
	struct leat_way w = way(addr, LEAT_MODE_L2);
	static char text[64];
	char name[16] = "?";
	FILE *file;
	const uint8_t *m = w.header;

	if (!w.ifindex)
		return "none";
	snprintf(text, sizeof(text), "ip -o link | sed -n 's/^%u: \\([a-z0-9]*\\).*/\\1/p'", w.ifindex);
	file = popen(text, "r");
	if (fscanf(file, "%15s", name) != 1)
		strcpy(name, "?"); /* gone, and not noticed yet */
	pclose(file);
	snprintf(text, sizeof(text), "%s %02x:%02x:%02x:%02x:%02x:%02x", name, m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	return text;
}

static inline double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Runs the loop for at most this long, or until something was handled. */
static inline void turn(double most)
{
	struct timeval time = { (time_t)most, (most - (time_t)most) * 1e6 };

	event_base_loopexit(lab.base, &time);
	event_base_loop(lab.base, EVLOOP_ONCE);
}

/* Turns the loop until condition holds; fails after 15 seconds. */
#define await(condition)                                                                                     \
	do {                                                                                                 \
		double deadline_ = seconds() + 15;                                                           \
		while (!(condition)) {                                                                       \
			if (seconds() > deadline_)                                                           \
				fail_msg("waited in vain for %s", #condition);                               \
			turn(0.1);                                                                           \
		}                                                                                            \
	} while (0)

#define await_exit(addr, wanted)                                                                             \
	do {                                                                                                 \
		double deadline_ = seconds() + 15;                                                           \
		while (strcmp(exit_of(addr), wanted)) {                                                      \
			if (seconds() > deadline_)                                                           \
				fail_msg("%s: found %s, wanted %s", addr, exit_of(addr), wanted);            \
			turn(0.1);                                                                           \
		}                                                                                            \
	} while (0)

#endif
