/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program and the model remember of flows, compared whole: see trial.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/trial.h"

/* Says what differs; false. */
__attribute__((format(printf, 2, 3))) static bool differs(char *ret, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ret, MEMORY_TEXT_MAX, format, args);
	va_end(args);
	return false;
}

/* --- slots ----------------------------------------------------------------------------------------- */

static uint32_t number_of(const struct trial *t, unsigned int pool, uint32_t member)
{
	return member == REFERENCE_NONE ? 0 : t->filled.members[pool][member];
}

static uint32_t slot_wanted(const struct trial *t, unsigned int pool, uint32_t slot)
{
	struct reference_slot s = reference_slot(t->reference, pool, slot);

	return LEAT_SLOT(number_of(t, pool, s.current), number_of(t, pool, s.previous), s.is_tracked);
}

static bool are_slots_same(const struct trial *t, unsigned int pool, char *ret)
{
	const struct world *w = &t->loaded.world;
	uint64_t table = w->pools[t->filled.pools[pool]].table;
	const uint32_t *slots = w->slots + LEAT_TABLE_OFFSET(table);
	uint32_t size = reference_slots(t->reference, pool), i, wanted;

	if (LEAT_TABLE_SIZE(table) != size)
		return differs(ret, "pool p%u has %u slots, in the model %u", t->settings.pools[pool].name,
			       LEAT_TABLE_SIZE(table), size);
	for (i = 0; i < size; i++) {
		wanted = slot_wanted(t, pool, i);
		if (slots[i] != wanted)
			return differs(ret,
				       "slot %u of pool p%u is %scurrent %u previous %u, in the model %scurrent %u "
				       "previous %u (backends by their numbers)",
				       i, t->settings.pools[pool].name, LEAT_SLOT_TRACKED(slots[i]) ? "tracked " : "",
				       LEAT_SLOT_CURRENT(slots[i]), LEAT_SLOT_PREVIOUS(slots[i]),
				       LEAT_SLOT_TRACKED(wanted) ? "tracked " : "", LEAT_SLOT_CURRENT(wanted),
				       LEAT_SLOT_PREVIOUS(wanted));
	}
	return true;
}

/* --- pins ------------------------------------------------------------------------------------------ */

static unsigned int pins_count(const struct world *w)
{
	unsigned int count = 0, i;
	uint32_t set;

	for (set = 0; set <= w->control->flow_mask; set++)
		for (i = 0; i < LEAT_FLOW_WAYS; i++)
			count += w->flows[set].word[i] != 0;
	return count;
}

static bool is_pin_same(const struct trial *t, const struct reference_flow *f, char *ret)
{
	const struct world *w = &t->loaded.world;
	uint64_t word = world_find_flow(w, LEAT_FLOW_KEY(f->hash, 0));
	uint32_t number = f->pool == REFERENCE_NONE ? 0 : number_of(t, f->pool, f->member);
	uint32_t age = w->control->clock - f->seen;

	if (!word)
		return differs(ret, "no pin of the flow with hash %016jx, in the model it is at backend %u",
			       (uintmax_t)f->hash, number);
	if (f->pool == REFERENCE_NONE)
		number = w->backends[LEAT_FLOW_BACKEND(word)].lives ? 0 : LEAT_FLOW_BACKEND(word);
	if (LEAT_FLOW_BACKEND(word) == number && LEAT_FLOW_STATE(word) == f->state &&
	    LEAT_FLOW_AGE(word, w->control->clock) == age)
		return true;
	return differs(ret, "the pin of the flow with hash %016jx has backend %u state %u age %u, in the model %u, %u, %u",
		       (uintmax_t)f->hash, LEAT_FLOW_BACKEND(word), LEAT_FLOW_STATE(word),
		       LEAT_FLOW_AGE(word, w->control->clock), number, f->state, age);
}

static bool are_connections_same(const struct trial *t, const struct reference_flow *flows, unsigned int count,
				 char *ret)
{
	auto_free uint32_t *wanted = memory_zeroed(LEAT_BACKENDS_MAX, sizeof(*wanted));
	unsigned int i, j, number;

	for (i = 0; i < count; i++)
		if (flows[i].pool != REFERENCE_NONE)
			wanted[number_of(t, flows[i].pool, flows[i].member)]++;
	for (i = 0; i < t->settings.pool_count; i++)
		for (j = 0; j < t->settings.pools[i].member_count; j++) {
			number = t->filled.members[i][j];
			if (t->loaded.world.loads[number].connections != wanted[number])
				return differs(ret, "backend %u has %u connections, in the model %u", number,
					       t->loaded.world.loads[number].connections, wanted[number]);
		}
	return true;
}

static bool are_pins_same(const struct trial *t, char *ret)
{
	unsigned int count = reference_flow_count(t->reference), i;
	auto_free struct reference_flow *flows = memory_zeroed(count, sizeof(*flows));

	reference_flows(t->reference, flows);
	for (i = 0; i < count; i++)
		if (!is_pin_same(t, &flows[i], ret))
			return false;
	i = pins_count(&t->loaded.world);
	if (i != count)
		return differs(ret, "%u flows are pinned, in the model %u", i, count);
	return are_connections_same(t, flows, count, ret);
}

bool trial_remembers(const struct trial *t, char *ret)
{
	unsigned int i;

	for (i = 0; i < t->settings.pool_count; i++)
		if (!are_slots_same(t, i, ret))
			return false;
	return are_pins_same(t, ret);
}
