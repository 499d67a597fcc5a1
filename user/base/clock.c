/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock for durations: see clock.h. */
#include <time.h>

#include "base/clock.h"

uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}
