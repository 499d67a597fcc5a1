/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat attach and detach: the interfaces whose packets are balanced. */
#include <stdio.h>

#include "base/auto.h"
#include "cli/actions.h"
#include "cli/client.h"
#include "cli/print.h"

/* The configuration has the interface now; whether the program sits there is another question. */
static int attach_report(const struct call *call, const char *path)
{
	json_auto_t *json = NULL;
	int e = client_get(call, path, &json);

	if (e)
		return e;
	if (!print_flag(json, "attached"))
		return print_failure(call, CLI_REFUSED, "%s is in the configuration but not attached: %s", call->args[0],
				     print_text(json, "problem"));
	if (print_as_json(call, json))
		return CLI_OK;
	printf("%s: attached, %s", call->args[0], print_text(json, "mode"));
	if (print_number(json, "program-id")) /* a bond by its members has none of its own */
		printf(", program %lld", print_number(json, "program-id"));
	if (json_is_string(json_object_get(json, "problem")))
		printf("; BUT %s", print_text(json, "problem"));
	putchar('\n');
	return CLI_OK;
}

int interface_attach(struct call *call)
{
	auto_free char *name = client_escape(call->args[0]), *body = client_body(call);
	auto_free char *path = string_format("/v1/interfaces/%s", name);
	json_auto_t *json = NULL;
	int e = client_json(call, "POST", path, body, &json);

	return e ? e : attach_report(call, path);
}

int interface_detach(struct call *call)
{
	auto_free char *name = client_escape(call->arg_count ? call->args[0] : "");
	auto_free char *path = string_format("/v1/interfaces%s%s", *name ? "/" : "", name);
	json_auto_t *json = NULL;
	int e;

	call->without = "; without a daemon, leatd --detach removes the data path from every interface";
	e = client_json(call, "DELETE", path, NULL, &json);

	if (e || print_as_json(call, json))
		return e;
	if (*name)
		printf("%s: detached; its packets are the kernel's\n", call->args[0]);
	else
		puts("every interface is detached and the data path is removed; all packets are the "
		     "kernel's");
	return CLI_OK;
}
