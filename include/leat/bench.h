/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `leat bench` and its BPF programs share. */
#ifndef LEAT_BENCH_H
#define LEAT_BENCH_H

#define LEAT_BENCH_FRAME 78 /* bytes: Ethernet, IPv6, TCP, and 4 more; over IPv4 24 more */

#endif
