/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What checks of the types dns, udp, tls, grpc and exec ask and expect. See config_parts.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/quote.h"
#include "model/config_parts.h"
#include "model/dns_names.h"

#define TEXT_MAX      CONFIG_CHECK_TEXT_MAX
#define EXPIRES_MAX_S (825 * 86400u) /* no certificate for servers lives longer */
#define DNS_NAME_MAX  253
#define DNS_LABEL_MAX 63
#define USER_MAX      32
#define ALPN_MAX      255

/* NULL for what is not there or unset by an empty text. */
static char *text_of(const char *text)
{
	return text && *text ? string_copy(text) : NULL;
}

/* --- dns ---------------------------------------------------------------------------------------- */

static bool is_dns_name(const char *name)
{
	size_t label;

	if (!strcmp(name, "."))
		return true;
	if (!*name || strlen(name) > DNS_NAME_MAX || !config_check_is_visible(name) || strchr(name, '\\'))
		return false;
	for (; *name; name += name[label] ? label + 1 : label) {
		label = strcspn(name, ".");
		if (!label || label > DNS_LABEL_MAX)
			return false;
	}
	return true;
}

static int number_compile(const char *pool, const char *key, const char *text, const struct dns_name *names,
			  size_t count, uint16_t *ret, struct err *err)
{
	struct text allowed = {};
	char shown[QUOTE_MAX];
	size_t i;
	int e;

	for (i = 0; i < count; i++) {
		if (!strcasecmp(names[i].word, text)) {
			*ret = names[i].number;
			free(allowed.s);
			return 0;
		}
		text_add(&allowed, "%s%s", i ? ", " : "", names[i].word);
	}
	e = config_check_bad(err, pool, key, ": %s is not known; allowed are %s", quote(text, shown),
			     allowed.s);
	free(allowed.s);
	return e;
}

/* An address as leat writes it, whoever wrote it how. */
static int answer_compile(const char *pool, const char *answer, struct config_check *check, struct err *err)
{
	bool ipv4 = check->record == DNS_A;
	char shown[QUOTE_MAX], text[ADDR_TEXT_MAX];
	struct leat_addr addr;

	if (!answer || !*answer)
		return 0;
	if (strlen(answer) > 255)
		return config_check_bad(err, pool, "answer", " has %zu bytes; allowed are 255", strlen(answer));
	if (check->rcode)
		return config_check_bad(err, pool, "answer", ": with rcode %s there is none; leave one of them out",
					config_rcode_name(check->rcode, text));
	if (!ipv4 && check->record != DNS_AAAA) {
		check->answer = string_copy(answer);
		return 0;
	}
	if (addr_parse(answer, &addr) || addr_is_ipv4(&addr) != ipv4)
		return config_check_bad(err, pool, "answer", ": %s is not an IPv%c address, which a record %s holds",
					quote(answer, shown), ipv4 ? '4' : '6', ipv4 ? "A" : "AAAA");
	check->answer = string_copy(addr_format(&addr, text));
	return 0;
}

static int dns_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
		       struct err *err)
{
	static const struct dns_name records[] = {DNS_RECORDS}, rcodes[] = {DNS_RCODES};
	char shown[QUOTE_MAX];
	int e;

	if (!doc->name || !*doc->name)
		return config_check_bad(
			err, pool, "name",
			" is missing: a dns check asks for a name; a server's own zone is a good one");
	if (!is_dns_name(doc->name))
		return config_check_bad(err, pool, "name",
					": %s is not a name to ask for, such as www.example.com; it has at "
					"most %u characters, %u "
					"between dots",
					quote(doc->name, shown), DNS_NAME_MAX, DNS_LABEL_MAX);
	e = number_compile(pool, "record", doc->record && *doc->record ? doc->record : "A", records,
			   ARRAY_SIZE(records), &check->record, err);
	if (!e)
		e = number_compile(pool, "rcode", doc->rcode && *doc->rcode ? doc->rcode : "NOERROR", rcodes,
				   ARRAY_SIZE(rcodes), &check->rcode, err);
	check->name = string_copy(doc->name);
	return e ? e : answer_compile(pool, doc->answer, check, err);
}

/* --- udp ---------------------------------------------------------------------------------------- */

static int bytes_check(const char *pool, const char *key, const char *text, struct err *err)
{
	uint8_t bytes[CONFIG_CHECK_BYTES_MAX];
	char shown[QUOTE_MAX];
	size_t length;

	if (!text || !*text || !config_bytes(text, bytes, &length))
		return 0;
	return config_check_bad(err, pool, key,
				": %s is not what a datagram can hold; it is 1 to %u bytes, as text, or as "
				"0x and two hexadecimal "
				"digits a byte",
				quote(text, shown), CONFIG_CHECK_BYTES_MAX);
}

