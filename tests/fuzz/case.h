/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One case as a text file that a person can read and change and --replay runs again: a line for each fact, #
 *begins a comment.
 *
 *	frags no
 *	seed 00000000000000d5
 *	errors yes
 *	metadata 64
 *	allowed other
 *	pool ipip 251
 *	member 10.0.0.1 weight 1 in by ingress mtu 1500 to 02:00:00:00:00:aa from 02:00:00:00:00:bb source
 *192.168.0.1 mask ff member fd00::1 weight 1 out unknown tag 8100 0064 service tcp 192.0.2.10 80 0 frame
 *0200000000010200...
 *
 * A member belongs to the pool before it, a tag to the member before it; a service names its pool by place.
 */
#ifndef FUZZ_CASE_H
#define FUZZ_CASE_H

#include <stdio.h>

#include "fuzz/settings.h"

struct fuzz_case {
	bool frags;
	struct settings settings;
	struct frame frame;
};

void case_write(FILE *out, const struct fuzz_case *c);

/* The interfaces' numbers are the caller's: settings_start before. 0, or -EINVAL with the line that cannot be
 * read. */
int case_read(FILE *in, struct fuzz_case *c, struct err *err);

#endif
