/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one health state machine: probes report outcomes, this decides. Pure.
 *
 *   UNKNOWN --first success--> UP      UNKNOWN --first failure--> DOWN
 *   UP --fall failures in a row--> DOWN     DOWN --rise successes in a row--> UP
 *
 * DOWN is doubtful if one of the failures that led to it came while this host was cut off from the backend (its own link or
 * route), until fall failures in a row came while it was not. So it is if the first outcome of all led to it: a daemon that
 * has just started knows nothing yet of its ways, and the flows that the backend has are those of the daemon before.
 */
#ifndef MODEL_DAMPENER_H
#define MODEL_DAMPENER_H

#include <stdbool.h>
#include <stdint.h>

enum health { HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN };

struct dampener {
	enum health health;
	unsigned int run; /* outcomes in a row that contradict health */
	bool doubtful;     /* while DOWN: that may be this host's own fault; before: it would be */
	unsigned int sure; /* of a doubtful DOWN: failures in a row that speak against the backend */
};

/* Takes one outcome; true if health changed. rise, fall: at least 1. */
bool dampener_step(struct dampener *d, bool success, unsigned int rise, unsigned int fall);

/* Takes the same outcome before dampener_step does; true if DOWN was doubtful and is not any more. */
bool dampener_doubt(struct dampener *d, bool success, bool cut_off, unsigned int fall);

/* Whether the next probe should come after the fast interval: the last outcome contradicts the state. */
bool dampener_is_changing(const struct dampener *d);

const char *health_name(enum health health); /* "unknown", "up", "down" */

#endif
