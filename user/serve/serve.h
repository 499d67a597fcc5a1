/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API: HTTP and JSON on a Unix socket. docs/api.md describes it. It knows the daemon only
 * through these calls; bodies are read with user/source's one schema through read_* calls given here.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <event2/event.h>

#include "base/err.h"
#include "model/diff.h"
#include "model/doc.h"
#include "model/explain.h"
#include "model/snapshot.h"

enum serve_object { SERVE_SERVICE, SERVE_POOL, SERVE_BACKEND, SERVE_ACCESS, SERVE_INTERFACE };
enum serve_verb { SERVE_ADD, SERVE_SET, SERVE_DELETE };

/*
 * One edit of one object. body: YAML or JSON mapping with the object's keys (docs/config.md); for SERVE_ADD
 * it is the whole object less what names it, for SERVE_SET only the keys to change, for SERVE_DELETE NULL.
 */
struct serve_edit {
	enum serve_object object;
	enum serve_verb verb;
	const char *pool; /* SERVE_POOL, SERVE_BACKEND */
	const char *name; /* service: "tcp/192.0.2.10:80"; backend: address; access list, interface: name; pool: NULL */
	const char *body;
	size_t body_length;
};

/* Errors: -EINVAL bad request (400), -ENOENT, -ENODEV no such thing (404), -EEXIST already there, -EBUSY in use (409),
 * others 500. */
struct serve_calls {
	struct snapshot *(*snapshot)(void *context);
	/* The configuration as YAML, to be freed. */
	char *(*export)(void *context);
	/* All or nothing: replaces the whole configuration by this YAML text. dry_run: only checks and diffs.
	 * ret_diff may be NULL. */
	int (*apply)(void *context, const char *text, size_t length, bool dry_run, struct diff **ret_diff,
		     struct err *err);
	/* One change of one object: see struct serve_edit. */
	int (*edit)(void *context, const struct serve_edit *edit, struct err *err);
	int (*explain)(void *context, const struct explain_question *question,
		       struct explain_answer *ret_answer, struct explain_run *ret_run, struct err *err);
	/* Names for an answer's numbers. */
	const struct world *(*world)(void *context);
	/* Detaches every interface and removes the pinned maps. */
	int (*detach_all)(void *context, struct err *err);
	void *context;
};

struct serve;
/* Listens on a Unix socket at path: mode 0660, group `leat` if there is one; a stale socket file is replaced.
 */
int serve_start(struct event_base *base, const char *path, const struct serve_calls *calls,
		struct serve **ret, struct err *err);
/* The same on a non-blocking socket that listens already, which is closed with it, also on failure. */
int serve_start_on(struct event_base *base, int fd, const struct serve_calls *calls, struct serve **ret,
		   struct err *err);
void serve_stop(struct serve *serve);
/* Whether somebody listens there. */
bool serve_is_running(const char *path);

#endif
