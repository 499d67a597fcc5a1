/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help, made of the table of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* For the call's command, its group, or everything. */
void help_print(FILE *to, const struct call *call);

#endif
