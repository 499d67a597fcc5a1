/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP and ICMPv6 as far as leat speaks them. The kernel's linux/icmp.h needs a C library, which BPF has not.
 */
#ifndef BPF_ICMP_H
#define BPF_ICMP_H

#include <linux/types.h>

enum {
	ICMP_ECHOREPLY = 0,
	ICMP_DEST_UNREACH = 3,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
};
#define ICMP_FRAG_NEEDED 4 /* code of ICMP_DEST_UNREACH */

enum {
	ICMPV6_DEST_UNREACH = 1,
	ICMPV6_PKT_TOOBIG = 2,
	ICMPV6_TIME_EXCEED = 3,
	ICMPV6_PARAMETER_PROBLEM = 4,
	ICMPV6_ECHO_REQUEST = 128,
	ICMPV6_ECHO_REPLY = 129,
};

/* Type, code, checksum, identifier, sequence number: as words, for the checksum's sake. */
struct icmp_echo {
	__u16 type_code, checksum, identifier, sequence;
};

#endif
