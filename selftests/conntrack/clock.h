/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The datapath's clock. */
#ifndef CONNTRACK_CLOCK_H
#define CONNTRACK_CLOCK_H

#include <linux/types.h>
#include <time.h>

#include "ct.h"

static inline __u64 clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * CT_MSEC + ts.tv_nsec;
}

#endif /* CONNTRACK_CLOCK_H */
