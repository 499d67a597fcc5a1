/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes between two configurations: see diff.h. Things are matched by name, not by place. */
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/shape.h"
#include "base/file.h"
#include "model/diff_parts.h"
#include "model/table.h"

void diff_line(struct diff *d, enum diff_kind kind, const char *what, char *name, char *detail)
{
	d->lines = memory_resized(d->lines, d->line_count + 1, sizeof(*d->lines));
	d->lines[d->line_count++] = (struct diff_line){ kind, string_copy(what), name, detail };
}

/* "a 1 -> 2, b x -> y" grows here, for one thing. */
__attribute__((format(printf, 2, 3))) static void change_add(struct text *text, const char *format, ...)
{
	char buf[512];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	text_add(text, "%s%s", text->length ? ", " : "", buf);
}

static void changed_add(struct diff *d, const char *what, char *name, struct text *text)
{
	if (text->length)
		diff_line(d, DIFF_CHANGED, what, name, text->s);
	else
		free(name);
}

const char *diff_time_text(uint32_t ms, char *buf)
{
	return ms ? duration_format(ms, buf) : "none";
}

static void time_change_add(struct text *text, const char *key, uint32_t old, uint32_t new)
{
	char before[ADDR_TEXT_MAX], after[ADDR_TEXT_MAX];

	if (old != new)
		change_add(text, "%s %s -> %s", key, diff_time_text(old, before), diff_time_text(new, after));
}

/* --- services ------------------------------------------------------------------------------------- */

static char *service_name(const struct config_service *s)
{
	char buf[SHAPE_NAME_MAX];

	return string_copy(shape_name_format(&s->key, buf));
}

/* Looks on from *at, around: two lists of nearly one order are compared in one pass. */
static const struct config_service *service_find(const struct config *config, const struct leat_service_key *key,
						 unsigned int *at)
{
	unsigned int i;

	for (i = 0; i < config->service_count; i++) {
		*at = *at + 1 < config->service_count ? *at + 1 : 0;
		if (!memcmp(&config->services[*at].key, key, sizeof(*key)))
			return &config->services[*at];
	}
	return NULL;
}

static void quic_change_add(struct text *text, uint8_t old, uint8_t new)
{
	if (LEAT_QUIC_LENGTH(old) != LEAT_QUIC_LENGTH(new))
		change_add(text, "quic.server-id-length %u -> %u", LEAT_QUIC_LENGTH(old), LEAT_QUIC_LENGTH(new));
	if (LEAT_QUIC_CONFIG(old) != LEAT_QUIC_CONFIG(new))
		change_add(text, "quic.config %u -> %u", LEAT_QUIC_CONFIG(old), LEAT_QUIC_CONFIG(new));
}

static const char *access_name(const struct config *config, const struct config_service *s)
{
	return s->access ? config->access[s->access - 1].name : "none";
}

static void diff_services(struct diff *d, const struct config *old, const struct config *new)
{
	const struct config_service *other;
	unsigned int i, at = UINT_MAX;

	for (i = 0; i < new->service_count; i++) {
		const struct config_service *s = &new->services[i];
		const char *pool = new->pools[s->pool].name;
		struct text text = {};

		other = service_find(old, &s->key, &at);
		if (!other) {
			diff_line(d, DIFF_ADDED, "service", service_name(s), string_format("pool %s", pool));
			continue;
		}
		if (strcmp(old->pools[other->pool].name, pool))
			change_add(&text, "pool %s -> %s", old->pools[other->pool].name, pool);
		time_change_add(&text, "sticky", other->sticky_ms, s->sticky_ms);
		if (strcmp(access_name(old, other), access_name(new, s)))
			change_add(&text, "access %s -> %s", access_name(old, other), access_name(new, s));
		quic_change_add(&text, other->quic, s->quic);
		changed_add(d, "service", service_name(s), &text);
	}
	for (i = 0, at = UINT_MAX; i < old->service_count; i++)
		if (!service_find(new, &old->services[i].key, &at))
			diff_line(d, DIFF_REMOVED, "service", service_name(&old->services[i]), NULL);
}

