/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the datapath programs that are timed and those who time them agree on: keys and values as
 * Cilium's conntrack has them.
 */
#ifndef BENCH_REFRESH_H
#define BENCH_REFRESH_H

#include <linux/types.h>

#define FLOWS_MAX   (1u << 18)
#define ROOM	    4096 /* for flows that come and go */

#define FIRST_CLAIM (-1u << 20)
#define LAST_CLAIM  (-1u)

struct flow_key {
	__u32 number;
	__u8 rest[10];
} __attribute__((packed));

struct flow {
	__u8 counters[32];
	__u32 lifetime;
	__u8 rest[20];
};

#endif /* BENCH_REFRESH_H */
