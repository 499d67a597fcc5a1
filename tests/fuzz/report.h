/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A difference for people: both answers side by side, the packet decoded, the configuration. */
#ifndef FUZZ_REPORT_H
#define FUZZ_REPORT_H

#include "fuzz/case.h"
#include "fuzz/trial.h"

void report_print(FILE *out, const struct fuzz_case *c, const struct answers *a);

const char *difference_name(enum difference difference);

#endif
