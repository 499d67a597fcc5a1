/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one health state machine: probes report outcomes, this decides. Pure.
 *
 *   UNKNOWN --first success--> UP      UNKNOWN --first failure--> DOWN
 *   UP --fall failures in a row--> DOWN     DOWN --rise successes in a row--> UP
 */
#ifndef MODEL_DAMPENER_H
#define MODEL_DAMPENER_H

#include <stdbool.h>
#include <stdint.h>

enum health { HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN };

struct dampener {
	enum health health;
	unsigned int run; /* outcomes in a row that contradict health */
};

/* Takes one outcome; true if health changed. rise, fall: at least 1. */
bool dampener_step(struct dampener *d, bool success, unsigned int rise, unsigned int fall);

/* Whether the next probe should come after the fast interval: the last outcome contradicts the state. */
bool dampener_is_changing(const struct dampener *d);

const char *health_name(enum health health); /* "unknown", "up", "down" */

#endif
