/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Runs ways against one another, and keeps what they took.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "ways.h"

#define ROUNDS_MAX  99
#define SERIES_MAX  20
#define THREADS_MAX 2

/* Times of one way, by so many threads at once; in ns per entry, one number a round. */
struct series {
	const struct way *way;
	__u32 threads;
	__u32 deleted; /* by one run */
	__u32 skipped;
	/* That the busiest thread had a CPU: what neighbours on a machine take is not in it. */
	double cpu[ROUNDS_MAX];
	/* From the start until the last thread was through. */
	double wall[ROUNDS_MAX];
};

struct result {
	const struct config *config;
	int rounds;
	int nr_series;
	struct series series[SERIES_MAX];
};

struct measure_options {
	int rounds;
	__u32 ways; /* a bit for each of ways[] */
	/* Told before each sample. */
	void (*progress)(const struct config *config, int round, int rounds, const struct way *way);
};

/* Notes which CPUs there are, before threads are bound to them; gives their number. */
int measure_init(void);
void measure(struct result *result, const struct config *config,
	     const struct measure_options *options);
const struct series *result_series(const struct result *result, const char *way, __u32 threads);

#endif /* BENCH_MEASURE_H */
