/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of backends that several commands print. */
#ifndef CLI_BACKENDS_H
#define CLI_BACKENDS_H

#include <jansson.h>

void backends_print(const json_t *list);

#endif
