/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running configuration on disk. Every acknowledged change is here first (file_replace: write, fsync,
 * rename). The first line remembers a digest of the configuration file that the state descends from: as
 * long as that file is unchanged, a restart goes on with the state; once someone has edited the file, the
 * file is what they want, and the state is set aside as PATH.old.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "leat/hash.h"
#include "source/source.h"

#define FIRST_LINE "# leat's running configuration; descends from a file with digest %016" PRIx64 "\n"
#define FIRST_LINE_SCAN "# leat's running configuration; descends from a file with digest %16" SCNx64

uint64_t state_digest(const char *text, size_t length)
{
	uint64_t h = length;
	size_t i;

	for (i = 0; i < length; i++)
		h = leat_hash_mix(h ^ (uint8_t)text[i]);
	return h;
}

static bool is_saved(const char *path, const struct text *text)
{
	auto_free char *there = NULL;
	struct err err;
	size_t length;

	return !file_read(path, &there, &length, &err) && length == text->length && !memcmp(there, text->s, length);
}

/* What is there already takes no room: leatd starts with a full disk. */
int state_save(const struct daemon *d, const struct doc *doc, struct err *err)
{
	auto_free char *yaml = source_write(doc, NULL);
	struct text text = {};
	int e = 0;

	text_add(&text, FIRST_LINE, d->file_digest);
	text_add(&text, "%s", yaml);
	file_make_directory(d->options.state);
	if (!is_saved(d->options.state, &text))
		e = file_replace(d->options.state, text.s, text.length, 0600, err);
	free(text.s);
	return e ? err_prefix(err, e, "the change cannot be kept") : 0;
}

struct found {
	char *text;
	size_t length;
	struct doc *doc;
	struct err err;
	int e; /* -ENOENT: no such file */
};

static void look(const char *path, struct found *ret)
{
	ret->e = file_read(path, &ret->text, &ret->length, &ret->err);
	if (!ret->e)
		ret->e = source_parse(path, ret->text, ret->length, &ret->doc, &ret->err);
}

/* A doc that parses may still mean nothing: both must hold. */
static void look_whole(const char *path, struct found *ret)
{
	struct config *config = NULL;

	look(path, ret);
	if (!ret->e) {
		ret->e = config_compile(ret->doc, &config, &ret->err);
		if (ret->e)
			err_prefix(&ret->err, ret->e, "%s", path);
		config_free(config);
	}
}

static void set_aside(const char *path)
{
	auto_free char *old = string_format("%s.old", path);

	if (rename(path, old))
		log_warning("%s: cannot be set aside: %s", path, strerror(errno));
	else
		log_warning("the configuration file changed since the running configuration was saved: the file wins; "
			    "the running configuration is set aside as %s", old);
}

static int choose(struct daemon *d, struct found *file, struct found *state, struct doc **ret, struct err *err)
{
	uint64_t descends = 0;
	bool has_state = !state->e && sscanf(state->text, FIRST_LINE_SCAN, &descends) == 1;

	d->file_digest = file->text ? state_digest(file->text, file->length) : 0;
	if (has_state && (file->e || descends == d->file_digest)) {
		if (file->e && file->e != -ENOENT)
			log_error("going on with the running configuration: %s", file->err.text);
		d->file_digest = descends;
		*ret = take_pointer(state->doc);
		return 0;
	}
	if (state->e && state->e != -ENOENT)
		log_error("ignoring the saved running configuration: %s", state->err.text);
	if (file->e && file->e != -ENOENT)
		return err_set(err, file->e, "%s", file->err.text);
	if (state->text)
		set_aside(d->options.state);
	if (file->e)
		log_notice("%s does not exist: starting empty", d->options.config);
	*ret = file->e ? memory_zeroed(1, sizeof(**ret)) : take_pointer(file->doc);
	return 0;
}

int state_load(struct daemon *d, struct doc **ret, struct err *err)
{
	struct found file = {}, state = {};
	int e;

	look_whole(d->options.config, &file);
	look_whole(d->options.state, &state);
	e = choose(d, &file, &state, ret, err);
	source_free(file.doc);
	source_free(state.doc);
	free(file.text);
	free(state.text);
	return e;
}
