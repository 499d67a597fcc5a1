/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the API's words to the room that edits docs: see edit.h. */
#include <errno.h>

#include "daemon/edit.h"
#include "source/source.h"

static int edit_pool(struct doc *doc, const struct serve_edit *e, struct err *err)
{
	struct doc_pool *with = NULL;
	int code;

	if (e->verb == SERVE_DELETE)
		return source_pool_delete(doc, e->pool, err);
	code = source_parse_pool("request", e->body, e->body_length, &with, err);
	if (!code)
		code = (e->verb == SERVE_ADD ? source_pool_add : source_pool_set)(doc, e->pool, with, err);
	source_free_pool(with);
	return code;
}

static int edit_backend(struct doc *doc, const struct serve_edit *e, struct err *err)
{
	struct doc_backend *with = NULL;
	int code;

	if (e->verb == SERVE_DELETE)
		return source_backend_delete(doc, e->pool, e->name, err);
	code = source_parse_backend("request", e->body, e->body_length, &with, err);
	if (!code)
		code = (e->verb == SERVE_ADD ? source_backend_add : source_backend_set)(doc, e->pool, e->name,
											with, err);
	source_free_backend(with);
	return code;
}

static int edit_service(struct doc *doc, const struct serve_edit *e, struct err *err)
{
	struct doc_service *with = NULL;
	int code;

	if (e->verb == SERVE_DELETE)
		return source_service_delete(doc, e->name, err);
	code = source_parse_service("request", e->body, e->body_length, &with, err);
	if (!code)
		code = (e->verb == SERVE_ADD ? source_service_add : source_service_set)(doc, e->name, with,
											err);
	source_free_service(with);
	return code;
}

static int edit_access(struct doc *doc, const struct serve_edit *e, struct err *err)
{
	struct doc_access *with = NULL;
	int code;

	if (e->verb == SERVE_DELETE)
		return source_access_delete(doc, e->name, err);
	code = source_parse_access("request", e->body, e->body_length, &with, err);
	if (!code)
		code = (e->verb == SERVE_ADD ? source_access_add : source_access_set)(doc, e->name, with, err);
	source_free_access(with);
	return code;
}

static int edit_interface(struct doc *doc, const struct serve_edit *e, struct err *err)
{
	struct doc_interface *with = NULL;
	int code;

	if (e->verb == SERVE_DELETE)
		return source_interface_delete(doc, e->name, err);
	code = source_parse_interface("request", e->body, e->body_length, &with, err);
	if (!code)
		code = (e->verb == SERVE_ADD ? source_interface_add : source_interface_set)(doc, e->name,
											    with, err);
	source_free_interface(with);
	return code;
}

int edit_doc(struct doc *doc, const struct serve_edit *edit, struct err *err)
{
	switch (edit->object) {
	case SERVE_POOL:
		return edit_pool(doc, edit, err);
	case SERVE_BACKEND:
		return edit_backend(doc, edit, err);
	case SERVE_SERVICE:
		return edit_service(doc, edit, err);
	case SERVE_ACCESS:
		return edit_access(doc, edit, err);
	case SERVE_INTERFACE:
		return edit_interface(doc, edit, err);
	}
	return -EINVAL;
}
