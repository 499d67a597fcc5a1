/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of one service, access list or interface, in place. See edit.c and source.h. */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "base/shape.h"
#include "model/config.h"
#include "source/edit.h"
#include "source/schema.h"
#include "source/source.h"
#include "source/tree.h"

static int name_parse(const char *name, struct leat_service_key *ret, struct err *err)
{
	char shown[QUOTE_MAX];

	if (shape_name_parse(name, ret))
		return err_set(err, -EINVAL, "%s is not a service, such as tcp/192.0.2.10:80 or udp/[2001:db8::1]:53%s",
			       quote(name, shown), shape_name_fault(name));
	return 0;
}

static enum doc_protocol protocol_of(const struct leat_service_key *key)
{
#define X(name, word, number) \
	if (key->protocol == (number)) \
		return DOC_PROTOCOL_##name;
	SHAPE_PROTOCOLS(X)
#undef X
	return DOC_PROTOCOL_UNSET;
}

static struct doc_service *find_service(struct doc *doc, const struct leat_service_key *key)
{
	uint32_t i;

	for (i = 0; i < doc->service_count; i++) {
		struct leat_service_key other;

		if (!config_service_key(&doc->services[i], &other) && !memcmp(&other, key, sizeof(other)))
			return &doc->services[i];
	}
	return NULL;
}

/* What a body says of the key must be what the name says. */
static int same_service(const char *text, const struct leat_service_key *key, const struct doc_service *with,
			struct err *err)
{
	struct leat_service_key other = *key;
	char shown[QUOTE_MAX];

	if ((!with->protocol || with->protocol == protocol_of(key)) &&
	    (!with->port || !shape_port_parse(with->port, &other)) &&
	    (!with->address || !shape_address_parse(with->address, &other)) && !memcmp(&other, key, sizeof(other)))
		return 0;
	return err_set(err, -EINVAL, "service %s cannot get another protocol, address or port: add a new one",
		       quote(text, shown));
}

static int no_service(const char *name, struct err *err)
{
	char shown[QUOTE_MAX];

	return err_set(err, -ENOENT, "there is no service %s", quote(name, shown));
}

int source_service_add(struct doc *doc, const char *name, const struct doc_service *with, struct err *err)
{
	struct leat_service_key parsed;
	struct doc_service *service;
	char shown[QUOTE_MAX], text[ADDR_TEXT_MAX];
	int e = name_parse(name, &parsed, err);

	if (!e)
		e = same_service(name, &parsed, with, err);
	if (e)
		return e;
	if (find_service(doc, &parsed))
		return err_set(err, -EEXIST, "service %s exists already", quote(name, shown));
	service = edit_append(&schema_service, &doc->services, &doc->service_count, with);
	service->protocol = protocol_of(&parsed);
	edit_name(&service->address, shape_address_format(&parsed, text));
	edit_name(&service->port, shape_port_format(&parsed, text));
	return 0;
}

int source_service_set(struct doc *doc, const char *name, const struct doc_service *with, struct err *err)
{
	struct leat_service_key parsed;
	struct doc_service *service;
	int e = name_parse(name, &parsed, err);

	if (e)
		return e;
	service = find_service(doc, &parsed);
	if (!service)
		return no_service(name, err);
	e = same_service(name, &parsed, with, err);
	if (!e)
		tree_merge(schema_service.mapping.fields, service, with);
	return e;
}

int source_service_delete(struct doc *doc, const char *name, struct err *err)
{
	struct leat_service_key parsed;
	struct doc_service *service;
	int e = name_parse(name, &parsed, err);

	if (e)
		return e;
	service = find_service(doc, &parsed);
	if (!service)
		return no_service(name, err);
	edit_remove(&schema_service, &doc->services, &doc->service_count, service);
	return 0;
}

/* --- access lists ------------------------------------------------------------------------------- */

static struct doc_access *find_access(struct doc *doc, const char *name)
{
	uint32_t i;

