/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of the configuration, whoever asks for them. All take the same way: a new doc, compiled, checked against the
 * maps' room, saved, then put in place and reconciled. What fails before it is saved changes nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/edit.h"
#include "model/diff.h"
#include "source/source.h"

/* A doc that names no seed gets the one in use, or a new one: it must not change under running services. */
static void seed_settle(struct daemon *d, struct doc *doc)
{
	uint64_t seed = 0;

	if (doc->seed)
		return;
	if (d->doc && d->doc->seed) {
		doc->seed = string_copy(d->doc->seed);
		return;
	}
	seed = dataplane_world(d->dataplane)->control->seed;
	while (!seed)
		if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
			seed = 0;
	doc->seed = string_format("%016" PRIx64, seed);
}

static enum health initial_health(void *context, const char *pool, const struct leat_addr *addr)
{
	const struct world *world = dataplane_world(((struct daemon *)context)->dataplane);
	unsigned int p = world_find_pool(world, pool), b = p ? world_find_backend(world, p, addr) : 0;

	/* Whoever gets traffic now was up a moment ago: adoption must not empty a table. */
	return b && world_table_names(world, p, b) ? HEALTH_UP : HEALTH_UNKNOWN;
}

static bool is_backend(void *context, const struct leat_addr *addr)
{
	const struct config *config = context;
	unsigned int p, m;

	for (p = 0; p < config->pool_count; p++)
		for (m = 0; m < config->pools[p].member_count; m++)
			if (!addr_compare(&config->pools[p].members[m].addr, addr))
				return true;
	return false;
}

static void all_down_carry(struct daemon *d, const struct config *new)
{
	bool *all_down = memory_zeroed(new->pool_count, sizeof(bool));
	unsigned int i, j;

	for (i = 0; d->config && i < d->config->pool_count; i++)
		for (j = 0; j < new->pool_count; j++)
			if (!strcmp(d->config->pools[i].name, new->pools[j].name))
				all_down[j] = d->all_down[i];
	free(d->all_down);
	d->all_down = all_down;
}

/* What the doc means, and that it fits the maps: changes nothing. name is where the doc was written; NULL: nowhere. */
static int prepare(struct daemon *d, struct doc *doc, const char *name, struct config **ret, struct err *err)
{
	struct config *config;
	int e;

	seed_settle(d, doc);
	e = config_compile(doc, &config, err);
	if (e)
		return name ? err_prefix(err, e, "%s", name) : e;
	e = reconcile_check(d, config, err);
	if (!e && d->config) /* a start takes what ran before */
		e = health_allows(config, d->config, err);
	if (e)
		config_free(config);
	else
		*ret = config;
	return e;
}

/* Takes doc and config, also on failure. What cannot be saved is not put in place. */
static int put_in_place(struct daemon *d, struct doc *doc, struct config *config, struct err *err)
{
	int e = state_save(d, doc, err);

	if (e) {
		config_free(config);
		source_free(doc);
		return e;
	}
	all_down_carry(d, config);
	config_free(d->config);
	source_free(d->doc);
	d->config = config;
	d->doc = doc;
	d->configuration++;
	ways_set_source(d->ways, &config->source4, &config->source6);
	lead_start(d);
	health_configure(d->health, config, initial_health, d);
	lead_settle(d);
	e = reconcile(d, err);
	ways_prune(d->ways, is_backend, config);
	interfaces_follow(d);
	return e;
}

int change_doc(struct daemon *d, struct doc *doc, struct err *err)
{
	struct config *config;
	int e = prepare(d, doc, NULL, &config, err);

	if (!e)
		return put_in_place(d, doc, config, err);
	source_free(doc);
	return e;
}

int change_apply(struct daemon *d, const char *name, const char *text, size_t length, bool dry_run,
		 struct diff **ret_diff, struct err *err)
{
	struct config *config;
	struct diff *diff;
	struct doc *doc;
	int e;

	/* A file cut off, not yet written or not filled in is likelier than the wish to balance nothing. */
	if (source_is_empty(text, length))
		return err_set(err, -EINVAL, "%s: it is empty; to remove everything, write {}", name);
	e = source_parse(name, text, length, &doc, err);
	if (e)
		return e;
	e = prepare(d, doc, name, &config, err);
	if (e) {
		source_free(doc);
		return e;
	}
	diff = ret_diff ? diff_make(d->config, config) : NULL;
	if (!dry_run) {
		e = put_in_place(d, doc, config, err);
	} else {
		config_free(config);
		source_free(doc);
	}
	if (!e && ret_diff)
		*ret_diff = take_pointer(diff);
	diff_free(diff);
	return e;
}

int change_reload(struct daemon *d, struct err *err)
{
	uint64_t before = d->file_digest;
	auto_free char *text = NULL;
	size_t length;
	int e = file_read(d->options.config, &text, &length, err);

	if (e)
		return e;
	d->file_digest = state_digest(text, length);
	e = change_apply(d, d->options.config, text, length, false, NULL, err);
	if (e)
		d->file_digest = before;
	return e;
}

/* --- edits of one object -------------------------------------------------------------------------- */

/* Unlike an interface in a file, which may come later, one that is attached by hand must attach now. */
static int attach_now(struct daemon *d, const struct doc *doc, const char *name, struct err *err)
{
	uint32_t i;

	for (i = 0; i < doc->interface_count; i++)
		if (!strcmp(doc->interfaces[i].name, name))
			return interfaces_try(d, name, doc->interfaces[i].mode, err);
	return 0;
}

int change_edit(struct daemon *d, const struct serve_edit *edit, struct err *err)
{
	struct doc *doc = source_copy(d->doc);
	int e = edit_doc(doc, edit, err);

	if (!e && edit->object == SERVE_INTERFACE && edit->verb != SERVE_DELETE)
		e = attach_now(d, doc, edit->name, err);
	if (!e)
		return change_doc(d, doc, err);
	source_free(doc);
	return e;
}
