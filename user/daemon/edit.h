/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One edit that came through the API, made in a doc. Changes nothing else. */
#ifndef DAEMON_EDIT_H
#define DAEMON_EDIT_H

#include "model/doc.h"
#include "serve/serve.h"

/* As the calls of source/source.h; on failure doc may be thrown away only. */
int edit_doc(struct doc *doc, const struct serve_edit *edit, struct err *err);

#endif
