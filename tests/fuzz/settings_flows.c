/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What decides about flows, drawn: see settings.h. */
#include "fuzz/settings.h"

static enum reference_scheduler draw_scheduler(struct random *r)
{
	static const enum reference_scheduler schedulers[] = {
		REFERENCE_MH,    REFERENCE_MH,     REFERENCE_MH,     REFERENCE_MH,  REFERENCE_MH,
		REFERENCE_MH,    REFERENCE_TURN,   REFERENCE_TURN,   REFERENCE_LEAST, REFERENCE_LEAST,
		REFERENCE_RANDOM, REFERENCE_RANDOM, REFERENCE_TWO, REFERENCE_TWO, REFERENCE_LATENCY, REFERENCE_LATENCY,
	};

	return random_pick(r, schedulers);
}

static void draw_client(struct reference_pool *pool, struct random *r)
{
	static const unsigned int prefixes4[] = {32, 32, 31, 24, 20, 8, 0}, prefixes6[] = {128, 64, 65, 63, 48, 0};

	pool->by_client = random_one_in(r, 4);
	pool->prefix4 = random_pick(r, prefixes4);
	pool->prefix6 = random_pick(r, prefixes6);
}

static uint32_t draw_sticky(struct random *r)
{
	static const uint32_t ticks[] = {1, 5, 20, 40, 80, 100};

	return random_pick(r, ticks);
}

void settings_flows_draw(struct reference_pool *pool, struct random *r)
{
	pool->scheduler = draw_scheduler(r);
	pool->waits = random_one_in(r, 10);
	draw_client(pool, r);
	pool->sticky_ticks = draw_sticky(r);
}

void settings_flows_change(struct reference_pool *pool, struct random *r)
{
	switch (random_below(r, 10)) {
	case 7 ... 9:
		pool->table_size = pool->table_size == 251 ? 257 : 251;
		break;
	case 0:
		draw_client(pool, r);
		break;
	case 1:
		pool->sticky_ticks = draw_sticky(r);
		break;
	case 2 ... 3:
		pool->waits = !pool->waits;
		break;
	default:
		pool->scheduler = draw_scheduler(r);
	}
}

/* In the table; out of it and draining; out of it and down. */
void settings_standing_draw(struct reference_member *member, struct random *r)
{
	member->is_in_table = random_below(r, 5) < 3;
	member->lives = member->is_in_table || !random_one_in(r, 3);
}

/* All members of a pool. */
void settings_drain(struct settings *s, unsigned int pool)
{
	unsigned int i;

	for (i = 0; i < s->pools[pool].member_count; i++) {
		s->members[pool][i].is_in_table = false;
		s->members[pool][i].lives = true;
	}
}

void settings_timeouts_draw(struct settings *s, struct random *r)
{
	static const uint16_t opening[] = {3, 6, 12}, established[] = {20, 40, 60}, closing[] = {2, 5, 15};

	s->timeout[REFERENCE_OPENING] = random_pick(r, opening);
	s->timeout[REFERENCE_ESTABLISHED] = random_pick(r, established);
	s->timeout[REFERENCE_CLOSING] = random_pick(r, closing);
}

static bool draws(enum reference_scheduler scheduler)
{
	return scheduler == REFERENCE_RANDOM || scheduler == REFERENCE_TWO || scheduler == REFERENCE_LATENCY;
}

/* The budget of new pins can be spent only where the model can know whom a scheduler drew: it asks the pin. */
bool settings_limits_pins(const struct settings *s)
{
	unsigned int i;

	for (i = 0; i < s->pool_count; i++)
		if (draws(s->pools[i].scheduler))
			return false;
	return s->limits_pins;
}

void settings_flows_foresee(struct settings *s)
{
	unsigned int i;

	for (i = 0; i < s->pool_count; i++)
		if (draws(s->pools[i].scheduler))
			s->pools[i].scheduler = REFERENCE_LEAST;
}