/* --- backends --------------------------------------------------------------------------------------- */

static char *backend_name(const struct config_pool *pool, const struct config_member *m)
{
	char buf[ADDR_TEXT_MAX];

	return string_format("%s/%s", pool->name, addr_format(&m->addr, buf));
}

/* As service_find. */
static const struct config_member *member_find(const struct config_pool *pool, const struct leat_addr *addr,
					       unsigned int *at)
{
	unsigned int i;

	for (i = 0; pool && i < pool->member_count; i++) {
		*at = *at + 1 < pool->member_count ? *at + 1 : 0;
		if (addr_equal(&pool->members[*at].addr, addr))
			return &pool->members[*at];
	}
	return NULL;
}

static const char *state_name(enum doc_state state)
{
	return state == DOC_STATE_DISABLED ? "disabled" : state == DOC_STATE_DRAINING ? "draining" : "enabled";
}

static void id_change_add(struct text *text, const struct leat_server_id *old, const struct leat_server_id *new)
{
	char before[ADDR_TEXT_MAX], after[ADDR_TEXT_MAX];

	if (!leat_server_id_equal(old, new))
		change_add(text, "server-id %s -> %s", old->byte[0] ? config_server_id_format(old, before) : "none",
			   new->byte[0] ? config_server_id_format(new, after) : "none");
}

static void diff_backends(struct diff *d, const struct config_pool *old, const struct config_pool *new)
{
	unsigned int i, at = UINT_MAX;

	for (i = 0; new && i < new->member_count; i++) {
		const struct config_member *m = &new->members[i], *other = member_find(old, &m->addr, &at);
		struct text text = {};

		if (!other) {
			diff_line(d, DIFF_ADDED, "backend", backend_name(new, m), string_format("weight %u", m->weight));
			continue;
		}
		if (other->weight != m->weight)
			change_add(&text, "weight %u -> %u", other->weight, m->weight);
		if (strcmp(state_name(other->state), state_name(m->state)))
			change_add(&text, "state %s -> %s", state_name(other->state), state_name(m->state));
		time_change_add(&text, "drain-deadline", other->drain_deadline_ms, m->drain_deadline_ms);
		id_change_add(&text, &other->server_id, &m->server_id);
		changed_add(d, "backend", backend_name(new, m), &text);
	}
	for (i = 0, at = UINT_MAX; old && i < old->member_count; i++)
		if (!member_find(new, &old->members[i].addr, &at))
			diff_line(d, DIFF_REMOVED, "backend", backend_name(old, &old->members[i]), NULL);
}

/* --- pools -------------------------------------------------------------------------------------------- */

static void diff_scheduler(struct text *text, const struct config_pool *old, const struct config_pool *new)
{
	const char *before = config_scheduler_name(old->scheduler_name), *after = config_scheduler_name(new->scheduler_name);

	if (strcmp(before, after))
		change_add(text, "scheduler %s -> %s", before, after);
	if (old->prefix4 != new->prefix4)
		change_add(text, "source-prefix-ipv4 %u -> %u", old->prefix4, new->prefix4);
	if (old->prefix6 != new->prefix6)
		change_add(text, "source-prefix-ipv6 %u -> %u", old->prefix6, new->prefix6);
	time_change_add(text, "affinity", old->affinity_ms, new->affinity_ms);
	time_change_add(text, "slow-start", old->slow_start_ms, new->slow_start_ms);
}

static const char *port_text(uint16_t port, char buf[8])
{
	snprintf(buf, 8, "%u", port);
	return port ? buf : "none";
}

static void diff_pool_keys(struct diff *d, const struct config_pool *old, const struct config_pool *new)
{
	char before[8], after[8];
	struct text text = {};

	diff_scheduler(&text, old, new);
	if (old->mode != new->mode)
		change_add(&text, "mode %s -> %s", config_mode_name(old->mode), config_mode_name(new->mode));
	if (old->tunnel_port != new->tunnel_port)
		change_add(&text, "tunnel-port %s -> %s", port_text(old->tunnel_port, before),
			   port_text(new->tunnel_port, after));
	if (old->table_size != new->table_size)
		change_add(&text, "table-size %u -> %u", old->table_size, new->table_size);
	if (old->all_down != new->all_down)
		change_add(&text, "on-all-down -> %s", new->all_down == DOC_ALL_DOWN_REFUSE ? "refuse" : "fail-open");
	if (!config_check_equal(&old->check, &new->check))
		change_add(&text, "check changed");
	changed_add(d, "pool", string_copy(new->name), &text);
}

