/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of config_compile(), in the order in which they run. Each: 0, or -EINVAL and a sentence. */
#ifndef MODEL_CONFIG_PARTS_H
#define MODEL_CONFIG_PARTS_H

#include "base/err.h"
#include "model/config.h"

int config_globals_compile(const struct doc *doc, struct config *config, struct err *err);
/* config_flows.c */
int config_fragments_compile(const struct doc *doc, struct config *config, struct err *err);
/* All but the tick. */
int config_flows_compile(const struct doc *doc, struct config *config, struct err *err);
/* Of all entries of a list: each a name, no two alike. first: of the first one's, one every stride bytes. */
int config_names_check(const char *list, const void *first, uint32_t count, size_t stride, struct err *err);
/* Access lists; of one its limits. */
int config_access_compile(const struct doc *doc, struct config *config, struct err *err);
int config_limits_compile(const struct doc_access *doc, struct config_limits *ret, struct err *err);
/* Names, modes, tables and members. */
int config_pools_compile(const struct doc *doc, struct config *config, struct err *err);
/* "tcp" */
const char *config_protocol_name(enum doc_protocol protocol);
/* config_shapes.c: that it is clear whose each address and port is, and that backends have addresses of their own. */
int config_shapes_check(const struct config *config, struct err *err);
/* Needs the pools and the access lists. */
int config_services_compile(const struct doc *doc, struct config *config, struct err *err);
/* Needs the services, for the ports. */
int config_checks_compile(const struct doc *doc, struct config *config, struct err *err);
/* What a check of a type beside tcp, http and https asks and expects. */
int config_probe_compile(const char *pool, const struct doc_check *doc, struct config_check *check, struct err *err);
/* http, https, tls, grpc. */
int config_check_host_compile(const char *pool, const struct doc_check *doc, struct config_check *check, struct err *err);
/* A sentence about pools[POOL].check.KEY; returns -EINVAL. */
__attribute__((format(printf, 4, 5))) int config_check_bad(struct err *err, const char *pool, const char *key,
							   const char *format, ...);
bool config_check_is_visible(const char *text); /* ASCII without spaces */
#define CONFIG_CHECK_TEXT_MAX 1024
/* Needs pools and services, for the longest of all timeouts. */
void config_clock_set(struct config *config);

/* config_quic.c: of a service; of a member; that no two of a pool have one; that services find those of their pools. */
int config_quic_compile(const struct doc_service *service, uint32_t i, uint8_t *ret, struct err *err);
int config_server_id_compile(const char *pool, uint32_t i, const char *text, struct leat_server_id *ret, struct err *err);
int config_server_ids_check(const struct config_pool *pool, struct err *err);
int config_id_lengths_check(const struct config *config, struct err *err);

/* Of one pool; its check comes later. */
int config_mode_compile(const struct doc_pool *doc, struct config_pool *pool, struct err *err);
int config_scheduler_compile(const struct doc_pool *doc, struct config_pool *pool, struct err *err);

#define CONFIG_TIMEOUT_MIN_MS 1000 /* of what the clock of flows measures, and of what lasts as long */
#define CONFIG_TIMEOUT_MAX_MS 86400000

/* text may be NULL: *ret stays. The format says where it stands: "pools[%s].affinity". */
__attribute__((format(printf, 6, 7))) int config_duration(const char *text, uint32_t min_ms, uint32_t max_ms,
							  uint32_t *ret, struct err *err, const char *format,
							  ...);

#endif
