/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

#ifndef BENCH_STATS_H
#define BENCH_STATS_H

struct spread {
	double min, q1, median, q3, max;
};

/* Of at least one number. The order of the numbers is left alone. */
struct spread spread_of(const double *numbers, int count);

#endif /* BENCH_STATS_H */
