// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * How far it has come, told on a terminal of what takes long, and taken away again.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "bpfcmp.h"

/* From the start on, and from one time to the next, in nanoseconds. */
#define FIRST_AFTER 500000000
#define NEXT_AFTER  200000000

static __u64 next; /* when it is due; 0: never */
static bool shown;

void begin_progress(bool at_once)
{
	next = isatty(STDERR_FILENO) ? now_ns() + (at_once ? 0 : FIRST_AFTER) : 0;
}

void show_progress(const char *format, ...)
{
	va_list args;

	if (!next || now_ns() < next)
		return;
	next = now_ns() + NEXT_AFTER;
	shown = true;
	fputc('\r', stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	/* What is left of a longer one. */
	fputs("\033[K", stderr);
	fflush(stderr);
}

void end_progress(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
	next = 0;
}
