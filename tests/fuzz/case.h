/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One case as a text file that a person can read and change and --replay runs again: a line for each fact, #
 * begins a comment.
 *
 *	frags no
 *	seed 00000000000000d5
 *	errors yes
 *	metadata 64
 *	timeouts 6 40 5
 *	pins free
 *	fragments yes
 *	allowed other
 *	pool p0 ipip 251 mh free port 32 128 sticky 20
 *	member 10.0.0.1 weight 1 in lives latency 1 by ingress mtu 1500 to 02:00:00:00:00:aa from 02:00:00:00:00:bb source
 *	                                                                               192.168.0.1 mask ff (on one line)
 *	member fd00::1 weight 1 out dead latency 1 unknown
 *	tag 8100 0064
 *	access a1 prices 1 0 0 2 burst 20 sources 32 64
 *	deny 198.51.100.0/24
 *	service tcp 192.0.2.10 80 0
 *	service any 192.0.2.0/24 any 0 sticky
 *	frame 0200000000010200...
 *	ticks 5
 *	pass
 *
 * A member belongs to the pool before it, a tag to the member before it; a service names its pool by place, its access list by place from 1. A frame is run,
 * time goes by, the sweeper passes, in the order of the lines; lines of a configuration after them are a whole new one.
 */
#ifndef FUZZ_CASE_H
#define FUZZ_CASE_H

#include <stdio.h>

#include "fuzz/history.h"

struct fuzz_case {
	bool frags;
	struct history before; /* what happened before: often nothing */
	struct settings settings; /* configured then, if that are others than the last before */
	struct frame frame;       /* of length 0: none, what is remembered differs */
};

/* Frees what it holds. */
void case_clear(struct fuzz_case *c);

/*
 * From empty maps to before the last packet. 0, or -errno with its sentence. The trial is careful from then on. case_run.c
 */
int case_reach(const struct fuzz_case *c, struct trial *trial, struct answers *scratch, struct err *err);
/* The last packet, if there is one, and what both remember then. */
void case_look(const struct frame *frame, struct trial *trial, struct answers *ret);

/* Whether the settings are others than the last before. */
bool case_changes_at_last(const struct fuzz_case *c);
void case_write(FILE *out, const struct fuzz_case *c);

/* The interfaces' numbers are the caller's: settings_start before. 0, or -EINVAL with the line that cannot be
 * read. */
int case_read(FILE *in, struct fuzz_case *c, struct err *err);

/* case_access.c */
void case_access_write(FILE *out, const struct settings *s);
bool case_access_read(struct settings *s, const char *line);
bool case_prefix_read(struct settings *s, const char *line); /* of the last list */

#endif
