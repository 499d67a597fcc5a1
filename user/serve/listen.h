/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A listening Unix socket that a group may use, and its file. */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* The file as bound: removed only while it is still ours. */
struct listen_file {
	char *path;
	dev_t device;
	ino_t inode;
};

/* Returns the non-blocking listening socket, or -errno: -EADDRINUSE if another process answers there. */
int listen_open(const char *path, struct listen_file *ret_file, struct err *err);
/* Unlinks and frees; safe on {}. */
void listen_remove(struct listen_file *file);
/* Whether somebody listens there. */
bool listen_is_alive(const char *path);

#endif
