/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads and writes docs as YAML (and so JSON, which is YAML's flow style) with one libcyaml schema for the
 * file, the state file and the API's bodies.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/doc.h"

/*
 * Parses text. name is what errors call it: "/etc/leat/leat.yaml". -EINVAL: err has
 * "NAME:LINE:COLUMN: what was found; what is allowed". An empty text is an empty doc.
 */
int source_parse(const char *name, const char *text, size_t length, struct doc **ret, struct err *err);
/* Nothing but white space, comments and marks of documents: not even {}. */
bool source_is_empty(const char *text, size_t length);
/* The doc as YAML, keys in the schema's order, unset keys left out; to be freed. source_parse reads it back to the same. */
char *source_write(const struct doc *doc, size_t *ret_length);
void source_free(struct doc *doc);
struct doc *source_copy(const struct doc *doc);

/* One object of a doc, as the API's bodies hold it: the same keys and the same errors. Frees with source_free_*. */
int source_parse_pool(const char *name, const char *text, size_t length, struct doc_pool **ret, struct err *err);
int source_parse_service(const char *name, const char *text, size_t length, struct doc_service **ret, struct err *err);
int source_parse_backend(const char *name, const char *text, size_t length, struct doc_backend **ret, struct err *err);
int source_parse_access(const char *name, const char *text, size_t length, struct doc_access **ret, struct err *err);
int source_parse_interface(const char *name, const char *text, size_t length, struct doc_interface **ret,
			   struct err *err);
void source_free_pool(struct doc_pool *pool);
void source_free_service(struct doc_service *service);
void source_free_backend(struct doc_backend *backend);
void source_free_access(struct doc_access *access);
void source_free_interface(struct doc_interface *interface);
/*
 * In these, names (pool name, service protocol/address/port, backend address, access list's name, interface name) may be left out: the
 * API has them in the path. An empty text is an object that sets nothing.
 */

/* Edits of a doc in place; 0, -EEXIST, -ENOENT, -EINVAL with a sentence. The objects given are copied. */
/*
 * add, set: a name inside `with` must be the name given, or missing.
 * set: keys that are set in `with` replace those of the object; what is unset stays. check's keys likewise. A text set
 * to "" is unset again; a list replaces the list, an empty one says nothing, a list of texts that is [""] is unset.
 */
int source_pool_add(struct doc *doc, const char *name, const struct doc_pool *with, struct err *err);
int source_pool_set(struct doc *doc, const char *name, const struct doc_pool *with, struct err *err);
int source_pool_delete(struct doc *doc, const char *name, struct err *err); /* -EBUSY: a service uses it */
int source_backend_add(struct doc *doc, const char *pool, const char *address, const struct doc_backend *with,
		       struct err *err);
int source_backend_set(struct doc *doc, const char *pool, const char *address, const struct doc_backend *with,
		       struct err *err);
int source_backend_delete(struct doc *doc, const char *pool, const char *address, struct err *err);
/* name: "tcp/192.0.2.10:80", "udp/[2001:db8::1]:53" */
int source_service_add(struct doc *doc, const char *name, const struct doc_service *with, struct err *err);
int source_service_set(struct doc *doc, const char *name, const struct doc_service *with, struct err *err);
int source_service_delete(struct doc *doc, const char *name, struct err *err);
int source_access_add(struct doc *doc, const char *name, const struct doc_access *with, struct err *err);
int source_access_set(struct doc *doc, const char *name, const struct doc_access *with, struct err *err);
int source_access_delete(struct doc *doc, const char *name, struct err *err); /* -EBUSY: a service uses it */
int source_interface_add(struct doc *doc, const char *name, const struct doc_interface *with, struct err *err);
int source_interface_set(struct doc *doc, const char *name, const struct doc_interface *with, struct err *err);
int source_interface_delete(struct doc *doc, const char *name, struct err *err);

#endif
