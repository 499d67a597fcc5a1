/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots, diffs and verdicts as JSON: docs/api.md has every field. Pure; keys are spelt as in the
 * configuration. Every function returns a new reference.
 */
#ifndef SERVE_RENDER_H
#define SERVE_RENDER_H

#include <jansson.h>

#include "base/addr.h"
#include "base/shape.h"
#include "model/diff.h"
#include "model/snapshot.h"

/* null for NULL; bytes that are not UTF-8 become '?', since text may come from a client or a backend. */
json_t *render_text(const char *text);

json_t *render_status(const struct snapshot *snapshot);
json_t *render_services(const struct snapshot *snapshot);
json_t *render_service(const struct snapshot_service *service);
json_t *render_pools(const struct snapshot *snapshot);
json_t *render_pool(const struct snapshot *snapshot, const struct snapshot_pool *pool);
json_t *render_backends(const struct snapshot *snapshot);
json_t *render_pool_backends(const struct snapshot_pool *pool);
json_t *render_backend(const struct snapshot_pool *pool, const struct snapshot_backend *backend);
json_t *render_access_lists(const struct snapshot *snapshot);
json_t *render_access(const struct snapshot *snapshot, const struct config_access *access);
json_t *render_interfaces(const struct snapshot *snapshot);
json_t *render_interface(const struct snapshot_interface *interface);
json_t *render_pool_flows(const struct snapshot_pool *pool);
json_t *render_flow_table(const struct snapshot_flows *flows);
json_t *render_flow_events(const struct snapshot_flows *flows);
json_t *render_stats(const struct snapshot *snapshot);
json_t *render_diff(const struct diff *diff, bool dry_run);
/* name, action, help */
json_t *render_verdict(enum leat_verdict verdict);

#endif
