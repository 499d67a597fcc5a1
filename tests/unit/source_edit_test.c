/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of a doc: a row is an edit, and either the doc afterwards or the sentence and an unchanged doc. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "source/source.h"

#define START                                                                                                \
	"seed: ff\n"                                                                                         \
	"interfaces: [{name: eth0}]\n"                                                                       \
	"pools:\n"                                                                                           \
	"- {name: web, mode: l2, check: {type: http, path: /h, body: ok}, backends: [{address: 10.0.0.1, "   \
	"weight: 5},\n"                                                                                      \
	"   {address: '2001:db8::1', state: draining}]}\n"                                                   \
	"- {name: dns}\n"                                                                                    \
	"services:\n"                                                                                        \
	"- {protocol: tcp, address: 192.0.2.1, port: 80, pool: web}\n"                                       \
	"- {protocol: udp, address: '2001:db8::53', port: 53, pool: web}\n"

/* The same, as written, in pieces. */
#define HEAD      "seed: ff\n"
#define INTERFACE "interfaces:\n  - name: eth0\n"
#define WEB_HEAD  "  - name: web\n    mode: l2\n"
#define CHECK     "    check:\n      type: http\n      path: /h\n      body: ok\n"
#define FIRST     "      - address: 10.0.0.1\n        weight: 5\n"
#define SECOND    "      - address: \"2001:db8::1\"\n        state: draining\n"
#define WEB       WEB_HEAD CHECK "    backends:\n" FIRST SECOND
#define DNS       "  - name: dns\n"
#define TCP       "  - protocol: tcp\n    address: 192.0.2.1\n    port: 80\n    pool: web\n"
#define UDP       "  - protocol: udp\n    address: \"2001:db8::53\"\n    port: 53\n    pool: web\n"
#define POOLS     "pools:\n" WEB DNS
#define SERVICES  "services:\n" TCP UDP

enum verb { ADD, SET, DELETE };
enum object { POOL, BACKEND, SERVICE, INTERFACE_ };

