/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces follow the configuration. One that does not exist yet, or refuses, is tried again every second and its
 * problem shown in `leat status`; one that lost the program (someone detached it) gets it back.
 */
#include <errno.h>
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
	free(state->problem);
}

static void log_attached(const char *name, const struct dataplane_attachment *a)
{
	log_notice("%s: attached, program %u, %s%s%s", name, a->program_id, a->native ? "native" : "generic",
		   a->dispatcher ? ", beside others" : "", a->frags ? ", multi-buffer" : "");
	if (!a->native)
		log_warning("%s: GENERIC XDP: every packet is copied first; several times slower than native", name);
}

int interfaces_try(struct daemon *d, const char *name, enum doc_attach mode, struct err *err)
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
	state->attached = true;
	state->attachment = attachment;
	return 0;
}

static bool is_wanted(const struct daemon *d, const char *name)
{
	unsigned int i;

	for (i = 0; i < d->config->interface_count; i++)
		if (!strcmp(d->config->interfaces[i].name, name))
			return true;
	return false;
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
		if (is_wanted(d, d->interfaces[i].name)) {
			i++;
			continue;
		}
		if (d->interfaces[i].attached)
			detach_if_unwanted(d, d->interfaces[i].name, NULL);
		state_clear(&d->interfaces[i]);
		d->interfaces[i] = d->interfaces[--d->interface_count];
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
	state->attached = false;
	if (!state->problem || strcmp(state->problem, err.text))
		log_error("%s; trying again every second", err.text);
	free(state->problem);
	state->problem = string_copy(err.text);
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
