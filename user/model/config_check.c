/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health checks: their times, their port, and what HTTP asks and expects. See config_parts.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/quote.h"
#include "model/config_parts.h"

#define DURATION_MIN_MS 10
#define DURATION_MAX_MS 3600000
#define TEXT_MAX        1024
#define STATUS_MIN      100
#define STATUS_MAX      599

enum { PORT_NONE = 0, PORT_DIFFERS = 65536 }; /* of the services of a pool, beside port numbers */

static const struct config_check preset = {.type = DOC_CHECK_NONE,
					   .interval_ms = 2000,
					   .fast_interval_ms = 500,
					   .timeout_ms = 1000,
					   .rise = 2,
					   .fall = 3};

__attribute__((format(printf, 4, 5))) static int bad(struct err *err, const char *pool, const char *key,
						     const char *format, ...)
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
		return bad(err, pool, key, ": %s is longer than interval, %s", duration_format(*ms, shown),
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
			return bad(err, pool, "status",
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

static bool is_visible(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s > ' ' && *s < 0x7f)
		s++;
	return !*s;
}

static int http_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
			struct err *err)
{
	char shown[QUOTE_MAX];

	if (doc->path && (*doc->path != '/' || !is_visible(doc->path) || strlen(doc->path) > TEXT_MAX))
		return bad(err, pool, "path",
			   ": %s is not a path; it starts with / and has at most %u characters, visible ASCII "
			   "without spaces",
			   quote(doc->path, shown), TEXT_MAX);
	if (doc->host && (!is_visible(doc->host) || strpbrk(doc->host, "/@") || strlen(doc->host) > 255))
		return bad(err, pool, "host", ": %s is not a host name; it has at most 255 characters, visible ASCII without spaces, / "
			   "and @",
			   quote(doc->host, shown));
	if (doc->body && strlen(doc->body) > TEXT_MAX)
		return bad(err, pool, "body", " has %zu bytes; allowed are %u", strlen(doc->body), TEXT_MAX);
	check->path = string_copy(doc->path ? doc->path : "/");
	check->host = doc->host && *doc->host ? string_copy(doc->host) : NULL;
	check->body = doc->body && *doc->body ? string_copy(doc->body) : NULL;
	return statuses_compile(pool, doc->status ? doc->status : "200-399", check, err);
}

static const char *type_name(enum doc_check_type type)
{
	return type == DOC_CHECK_TCP ? "tcp" : type == DOC_CHECK_HTTP ? "http" : "https";
}

/* Keys that mean nothing to the type: somebody expects something else. */
static int misplaced_check(const char *pool, const struct doc_check *doc, struct err *err)
{
	const struct {
		const char *key;
		bool set;
	} http[] = {{"path", doc->path}, {"host", doc->host}, {"status", doc->status}, {"body", doc->body}};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(http); i++)
		if (doc->type == DOC_CHECK_TCP && http[i].set)
			return bad(err, pool, http[i].key,
				   ": a tcp check has none; only http and https have; leave it out, or unset it by an "
				   "empty text");
	if (doc->type != DOC_CHECK_HTTPS && doc->verify && *doc->verify)
		return bad(err, pool, "verify", ": a check of type %s sees no certificate; only https does",
			   type_name(doc->type));
	return 0;
}

/* --- ports -------------------------------------------------------------------------------------- */

/* For each pool the port of its services, if they agree. */
static uint32_t *common_ports(const struct config *config)
{
	uint32_t *ports = memory_zeroed(config->pool_count, sizeof(*ports));
	unsigned int i;

	for (i = 0; i < config->service_count; i++) {
		uint32_t *common = &ports[config->services[i].pool],
			 port = ntohs(config->services[i].key.port);

		*common = *common == PORT_NONE || *common == port ? port : PORT_DIFFERS;
	}
	return ports;
}

static int check_compile(const struct doc_pool *pool, uint32_t common, struct config_check *check,
			 struct err *err)
{
	const struct doc_check *doc = pool->check;
	int e;

	if (!doc->type)
		return bad(err, pool->name, "type", " is missing; allowed are none, tcp, http, https");
	e = times_compile(pool->name, doc, check, err);
	if (e || doc->type == DOC_CHECK_NONE)
		return e;
	e = misplaced_check(pool->name, doc, err);
	if (!e && doc->type != DOC_CHECK_TCP)
		e = http_compile(pool->name, doc, check, err);
	if (!e && !doc->port && common == PORT_DIFFERS)
		e = bad(err, pool->name, "port",
			" is missing: the pool's services have different ports; set the one to probe");
	check->port = doc->port ? doc->port : common;
	check->verify = doc->verify && *doc->verify;
	/* Without a service nobody sends anything there, and what to probe is not yet known. */
	check->type = check->port ? doc->type : DOC_CHECK_NONE;
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
	}
	return e;
}

bool config_check_equal(const struct config_check *a, const struct config_check *b)
{
	return a->type == b->type && a->port == b->port && a->interval_ms == b->interval_ms &&
	       a->fast_interval_ms == b->fast_interval_ms && a->timeout_ms == b->timeout_ms && a->rise == b->rise &&
	       a->fall == b->fall && a->verify == b->verify && string_equal(a->path, b->path) &&
	       string_equal(a->host, b->host) && string_equal(a->body, b->body) &&
	       a->status_count == b->status_count &&
	       (!a->status_count || !memcmp(a->statuses, b->statuses, a->status_count * sizeof(*a->statuses)));
}
