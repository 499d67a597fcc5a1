/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparing without a branch, for searches by halving: a branch would be guessed wrong every second time, and would double what
 * the verifier has to look at in every step.
 */
#ifndef BPF_BORROW_H
#define BPF_BORROW_H

#include <linux/types.h>

/* 1 if a - b - (what d = a - b - less has less) goes below 0. */
static __always_inline __u64 borrows(__u64 a, __u64 b, __u64 d)
{
	return ((~a & b) | ((~a | b) & d)) >> 63;
}

/* 1 if the number of 128 bits, its high half first, is below the other. */
static __always_inline __u64 is_below128(const __u64 a[2], const __u64 b[2])
{
	__u64 less = borrows(a[1], b[1], a[1] - b[1]);

	return borrows(a[0], b[0], a[0] - b[0] - less);
}

#endif
