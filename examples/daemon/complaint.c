// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * In the place of bpfcmp's output.c: what its files have to say is kept, as it belongs to a line of a configuration file.
 */
#include <stdarg.h>
#include <stdio.h>
#include <errno.h>
#include <string.h>
#include "bpfcmp.h"
#include "bpfcmpd.h"

static char text[SAID_MAX];
static int error;

const char *complaint(void)
{
	return text;
}

int complaint_errno(void)
{
	return error;
}

enum status fail(enum status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error = 0;
	return status;
}

enum status fail_errno(int err, const char *doing, const char *what)
{
	bool denied = err == EPERM || err == EACCES;

	fail(STATUS_ERROR, "%s %s: %s", doing, what, strerror(err));
	error = err;
	return denied ? STATUS_DENIED : STATUS_ERROR;
}
