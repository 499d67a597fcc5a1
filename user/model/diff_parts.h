/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside user/model: what the files of the diff share. */
#ifndef MODEL_DIFF_PARTS_H
#define MODEL_DIFF_PARTS_H

#include "model/diff.h"

/* Takes name and detail (NULL: none). */
void diff_line(struct diff *d, enum diff_kind kind, const char *what, char *name, char *detail);
/* "none" for 0; buf of ADDR_TEXT_MAX. */
const char *diff_time_text(uint32_t ms, char *buf);
void diff_settings(struct diff *d, const struct config *old, const struct config *new);
void diff_interfaces(struct diff *d, const struct config *old, const struct config *new);
void diff_access(struct diff *d, const struct config *old, const struct config *new);

#endif
