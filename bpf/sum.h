/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internet checksums (RFC 1071), over 16-bit words as they lie in memory. Pure. */
#ifndef BPF_SUM_H
#define BPF_SUM_H

#include <linux/types.h>

static __always_inline __u16 sum_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* RFC 1624, equation 3: the checksum after one word has changed. */
static __always_inline __u16 sum_update(__u16 checksum, __u16 old, __u16 new)
{
	return ~sum_fold((__u16)~checksum + (__u16)~old + new);
}

#endif
