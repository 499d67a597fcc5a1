/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings fixed before the program is loaded: the verifier removes what they turn off. Not static: bpftool
 * would leave them out of the skeleton.
 */
#ifndef BPF_KNOBS_H
#define BPF_KNOBS_H

#include <stdbool.h>

#include <linux/types.h>

#include "leat/verdict.h"

/* Loaded as xdp.frags: a frame may go on beyond data_end, in further buffers. */
const volatile bool frags = false;

/* CPUs that the per-CPU arrays have room for. */
const volatile __u32 cpus = 1;

/* Only asked what would happen (`leat explain`): nothing is counted, no token is spent; `explained` answers.
 */
const volatile bool explaining = false;
enum leat_verdict explained = 0;

#endif
