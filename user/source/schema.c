/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys: see schema.h. Order here is the order in which they are written. */
#include <string.h>

#include "base/auto.h"
#include "leat/maps.h"
#include "model/doc.h"
#include "source/schema.h"

/* A key a line, which clang-format would not leave so. */
/* clang-format off */

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 0, CYAML_UNLIMITED)
#define CHOICE(key, type, member, strings) \
	CYAML_FIELD_ENUM(key, OPTIONAL | CYAML_FLAG_STRICT, type, member, strings, ARRAY_SIZE(strings))
#define TEXTS(key, type, member) \
	CYAML_FIELD_SEQUENCE_COUNT(key, OPTIONAL | CYAML_FLAG_POINTER, type, member, member##_count, &text_entry, 0, \
				   CYAML_UNLIMITED)
#define LIST(key, type, member, entry) \
	CYAML_FIELD_SEQUENCE_COUNT(key, OPTIONAL | CYAML_FLAG_POINTER, type, member##s, member##_count, entry, 0, \
				   CYAML_UNLIMITED)

static const cyaml_strval_t check_types[] = {
#define X(name, word) { word, DOC_CHECK_##name },
	DOC_CHECKS(X)
#undef X
};
static const cyaml_strval_t modes[] = {
#define X(name, word, port) { word, DOC_MODE_##name },
	DOC_MODES(X)
#undef X
};
static const cyaml_strval_t schedulers[] = {
#define X(name, word, what) { word, DOC_SCHEDULER_##name },
	DOC_SCHEDULERS(X)
#undef X
};
static const cyaml_strval_t vias[] = { { "backend", DOC_VIA_BACKEND }, { "vip", DOC_VIA_VIP } };
static const cyaml_strval_t all_downs[] = {
	{ "fail-open", DOC_ALL_DOWN_FAIL_OPEN }, { "refuse", DOC_ALL_DOWN_REFUSE }
};
static const cyaml_strval_t states[] = {
	{ "enabled", DOC_STATE_ENABLED }, { "draining", DOC_STATE_DRAINING }, { "disabled", DOC_STATE_DISABLED }
};
static const cyaml_strval_t protocols[] = {
#define X(name, word, number) { word, DOC_PROTOCOL_##name },
	SHAPE_PROTOCOLS(X)
#undef X
};
static const cyaml_strval_t attaches[] = { { "native", DOC_ATTACH_NATIVE }, { "generic", DOC_ATTACH_GENERIC } };

static const struct cyaml_schema_field check_fields[] = {
	CHOICE("type", struct doc_check, type, check_types),
	CYAML_FIELD_UINT("port", OPTIONAL, struct doc_check, port),
	CHOICE("via", struct doc_check, via, vias),
	TEXT("interval", struct doc_check, interval),
	TEXT("fast-interval", struct doc_check, fast_interval),
	TEXT("timeout", struct doc_check, timeout),
	CYAML_FIELD_UINT("rise", OPTIONAL, struct doc_check, rise),
	CYAML_FIELD_UINT("fall", OPTIONAL, struct doc_check, fall),
#define X(member, key, types, set) TEXT(key, struct doc_check, member),
	DOC_CHECK_TEXTS(X)
#undef X
	CYAML_FIELD_BOOL_PTR("tls", OPTIONAL, struct doc_check, tls),
	CYAML_FIELD_BOOL_PTR("verify", OPTIONAL, struct doc_check, verify),
	CYAML_FIELD_END
};

static const struct cyaml_schema_field backend_fields[] = {
	TEXT("address", struct doc_backend, address),
	CYAML_FIELD_UINT_PTR("weight", OPTIONAL, struct doc_backend, weight),
	CHOICE("state", struct doc_backend, state, states),
	TEXT("drain-deadline", struct doc_backend, drain_deadline),
	TEXT("server-id", struct doc_backend, server_id),
	CYAML_FIELD_END
};
static const struct cyaml_schema_value backend_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct doc_backend, backend_fields)
};

