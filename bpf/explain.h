/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The knob of the copy of the program that `leat explain` asks. Set before load, like those in knobs.h. */
#ifndef BPF_EXPLAIN_H
#define BPF_EXPLAIN_H

#include <linux/types.h>
#include <stdbool.h>

#include "leat/verdict.h"

/* Only asked what would happen (`leat explain`): nothing is counted, no token is spent; `explained` answers.
 */
const volatile bool explaining = false;
enum leat_verdict explained = 0;

/* The backend that a packet of the daemon's own is for (probe.h); 0: it is chosen as for anybody's. */
__u32 probed = 0;

#endif
