// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/* Keeps why a thread's last call was refused. */
#include <stdarg.h>
#include <stdio.h>
#include "flowtab_internal.h"

static __thread char reason[256];

int refuse(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return err;
}

int answer(int err)
{
	if (err < 0)
		errno = -err;
	return err;
}

const char *bpf_flowtab_reason(void)
{
	return reason;
}
