/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What GET /v1/explain asks about. */
#ifndef SERVE_QUESTION_H
#define SERVE_QUESTION_H

#include "model/explain.h"
#include "serve/request.h"

/* -EINVAL: err says what is wrong with the query. */
int question_parse(struct request *request, struct explain_question *ret, struct err *err);

#endif
