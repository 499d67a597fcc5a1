/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of this host's own led through the data path. Sockets that via_bind() marks send into a tun device; what comes out of
 * it, the caller wraps as the data path would, and it leaves by a packet socket. Answers come back as the backend sends them,
 * straight to the socket. The device goes with the process; of the routing rules that lead into it, via_sweep() removes what a
 * killed one left.
 */
#ifndef NET_VIA_H
#define NET_VIA_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "leat/maps.h"
#include "net/rtnl.h"

#define VIA_DEVICE    "leat-probe"
#define VIA_MARK      0x1ea7u /* of packets, and the number of their routing table and of the rules' preference: 7847 */
#define VIA_MTU       3072u   /* of the device: what a test run of the program takes on all kernels */
#define VIA_FRAME_MAX 4096

struct via;

/*
 * Makes of a frame, IP behind an Ethernet header, what the data path would send to that backend. False: nothing. ret_frame has
 * room for VIA_FRAME_MAX.
 */
typedef bool (*via_wrap)(void *context, uint32_t backend, const uint8_t *frame, size_t length, uint8_t *ret_frame,
			 size_t *ret_length, uint32_t *ret_ifindex);

int via_start(struct event_base *base, via_wrap wrap, void *context, struct via **ret, struct err *err);
void via_stop(struct via *via); /* NULL is accepted */
void via_sweep(void);

/*
 * The packets of a TCP or UDP socket that has not connected go to that backend, from source, in segments of at most mss bytes.
 * -errno. The kernel must have a route for the mark: not to an address of this host.
 */
int via_bind(struct via *via, int fd, const struct leat_addr *source, unsigned int mss, uint32_t backend);
/*
 * Where packets to the VIP by way of host come from: what host can answer to. -EADDRINUSE: the VIP is an address of this host;
 * -EADDRNOTAVAIL: there is no such source.
 */
int via_source(struct via *via, const struct leat_addr *vip, const struct leat_addr *host, struct leat_addr *ret);
/* Sends an IP packet to that backend; frame has it behind room for an Ethernet header. */
void via_send(struct via *via, uint32_t backend, uint8_t *frame, size_t length);

/* --- via_route.c -------------------------------------------------------------------------------------------- */
/* Brings the device up and leads marked packets into it. IPv6 may be missing on this host: a warning. */
int via_route(struct rtnl *rtnl, uint32_t ifindex, struct err *err);
void via_unroute(struct rtnl *rtnl);

#endif
