/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings fixed before a program is loaded: the verifier removes what they turn off. Not static: bpftool
 * would leave them out of the skeleton.
 */
#ifndef BPF_KNOBS_H
#define BPF_KNOBS_H

#include <linux/types.h>
#include <stdbool.h>

/* Loaded as xdp.frags: a frame may go on beyond data_end, in further buffers. */
const volatile bool frags = false;

/* Attached to this bond, whose members packets come in by; 0: to an interface that is none. */
const volatile __u32 bond = 0;

#endif