static uint32_t *slots_of(const struct config_pool *pool, uint64_t seed)
{
	auto_free struct table_member *members = memory_zeroed(pool->member_count, sizeof(*members));
	uint32_t *slots = memory_zeroed(pool->table_size, sizeof(*slots));
	unsigned int i, count = 0;

	/* A number is a place in this pool: owners are compared by address. */
	for (i = 0; i < pool->member_count; i++)
		if (pool->members[i].weight && pool->members[i].state != DOC_STATE_DISABLED &&
		    pool->members[i].state != DOC_STATE_DRAINING)
			members[count++] = (struct table_member){
				pool->members[i].addr, pool->ignores_weights ? 1 : pool->members[i].weight, i + 1
			};
	table_build(slots, pool->table_size, members, count, seed);
	return slots;
}

static bool is_same_owner(const struct config_pool *old, uint32_t a, const struct config_pool *new, uint32_t b)
{
	return a && b ? addr_equal(&old->members[a - 1].addr, &new->members[b - 1].addr) : a == b;
}

static void diff_slots(struct diff *d, const struct config_pool *old, const struct config_pool *new, uint64_t old_seed,
		       uint64_t seed)
{
	auto_free uint32_t *before = slots_of(old, old_seed), *after = slots_of(new, seed);
	uint32_t i, moved = 0;

	/* A flow's hash is scaled to the size: in a table of another size it lands at the same fraction of the way. */
	for (i = 0; i < new->table_size; i++)
		moved += !is_same_owner(old, before[(2ull * i + 1) * old->table_size / (2ull * new->table_size)], new,
					after[i]);
	if (!moved)
		return;
	d->pools = memory_resized(d->pools, d->pool_count + 1, sizeof(*d->pools));
	d->pools[d->pool_count++] = (struct diff_pool){ string_copy(new->name), new->table_size, moved };
}

static const struct config_pool *pool_find(const struct config *config, const char *name)
{
	unsigned int i;

	for (i = 0; i < config->pool_count; i++)
		if (!strcmp(config->pools[i].name, name))
			return &config->pools[i];
	return NULL;
}

static void diff_pools(struct diff *d, const struct config *old, const struct config *new)
{
	unsigned int i;

	for (i = 0; i < new->pool_count; i++) {
		const struct config_pool *pool = &new->pools[i], *other = pool_find(old, pool->name);

		if (!other) {
			diff_line(d, DIFF_ADDED, "pool", string_copy(pool->name), NULL);
		} else {
			diff_pool_keys(d, other, pool);
			diff_slots(d, other, pool, old->seed, new->seed);
		}
		diff_backends(d, other, pool);
	}
	for (i = 0; i < old->pool_count; i++) {
		if (pool_find(new, old->pools[i].name))
			continue;
		diff_backends(d, &old->pools[i], NULL);
		diff_line(d, DIFF_REMOVED, "pool", string_copy(old->pools[i].name), NULL);
	}
}

struct diff *diff_make(const struct config *old, const struct config *new)
{
	struct diff *d = memory_zeroed(1, sizeof(*d));

	diff_settings(d, old, new);
	diff_interfaces(d, old, new);
	diff_access(d, old, new);
	diff_pools(d, old, new);
	diff_services(d, old, new);
	return d;
}

void diff_free(struct diff *d)
{
	unsigned int i;

	if (!d)
		return;
	for (i = 0; i < d->line_count; i++) {
		free(d->lines[i].what);
		free(d->lines[i].name);
		free(d->lines[i].detail);
	}
	for (i = 0; i < d->pool_count; i++)
		free(d->pools[i].name);
	free(d->lines);
	free(d->pools);
	free(d);
}
