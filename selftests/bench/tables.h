/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* What the programs that use a table, and who times them, agree on. */
#ifndef BENCH_TABLES_H
#define BENCH_TABLES_H

#include <linux/types.h>

struct flow_key {
	__u32 from, to;
	__u16 from_port, to_port;
	__u32 number;
};

struct flow {
	__u64 refreshed;
	__u64 counters[6];
};

/* Entries of this class have expired by the time that is asked. */
#define EXPIRED 1
#define ALIVE	0

#endif /* BENCH_TABLES_H */
