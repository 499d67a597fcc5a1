/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libbpf and libxdp would print: kept, so that an error can quote it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "base/log.h"
#include "dataplane/object.h"

static char last[512];

static bool is_kernels(const char *text)
{
	return strstr(text, "Kernel error message: ");
}

static void keep(bool warning, const char *format, va_list args)
{
	char text[sizeof(last)];

	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = 0;
	if (!text[0])
		return;
	log_debug("%s", text);
	/* The kernel's own words name the cause, else the first warning does; others only say what failed in turn. */
	if (warning && (!last[0] || (is_kernels(text) && !is_kernels(last))))
		strcpy(last, text);
}

static int keep_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	keep(level == LIBBPF_WARN, format, args);
	return 0;
}

static int keep_libxdp(enum libxdp_print_level level, const char *format, va_list args)
{
	keep(level == LIBXDP_WARN, format, args);
	return 0;
}

void reports_catch(void)
{
	libbpf_set_print(keep_libbpf);
	libxdp_set_print(keep_libxdp);
}

const char *reports_last(void)
{
	return last;
}

void reports_clear(void)
{
	last[0] = 0;
}
