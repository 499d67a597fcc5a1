/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From words typed to a struct call. Commands may be shortened as long as they mean one thing; options stand
 * anywhere. */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/command.h"

/* CLI_OK, or CLI_USAGE after a sentence on standard error. ret->is_lenient is read. */
int parse_call(int argc, char **argv, struct call *ret);
/* Whether the command has all it needs: arguments and options. Same returns. */
int parse_check(const struct call *call);
/* print_failure with where to find help; returns CLI_USAGE. */
__attribute__((format(printf, 2, 3))) int parse_complain(const struct call *call, const char *format, ...);

#endif
