/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading: inspect.c says whether the text is right and where it is not, libcyaml makes the doc of it. All
 * memory is malloc's, whoever made it. Edits are in edit.c, writing in write.c. See source.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/auto.h"
#include "source/inspect.h"
#include "source/schema.h"
#include "source/source.h"
#include "source/tree.h"

/* libcyaml tells the reason first, then where. */
static void keep_first(cyaml_log_t level, void *context, const char *format, va_list args)
{
	struct err *reason = context;

	if (!*reason->text)
		err_set_args(reason, -EINVAL, format, args);
}

static int load(const char *name, const char *text, size_t length, const struct cyaml_schema_value *schema,
		void **ret, struct err *err)
{
	struct err reason = {};
	const struct cyaml_config config = {.log_fn = keep_first,
					    .log_ctx = &reason,
					    .log_level = CYAML_LOG_WARNING,
					    .mem_fn = cyaml_mem};
	cyaml_err_t e = cyaml_load_data((const uint8_t *)text, length, &config, schema, ret, NULL);

	if (e == CYAML_OK)
		return 0;
	/* inspect_text should have found it. */
	reason.text[strcspn(reason.text, "\n")] = 0;
	return err_set(err, -EINVAL, "%s: %s", name, *reason.text ? reason.text : cyaml_strerror(e));
}

static int parse(const char *name, const char *text, size_t length, const struct cyaml_schema_value *schema,
		 void **ret, struct err *err)
{
	void *object = NULL;
	bool empty = false;
	int e = inspect_text(name, text, length, schema, &empty, err);

	if (!e && !empty)
		e = load(name, text, length, schema, &object, err);
	if (!e)
		*ret = object ? object : memory_zeroed(1, schema->data_size);
	return e;
}

static void release(const struct cyaml_schema_value *schema, void *object)
{
	if (object)
		tree_clear(schema->mapping.fields, object);
	free(object);
}

int source_parse(const char *name, const char *text, size_t length, struct doc **ret, struct err *err)
{
	return parse(name, text, length, &schema_doc, (void **)ret, err);
}

int source_parse_pool(const char *name, const char *text, size_t length, struct doc_pool **ret,
		      struct err *err)
{
	return parse(name, text, length, &schema_pool, (void **)ret, err);
}

int source_parse_service(const char *name, const char *text, size_t length, struct doc_service **ret,
			 struct err *err)
{
	return parse(name, text, length, &schema_service, (void **)ret, err);
}

int source_parse_backend(const char *name, const char *text, size_t length, struct doc_backend **ret,
			 struct err *err)
{
	return parse(name, text, length, &schema_backend, (void **)ret, err);
}

int source_parse_access(const char *name, const char *text, size_t length, struct doc_access **ret, struct err *err)
{
	return parse(name, text, length, &schema_access, (void **)ret, err);
}

int source_parse_interface(const char *name, const char *text, size_t length, struct doc_interface **ret,
			   struct err *err)
{
	return parse(name, text, length, &schema_interface, (void **)ret, err);
}

void source_free(struct doc *doc)
{
	release(&schema_doc, doc);
}

void source_free_pool(struct doc_pool *pool)
{
	release(&schema_pool, pool);
}

void source_free_service(struct doc_service *service)
{
	release(&schema_service, service);
}

void source_free_backend(struct doc_backend *backend)
{
	release(&schema_backend, backend);
}

void source_free_access(struct doc_access *access)
{
	release(&schema_access, access);
}

void source_free_interface(struct doc_interface *interface)
{
	release(&schema_interface, interface);
}

struct doc *source_copy(const struct doc *doc)
{
	struct doc *copy;

	if (!doc)
		return NULL;
	copy = memory_zeroed(1, sizeof(*copy));
	tree_copy(schema_doc.mapping.fields, copy, doc);
	return copy;
}

bool source_is_empty(const char *text, size_t length)
{
	const char *end = text + length;

	if (length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	for (;;) {
		const char *next = memchr(text, '\n', end - text);

		while (text < end && (*text == ' ' || *text == '\t' || *text == '\r'))
			text++;
		if (end - text >= 3 && (!memcmp(text, "---", 3) || !memcmp(text, "...", 3)))
			text += 3;
		if (text < end && (!*text || !strchr(" \t\r\n#", *text)))
			return false;
		if (!next)
			return true;
		text = next + 1;
	}
}
