/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions to the daemon: HTTP over its Unix socket. Every function returns an enum cli_exit and has printed
 * a sentence on standard error if that is not CLI_OK. Nothing is believed about what the daemon answers.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>

#include "cli/command.h"

/* The answer's text, to be freed. body may be NULL. */
int client_text(const struct call *call, const char *method, const char *path, const char *body,
		size_t length, char **ret_text);
/* The answer's JSON object, to be released. */
int client_json(const struct call *call, const char *method, const char *path, const char *body,
		json_t **ret);
int client_get(const struct call *call, const char *path, json_t **ret);

/* What may not stand in a path's segment is percent-encoded; to be freed. */
char *client_escape(const char *segment);

/* The call's options that have a key, as the JSON body that the API takes; to be freed. */
char *client_body(const struct call *call);

#endif
