/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From prefixes to edges: see access.h. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "model/config.h"
#include "model/world.h"

#define DEPTH_MAX 130 /* prefixes in one another: of each length one, and the rest */

__extension__ typedef unsigned __int128 whole; /* an address as a number */

static whole whole_of(const struct leat_addr *addr)
{
	if (addr_is_ipv4(addr))
		return ntohl(addr->word[3]);
	return (whole)be64toh(addr->half[0]) << 64 | be64toh(addr->half[1]);
}

int access_compare(const void *a, const void *b)
{
	const struct access_prefix *x = a, *y = b;
	int order = addr_compare(&x->addr, &y->addr);

	return order ? order : x->length - y->length;
}

/* --- the walk over the prefixes of one family --------------------------------------------------------- */

struct turn { /* from here on */
	whole at;
	bool denies;
};

struct walk {
	unsigned int width; /* bits of an address */
	struct {
		whole last;
		bool denies;
	} open[DEPTH_MAX]; /* prefixes that the place is in, outermost first; before them all addresses */
	unsigned int depth;
	struct turn *turns;
	unsigned int count;
};

/* What was said of the same place before is of no address. */
static void turn_add(struct walk *w, whole at, bool denies)
{
	if (w->count && w->turns[w->count - 1].at == at)
		w->count--;
	if (w->count && w->turns[w->count - 1].denies == denies)
		return;
	w->turns[w->count++] = (struct turn){at, denies};
}

/* Leaves the prefixes that end before a place. */
static void leave_until(struct walk *w, whole at)
{
	while (w->depth > 1 && w->open[w->depth - 1].last < at) {
		whole after = w->open[--w->depth].last + 1;

		turn_add(w, after, w->open[w->depth - 1].denies);
	}
}

static void enter(struct walk *w, const struct access_prefix *prefix)
{
	whole first = whole_of(&prefix->addr), size_less_1 = 0;
	unsigned int host_bits = w->width - prefix->length;

	if (host_bits)
		size_less_1 = ~(whole)0 >> (128 - host_bits);
	leave_until(w, first);
	w->open[w->depth].last = first + size_less_1;
	w->open[w->depth++].denies = prefix->denies;
	turn_add(w, first, prefix->denies);
}

/* All but the turns. */
static void leave_all(struct walk *w)
{
	whole end = ~(whole)0 >> (128 - w->width);

	while (w->depth > 1) {
		whole last = w->open[--w->depth].last;

		if (last != end)
			turn_add(w, last + 1, w->open[w->depth - 1].denies);
	}
}

static bool is_again(const struct access_prefix *prefixes, unsigned int i)
{
	return i && !access_compare(&prefixes[i], &prefixes[i - 1]);
}

/* The turns of one family, the first at address 0; to be freed. */
static struct turn *turns_make(const struct access_prefix *prefixes, unsigned int count, bool ipv4, bool denies_rest,
			       unsigned int *ret_count)
{
	auto_free struct walk *w = memory_zeroed(1, sizeof(*w));
	unsigned int i;

	w->width = ipv4 ? 32 : 128;
	w->turns = memory_zeroed(2 * (size_t)count + 1, sizeof(*w->turns));
	w->open[w->depth].last = ~(whole)0 >> (128 - w->width);
	w->open[w->depth++].denies = denies_rest;
	turn_add(w, 0, denies_rest);
	for (i = 0; i < count; i++)
		if (addr_is_ipv4(&prefixes[i].addr) == ipv4 && !is_again(prefixes, i))
			enter(w, &prefixes[i]);
	leave_all(w);
	*ret_count = w->count;
	return w->turns;
}

void access_resolve(struct access_prefix *prefixes, unsigned int count, bool denies_rest, struct access_edges *ret)
{
	unsigned int i, turns;
	struct turn *t;

	if (count)
		qsort(prefixes, count, sizeof(*prefixes), access_compare);
	*ret = (struct access_edges){};
	t = turns_make(prefixes, count, true, denies_rest, &turns);
	ret->denies4 = t->denies;
	ret->count4 = turns - 1;
	ret->edges4 = memory_zeroed(ret->count4, sizeof(*ret->edges4));
	for (i = 1; i < turns; i++)
		ret->edges4[i - 1] = t[i].at;
	free(t);
	t = turns_make(prefixes, count, false, denies_rest, &turns);
	ret->denies6 = t->denies;
	ret->count6 = turns - 1;
	ret->edges6 = memory_zeroed(ret->count6, sizeof(*ret->edges6));
	for (i = 1; i < turns; i++)
		ret->edges6[i - 1] = (struct leat_edge6){t[i].at >> 64, t[i].at};
	free(t);
}

void access_clear(struct access_edges *edges)
{
	free(edges->edges4);
	free(edges->edges6);
	*edges = (struct access_edges){};
}

bool access_equal(const struct access_edges *a, const struct access_edges *b)
{
	return a->denies4 == b->denies4 && a->denies6 == b->denies6 && a->count4 == b->count4 && a->count6 == b->count6 &&
	       (!a->count4 || !memcmp(a->edges4, b->edges4, a->count4 * sizeof(*a->edges4))) &&
	       (!a->count6 || !memcmp(a->edges6, b->edges6, a->count6 * sizeof(*a->edges6)));
}

/* Sub-second rates in whole ns: at the highest one a hundredth of an interval is lost. */
void access_limit(const struct config_limits *limits, struct leat_guard *ret)
{
	unsigned int i;

	ret->limits = 0;
	for (i = 0; i < LEAT_RATES; i++) {
		ret->interval_ns[i] = limits->rates[i] ? 1000000000ull / limits->rates[i] : 0;
		ret->limits |= limits->rates[i] != 0;
	}
	ret->burst_ns = limits->burst_ms * 1000000ull;
	ret->cut4 = 32 - limits->prefix4;
	ret->cut6 = 128 - limits->prefix6;
}

/* --- asked of the maps ---------------------------------------------------------------------------------- */

struct leat_guard *access_guard(const struct world *world, unsigned int number)
{
	return &world->guards[(world->control->guards & 1) * LEAT_GUARDS_MAX + number];
}

unsigned int access_find(const struct world *world, const char *name)
{
	unsigned int i;

	for (i = 1; i < LEAT_GUARDS_MAX; i++)
		if (!strcmp(access_guard(world, i)->name, name))
			return i;
	return 0;
}

static bool is_below4(const struct world *world, uint32_t edge, const struct leat_addr *addr)
{
	return ntohl(addr->word[3]) < world->edges4[edge];
}

static bool is_below6(const struct world *world, uint32_t edge, const struct leat_addr *addr)
{
	const struct leat_edge6 *e = &world->edges6[edge];

	return whole_of(addr) < ((whole)e->high << 64 | e->low);
}

bool access_denies(const struct world *world, unsigned int guard, const struct leat_addr *addr)
{
	bool (*is_below)(const struct world *, uint32_t, const struct leat_addr *) =
		addr_is_ipv4(addr) ? is_below4 : is_below6;
	uint64_t edges = addr_is_ipv4(addr) ? access_guard(world, guard)->edges4 : access_guard(world, guard)->edges6;
	uint32_t first = 0, count = LEAT_EDGES_COUNT(edges), half;

	while (count) {
		half = count / 2;
		if (is_below(world, LEAT_EDGES_OFFSET(edges) + first + half, addr)) {
			count = half;
		} else {
			first += half + 1;
			count -= half + 1;
		}
	}
	return LEAT_EDGES_DENIES(edges) ^ (first & 1);
}
