/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow table: its size, its timeouts and its clock; what is remembered of fragments; and durations anywhere. See config_parts.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/addr.h"
#include "base/quote.h"
#include "model/config_parts.h"

#define TICK_MIN_MS 100

#define FRAGMENTS_DEFAULT 8192u /* 64 KiB */
_Static_assert(DOC_FRAGMENTS_MAX == LEAT_FRAGMENT_SETS_MAX * LEAT_FRAGMENT_WAYS, "what can be said has room");

static const struct config_flows preset = {.size = 1u << 20,
					   .idle_ms = 15 * 60000,
					   .opening_ms = 60000,
					   .closing_ms = 2 * 60000,
					   .pin_rate = 200000};

int config_duration(const char *text, uint32_t min_ms, uint32_t max_ms, uint32_t *ret, struct err *err,
		    const char *format, ...)
{
	char place[256], shown[QUOTE_MAX], min[ADDR_TEXT_MAX], max[ADDR_TEXT_MAX];
	va_list args;
	uint32_t ms;

	if (!text)
		return 0;
	va_start(args, format);
	vsnprintf(place, sizeof(place), format, args);
	va_end(args);
	if (duration_parse(text, &ms))
		return err_set(err, -EINVAL,
			       "%s: %s is not a duration; it is a number and ms, s, m or h, such as %s", place,
			       quote(text, shown), min_ms < 1000 ? "500ms" : "5m");
	if (ms < min_ms || ms > max_ms)
		return err_set(err, -EINVAL, "%s: %s is out of range; allowed are %s to %s", place,
			       quote(text, shown), duration_format(min_ms, min),
			       duration_format(max_ms, max));
	*ret = ms;
	return 0;
}

static uint32_t power_of_two_from(uint32_t n)
{
	uint32_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}

int config_fragments_compile(const struct doc *doc, struct config *config, struct err *err)
{
	uint32_t datagrams = doc->fragments ? *doc->fragments : FRAGMENTS_DEFAULT;

	if (datagrams > DOC_FRAGMENTS_MAX)
		return err_set(err, -EINVAL, "fragments: %u is too many; allowed are 0 to %u", datagrams, DOC_FRAGMENTS_MAX);
	if (datagrams)
		config->fragment_sets = power_of_two_from((datagrams + LEAT_FRAGMENT_WAYS - 1) / LEAT_FRAGMENT_WAYS);
	return 0;
}

static int times_compile(const struct doc_flows *doc, struct config_flows *flows, struct err *err)
{
	const struct {
		const char *key, *text;
		uint32_t *ms;
	} times[] = {
		{"idle-timeout", doc->idle_timeout, &flows->idle_ms},
		{"opening-timeout", doc->opening_timeout, &flows->opening_ms},
		{"closing-timeout", doc->closing_timeout, &flows->closing_ms},
	};
	unsigned int i;
	int e = 0;

	for (i = 0; !e && i < sizeof(times) / sizeof(times[0]); i++)
		e = config_duration(times[i].text, CONFIG_TIMEOUT_MIN_MS, CONFIG_TIMEOUT_MAX_MS, times[i].ms, err,
				    "flows.%s", times[i].key);
	return e;
}

int config_flows_compile(const struct doc *doc, struct config *config, struct err *err)
{
	struct config_flows *flows = &config->flows;

	*flows = preset;
	if (!doc->flows)
		return 0;
	if (doc->flows->size && (doc->flows->size < DOC_FLOWS_MIN || doc->flows->size > DOC_FLOWS_MAX))
		return err_set(err, -EINVAL, "flows.size: %u is out of range; allowed are %u to %u",
			       doc->flows->size, DOC_FLOWS_MIN, DOC_FLOWS_MAX);
	if (doc->flows->size)
		flows->size = power_of_two_from(doc->flows->size);
	if (doc->flows->pin_rate)
		flows->pin_rate = *doc->flows->pin_rate;
	if (flows->pin_rate > DOC_PIN_RATE_MAX)
		return err_set(err, -EINVAL, "flows.pin-rate: %u is too many; allowed are 0 to %u",
			       flows->pin_rate, DOC_PIN_RATE_MAX);
	return times_compile(doc->flows, flows, err);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

void config_clock_set(struct config *config)
{
	struct config_flows *flows = &config->flows;
	uint32_t longest = larger(flows->idle_ms, larger(flows->opening_ms, flows->closing_ms));
	unsigned int i;

	for (i = 0; i < config->pool_count; i++)
		longest = larger(longest, config->pools[i].affinity_ms);
	for (i = 0; i < config->service_count; i++)
		longest = larger(longest, config->services[i].sticky_ms);
	flows->tick_ms = larger((longest + CONFIG_TICKS - 1) / CONFIG_TICKS, TICK_MIN_MS);
}
