/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A probe's socket. */
#ifndef HEALTH_CONNECT_H
#define HEALTH_CONNECT_H

#include "health/probe.h"

/*
 * Opens a non-blocking socket of this type and connects it to the target's address and port, or begins to.
 * Returns it, or -errno. protocol4 and protocol6 are for the two families. It is bound to the target: what
 * others send does not arrive.
 */
int probe_connect(const struct probe_target *target, int type, int protocol4, int protocol6);

/* What a socket of one's own needs before it connects. -errno. */
int probe_lead(const struct probe_target *target, int fd);

/* What is left of the time that a probe has; 0 s when it is over. */
struct timeval probe_time_left(const struct probe_target *target, uint64_t began_us);

/* "NOERROR in 1.2 ms" into text of PROBE_TEXT_MAX: what, and how long it took until now. */
void probe_took_text(const char *what, uint64_t began_us, char *text);

#endif