static const struct cyaml_schema_field pool_fields[] = {
	TEXT("name", struct doc_pool, name),
	CHOICE("scheduler", struct doc_pool, scheduler, schedulers),
	CYAML_FIELD_UINT("source-prefix-ipv4", OPTIONAL, struct doc_pool, source_prefix_ipv4),
	CYAML_FIELD_UINT("source-prefix-ipv6", OPTIONAL, struct doc_pool, source_prefix_ipv6),
	TEXT("affinity", struct doc_pool, affinity),
	TEXT("slow-start", struct doc_pool, slow_start),
	CHOICE("mode", struct doc_pool, mode, modes),
	CYAML_FIELD_UINT_PTR("tunnel-port", OPTIONAL, struct doc_pool, tunnel_port),
	CYAML_FIELD_UINT("table-size", OPTIONAL, struct doc_pool, table_size),
	CHOICE("on-all-down", struct doc_pool, all_down, all_downs),
	CYAML_FIELD_MAPPING_PTR("check", OPTIONAL, struct doc_pool, check, check_fields),
	LIST("backends", struct doc_pool, backend, &backend_entry),
	CYAML_FIELD_END
};
static const struct cyaml_schema_value pool_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct doc_pool, pool_fields)
};

static const struct cyaml_schema_field quic_fields[] = {
	CYAML_FIELD_UINT_PTR("server-id-length", OPTIONAL, struct doc_quic, server_id_length),
	CYAML_FIELD_UINT_PTR("config", OPTIONAL, struct doc_quic, config),
	CYAML_FIELD_END
};

static const struct cyaml_schema_field service_fields[] = {
	CHOICE("protocol", struct doc_service, protocol, protocols),
	TEXT("address", struct doc_service, address),
	TEXT("port", struct doc_service, port),
	TEXT("pool", struct doc_service, pool),
	TEXT("sticky", struct doc_service, sticky),
	CYAML_FIELD_MAPPING_PTR("quic", OPTIONAL, struct doc_service, quic, quic_fields),
	TEXT("access", struct doc_service, access),
	CYAML_FIELD_END
};
static const struct cyaml_schema_value service_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct doc_service, service_fields)
};

static const struct cyaml_schema_value text_entry = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)
};

static const struct cyaml_schema_field limits_fields[] = {
	CYAML_FIELD_UINT_PTR("packets-per-second", OPTIONAL, struct doc_limits, packets),
	CYAML_FIELD_UINT_PTR("flows-per-second", OPTIONAL, struct doc_limits, flows),
	CYAML_FIELD_UINT_PTR("source-packets-per-second", OPTIONAL, struct doc_limits, source_packets),
	CYAML_FIELD_UINT_PTR("source-flows-per-second", OPTIONAL, struct doc_limits, source_flows),
	CYAML_FIELD_UINT("source-prefix-ipv4", OPTIONAL, struct doc_limits, source_prefix_ipv4),
	CYAML_FIELD_UINT("source-prefix-ipv6", OPTIONAL, struct doc_limits, source_prefix_ipv6),
	TEXT("burst", struct doc_limits, burst),
	CYAML_FIELD_END
};

static const struct cyaml_schema_field access_fields[] = {
	TEXT("name", struct doc_access, name),
	TEXTS("allow", struct doc_access, allow),
	TEXTS("deny", struct doc_access, deny),
	CYAML_FIELD_MAPPING_PTR("limits", OPTIONAL, struct doc_access, limits, limits_fields),
	CYAML_FIELD_END
};
static const struct cyaml_schema_value access_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct doc_access, access_fields)
};

static const struct cyaml_schema_field interface_fields[] = {
	TEXT("name", struct doc_interface, name),
	CHOICE("mode", struct doc_interface, mode, attaches),
	CYAML_FIELD_END
};
static const struct cyaml_schema_value interface_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct doc_interface, interface_fields)
};

static const struct cyaml_schema_field source_fields[] = {
	TEXT("ipv4", struct doc_source, ipv4),
	TEXT("ipv6", struct doc_source, ipv6),
	CYAML_FIELD_END
};

static const struct cyaml_schema_field flows_fields[] = {
	CYAML_FIELD_UINT("size", OPTIONAL, struct doc_flows, size),
	TEXT("idle-timeout", struct doc_flows, idle_timeout),
	TEXT("opening-timeout", struct doc_flows, opening_timeout),
	TEXT("closing-timeout", struct doc_flows, closing_timeout),
	CYAML_FIELD_UINT_PTR("pin-rate", OPTIONAL, struct doc_flows, pin_rate),
	CYAML_FIELD_END
};

