/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health checks: their times, their port, and what HTTP asks and expects; of other types: config_probe.c. See config_parts.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "model/config_parts.h"

#define DURATION_MIN_MS 10
#define DURATION_MAX_MS 3600000
#define TEXT_MAX        CONFIG_CHECK_TEXT_MAX
#define STATUS_MIN      100
#define STATUS_MAX      599

enum { PORT_NONE = 0, PORT_DIFFERS = 65536 }; /* of the services of a pool, beside port numbers */

static const struct config_check preset = {.type = DOC_CHECK_NONE,
					   .interval_ms = 2000,
					   .fast_interval_ms = 500,
					   .timeout_ms = 1000,
					   .rise = 2,
					   .fall = 3};

int config_check_bad(struct err *err, const char *pool, const char *key, const char *format, ...)
{
	struct err sentence;
	va_list args;

	va_start(args, format);
	err_set_args(&sentence, -EINVAL, format, args);
	va_end(args);
	return err_set(err, -EINVAL, "pools[%s].check.%s%s", pool, key, sentence.text);
}

/* --- times -------------------------------------------------------------------------------------- */

static int duration_compile(const char *pool, const char *key, const char *text, uint32_t *ret,
			    struct err *err)
{
	return config_duration(text, DURATION_MIN_MS, DURATION_MAX_MS, ret, err, "pools[%s].check.%s", pool,
			       key);
}

static int not_longer(const char *pool, const char *key, uint32_t *ms, bool set, uint32_t interval,
		      struct err *err)
{
	char shown[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];

	if (*ms > interval && set)
		return config_check_bad(err, pool, key, ": %s is longer than interval, %s", duration_format(*ms, shown),
			   duration_format(interval, other));
	if (*ms > interval)
		*ms = interval; /* a default gives way */
	return 0;
}

static int times_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
			 struct err *err)
{
	int e = duration_compile(pool, "interval", doc->interval, &check->interval_ms, err);

	if (!e)
		e = duration_compile(pool, "fast-interval", doc->fast_interval, &check->fast_interval_ms,
				     err);
	if (!e)
		e = duration_compile(pool, "timeout", doc->timeout, &check->timeout_ms, err);
	if (!e)
		e = not_longer(pool, "fast-interval", &check->fast_interval_ms, doc->fast_interval,
			       check->interval_ms, err);
	if (!e)
		e = not_longer(pool, "timeout", &check->timeout_ms, doc->timeout, check->interval_ms, err);
	check->rise = doc->rise ? doc->rise : preset.rise;
	check->fall = doc->fall ? doc->fall : preset.fall;
	return e;
}

/* --- HTTP --------------------------------------------------------------------------------------- */

/* Three digits at the start of text. Returns what follows, NULL if there is something else. */
static const char *code_parse(const char *text, uint16_t *ret)
{
	if (strspn(text, "0123456789") != 3)
		return NULL;
	*ret = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
	return text + 3;
}

/* "200" or "300-399". Returns as code_parse. */
static const char *range_parse(const char *text, struct config_range *ret)
{
	text = code_parse(text, &ret->first);
	ret->last = ret->first;
	if (text && *text == '-')
		text = code_parse(text + 1, &ret->last);
	return ret->first >= STATUS_MIN && ret->first <= ret->last && ret->last <= STATUS_MAX ? text : NULL;
}

static int statuses_compile(const char *pool, const char *text, struct config_check *check, struct err *err)
{
	const char *rest = text;
	char shown[QUOTE_MAX];

	for (;;) {
		struct config_range range = {};

		rest = strlen(text) <= TEXT_MAX ? range_parse(rest, &range) : NULL;
		if (!rest || (*rest && *rest != ','))
			return config_check_bad(err, pool, "status",
				   ": %s is not a list of HTTP status codes (%u to %u) and ranges of them, "
				   "such as "
				   "200,300-399",
				   quote(text, shown), STATUS_MIN, STATUS_MAX);
		check->statuses = memory_resized(check->statuses, check->status_count + 1, sizeof(range));
		check->statuses[check->status_count++] = range;
		if (!*rest++)
			return 0;
	}
}

