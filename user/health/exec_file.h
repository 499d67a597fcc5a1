/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an exec check may run, and as whom. */
#ifndef HEALTH_EXEC_FILE_H
#define HEALTH_EXEC_FILE_H

#include <sys/types.h>

#include "base/err.h"
#include "model/config.h"

#define EXEC_ARGS_MAX 64

struct exec_file {
	char *words;                   /* the command, cut into its words */
	char *path;                    /* without links; only root can change it, and what leads to it */
	char *args[EXEC_ARGS_MAX + 1]; /* in words; ends with NULL */
	uid_t uid;
	gid_t gid;
};

/* -errno: it must not be run, or by nobody of that name; the sentence starts with the path or the user. */
int exec_file_find(const struct config_check *settings, struct exec_file *ret, struct err *err);
void exec_file_clear(struct exec_file *file);

#endif
