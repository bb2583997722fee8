// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "report.h"

static bool line_is_open; /* it has no end yet */
static int nth_config, total_configs;

void report_progress_of(int nth, int total)
{
	nth_config = nth;
	total_configs = total;
}

void report_progress(const struct config *config, int round, int rounds, const struct way *way)
{
	static const struct config *announced;

	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r[%d/%d] %s: round %d of %d, %s\033[K", nth_config, total_configs,
			config->name, round + 1, rounds, way->name);
		line_is_open = true;
	} else if (announced != config) {
		fprintf(stderr, "[%d/%d] %s\n", nth_config, total_configs, config->name);
	}
	announced = config;
}

void report_progress_end(void)
{
	if (line_is_open)
		fprintf(stderr, "\r\033[K");
	line_is_open = false;
}

static void complain(const char *fmt, va_list ap)
{
	report_progress_end();
	fprintf(stderr, "bench: ");
	vfprintf(stderr, fmt, ap);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(1);
}

void fail_errno(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s%s\n", strerror(err), err == EPERM ? " (it takes root)" : "");
	exit(1);
}
