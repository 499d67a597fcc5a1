/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the table of commands names: one function a row. All return an enum cli_exit. */
#ifndef CLI_ACTIONS_H
#define CLI_ACTIONS_H

#include "cli/command.h"

int status_show(struct call *call);

int service_list(struct call *call);
int service_show(struct call *call);
int service_add(struct call *call);
int service_set(struct call *call);
int service_del(struct call *call);

int pool_list(struct call *call);
int pool_show(struct call *call);
int pool_add(struct call *call);
int pool_set(struct call *call);
int pool_del(struct call *call);

int backend_list(struct call *call);
int backend_show(struct call *call);
int backend_add(struct call *call);
int backend_set(struct call *call);
int backend_del(struct call *call);
int backend_drain(struct call *call);
int backend_enable(struct call *call);
int backend_disable(struct call *call);

int access_list(struct call *call);
int access_show(struct call *call);
int access_add(struct call *call);
int access_set(struct call *call);
int access_del(struct call *call);

int stats_show(struct call *call);
int explain_flow(struct call *call);

int config_apply(struct call *call);
int config_diff(struct call *call);
int config_export(struct call *call);

int interface_attach(struct call *call);
int interface_detach(struct call *call);

int bench_run(struct call *call);

int help_words(struct call *call);
int complete_words(struct call *call);

#endif
