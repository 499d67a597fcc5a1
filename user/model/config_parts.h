/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of config_compile(), in the order in which they run. Each: 0, or -EINVAL and a sentence. */
#ifndef MODEL_CONFIG_PARTS_H
#define MODEL_CONFIG_PARTS_H

#include "base/err.h"
#include "model/config.h"

int config_globals_compile(const struct doc *doc, struct config *config, struct err *err);
/* Names, modes, tables and members. */
int config_pools_compile(const struct doc *doc, struct config *config, struct err *err);
/* Needs the pools. */
int config_services_compile(const struct doc *doc, struct config *config, struct err *err);
/* Needs the services, for the ports. */
int config_checks_compile(const struct doc *doc, struct config *config, struct err *err);

#endif
