/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside user/dataplane: what is attached to an interface, as libxdp tells it. */
#ifndef DATAPLANE_ATTACH_MULTI_H
#define DATAPLANE_ATTACH_MULTI_H

#include <stdbool.h>

#include <linux/bpf.h>

struct attached {
	int ifindex;
	bool native, dispatcher;
	struct xdp_multiprog *all;
	struct xdp_program *program; /* borrowed from `all` */
};

/* The program of this name on the interface; *ret NULL if it is not there. -EBUSY: a program that is no dispatcher holds it. */
int attached_find(int ifindex, const char *name, struct attached **ret);
int attached_remove(const struct attached *attached);
void attached_free(struct attached *attached);

/* Of a loaded program; ret_maps: the numbers of its maps, ret->nr_map_ids of them, which may be more than there is room for. */
int program_info(int fd, struct bpf_prog_info *ret, __u32 *ret_maps, unsigned int map_room);

/* 0 if it cannot be told. */
unsigned int interface_mtu(const char *interface);
/* Whether a frame of its MTU may not fit one buffer: then drivers accept only programs loaded as xdp.frags. */
bool interface_needs_frags(const char *interface);
bool interface_is_bond(const char *interface);

#endif