bool config_check_is_visible(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s > ' ' && *s < 0x7f)
		s++;
	return !*s;
}

int config_check_host_compile(const char *pool, const struct doc_check *doc, struct config_check *check, struct err *err)
{
	char shown[QUOTE_MAX];

	if (doc->host && (!config_check_is_visible(doc->host) || strpbrk(doc->host, "/@") || strlen(doc->host) > 255))
		return config_check_bad(err, pool, "host", ": %s is not a host name; it has at most 255 characters, visible ASCII without spaces, / "
			   "and @",
			   quote(doc->host, shown));
	check->host = doc->host && *doc->host ? string_copy(doc->host) : NULL;
	return 0;
}

static int http_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
			struct err *err)
{
	char shown[QUOTE_MAX];

	if (doc->path && (*doc->path != '/' || !config_check_is_visible(doc->path) || strlen(doc->path) > TEXT_MAX))
		return config_check_bad(err, pool, "path",
			   ": %s is not a path; it starts with / and has at most %u characters, visible ASCII "
			   "without spaces",
			   quote(doc->path, shown), TEXT_MAX);
	if (doc->body && strlen(doc->body) > TEXT_MAX)
		return config_check_bad(err, pool, "body", " has %zu bytes; allowed are %u", strlen(doc->body), TEXT_MAX);
	check->path = string_copy(doc->path ? doc->path : "/");
	check->body = doc->body && *doc->body ? string_copy(doc->body) : NULL;
	return config_check_host_compile(pool, doc, check, err) ?:
		       statuses_compile(pool, doc->status ? doc->status : "200-399", check, err);
}

/* A type with its article: "a tcp", "an https". */
static const char *a_type(enum doc_check_type type, char *buf)
{
	const char *name = config_check_name(type);

	snprintf(buf, ADDR_TEXT_MAX, "%s %s", strchr("aehi", *name) ? "an" : "a", name);
	return buf;
}

static bool sees_certificate(const struct doc_check *doc)
{
	return doc->type == DOC_CHECK_HTTPS || doc->type == DOC_CHECK_TLS ||
	       (doc->type == DOC_CHECK_GRPC && doc->tls && *doc->tls);
}

/* Keys that mean nothing to the type: somebody expects something else. */
static int misplaced_check(const char *pool, const struct doc_check *doc, struct err *err)
{
	const struct {
		const char *key, *text, *types;
		unsigned int set;
	} texts[] = {
#define X(member, key, types, set) {key, doc->member, types, set},
		DOC_CHECK_TEXTS(X)
#undef X
	};
	char shown[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].text && !(texts[i].set & 1u << doc->type))
			return config_check_bad(err, pool, texts[i].key,
						": %s check has none; only %s; leave it out, or unset it by an empty text",
						a_type(doc->type, shown), texts[i].types);
	if (doc->type != DOC_CHECK_GRPC && doc->tls && *doc->tls)
		return config_check_bad(err, pool, "tls", ": %s check is never inside TLS; only grpc can be", a_type(doc->type, shown));
	if (!sees_certificate(doc) && doc->verify && *doc->verify)
		return config_check_bad(err, pool, "verify",
					": a check of type %s sees no certificate; only https, tls, and grpc with tls: yes do",
					config_check_name(doc->type));
	if (doc->type == DOC_CHECK_EXEC && doc->via == DOC_VIA_VIP)
		return config_check_bad(err, pool, "via",
					": an exec check makes connections of its own, which leat cannot lead through the VIP; "
					"leave it out, or set backend");
	if (doc->type == DOC_CHECK_ICMP && doc->via == DOC_VIA_VIP)
		return config_check_bad(err, pool, "via",
					": leat itself answers echo requests to a VIP, no backend does; leave it out, or set backend");
	if (doc->type == DOC_CHECK_ICMP && doc->port)
		return config_check_bad(err, pool, "port", ": an icmp check has none; leave it out");
	return 0;
}

