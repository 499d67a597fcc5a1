/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the router's table names: one handler a row. */
#ifndef SERVE_HANDLERS_H
#define SERVE_HANDLERS_H

#include "serve/request.h"

/* reads.c: format a snapshot */
void reads_status(struct request *request);
void reads_services(struct request *request);
void reads_service(struct request *request);
void reads_pools(struct request *request);
void reads_pool(struct request *request);
void reads_backends(struct request *request);
void reads_pool_backends(struct request *request);
void reads_backend(struct request *request);
void reads_access_lists(struct request *request);
void reads_access(struct request *request);
void reads_stats(struct request *request);
void reads_interfaces(struct request *request);
void reads_interface(struct request *request);
void reads_config(struct request *request);

/* writes.c: ask the daemon for a change */
void writes_config(struct request *request);
void writes_service(struct request *request);
void writes_pool(struct request *request);
void writes_backend(struct request *request);
void writes_access(struct request *request);
void writes_interface(struct request *request);
void writes_detach_all(struct request *request);

/* why.c */
void why_explain(struct request *request);

#endif
