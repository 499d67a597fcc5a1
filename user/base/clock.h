/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock for durations: CLOCK_MONOTONIC, which no one sets. user/model has no clock and must not include this. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Microseconds since some moment before this process. */
uint64_t clock_us(void);

#endif
