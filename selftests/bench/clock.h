/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <time.h>

/* What a clock says, in nanoseconds. */
static inline double ns_by(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

#endif /* BENCH_CLOCK_H */
