/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access lists as JSON: see render.h. */
#include <string.h>

#include "serve/render.h"

static json_t *services_of(const struct snapshot *snapshot, const struct config_access *access)
{
	char name[SHAPE_NAME_MAX];
	json_t *list = json_array();

	for (unsigned int i = 0; i < snapshot->service_count; i++) {
		const struct snapshot_service *service = &snapshot->services[i];

		if (service->access && !strcmp(service->access, access->name))
			json_array_append_new(list, json_string(shape_name_format(&service->key, name)));
	}
	return list;
}

/* null for no limit */
static json_t *limits_of(const struct config_limits *limits)
{
	json_t *json = json_object();
	char text[ADDR_TEXT_MAX];

	for (unsigned int i = 0; i < LEAT_RATES; i++)
		json_object_set_new(json, config_rate_name(i), limits->rates[i] ? json_integer(limits->rates[i]) : json_null());
	json_object_set_new(json, "source-prefix-ipv4", json_integer(limits->prefix4));
	json_object_set_new(json, "source-prefix-ipv6", json_integer(limits->prefix6));
	json_object_set_new(json, "burst", json_string(duration_format(limits->burst_ms, text)));
	return json;
}

/* Without the prefixes. */
static json_t *summary(const struct snapshot *snapshot, const struct config_access *access)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", render_text(access->name));
	json_object_set_new(json, "allowed-prefixes", json_integer(access->allow_count));
	json_object_set_new(json, "denied-prefixes", json_integer(access->deny_count));
	json_object_set_new(json, "rest", json_string(access->allow_count ? "denied" : "allowed"));
	json_object_set_new(json, "limits", limits_of(&access->limits));
	json_object_set_new(json, "services", services_of(snapshot, access));
	return json;
}

static json_t *prefixes_of(const struct config_access *access, bool denies)
{
	char addr[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 4];
	json_t *list = json_array();

	for (unsigned int i = 0; i < access->prefix_count; i++) {
		const struct access_prefix *prefix = &access->prefixes[i];

		if (prefix->denies != denies)
			continue;
		snprintf(text, sizeof(text), "%s/%u", addr_format(&prefix->addr, addr), prefix->length);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

json_t *render_access(const struct snapshot *snapshot, const struct config_access *access)
{
	json_t *json = summary(snapshot, access);

	json_object_set_new(json, "allow", prefixes_of(access, false));
	json_object_set_new(json, "deny", prefixes_of(access, true));
	return json;
}

json_t *render_access_lists(const struct snapshot *snapshot)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < snapshot->access_count; i++)
		json_array_append_new(list, summary(snapshot, &snapshot->access[i]));
	return list;
}
