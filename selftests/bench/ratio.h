/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What is compared with what.
 */
#ifndef BENCH_RATIO_H
#define BENCH_RATIO_H

#include "measure.h"
#include "stats.h"

struct ratio {
	const char *name;
	const char *title;
	const char *over, *under; /* ways; the first by one thread */
	__u32 under_threads;
	const char *wanted; /* on 2^18 entries and more; NULL = no figure is */
};

extern const struct ratio ratios[];
extern const int nr_ratios;

struct ratio_value {
	struct spread cpu;
	struct spread wall;
};

/*
 * A ratio is taken within each round, and then the median of those: what slows a machine down for
 * longer than a round falls on both sides. False where either way was not measured.
 */
bool ratio_of(const struct ratio *ratio, const struct result *result, struct ratio_value *value);

#endif /* BENCH_RATIO_H */
