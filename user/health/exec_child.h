/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of an exec check, from fork to exec. */
#ifndef HEALTH_EXEC_CHILD_H
#define HEALTH_EXEC_CHILD_H

#include "health/exec_file.h"
#include "health/probe.h"

#define EXEC_NOT_RUN 126 /* what it exits with if it cannot be run, as in a shell */

/*
 * Runs the file with its arguments, for that backend. It is the leader of a session and of a process group,
 * has no descriptors but /dev/null and a pipe, no privileges and no way to any, limits, and little
 * environment. 0, or an errno. The caller reaps ret_pid by ret_pidfd, and reads its standard output from
 * ret_out, which does not block.
 */
int exec_child_start(const struct probe_target *target, const struct exec_file *file, pid_t *ret_pid,
		     int *ret_pidfd, int *ret_out);

#endif
