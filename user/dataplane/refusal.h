/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a program is not on an interface, or not in the kernel at all, from what is known of both: what is missing, the kernel that
 * has it, and what would do instead. Pure.
 */
#ifndef DATAPLANE_REFUSAL_H
#define DATAPLANE_REFUSAL_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Up to this MTU a frame fits one buffer everywhere. Where the buffer ends is the driver's choice: veth takes 3,506 bytes (page
 * less headroom and skb_shared_info), others less.
 */
#define REFUSAL_MTU_ONE_BUFFER 3000

struct refusal {
	const char *interface, *program;
	int error; /* -errno */
	bool generic;
	bool bond;
	unsigned int mtu;   /* 0: not known */
	const char *report; /* what kernel or library said of it; "": nothing */
	const char *kernel; /* as uname(2) says: "6.1.0-28-amd64" */
};

/* Writes the sentence and returns the error; -EBUSY for all that means that another program is there. */
int refusal_say(const struct refusal *refusal, struct err *err);

/* The same where the program could not be loaded. */
int refusal_say_load(int error, const char *report, const char *kernel, struct err *err);

#endif