static const struct cyaml_schema_field doc_fields[] = {
	TEXT("seed", struct doc, seed),
	CYAML_FIELD_UINT_PTR("icmp-rate", OPTIONAL, struct doc, icmp_rate),
	CYAML_FIELD_UINT_PTR("fragments", OPTIONAL, struct doc, fragments),
	CYAML_FIELD_MAPPING_PTR("flows", OPTIONAL, struct doc, flows, flows_fields),
	CYAML_FIELD_MAPPING_PTR("source", OPTIONAL, struct doc, source, source_fields),
	LIST("interfaces", struct doc, interface, &interface_entry),
	CYAML_FIELD_SEQUENCE_COUNT("access", OPTIONAL | CYAML_FLAG_POINTER, struct doc, access, access_count, &access_entry, 0,
				   CYAML_UNLIMITED),
	LIST("pools", struct doc, pool, &pool_entry),
	LIST("services", struct doc, service, &service_entry),
	CYAML_FIELD_END
};

const struct cyaml_schema_value schema_doc = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct doc, doc_fields) };
const struct cyaml_schema_value schema_pool = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct doc_pool, pool_fields) };
const struct cyaml_schema_value schema_backend = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct doc_backend, backend_fields)
};
const struct cyaml_schema_value schema_service = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct doc_service, service_fields)
};
const struct cyaml_schema_value schema_access = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct doc_access, access_fields)
};
const struct cyaml_schema_value schema_interface = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct doc_interface, interface_fields)
};

static const struct schema_rule rules[] = {
	{ backend_fields, "address", .required = true },
	{ backend_fields, "weight", .min = 0, .max = UINT16_MAX },
	{ service_fields, "protocol", .required = true },
	{ service_fields, "address", .required = true },
	{ service_fields, "port", .is_port = true },
	{ service_fields, "pool", .required = true },
	{ quic_fields, "server-id-length", .min = 0, .max = LEAT_QUIC_LENGTH_MAX },
	{ quic_fields, "config", .min = 0, .max = LEAT_QUIC_CONFIG_MAX },
	{ interface_fields, "name", .required = true },
	{ access_fields, "name", .required = true },
	{ limits_fields, "packets-per-second", .min = 0, .max = DOC_RATE_MAX },
	{ limits_fields, "flows-per-second", .min = 0, .max = DOC_RATE_MAX },
	{ limits_fields, "source-packets-per-second", .min = 0, .max = DOC_RATE_MAX },
	{ limits_fields, "source-flows-per-second", .min = 0, .max = DOC_RATE_MAX },
	{ limits_fields, "source-prefix-ipv4", .min = 1, .max = 32 },
	{ limits_fields, "source-prefix-ipv6", .min = 1, .max = 128 },
	{ pool_fields, "name", .required = true },
	{ pool_fields, "tunnel-port", .min = 0, .max = UINT16_MAX },
	{ pool_fields, "table-size", .min = LEAT_TABLE_SIZE_MIN, .max = LEAT_TABLE_SIZE_MAX },
	{ pool_fields, "source-prefix-ipv4", .min = 1, .max = 32 },
	{ pool_fields, "source-prefix-ipv6", .min = 1, .max = 128 },
	{ flows_fields, "size", .min = DOC_FLOWS_MIN, .max = DOC_FLOWS_MAX },
	{ flows_fields, "pin-rate", .min = 0, .max = DOC_PIN_RATE_MAX },
	{ check_fields, "port", .min = 1, .max = UINT16_MAX },
	{ check_fields, "rise", .min = 1, .max = UINT8_MAX },
	{ check_fields, "fall", .min = 1, .max = UINT8_MAX },
	{ doc_fields, "icmp-rate", .min = 0, .max = DOC_ICMP_RATE_MAX },
	{ doc_fields, "fragments", .min = 0, .max = DOC_FRAGMENTS_MAX },
};

/* clang-format on */

const struct schema_rule *schema_rule(const struct cyaml_schema_field *fields, const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].fields == fields && !strcmp(rules[i].key, key))
			return &rules[i];
	return NULL;
}
