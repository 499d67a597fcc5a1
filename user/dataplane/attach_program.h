/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside user/dataplane: how a program gets onto an interface, leat's and leat-decap's alike. */
#ifndef DATAPLANE_ATTACH_PROGRAM_H
#define DATAPLANE_ATTACH_PROGRAM_H

#include <stdbool.h>

#include "base/err.h"

struct bpf_object;

/* A program that can be attached: a copy of its object is opened for each try. */
struct attachable {
	const char *name; /* the program's, in the object */
	/* A skeleton, opened and not loaded, and its object; NULL with a sentence. */
	void *(*open)(void *context, bool frags, struct bpf_object **ret, struct err *err);
	int (*loaded)(void *context, void *skeleton); /* its maps are there: fill them; NULL: nothing to fill */
	void (*destroy)(void *skeleton);
	void *context;
};

/*
 * Attaches by libxdp: beside other programs where kernel and libxdp can, else alone. old: descriptor of the program to
 * replace, which holds the interface alone; 0: none. -EBUSY: another program holds it.
 */
int program_attach(const struct attachable *what, const char *interface, int ifindex, bool generic, int old,
		   struct err *err);

#endif