static int udp_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
		       struct err *err)
{
	int e = 0;

	if (!doc->send || !*doc->send)
		e = config_check_bad(
			err, pool, "send",
			" is missing: a udp check sends something, as text, or as 0x and hexadecimal digits");
	if (!e)
		e = bytes_check(pool, "send", doc->send, err);
	if (!e)
		e = bytes_check(pool, "expect", doc->expect, err);
	check->send = text_of(doc->send);
	check->expect = text_of(doc->expect);
	return e;
}

/* --- tls ---------------------------------------------------------------------------------------- */

/* "7d": certificates are spoken of in days, which durations do not know. */
static int expires_parse(const char *text, uint32_t *ret_s)
{
	size_t digits = strspn(text, "0123456789");
	uint32_t ms;

	if (digits && digits < 5 && *text != '0' && !strcmp(text + digits, "d")) {
		*ret_s = 86400u * atoi(text);
		return 0;
	}
	if (duration_parse(text, &ms) || ms % 1000)
		return -1;
	*ret_s = ms / 1000;
	return 0;
}

/* Names with commas between them, each as long as ALPN can say. */
static bool is_alpn(const char *text)
{
	size_t name;

	if (strlen(text) > ALPN_MAX || !config_check_is_visible(text))
		return false;
	for (; *text; text += name + 1) {
		name = strcspn(text, ",");
		if (!name || (text[name] && !text[name + 1]))
			return false;
		if (!text[name])
			return true;
	}
	return false;
}

static int tls_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
		       struct err *err)
{
	char shown[QUOTE_MAX];
	int e = config_check_host_compile(pool, doc, check, err);

	if (e)
		return e;
	if (doc->alpn && *doc->alpn && !is_alpn(doc->alpn))
		return config_check_bad(err, pool, "alpn",
					": %s is not a list of protocols, such as h2,http/1.1",
					quote(doc->alpn, shown));
	check->alpn = text_of(doc->alpn);
	if (doc->expires_in && *doc->expires_in &&
	    (expires_parse(doc->expires_in, &check->expires_s) || !check->expires_s ||
	     check->expires_s > EXPIRES_MAX_S))
		return config_check_bad(err, pool, "expires-in",
					": %s is not a time before a certificate's end; it is a number and "
					"d, h, m or s, such as 7d, up to 825d",
					quote(doc->expires_in, shown));
	return 0;
}

/* --- grpc --------------------------------------------------------------------------------------- */

static int grpc_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
			struct err *err)
{
	int e = config_check_host_compile(pool, doc, check, err);

	if (!e && doc->service && strlen(doc->service) > TEXT_MAX)
		e = config_check_bad(err, pool, "service", " has %zu bytes; allowed are %u",
				     strlen(doc->service), TEXT_MAX);
	check->service = text_of(doc->service);
	return e;
}

/* --- exec --------------------------------------------------------------------------------------- */

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static int exec_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
			struct err *err)
{
	char shown[QUOTE_MAX];

	if (!doc->command || !*doc->command)
		return config_check_bad(
			err, pool, "command",
			" is missing: an exec check runs a file, such as /usr/local/lib/leat/check --deep");
	if (*doc->command != '/' || strlen(doc->command) > TEXT_MAX || has_control(doc->command))
		return config_check_bad(err, pool, "command",
					": %s is not a command; it is the whole path of a file and its "
					"arguments, with spaces between "
					"them, at most %u bytes",
					quote(doc->command, shown), TEXT_MAX);
	if (doc->user && *doc->user &&
	    (strlen(doc->user) > USER_MAX || !config_check_is_visible(doc->user) || strchr(doc->user, ':')))
		return config_check_bad(err, pool, "user", ": %s is not a user's name, such as nobody",
					quote(doc->user, shown));
	if (doc->user && !strcmp(doc->user, "root"))
		return config_check_bad(
			err, pool, "user",
			": root may do anything; name a user that may do little, such as nobody");
	check->command = string_copy(doc->command);
	check->user = string_copy(doc->user && *doc->user ? doc->user : "nobody");
	return 0;
}

int config_probe_compile(const char *pool, const struct doc_check *doc, struct config_check *check,
			 struct err *err)
{
	switch (doc->type) {
	case DOC_CHECK_DNS:
		return dns_compile(pool, doc, check, err);
	case DOC_CHECK_UDP:
		return udp_compile(pool, doc, check, err);
	case DOC_CHECK_TLS:
		return tls_compile(pool, doc, check, err);
	case DOC_CHECK_GRPC:
		return grpc_compile(pool, doc, check, err);
	case DOC_CHECK_EXEC:
		return exec_compile(pool, doc, check, err);
	default:
		return 0;
	}
}