/* clang-format off */
static const struct row {
	const char *name;
	enum verb verb;
	enum object object;
	const char *pool, *which, *body;
	int code;
	const char *expected; /* the doc, or the sentence */
} rows[] = {
	{"a pool is added", ADD, POOL, NULL, "new", "{mode: ipip, backends: [{address: 10.0.0.9}]}", 0,
	 HEAD INTERFACE POOLS "  - name: new\n    mode: ipip\n    backends:\n      - address: 10.0.0.9\n" SERVICES},
	{"a pool is added with nothing said", ADD, POOL, NULL, "new", "", 0,
	 HEAD INTERFACE POOLS "  - name: new\n" SERVICES},
	{"a pool is added that says its name", ADD, POOL, NULL, "new", "name: new", 0,
	 HEAD INTERFACE POOLS "  - name: new\n" SERVICES},
	{"a pool is added that says another's name", ADD, POOL, NULL, "new", "name: old", -EINVAL,
	 "pool 'new' cannot be called 'old': a name stays"},
	{"a pool is added that exists", ADD, POOL, NULL, "web", "", -EEXIST, "pool 'web' exists already"},
	{"a pool's mode is set", SET, POOL, NULL, "web", "mode: ipip", 0,
	 HEAD INTERFACE "pools:\n  - name: web\n    mode: ipip\n" CHECK "    backends:\n" FIRST SECOND DNS SERVICES},
	{"a pool's check is set key by key", SET, POOL, NULL, "web", "check: {path: /x, rise: 4, verify: no}", 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD "    check:\n      type: http\n      rise: 4\n      path: /x\n      body: ok\n"
	 "      verify: no\n    backends:\n" FIRST SECOND DNS SERVICES},
	{"an empty text unsets", SET, POOL, NULL, "web", "check: {body: ''}", 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD "    check:\n      type: http\n      path: /h\n    backends:\n" FIRST SECOND
	 DNS SERVICES},
	{"a pool gets its first check", SET, POOL, NULL, "dns", "check: {type: tcp, port: 53}", 0,
	 HEAD INTERFACE "pools:\n" WEB DNS "    check:\n      type: tcp\n      port: 53\n" SERVICES},
	{"a list replaces the list", SET, POOL, NULL, "web", "backends: [{address: 10.0.0.7}]", 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD CHECK "    backends:\n      - address: 10.0.0.7\n" DNS SERVICES},
	{"an empty list says nothing", SET, POOL, NULL, "web", "backends: []", 0, HEAD INTERFACE POOLS SERVICES},
	{"a pool gets another scheduler", SET, POOL, NULL, "dns", "{scheduler: sh, source-prefix-ipv4: 24, affinity: 10m, "
	 "slow-start: 30s, source-prefix-ipv6: 64}", 0,
	 HEAD INTERFACE "pools:\n" WEB DNS "    scheduler: sh\n    source-prefix-ipv4: 24\n    source-prefix-ipv6: 64\n"
	 "    affinity: 10m\n    slow-start: 30s\n" SERVICES},
	{"a pool is renamed", SET, POOL, NULL, "web", "name: www", -EINVAL,
	 "pool 'web' cannot be called 'www': a name stays"},
	{"a pool is set that is not there", SET, POOL, NULL, "wbe", "mode: l2", -ENOENT,
	 "there is no pool 'wbe'; did you mean 'web'?"},
	{"a pool is set that is like no other", SET, POOL, NULL, "smtp", "mode: l2", -ENOENT, "there is no pool 'smtp'"},
	{"a pool is deleted", DELETE, POOL, NULL, "dns", NULL, 0, HEAD INTERFACE "pools:\n" WEB SERVICES},
	{"a pool is deleted that is used", DELETE, POOL, NULL, "web", NULL, -EBUSY,
	 "pool 'web' has 2 services; delete them or set another pool first"},
	{"a pool is deleted that is not there", DELETE, POOL, NULL, "x", NULL, -ENOENT, "there is no pool 'x'"},

	{"a backend is added", ADD, BACKEND, "dns", "10.0.0.1", "weight: 0", 0,
	 HEAD INTERFACE "pools:\n" WEB DNS "    backends:\n      - address: 10.0.0.1\n        weight: 0\n" SERVICES},
	{"a backend is added that says its address", ADD, BACKEND, "dns", "2001:db8:0::2", "address: '2001:db8::2'", 0,
	 HEAD INTERFACE "pools:\n" WEB DNS "    backends:\n      - address: \"2001:db8::2\"\n" SERVICES},
	{"a backend is added that says another's", ADD, BACKEND, "dns", "10.0.0.1", "address: 10.0.0.2", -EINVAL,
	 "backend '10.0.0.1' cannot be called '10.0.0.2': a name stays"},
	{"a backend is added that is there", ADD, BACKEND, "web", "2001:DB8:0::1", "", -EEXIST,
	 "backend '2001:DB8:0::1' is in pool 'web' already"},
	{"a backend is added that is no address", ADD, BACKEND, "web", "10.0.0.300", "", -EINVAL,
	 "backend '10.0.0.300' is not an IPv4 or IPv6 address"},
	{"a backend is added to no pool", ADD, BACKEND, "dsn", "10.0.0.3", "", -ENOENT, "there is no pool 'dsn'; did you mean "
	 "'dns'?"},
	{"a backend is drained", SET, BACKEND, "web", "10.0.0.1", "state: draining", 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD CHECK "    backends:\n" FIRST "        state: draining\n" SECOND DNS SERVICES},
	{"a backend is drained for a time", SET, BACKEND, "web", "10.0.0.1", "{state: draining, drain-deadline: 5m}", 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD CHECK "    backends:\n" FIRST "        state: draining\n"
	 "        drain-deadline: 5m\n" SECOND DNS SERVICES},
	{"a deadline is taken away", SET, BACKEND, "web", "10.0.0.1", "{drain-deadline: ''}", 0,
	 HEAD INTERFACE POOLS SERVICES},
	{"a weight becomes 0", SET, BACKEND, "web", "10.0.0.1", "weight: 0", 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD CHECK "    backends:\n      - address: 10.0.0.1\n        weight: 0\n" SECOND DNS
	 SERVICES},
	{"a backend gets another address", SET, BACKEND, "web", "10.0.0.1", "address: 10.0.0.2", -EINVAL,
	 "backend '10.0.0.1' cannot be called '10.0.0.2': a name stays"},
	{"a backend is set that is not there", SET, BACKEND, "web", "10.0.0.2", "weight: 1", -ENOENT,
	 "there is no backend '10.0.0.2' in pool 'web'"},
	{"the first backend is deleted", DELETE, BACKEND, "web", "10.0.0.1", NULL, 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD CHECK "    backends:\n" SECOND DNS SERVICES},
	{"the last backend is deleted", DELETE, BACKEND, "web", "2001:0db8::0001", NULL, 0,
	 HEAD INTERFACE "pools:\n" WEB_HEAD CHECK "    backends:\n" FIRST DNS SERVICES},
	{"a backend is deleted that is not there", DELETE, BACKEND, "dns", "10.0.0.1", NULL, -ENOENT,
	 "there is no backend '10.0.0.1' in pool 'dns'"},

	{"a service is added", ADD, SERVICE, NULL, "tcp/[2001:db8::1]:443", "pool: web", 0,
	 HEAD INTERFACE POOLS SERVICES "  - protocol: tcp\n    address: \"2001:db8::1\"\n    port: 443\n    pool: web\n"},
	{"a service is added on the same port of UDP", ADD, SERVICE, NULL, "udp/192.0.2.1:80",
	 "{protocol: udp, address: 192.0.2.1, port: 80, pool: dns}", 0,
	 HEAD INTERFACE POOLS SERVICES "  - protocol: udp\n    address: 192.0.2.1\n    port: 80\n    pool: dns\n"},
	{"a service is added that is there", ADD, SERVICE, NULL, "tcp/192.0.2.1:80", "pool: dns", -EEXIST,
	 "service 'tcp/192.0.2.1:80' exists already"},
	{"a service is added that says another port", ADD, SERVICE, NULL, "tcp/192.0.2.1:81", "{port: 82, pool: web}", -EINVAL,
	 "service 'tcp/192.0.2.1:81' cannot get another protocol, address or port: add a new one"},
	{"a service is added without a port", ADD, SERVICE, NULL, "tcp/192.0.2.1", "pool: web", -EINVAL,
	 "'tcp/192.0.2.1' is not a service, such as tcp/192.0.2.10:80 or udp/[2001:db8::1]:53: the port is "
	 "missing"},
	{"a service is added with port 0", ADD, SERVICE, NULL, "tcp/192.0.2.1:0", "pool: web", -EINVAL,
	 "'tcp/192.0.2.1:0' is not a service, such as tcp/192.0.2.10:80 or udp/[2001:db8::1]:53: the port "
	 "must be a whole number from 1 to 65535, a range such as 8000-8999, or any"},
	{"a service is added of another protocol", ADD, SERVICE, NULL, "dccp/192.0.2.1:80", "pool: web", -EINVAL,
	 "'dccp/192.0.2.1:80' is not a service, such as tcp/192.0.2.10:80 or udp/[2001:db8::1]:53: it must "
	 "begin with tcp/, udp/, sctp/, gre/, esp/ or any/"},
	{"a service is added on a prefix and a range", ADD, SERVICE, NULL, "sctp/[2001:db8:0:0::]/48:8000-8999", "pool: web", 0,
	 HEAD INTERFACE POOLS SERVICES
	 "  - protocol: sctp\n    address: \"2001:db8::/48\"\n    port: 8000-8999\n    pool: web\n"},
	{"a service is added of any protocol", ADD, SERVICE, NULL, "any/192.0.2.0/24:any", "pool: web", 0,
	 HEAD INTERFACE POOLS SERVICES
	 "  - protocol: any\n    address: 192.0.2.0/24\n    port: any\n    pool: web\n"},
	{"a service gets another pool", SET, SERVICE, NULL, "tcp/192.0.2.1:80", "pool: dns", 0,
	 HEAD INTERFACE POOLS "services:\n  - protocol: tcp\n    address: 192.0.2.1\n    port: 80\n    pool: dns\n" UDP},
	{"a service becomes sticky", SET, SERVICE, NULL, "udp/[2001:db8::53]:53", "sticky: 60s", 0,
	 HEAD INTERFACE POOLS SERVICES "    sticky: 60s\n"},
	{"a service is sticky no more", SET, SERVICE, NULL, "udp/[2001:db8::53]:53", "sticky: ''", 0,
	 HEAD INTERFACE POOLS SERVICES},
	{"a service goes by connection ids", SET, SERVICE, NULL, "udp/[2001:db8::53]:53", "quic: {config: 2, server-id-length: 4}", 0,
	 HEAD INTERFACE POOLS SERVICES "    quic:\n      server-id-length: 4\n      config: 2\n"},
	{"a service gets another address", SET, SERVICE, NULL, "tcp/192.0.2.1:80", "address: 192.0.2.2", -EINVAL,
	 "service 'tcp/192.0.2.1:80' cannot get another protocol, address or port: add a new one"},
	{"a service is set that is not there", SET, SERVICE, NULL, "udp/192.0.2.1:80", "pool: dns", -ENOENT,
	 "there is no service 'udp/192.0.2.1:80'"},
	{"a service is deleted", DELETE, SERVICE, NULL, "udp/[2001:db8:0:0::53]:53", NULL, 0,
	 HEAD INTERFACE POOLS "services:\n" TCP},
	{"a service is deleted that is not there", DELETE, SERVICE, NULL, "tcp/192.0.2.1:81", NULL, -ENOENT,
	 "there is no service 'tcp/192.0.2.1:81'"},
	{"a service is deleted that is no name", DELETE, SERVICE, NULL, "", NULL, -EINVAL,
	 "'' is not a service, such as tcp/192.0.2.10:80 or udp/[2001:db8::1]:53: it must begin with tcp/, "
	 "udp/, sctp/, gre/, esp/ or any/"},

	{"an interface is added", ADD, INTERFACE_, NULL, "eth1", "mode: generic", 0,
	 HEAD INTERFACE "  - name: eth1\n    mode: generic\n" POOLS SERVICES},
	{"an interface is added that is there", ADD, INTERFACE_, NULL, "eth0", "", -EEXIST,
	 "interface 'eth0' is in the configuration already"},
	{"an interface is added under another name", ADD, INTERFACE_, NULL, "eth1", "name: eth2", -EINVAL,
	 "interface 'eth1' cannot be called 'eth2': a name stays"},
	{"an interface's mode is set", SET, INTERFACE_, NULL, "eth0", "mode: generic", 0,
	 HEAD INTERFACE "    mode: generic\n" POOLS SERVICES},
	{"an interface is set that is not there", SET, INTERFACE_, NULL, "eth9", "", -ENOENT,
	 "there is no interface 'eth9' in the configuration"},
	{"an interface is renamed", SET, INTERFACE_, NULL, "eth0", "name: eth1", -EINVAL,
	 "interface 'eth0' cannot be called 'eth1': a name stays"},
	{"an interface is deleted", DELETE, INTERFACE_, NULL, "eth0", NULL, 0, HEAD POOLS SERVICES},
	{"an interface is deleted that is not there", DELETE, INTERFACE_, NULL, "eth1", NULL, -ENOENT,
	 "there is no interface 'eth1' in the configuration"},
};
/* clang-format on */

