/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The end of the bench, where something around it or in what it measures is broken.
 */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *fmt, ...);
/* With what errno says. */
__attribute__((format(printf, 1, 2), noreturn)) void fail_errno(const char *fmt, ...);

#endif /* BENCH_FAIL_H */
