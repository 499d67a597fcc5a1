/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rise, fall and the first outcome: see dampener.h. */
#include "model/dampener.h"

bool dampener_step(struct dampener *d, bool success, unsigned int rise, unsigned int fall)
{
	enum health shown = success ? HEALTH_UP : HEALTH_DOWN;
	unsigned int needed = d->health == HEALTH_UNKNOWN ? 1 : success ? rise : fall;

	if (d->health == shown) {
		d->run = 0;
		return false;
	}
	if (++d->run < needed)
		return false;
	d->health = shown;
	d->run = 0;
	return true;
}

bool dampener_doubt(struct dampener *d, bool success, bool cut_off, unsigned int fall)
{
	bool is_down = d->health == HEALTH_DOWN;

	d->sure = success || cut_off || !is_down ? 0 : d->sure + 1;
	if (!is_down)
		d->doubtful = !success && (d->doubtful || cut_off || d->health == HEALTH_UNKNOWN);
	if (!d->doubtful || d->sure < fall)
		return false;
	d->doubtful = false;
	return true;
}

bool dampener_is_changing(const struct dampener *d)
{
	return d->run > 0;
}

const char *health_name(enum health health)
{
	static const char *const names[] = { "unknown", "up", "down" };

	return names[health];
}
