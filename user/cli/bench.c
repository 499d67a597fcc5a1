/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leat bench: becomes leat-bench, which alone loads programs; this command touches no map. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/actions.h"
#include "cli/print.h"

/* Beside the command, as `make` leaves it, or where `make install` puts it. Returns only if it is in neither place. */
static void become(char **argv)
{
	static const char *const places[] = {"leat-bench", "../libexec/leat-bench"};
	char own[4096];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	unsigned int i;

	if (length < 0)
		return;
	own[length] = '\0';
	*(strrchr(own, '/') + 1) = '\0';
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		auto_free char *path = string_format("%s%s", own, places[i]);

		execv(path, argv);
	}
}

int bench_run(struct call *call)
{
	char *argv[2 * COMMAND_OPTIONS_MAX + 3] = {"leat-bench"};
	unsigned int count = 1, i;

	for (i = 0; i < call->given_count; i++) {
		argv[count++] = string_format("--%s", call->given[i].spec->name);
		argv[count++] = string_copy(call->given[i].value);
	}
	if (call->json)
		argv[count++] = "--json";
	become(argv);
	return print_failure(call, CLI_REFUSED, "leat-bench cannot be run: %s; `make install` puts it into libexec",
			     strerror(errno));
}