	for (i = 0; i < doc->access_count; i++)
		if (doc->access[i].name && !strcmp(doc->access[i].name, name))
			return &doc->access[i];
	return NULL;
}

static int no_access(const struct doc *doc, const char *name, struct err *err)
{
	const char *nearest = doc->access_count ? quote_nearest(name, &doc->access->name, doc->access_count,
								sizeof(*doc->access))
						: NULL;
	char shown[QUOTE_MAX];

	return err_set(err, -ENOENT, "there is no access list %s%s%s%s", quote(name, shown),
		       nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

int source_access_add(struct doc *doc, const char *name, const struct doc_access *with, struct err *err)
{
	struct doc_access *access;
	char shown[QUOTE_MAX];

	if (edit_same_name("access list", name, with->name, err))
		return -EINVAL;
	if (find_access(doc, name))
		return err_set(err, -EEXIST, "access list %s exists already", quote(name, shown));
	access = edit_append(&schema_access, &doc->access, &doc->access_count, with);
	edit_name(&access->name, name);
	return 0;
}

int source_access_set(struct doc *doc, const char *name, const struct doc_access *with, struct err *err)
{
	struct doc_access *access = find_access(doc, name);

	if (!access)
		return no_access(doc, name, err);
	if (edit_same_name("access list", name, with->name, err))
		return -EINVAL;
	tree_merge(schema_access.mapping.fields, access, with);
	return 0;
}

int source_access_delete(struct doc *doc, const char *name, struct err *err)
{
	struct doc_access *access = find_access(doc, name);
	char shown[QUOTE_MAX];
	uint32_t i, users = 0;

	if (!access)
		return no_access(doc, name, err);
	for (i = 0; i < doc->service_count; i++)
		users += doc->services[i].access && !strcmp(doc->services[i].access, name);
	if (users)
		return err_set(err, -EBUSY, "access list %s is used by %u %s; take it from %s first", quote(name, shown), users,
			       users == 1 ? "service" : "services", users == 1 ? "it" : "them");
	edit_remove(&schema_access, &doc->access, &doc->access_count, access);
	return 0;
}

/* --- interfaces --------------------------------------------------------------------------------- */

static struct doc_interface *find_interface(struct doc *doc, const char *name)
{
	uint32_t i;

	for (i = 0; i < doc->interface_count; i++)
		if (doc->interfaces[i].name && !strcmp(doc->interfaces[i].name, name))
			return &doc->interfaces[i];
	return NULL;
}

static int no_interface(const char *name, struct err *err)
{
	char shown[QUOTE_MAX];

	return err_set(err, -ENOENT, "there is no interface %s in the configuration", quote(name, shown));
}

int source_interface_add(struct doc *doc, const char *name, const struct doc_interface *with, struct err *err)
{
	struct doc_interface *interface;
	char shown[QUOTE_MAX];

	if (edit_same_name("interface", name, with->name, err))
		return -EINVAL;
	if (find_interface(doc, name))
		return err_set(err, -EEXIST, "interface %s is in the configuration already",
			       quote(name, shown));
	interface = edit_append(&schema_interface, &doc->interfaces, &doc->interface_count, with);
	edit_name(&interface->name, name);
	return 0;
}

int source_interface_set(struct doc *doc, const char *name, const struct doc_interface *with, struct err *err)
{
	struct doc_interface *interface = find_interface(doc, name);

	if (!interface)
		return no_interface(name, err);
	if (edit_same_name("interface", name, with->name, err))
		return -EINVAL;
	tree_merge(schema_interface.mapping.fields, interface, with);
	return 0;
}

int source_interface_delete(struct doc *doc, const char *name, struct err *err)
{
	struct doc_interface *interface = find_interface(doc, name);

	if (!interface)
		return no_interface(name, err);
	edit_remove(&schema_interface, &doc->interfaces, &doc->interface_count, interface);
	return 0;
}
