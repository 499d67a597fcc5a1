/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of access lists. See config_parts.h. */
#include <errno.h>

#include "base/addr.h"
#include "model/config_parts.h"

#define BURST_MS_DEFAULT 1000
#define BURST_MS_MIN     10
#define BURST_MS_MAX     60000

const char *config_rate_name(enum leat_rate rate)
{
	static const char *const names[LEAT_RATES] = {"source-packets-per-second", "source-flows-per-second",
						      "packets-per-second", "flows-per-second"};

	return names[rate];
}

static int burst_check(const char *name, const struct config_limits *l, struct err *err)
{
	char shown[ADDR_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < LEAT_RATES; i++)
		if (l->rates[i] && (uint64_t)l->rates[i] * l->burst_ms < 1000)
			return err_set(err, -EINVAL,
				       "access[%s].limits.burst: %s is too short for %s: %u, of which not one would ever pass; it "
				       "takes at least %s",
				       name, duration_format(l->burst_ms, shown), config_rate_name(i), l->rates[i],
				       duration_format((999 + l->rates[i]) / l->rates[i], (char[ADDR_TEXT_MAX]){}));
	return 0;
}

int config_limits_compile(const struct doc_access *doc, struct config_limits *ret, struct err *err)
{
	const struct doc_limits none = {}, *limits = doc->limits ? doc->limits : &none;
	const uint32_t *const rates[LEAT_RATES] = {limits->source_packets, limits->source_flows, limits->packets,
						   limits->flows};
	unsigned int i;
	int e;

	*ret = (struct config_limits){.burst_ms = BURST_MS_DEFAULT, .prefix4 = 32, .prefix6 = 64};
	for (i = 0; i < LEAT_RATES; i++)
		ret->rates[i] = rates[i] ? *rates[i] : 0;
	if (limits->source_prefix_ipv4)
		ret->prefix4 = limits->source_prefix_ipv4;
	if (limits->source_prefix_ipv6)
		ret->prefix6 = limits->source_prefix_ipv6;
	e = config_duration(limits->burst, BURST_MS_MIN, BURST_MS_MAX, &ret->burst_ms, err, "access[%s].limits.burst", doc->name);
	return e ? e : burst_check(doc->name, ret, err);
}
