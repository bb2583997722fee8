/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The datapath's clock: bpf_ktime_get_ns() is CLOCK_MONOTONIC. */
#ifndef DEMO_CLOCK_H
#define DEMO_CLOCK_H

#include <linux/types.h>
#include <time.h>

#define NS_PER_SEC  1000000000ULL
#define NS_PER_MSEC 1000000ULL

static inline __u64 clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

static inline void clock_sleep_until(__u64 when)
{
	struct timespec ts = { .tv_sec = when / NS_PER_SEC, .tv_nsec = when % NS_PER_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
}

#endif /* DEMO_CLOCK_H */