/* --- ports -------------------------------------------------------------------------------------- */

/* For each pool the port of its services, if they have one each and agree. */
static uint32_t *common_ports(const struct config *config)
{
	uint32_t *ports = memory_zeroed(config->pool_count, sizeof(*ports));
	unsigned int i;

	for (i = 0; i < config->service_count; i++) {
		const struct leat_service_key *key = &config->services[i].key;
		uint32_t *common = &ports[config->services[i].pool], port = key->last_port ? PORT_DIFFERS : ntohs(key->port);

		*common = *common == PORT_NONE || *common == port ? port : PORT_DIFFERS;
	}
	return ports;
}

/* The addresses of the pool's first services that are on one, IPv4 and IPv6. */
static int vips_find(const struct config *config, unsigned int pool, struct config_check *check, struct err *err)
{
	unsigned int i, prefixes = 0, count = 0;

	for (i = 0; i < config->service_count; i++) {
		const struct leat_service_key *key = &config->services[i].key;
		struct leat_addr *vip = &check->vips[!addr_is_ipv4(&key->addr)];

		if (config->services[i].pool != pool)
			continue;
		prefixes += key->host_bits > 0;
		count++;
		if (addr_is_zero(vip) && !key->host_bits)
			*vip = key->addr;
	}
	if (!count)
		check->type = DOC_CHECK_NONE; /* as without a port */
	if (!count || prefixes < count)
		return 0;
	return config_check_bad(err, config->pools[pool].name, "via",
				": the pool's services are on prefixes, and no address of a prefix is more its VIP than the others; "
				"leave it out, or give the pool a service on one address");
}

/* exec is told the port, if there is one. */
static bool needs_port(enum doc_check_type type)
{
	return type != DOC_CHECK_ICMP && type != DOC_CHECK_EXEC;
}

static int check_compile(const struct doc_pool *pool, uint32_t common, struct config_check *check,
			 struct err *err)
{
	const struct doc_check *doc = pool->check;
	int e;

	if (!doc->type)
		return config_check_bad(err, pool->name, "type", " is missing; allowed are none"
#define X(name, word) ", " word
			   DOC_CHECKS_BUT_NONE(X)
#undef X
				   );
	e = times_compile(pool->name, doc, check, err);
	if (e || doc->type == DOC_CHECK_NONE)
		return e;
	e = misplaced_check(pool->name, doc, err);
	if (!e && (DOC_IS(HTTP) | DOC_IS(HTTPS)) & 1u << doc->type)
		e = http_compile(pool->name, doc, check, err);
	else if (!e)
		e = config_probe_compile(pool->name, doc, check, err);
	if (!e && !doc->port && common == PORT_DIFFERS && needs_port(doc->type))
		e = config_check_bad(err, pool->name, "port",
			" is missing: the pool's services have different ports, a range, or none; set the one to probe");
	check->port = doc->port ? doc->port : common; /* PORT_DIFFERS becomes 0 */
	check->tls = doc->tls && *doc->tls;
	check->verify = doc->verify && *doc->verify;
	/* Without a service nobody sends anything there, and what to probe is not yet known. */
	check->type = doc->port || common != PORT_NONE ? doc->type : DOC_CHECK_NONE;
	if (doc->type == DOC_CHECK_ICMP)
		check->port = 0;
	return e;
}

int config_checks_compile(const struct doc *doc, struct config *config, struct err *err)
{
	auto_free uint32_t *ports = common_ports(config);
	uint32_t i;
	int e = 0;

	for (i = 0; !e && i < doc->pool_count; i++) {
		config->pools[i].check = preset;
		if (doc->pools[i].check)
			e = check_compile(&doc->pools[i], ports[i], &config->pools[i].check, err);
		if (!e && doc->pools[i].check && doc->pools[i].check->via == DOC_VIA_VIP)
			e = vips_find(config, i, &config->pools[i].check, err);
	}
	return e;
}
