/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Test Anything Protocol, what the selftests need of it. A program prints one
 * line a test and leaves with tap_done(); run.sh and the test kernels' init
 * read the lines.
 */
#ifndef SELFTESTS_TAP_H
#define SELFTESTS_TAP_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_tests, tap_failures;

/* One test. Gives back what it was told, so that a caller can add details. */
__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", pass ? "" : "not ", ++tap_tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	tap_failures += !pass;
	return pass;
}

/* An answer, compared with the one that must come: 0, positive, or -errno. */
__attribute__((format(printf, 3, 4))) static inline bool tap_is(long got, long want,
								 const char *fmt, ...)
{
	char name[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (tap_ok(got == want, "%s", name))
		return true;
	printf("# %s: got %ld (%s), want %ld (%s)\n", name, got, got < 0 ? strerror(-got) : "-",
	       want, want < 0 ? strerror(-want) : "-");
	return false;
}

/* A test that this kernel has no use for; the reason is part of the line. */
static inline void tap_skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_tests, name, why);
	fflush(stdout);
}

/* The test cannot go on: something around it is broken. */
__attribute__((format(printf, 1, 2), noreturn)) static inline void tap_bail(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	printf("Bail out! ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" (errno %d, %s)\n", err, strerror(err));
	exit(1);
}

static inline int tap_done(void)
{
	printf("1..%d\n", tap_tests);
	return tap_failures ? 1 : 0;
}

#endif /* SELFTESTS_TAP_H */
