/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces follow the configuration. One that does not exist yet, or refuses, is tried again every second and its
 * problem shown in `leat status`; one that lost the program (someone detached it) gets it back.
 *
 * A bond that takes no native program (its mode, or a member's driver) is attached by its members, each of which has a state of
 * its own, named after the bond; they come and go with the bond's. It stays so until no member has the program:
 * the kernel puts none on a bond whose members have one.
 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "source/source.h"

static struct interface_state *find(struct daemon *d, const char *name)
{
	unsigned int i;

	for (i = 0; i < d->interface_count; i++)
		if (!strcmp(d->interfaces[i].name, name))
			return &d->interfaces[i];
	return NULL;
}

static struct interface_state *find_or_add(struct daemon *d, const char *name)
{
	struct interface_state *state = find(d, name);

	if (state)
		return state;
	d->interfaces = memory_resized(d->interfaces, d->interface_count + 1, sizeof(*d->interfaces));
	state = &d->interfaces[d->interface_count++];
	*state = (struct interface_state){ .name = string_copy(name) };
	return state;
}

static void state_clear(struct interface_state *state)
{
	free(state->name);
	free(state->bond);
	free(state->problem);
}

static void log_attached(const char *name, const struct dataplane_attachment *a)
{
	log_notice("%s: attached, program %u, %s%s%s", name, a->program_id, a->native ? "native" : "generic",
		   a->dispatcher ? ", beside others" : "", a->frags ? ", multi-buffer" : "");
	if (!a->native)
		log_warning("%s: GENERIC XDP: every packet is copied first; several times slower than native", name);
}

/* bond: whose member the interface is; NULL: it is configured itself. */
static int try_one(struct daemon *d, const char *name, const char *bond, enum doc_attach mode, struct err *err)
{
	struct dataplane_attachment attachment;
	int e = dataplane_attach(d->dataplane, name, mode == DOC_ATTACH_GENERIC, &attachment, err);
	struct interface_state *state;

	if (e)
		return e;
	state = find_or_add(d, name);
	if (!state->attached || state->attachment.program_id != attachment.program_id)
		log_attached(name, &attachment);
	free(take_pointer(state->problem));
	free(state->bond);
	state->bond = string_copy(bond);
	state->attached = true;
	state->by_members = false;
	state->attachment = attachment;
	return 0;
}

/* What is not attached now, and is to be tried again. */
static void note_problem(struct interface_state *state, const struct err *err)
{
	if (!state->problem || strcmp(state->problem, err->text))
		log_error("%s; trying again every second", err->text);
	free(state->problem);
	state->problem = string_copy(err->text);
}

/* --- bonds by their members ---------------------------------------------------------------------- */

/* The members of one bond, as they are tried. */
struct members {
	struct daemon *d;
	const char *bond;
	enum doc_attach mode;
	struct dataplane_attachment one; /* of those attached */
	unsigned int attached;
	bool failed;
	struct err err; /* of the first that failed */
};

static void try_member(void *context, const char *member)
{
	struct members *m = context;
	struct interface_state *state;
	struct err err;

	if (!try_one(m->d, member, m->bond, m->mode, &err)) {
		m->one = find(m->d, member)->attachment;
		m->attached++;
		return;
	}
	state = find_or_add(m->d, member);
	state->attached = false;
	free(state->bond);
	state->bond = string_copy(m->bond);
	note_problem(state, &err);
	if (!m->failed)
		m->err = err;
	m->failed = true;
}

/* refusal: the bond's own. */
static int try_members(struct daemon *d, const char *bond, enum doc_attach mode, const struct err *refusal, struct err *err)
{
	struct members m = { .d = d, .bond = bond, .mode = mode };
	struct interface_state *state;

	ways_members(d->ways, bond, try_member, &m);
	if (!m.attached)
		return err_set(err, -EOPNOTSUPP, "%s; %s", refusal->text,
			       m.failed ? m.err.text : "it has no member to attach to");
	state = find_or_add(d, bond);
	if (!state->by_members)
		log_notice("%s: attached by its members, for %s", bond, refusal->text);
	free(take_pointer(state->problem));
	if (m.failed)
		state->problem = string_copy(m.err.text);
	state->attached = state->by_members = true;
	state->attachment = m.one;
	return 0;
}

/* While its packets come in by its members alone, a bond must not be asked to send: links_set_whole(). */
static void tell_ways(struct daemon *d, const char *name)
{
	const struct interface_state *state = find(d, name);
	bool itself = state && state->attached && !state->by_members;
	/* Where the only program is generic, packets leave through the bond as the kernel's own do. */
	bool whole = itself && (state->attachment.native || d->config->interface_count == 1);

	if (ways_is_bond(d->ways, name))
		ways_set_whole(d->ways, if_nametoindex(name), whole);
}

int interfaces_try(struct daemon *d, const char *name, enum doc_attach mode, struct err *err)
{
	const struct interface_state *state = find(d, name);
	struct err refusal;
	int e = err_set(&refusal, -EOPNOTSUPP, "%s: it is attached by its members", name);

	if (!state || !state->by_members || mode == DOC_ATTACH_GENERIC)
		e = try_one(d, name, NULL, mode, &refusal);
	if (e == -EOPNOTSUPP && mode != DOC_ATTACH_GENERIC && ways_is_bond(d->ways, name))
		e = try_members(d, name, mode, &refusal, err);
	else if (e)
		err_set(err, e, "%s", refusal.text);
	if (!e)
		tell_ways(d, name);
	return e;
}

/* --- following ----------------------------------------------------------------------------------- */

static bool is_configured(const struct daemon *d, const char *name)
{
	unsigned int i;

	for (i = 0; i < d->config->interface_count; i++)
		if (!strcmp(d->config->interfaces[i].name, name))
			return true;
	return false;
}

static bool is_wanted(struct daemon *d, const char *name)
{
	const char *bond = ways_bond_of(d->ways, name);
	const struct interface_state *state = bond ? find(d, bond) : NULL;

	return is_configured(d, name) || (state && (state->by_members || !state->attached) && is_configured(d, bond));
}

static void detach_if_unwanted(void *context, const char *interface, const struct dataplane_attachment *a)
{
	struct daemon *d = context;
	struct err err;

	if (is_wanted(d, interface))
		return;
	if (dataplane_detach(interface, &err))
		log_error("%s", err.text);
	else
		log_notice("%s: detached", interface);
}

static void forget_unwanted(struct daemon *d)
{
	unsigned int i = 0;

	while (i < d->interface_count) {
		struct interface_state *state = &d->interfaces[i];

		if (is_wanted(d, state->name)) {
			i++;
			continue;
		}
		if (state->attached)
			detach_if_unwanted(d, state->name, NULL);
		state->attached = false;
		tell_ways(d, state->name);
		state_clear(state);
		*state = d->interfaces[--d->interface_count];
	}
}

/*
 * Asks anew each time: someone may have taken the program off, and the name may have come to mean another device. Where the
 * program is in place, attaching it finds so and does nothing.
 */
static void follow_one(struct daemon *d, const struct config_interface *wanted)
{
	struct interface_state *state;
	struct err err;

	if (!interfaces_try(d, wanted->name, wanted->mode, &err))
		return;
	state = find_or_add(d, wanted->name);
	state->attached = state->by_members = false;
	note_problem(state, &err);
	tell_ways(d, wanted->name);
}

void interfaces_follow(struct daemon *d)
{
	unsigned int i;

	forget_unwanted(d);
	for (i = 0; i < d->config->interface_count; i++)
		follow_one(d, &d->config->interfaces[i]);
}

void interfaces_sweep(struct daemon *d)
{
	dataplane_attachments(detach_if_unwanted, d);
}

int interfaces_detach_all(struct daemon *d, struct err *err)
{
	struct doc *doc = source_copy(d->doc);
	int e = 0;

	while (!e && doc->interface_count)
		e = source_interface_delete(doc, doc->interfaces[0].name, err);
	if (e) {
		source_free(doc);
		return e;
	}
	e = change_doc(d, doc, err);
	return e ? e : dataplane_remove(d->options.pins, err);
}

void interfaces_free(struct daemon *d)
{
	unsigned int i;

	for (i = 0; i < d->interface_count; i++)
		state_clear(&d->interfaces[i]);
	free(d->interfaces);
}
