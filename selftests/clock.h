/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The clock that BPF programs read by bpf_ktime_get_ns(). */
#ifndef SELFTESTS_CLOCK_H
#define SELFTESTS_CLOCK_H

#include <time.h>
#include <linux/types.h>

static inline __u64 clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

#endif /* SELFTESTS_CLOCK_H */