/* One function for each kind of object: parse the body, edit, free the body. */
#define EDIT(kind)                                                                                           \
	static int edit_##kind(struct doc *doc, const struct row *row, struct err *err)                      \
	{                                                                                                    \
		struct doc_##kind *with = NULL;                                                              \
		int code;                                                                                    \
                                                                                                             \
		if (row->verb == DELETE)                                                                     \
			return source_##kind##_delete(doc, row->which, err);                                 \
		if (source_parse_##kind("f", row->body, strlen(row->body), &with, err))                      \
			fail_msg("%s", err->text);                                                           \
		code = (row->verb == ADD ? source_##kind##_add : source_##kind##_set)(doc, row->which, with, \
										      err);                  \
		source_free_##kind(with);                                                                    \
		return code;                                                                                 \
	}
EDIT(pool)
EDIT(service)
EDIT(interface)

static int edit_backend(struct doc *doc, const struct row *row, struct err *err)
{
	struct doc_backend *with = NULL;
	int code;

	if (row->verb == DELETE)
		return source_backend_delete(doc, row->pool, row->which, err);
	if (source_parse_backend("f", row->body, strlen(row->body), &with, err))
		fail_msg("%s", err->text);
	code = (row->verb == ADD ? source_backend_add : source_backend_set)(doc, row->pool, row->which, with,
									    err);
	source_free_backend(with);
	return code;
}

static int edit(struct doc *doc, const struct row *row, struct err *err)
{
	switch (row->object) {
	case POOL:
		return edit_pool(doc, row, err);
	case BACKEND:
		return edit_backend(doc, row, err);
	case SERVICE:
		return edit_service(doc, row, err);
	default:
		return edit_interface(doc, row, err);
	}
}

static void check(void **state)
{
	const struct row *row = *state;
	struct err err = {};
	struct doc *doc = NULL;
	auto_free char *before = NULL, *after = NULL;

	assert_int_equal(source_parse("f", START, strlen(START), &doc, &err), 0);
	before = source_write(doc, NULL);
	assert_string_equal(before, HEAD INTERFACE POOLS SERVICES);
	assert_int_equal(edit(doc, row, &err), row->code);
	after = source_write(doc, NULL);
	assert_string_equal(after, row->code ? before : row->expected);
	if (row->code)
		assert_string_equal(err.text, row->expected);
	source_free(doc);
}

/* Objects have the same keys and errors as in a file, but for the names, which may be missing. */
static void objects_have_the_same_errors(void **state)
{
	struct doc_backend *backend = NULL;
	struct doc_pool *pool = NULL;
	struct err err = {};

	assert_int_equal(source_parse_backend("request", "{\"wieght\": 1}", 13, &backend, &err), -EINVAL);
	assert_string_equal(
		err.text,
		"request:1:2: unknown key 'wieght' (did you mean 'weight'?); allowed are address, weight, "
		"state, drain-deadline, server-id");
	assert_int_equal(source_parse_pool("request", "backends: [{weight: 1}]", 23, &pool, &err), -EINVAL);
	assert_string_equal(err.text, "request:1:12: backends[0] lacks the key 'address'");
	assert_int_equal(source_parse_pool("request", "[]", 2, &pool, &err), -EINVAL);
	assert_string_equal(err.text,
			    "request:1:1: the document is a list; it must be a mapping of these keys: name, "
			    "scheduler, source-prefix-ipv4, source-prefix-ipv6, affinity, slow-start, mode, "
			    "tunnel-port, table-size, on-all-down, check, backends");
	source_free_backend(NULL);
	source_free_pool(NULL);
}

typedef int access_edit(struct doc *doc, const char *name, const struct doc_access *with, struct err *err);

/* What is refused changes nothing, and says this. */
static void access_edits(struct doc *doc, access_edit *edit_, const char *name, const char *body, const char *expected)
{
	struct doc_access *with = NULL;
	struct err err = {};
	auto_free char *text = NULL;

	assert_int_equal(source_parse_access("f", body, strlen(body), &with, &err), 0);
	if (edit_(doc, name, with, &err)) {
		assert_string_equal(err.text, expected);
	} else {
		text = source_write(doc, NULL);
		assert_string_equal(text, expected);
	}
	source_free_access(with);
}

#define OFFICE "access:\n  - name: office\n"

static void access_lists_are_edited(void **state)
{
	static const char service[] = "services: [{protocol: tcp, address: 192.0.2.1, port: 80, pool: web, access: office}]";
	struct err err = {};
	struct doc *doc;

	assert_int_equal(source_parse("f", "{}", 2, &doc, &err), 0);
	access_edits(doc, source_access_add, "office", "deny: [10.0.0.0/8, 10.1.0.0/16]",
		     OFFICE "    deny:\n      - 10.0.0.0/8\n      - 10.1.0.0/16\n");
	access_edits(doc, source_access_add, "office", "", "access list 'office' exists already");
	access_edits(doc, source_access_add, "b", "name: c", "access list 'b' cannot be called 'c': a name stays");
	access_edits(doc, source_access_set, "office", "{allow: ['::/0'], deny: []}",
		     OFFICE "    allow:\n      - \"::/0\"\n    deny:\n      - 10.0.0.0/8\n      - 10.1.0.0/16\n");
	access_edits(doc, source_access_set, "office", "deny: [10.2.0.0/16]",
		     OFFICE "    allow:\n      - \"::/0\"\n    deny:\n      - 10.2.0.0/16\n");
	access_edits(doc, source_access_set, "office", "deny: ['']", OFFICE "    allow:\n      - \"::/0\"\n");
	access_edits(doc, source_access_set, "ofice", "", "there is no access list 'ofice'; did you mean 'office'?");
	assert_int_equal(source_access_delete(doc, "office", &err), 0);
	assert_int_equal(doc->access_count, 0);
	assert_int_equal(source_access_delete(doc, "office", &err), -ENOENT);
	source_free(doc);
	assert_int_equal(source_parse("f", service, strlen(service), &doc, &err), 0);
	access_edits(doc, source_access_add, "office", "",
		     "access:\n  - name: office\nservices:\n  - protocol: tcp\n    address: 192.0.2.1\n    port: 80\n    pool: web\n"
		     "    access: office\n");
	assert_int_equal(source_access_delete(doc, "office", &err), -EBUSY);
	assert_string_equal(err.text, "access list 'office' is used by 1 service; take it from it first");
	source_free(doc);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(rows) + 2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){rows[i].name, check, NULL, NULL, (void *)&rows[i]};
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(access_lists_are_edited);
	tests[i] = (struct CMUnitTest)cmocka_unit_test(objects_have_the_same_errors);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
